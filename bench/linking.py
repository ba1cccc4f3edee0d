#!/usr/bin/env python3
"""Batch linking against Splink 5, MISP's way and plain components; real sets too.

    python3 dev.py bench linking                 # 1M, 3M, 10M: half an hour
    python3 dev.py bench linking --quick --json  # 100k; about two minutes

Time, memory, growth and quality on synthetic worlds with hidden campaigns, then
pairwise F1 on real sets. Every contestant has a process of its own, one after the
other, on the same threads. Ends with 1 if a ratio to a peer is missed at ten million
reports, or a margin on a real set. No network is used; real data is looked for beside
the project and skipped aloud where absent.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring.runs import (
    DATA,
    Target,
    at_least,
    at_most,
    describe_machine,
    judge,
    print_targets,
    run_fresh,
)

SEED = 7
HOLDOUT_SEED = 20261122
SIZES = (1_000_000, 3_000_000, 10_000_000)
QUICK_SIZE, MILLION, WARM_UP_SIZE = 100_000, 1_000_000, 3_000
REFERENCE = "reference"
HOLDOUTS = ("holdout_drifting", "holdout_thin", "holdout_border")
PEERS = ("splink", "misp", "components")
# Reported, and asserted where the issue asks for a margin over both methods.
MARGIN = 0.10
MARGIN_SETS = ("phishing-emails", "ransom-notes", "ransom-chats", "scam-domains")
OTHER_SETS = ("stalkerware", "febrl-1", "febrl-2", "payments")
SCALE_TARGETS = {  # Reports: B3, F1.
    1_000_000: (0.945, 0.92),
    10_000_000: (0.93, 0.88),
}
MOST_SECONDS, MOST_MIB, MOST_LARGEST = 75, 6 * 1024, 1.2
LEAST_SPEED_UP, LEAST_MEMORY_RATIO = 3.0, 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the ratios hold."""
    options = _read_options(arguments)
    sizes = (QUICK_SIZE,) if options.quick else tuple(options.reports)
    started = time.monotonic()
    document: dict[str, Any] = {"seed": SEED, "threads": options.threads}
    document["before"] = describe_machine()
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-") as name:
        folder = options.worlds or Path(name)
        _warm_up(Path(name), options)
        document["scale"] = [
            _measure_world(folder, REFERENCE, reports, SEED, options)
            for reports in sizes
            if "scale" in options.parts
        ]
        document["holdout"] = [
            _measure_world(
                folder, setting, min(sizes[0], MILLION), HOLDOUT_SEED, options
            )
            for setting in HOLDOUTS
            if "holdout" in options.parts
        ]
    document["real"] = _measure_real(options) if "real" in options.parts else []
    document["targets"] = _check_targets(document)
    document["after"] = describe_machine()
    document["seconds"] = round(time.monotonic() - started, 1)
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print(document)
    return judge(document["targets"])


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one world of 100,000")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--reports", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=("scale", "holdout", "real"),
        default=("scale", "holdout", "real"),
    )
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--worlds", type=Path, help="keep worlds here, and reuse them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=int, default=6, help="GiB for Proxeny")
    return parser.parse_args(arguments)


def _warm_up(folder: Path, options: argparse.Namespace) -> None:
    """Compile the kernels, which are then kept on disk, off every clock."""
    world = folder / "warm-up"
    run_fresh("linking.making.make_world", world, WARM_UP_SIZE, REFERENCE, SEED)
    run_fresh(
        "linking.contestants.link_by_proxeny",
        world,
        world / "linked",
        *_bounds(options),
    )


def _measure_world(
    folder: Path, setting: str, reports: int, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    world = folder / f"{setting}-{reports}-{seed}"
    if not (world / "truth" / "mentions.parquet").exists():
        _say(f"making the world {world.name}")
        run_fresh("linking.making.make_world", world, reports, setting, seed)
    lines = []
    for what, name, *more in (
        ("proxeny", "contestants.link_by_proxeny", world / "linked", *_bounds(options)),
        ("splink", "splinking.link_by_splink", options.threads),
        ("misp", "contestants.link_by_misp", options.threads),
        ("components", "contestants.link_by_components"),
    ):
        if what == "proxeny" or what in options.peers:
            _say(f"{world.name}: {what}")
            line = run_fresh(f"linking.{name}", world, *more)
            lines.append(line)
            # A run of half an hour that is stopped has told what it knew.
            _say(
                f"  {line['wall_s']:.0f} s, {line['cpu_s']:.0f} s CPU,"
                f" {line['peak_mib']:,.0f} MiB,"
                f" F1 {line['f1']:.3f}, B3 {line['b3']:.3f}"
            )
    shutil.rmtree(world / "linked", ignore_errors=True)
    if options.worlds is None:
        shutil.rmtree(world)
    return {"setting": setting, "reports": reports, "lines": lines}


def _bounds(options: argparse.Namespace) -> tuple[int, int]:
    return options.threads, options.memory << 30


def _measure_real(options: argparse.Namespace) -> list[Any]:
    if not DATA.exists():
        print("SKIPPED real sets: no real data beside the project", file=sys.stderr)
        return []
    names = MARGIN_SETS + (() if options.quick else OTHER_SETS)
    found = []
    for name in names:
        halves = (True, False) if name in MARGIN_SETS else (False,)
        for half in halves:
            _say(f"{name}{', the examined half' if half else ''}")
            found.append(
                run_fresh(
                    "linking.smallsets.measure_set",
                    name,
                    DATA,
                    options.threads,
                    half=half,
                )
            )
    return found


def _check_targets(document: dict[str, Any]) -> list[Target]:
    targets: list[Target] = []
    for world in document["scale"]:
        targets += _check_scale(world)
    for world in document["holdout"]:
        targets += _check_quality(world["setting"], world)
    for small in document["real"]:
        if small["name"] in MARGIN_SETS:
            targets += _check_margins(small)
    return targets


def _check_scale(world: dict[str, Any]) -> list[Target]:
    ours, *peers = world["lines"]
    at = f"{world['reports']:,} reports"
    targets = _check_quality(at, world)
    is_full = world["reports"] >= SIZES[-1]
    if is_full:
        targets.append(at_most(f"{at}: seconds", ours["wall_s"], MOST_SECONDS))
        targets.append(at_most(f"{at}: peak MiB", ours["peak_mib"], MOST_MIB))
    for peer in peers:
        if peer["what"].startswith("Splink"):
            targets += [
                at_least(
                    f"{at}: times as fast as Splink",
                    peer["wall_s"] / ours["wall_s"],
                    LEAST_SPEED_UP,
                    asserted=is_full,
                ),
                at_least(
                    f"{at}: Splink's processor time by ours",
                    peer["cpu_s"] / ours["cpu_s"],
                    LEAST_SPEED_UP,
                ),
                at_least(
                    f"{at}: Splink's memory by ours",
                    peer["peak_mib"] / ours["peak_mib"],
                    LEAST_MEMORY_RATIO,
                    asserted=is_full,
                ),
            ]
    return targets


def _check_quality(at: str, world: dict[str, Any]) -> list[Target]:
    ours = world["lines"][0]
    targets = [
        at_most(
            f"{at}: largest by the largest true",
            ours["largest"] / ours["largest_true"],
            MOST_LARGEST,
        )
    ]
    if world["reports"] in SCALE_TARGETS:
        b3, f1 = SCALE_TARGETS[world["reports"]]
        targets.append(at_least(f"{at}: B-cubed", ours["b3"], b3))
        targets.append(at_least(f"{at}: pairwise F1", ours["f1"], f1))
    return targets


def _check_margins(small: dict[str, Any]) -> list[Target]:
    by_name = {line["what"]: line["f1"] for line in small["lines"]}
    ours = by_name.pop("Proxeny")
    at = f"{small['name']}{', examined half' if small['half'] else ', whole'}"
    best = {"exact selectors": 0.0, "TF-IDF": 0.0}
    for what, f1 in by_name.items():
        family = "TF-IDF" if what.startswith("TF-IDF") else "exact selectors"
        best[family] = max(best[family], f1)
    return [
        at_least(
            f"{at}: F1 above the best of {family}",
            ours - f1,
            MARGIN,
            asserted=small["half"],
        )
        for family, f1 in best.items()
    ]


def _print(document: dict[str, Any]) -> None:
    print(f"before: {document['before']}; after: {document['after']}")
    print(f"{document['threads']} threads each; {document['seconds']} s in all")
    for world in (*document["scale"], *document["holdout"]):
        print(
            f"\n{world['setting'] + ', ' + format(world['reports'], ','):36}"
            f" {'wall s':>8} {'CPU s':>8} {'MiB':>8} {'F1':>6} {'B3':>6} {'largest':>8}"
        )
        for line in world["lines"]:
            print(
                f"{line['what']:36} {line['wall_s']:>8.1f} {line['cpu_s']:>8.1f}"
                f" {line['peak_mib']:>8,.0f} {line['f1']:>6.3f} {line['b3']:>6.3f}"
                f" {line['largest'] / line['largest_true']:>8.2f}  {line['note']}"
            )
    _print_growth(document["scale"])
    for small in document["real"]:
        half = ", the examined half" if small["half"] else ""
        head = f"{small['name']}{half}: {small['scored']} in {small['series']} series"
        print(f"\n{head:52} {'precision':>9} {'recall':>7} {'F1':>6} {'B3':>6}")
        for line in small["lines"]:
            print(
                f"  {line['what']:50} {line['precision']:>9.3f} {line['recall']:>7.3f}"
                f" {line['f1']:>6.3f} {line['b3']:>6.3f}"
            )
    print_targets(document["targets"])


def _print_growth(worlds: Sequence[dict[str, Any]]) -> None:
    if len(worlds) < 2:
        return
    print("\nProxeny's growth: reports, microseconds and bytes of peak memory a report")
    for world in worlds:
        ours, reports = world["lines"][0], world["reports"]
        print(
            f"{reports:>12,} {ours['wall_s'] * 1e6 / reports:>8.2f}"
            f" {ours['peak_mib'] * (1 << 20) / reports:>8.0f}"
        )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
