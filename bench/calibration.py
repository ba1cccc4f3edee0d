#!/usr/bin/env python3
"""Are the bits honest? Predicted against true shares of pairs on a held-out world.

    .venv/bin/python bench/calibration.py                     # about two minutes
    .venv/bin/python bench/calibration.py --svg docs/bench/calibration.svg

Bits are log-odds: of pairs with 3 bits, 8 to 1 should be of one campaign. The world is
of a setting that `fit.py` never reads. A pair counts once, by the selector that speaks
most for it, as officers see it. And of the links that the batch writes: how many share
the highest value, since what can't be ranked can't be sorted by an officer.

Draws the plot as SVG from the figures, and ends with 1 if the ties are too many.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from worlds import scale, setting

from proxeny.engines.duckdb import compare, link
from proxeny.engines.values import Batch
from proxeny.linking import Scorecard, load_scorecard

SEED = 20261122
REPORTS, QUICK_REPORTS = 200_000, 20_000
SETTING = "holdout_border"
MOST_TIES = 0.01
MEMORY_BYTES = 4 << 30
LOWEST, HIGHEST = -10, 12
LEAST_PAIRS_SHOWN = 50
# Of the plot, in pixels.
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 64, 24, 24, 56


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Pairs of about the same bits: what was predicted of them, and what is true."""

    bits: int
    pairs: int
    predicted: float
    true: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What was measured.

    Attributes:
        bins: by whole bits; the outer ones hold all beyond them.
        pairs: in all.
        error: mean distance between predicted and true share, weighted by pairs.
        links: written by the batch.
        ties: share of these that have the highest value of all.
        ties_shown: the same for values as officers read them, to a tenth of a bit.
    """

    bins: list[Bin]
    pairs: int
    error: float
    links: int
    ties: float
    ties_shown: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small world")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--svg", type=Path, help="write the plot to this file")
    parser.add_argument("--setting", default=SETTING, help="kind of the world")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="proxeny-calibration-") as name:
        world = Path(name)
        scale.make(
            world,
            reports=QUICK_REPORTS if options.quick else REPORTS,
            setting=setting.find_setting(options.setting),
            seed=options.seed,
        )
        found = measure(world)
    if options.svg:
        options.svg.write_text(render_plot(found, options.setting), "utf-8")
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        print_table(found)
    return int(found.ties > MOST_TIES)


def measure(world: Path) -> Calibration:
    """Compare every pair of a world and link it, and hold both against the truth."""
    scorecard = load_scorecard()
    batch = Batch(
        reports=world,
        out=world / "out",
        scorecard=scorecard,
        memory_bytes=MEMORY_BYTES,
        threads=2,
    )
    table = compare(batch, lambda *_: None)
    bits = pa.array(add_up(scorecard, table))
    link(batch, lambda *_: None)
    with duckdb.connect() as con:
        con.register(
            "compared",
            table.select(["report_a", "report_b"]).append_column("bits", bits),
        )
        con.execute(
            """CREATE TABLE pair AS
            SELECT max(bits) AS bits, any_value(one.campaign = other.campaign) AS same
            FROM compared
            JOIN read_parquet($truth) AS one ON one.report_id = report_a
            JOIN read_parquet($truth) AS other ON other.report_id = report_b
            GROUP BY report_a, report_b""",
            {"truth": str(world / "truth" / "truth.parquet")},
        ).fetchall()
        rows = con.execute(
            """SELECT greatest(least(round(bits), $highest), $lowest)::INTEGER AS bin,
              count(*), avg(1 / (1 + pow(2, -bits))), avg(same::INTEGER)
            FROM pair GROUP BY bin ORDER BY bin""",
            {"lowest": LOWEST, "highest": HIGHEST},
        ).fetchall()
        links, ties, shown = con.execute(
            """WITH link AS (SELECT weight FROM read_parquet($links) WHERE accepted)
            SELECT count(*), avg((weight = top)::INTEGER),
              avg((round(weight, 1) = round(top, 1))::INTEGER)
            FROM link, (SELECT max(weight) AS top FROM link)""",
            {"links": str(world / "out" / "links.parquet")},
        ).fetchall()[0]
    bins = [Bin(bits=b, pairs=n, predicted=p, true=t) for b, n, p, t in rows]
    pairs = sum(one.pairs for one in bins)
    apart = sum(one.pairs * abs(one.predicted - one.true) for one in bins)
    return Calibration(
        bins=bins,
        pairs=pairs,
        error=apart / pairs,
        links=links,
        ties=ties,
        ties_shown=shown,
    )


def add_up(scorecard: Scorecard, table: pa.Table) -> np.ndarray:
    """The bits of each pair and selector."""
    kinds = {kind: weight.bits for kind, weight in scorecard.kinds.items()}
    bits = np.array([kinds.get(kind, 0.0) for kind in table["kind"].to_pylist()])
    bits += scorecard.prior
    for name, curve in scorecard.curves.items():
        number = table[f"f_{name}"].to_numpy().astype(float)
        inside = np.interp(number, curve.knots, curve.bits)
        bits += np.where(np.isnan(number), curve.lacking, inside)
    return bits


def print_table(found: Calibration) -> None:
    """The figures as Markdown."""
    print("| bits | pairs | predicted | true |\n|---:|---:|---:|---:|")
    for one in found.bins:
        edge = {LOWEST: f"<= {LOWEST}", HIGHEST: f">= {HIGHEST}"}
        label = edge.get(one.bits, f"{one.bits:+d}")
        print(f"| {label} | {one.pairs:,} | {one.predicted:.3f} | {one.true:.3f} |")
    print(
        f"\n{found.pairs:,} pairs; mean distance {found.error:.3f}. Of"
        f" {found.links:,} accepted links {found.ties:.2%} share the highest value,"
        f" {found.ties_shown:.2%} as shown to a tenth of a bit."
    )


def render_plot(found: Calibration, title: str) -> str:
    """The plot as SVG: a dot for each bin, larger for more pairs, and the promise."""
    shown = [one for one in found.bins if one.pairs >= LEAST_PAIRS_SHOWN]
    most = max(one.pairs for one in shown)
    promise = " ".join(
        f"{_x(tenth / 10):.1f},{_y(1 / (1 + 2 ** (-tenth / 10))):.1f}"
        for tenth in range(LOWEST * 10, HIGHEST * 10 + 1)
    )
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
            ' font-family="sans-serif" font-size="13" fill="#1a1a1a">'
        ),
        f"<title>Predicted bits and true share of pairs, {title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d5d8d8"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        )
    parts += [
        f'<text x="{_x(bits):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">'
        f"{bits:+d}</text>"
        for bits in range(LOWEST, HIGHEST + 1, 2)
    ]
    parts += [
        (
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}"'
            ' text-anchor="middle">bits of a pair (log2 odds)</text>'
        ),
        f'<text x="{LEFT}" y="{TOP - 8}">share of pairs of one campaign</text>',
        (
            f'<polyline points="{promise}" fill="none" stroke="#7a8585"'
            ' stroke-width="2" stroke-dasharray="5 4"/>'
        ),
    ]
    parts += [
        f'<circle cx="{_x(one.bits):.1f}" cy="{_y(one.true):.1f}"'
        f' r="{3 + 7 * (one.pairs / most) ** 0.5:.1f}" fill="#0f4f4a"'
        ' fill-opacity="0.8"/>'
        for one in shown
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(bits: float) -> float:
    return LEFT + (bits - LOWEST) / (HIGHEST - LOWEST) * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


if __name__ == "__main__":
    sys.exit(main())
