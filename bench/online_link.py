#!/usr/bin/env python3
"""Online linking on the node's real database, against Splink 5 and DuckDB.

    python3 dev.py bench online_link             # about four minutes
    .venv/bin/python bench/online_link.py --quick --json

A report comes in while 2,000, 10,000 and 50,000 are held: it is extracted, linked and
explained, and committed so that a power cut loses nothing. Every contestant runs in a
process of its own, one after the other, on the same reports. No network is used.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from online.timing import Figures

SEED = 20261121
WHOLE, LINK, FLOOR, SPLINK, DUCKDB = (
    "node: extract, link, explain, durable commit",
    "node: link, explain, durable commit",
    "floor: SQLite alone, one row, durable commit",
    "Splink 5.0.0 on DuckDB: predict_between",
    "DuckDB: point look-up only",
)
# LINKING.md, section 7: online, extraction and durable commit included.
TARGET_P99_MS = 5.0
TARGET_P999_MS = 20.0
WARM_UP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is held and how much is measured."""

    sizes: tuple[int, ...]
    measured: int
    splink_calls: int


FULL = Plan(sizes=(2_000, 10_000, 50_000), measured=2_000, splink_calls=50)
QUICK = Plan(sizes=(500, 2_000), measured=400, splink_calls=10)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; a broken invariant ends with its assertion."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small, under 40 s")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--seed", type=int, default=SEED, help="of the world")
    parser.add_argument(
        "--folder",
        type=Path,
        help="on the disk to measure (default: the temporary one)",
    )
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else FULL
    started = time.monotonic()
    lines = [
        figures
        for held in plan.sizes
        for figures in _measure(plan, held, options.seed, options.folder)
    ]
    document = {
        "seed": options.seed,
        "machine": _describe_machine(),
        "seconds": round(time.monotonic() - started, 1),
        "lines": [asdict(line) for line in lines],
        "ratios": _list_ratios(lines),
        "targets": _check_targets(lines[-len(lines) // len(plan.sizes) :]),
    }
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print(document)
    return 0


def _measure(plan: Plan, held: int, seed: int, parent: Path | None) -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-", dir=parent) as name:
        folder = Path(name)
        started = time.monotonic()
        rows = _run(
            "online.loading.load",
            folder,
            seed=seed,
            held=held,
            measured=WARM_UP + plan.measured,
        )
        counts = ", ".join(f"{n:,} {what}" for what, n in rows.items())
        took = f"{time.monotonic() - started:.0f} s"
        print(f"loaded in {took}: {counts}", file=sys.stderr, flush=True)
        lines: list[Figures] = _run("online.node.measure", folder, held, WARM_UP)
        for peer, calls in (("splink", plan.splink_calls), ("duckdb", plan.measured)):
            lines.append(_run(f"online.peers.measure_{peer}", folder, held, calls))
        return lines


def _run(name: str, *arguments: object, **named: object) -> Any:
    """Call a function in a fresh process, so that its peak of memory is its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(_call, name, arguments, named).result()


def _call(name: str, arguments: tuple[object, ...], named: dict[str, object]) -> Any:
    """Import only what this contestant needs, and call it."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)(*arguments, **named)


def _describe_machine() -> str:
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, load {busy:.1f} at the end"
    )


def _list_ratios(lines: Sequence[Figures]) -> list[dict[str, Any]]:
    """Each against the node's whole path, and how each grew with what is held."""
    at = {(line.what, line.held): line for line in lines}
    first, last = lines[0].held, lines[-1].held
    whole = at[WHOLE, last]
    return [
        {
            "what": what,
            "p50_to_node": at[what, last].p50_ms / whole.p50_ms,
            "cpu_to_node": at[what, last].cpu_ms / whole.cpu_ms,
            "p50_growth": at[what, last].p50_ms / at[what, first].p50_ms,
            "cpu_growth": at[what, last].cpu_ms / at[what, first].cpu_ms,
        }
        for what in (WHOLE, LINK, FLOOR, SPLINK, DUCKDB)
    ]


def _check_targets(lines: Sequence[Figures]) -> list[dict[str, Any]]:
    whole = next(line for line in lines if line.what == WHOLE)
    return [
        {"what": what, "target_ms": most, "measured_ms": found, "met": found <= most}
        for what, most, found in (
            ("p99 incl. extraction and commit", TARGET_P99_MS, whole.p99_ms),
            ("p99.9 incl. extraction and commit", TARGET_P999_MS, whole.p999_ms),
        )
    ]


def _print(document: dict[str, Any]) -> None:
    print(f"{document['machine']}; seed {document['seed']}; {document['seconds']} s")
    print(
        f"\n{'held':>7} {'':46} {'a second':>9} {'CPU ms':>8} {'p50 ms':>8}"
        f" {'p99':>8} {'p99.9':>8} {'RSS MiB':>8}"
    )
    for line in document["lines"]:
        print(
            f"{line['held']:>7,} {line['what']:46} {line['per_s']:>9,.0f}"
            f" {line['cpu_ms']:>8.2f} {line['p50_ms']:>8.2f} {line['p99_ms']:>8.2f}"
            f" {line['p999_ms']:>8.2f} {line['peak_rss_mib']:>8.0f}"
        )
        if line["note"]:
            print(f"{'':8}  {line['note']}")
    lines = document["lines"]
    print(f"\nwith {lines[-1]['held']:,} held: times the node's whole path, and growth")
    print(f"from {lines[0]['held']:,} held (1.00: more held reports cost nothing)")
    print(f"{'':46} {'p50 x':>8} {'CPU x':>8} {'p50 grew':>9} {'CPU grew':>9}")
    for ratio in document["ratios"]:
        print(
            f"{ratio['what']:46} {ratio['p50_to_node']:>8.2f}"
            f" {ratio['cpu_to_node']:>8.2f} {ratio['p50_growth']:>9.2f}"
            f" {ratio['cpu_growth']:>9.2f}"
        )
    print()
    for target in document["targets"]:
        verdict = "met" if target["met"] else "MISSED"
        print(
            f"{verdict:6} {target['what']}: {target['measured_ms']:.2f} ms,"
            f" target {target['target_ms']:.0f} ms"
        )


if __name__ == "__main__":
    sys.exit(main())
