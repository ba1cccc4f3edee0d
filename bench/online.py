#!/usr/bin/env python3
"""Online linking on the node's real database, and its series against the batch's.

    python3 dev.py bench online                   # 100,000 held; some five minutes
    python3 dev.py bench online --quick --json    # 20,000 held; about two minutes
    python3 dev.py bench online --held 10000000 --hold DIR     # only write the node
    python3 dev.py bench online --node DIR --compared 0        # measure on it

A report comes in while a whole world is held: it is extracted, linked, explained and
committed so that a power cut loses nothing, first 100 a second, then as fast as it
goes. Then a world is linked report by report and as a batch. No network is used.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from measuring.runs import (
    Target,
    at_least,
    at_most,
    describe_machine,
    judge,
    print_targets,
    run_fresh,
)

SEED = 20261122
HELD, QUICK_HELD = 100_000, 20_000
COMPARED, QUICK_COMPARED = 50_000, 20_000
WARM_UP, PACED, PER_S, CLOSED = 200, 3_000, 100, 2_000
NEW_KEPT = 30_000  # Enough for some runs on one node.
LOOK_UPS, MOST_PEER_HELD = 1_000, 1_000_000
MOST_P99_MS, STRETCH_P99_MS, STRETCH_PER_S = 50.0, 5.0, 1_000
MOST_B3_APART = 0.02


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the ratios hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small, two minutes")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--seed", type=int, default=SEED, help="of the worlds")
    parser.add_argument("--held", type=int, nargs="*", help="reports that are held")
    parser.add_argument(
        "--compared", type=int, help="reports of the compared world, or 0"
    )
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--hold", type=Path, help="write a node here and stop")
    parser.add_argument("--world", type=Path, help="to hold: one that is there")
    parser.add_argument("--linked", type=Path, help="what the batch made of it")
    parser.add_argument("--node", type=Path, help="measure on a node that --hold wrote")
    options = parser.parse_args(arguments)
    sizes = options.held or [QUICK_HELD if options.quick else HELD]
    compared = options.compared
    if compared is None:
        compared = QUICK_COMPARED if options.quick else COMPARED
    if options.hold:
        given = (options.world, options.linked) if options.world else None
        _hold(options.hold, sizes[0], options.seed, NEW_KEPT, given)
        return 0
    before = describe_machine()
    if options.node:
        held = json.loads((options.node / "held.json").read_text("utf-8"))["holders"]
        lines = _measure(options.node, held)
    else:
        lines = []
        for held in sizes:
            with tempfile.TemporaryDirectory(
                prefix="proxeny-bench-", dir=options.folder
            ) as name:
                folder = Path(name) / "node"
                _hold(folder, held, options.seed, WARM_UP + PACED + CLOSED)
                lines += _measure(folder, held)
    quality = _compare(compared, options.seed, options.folder) if compared else None
    targets = _list_targets(lines, quality)
    document = {
        "seed": options.seed,
        "before": before,
        "after": describe_machine(),
        "lines": [asdict(line) for line in lines],
        "quality": quality,
        "targets": targets,
    }
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print(document)
        print_targets(targets)
    return judge(targets)


def _hold(
    folder: Path,
    held: int,
    seed: int,
    new: int,
    given: tuple[Path, Path] | None = None,
) -> None:
    """Write a node that holds a world: one that is given, or a new one."""
    folder.mkdir(parents=True, exist_ok=True)
    world, linked = given or (folder / "world", folder / "linked")
    if given is None:
        run_fresh(
            "online.holding.make_linked_world",
            world,
            linked,
            reports=held + new,
            seed=seed,
        )
    rows = run_fresh("online.holding.hold", folder, world=world, linked=linked, new=new)
    counts = ", ".join(f"{n:,} {what}" for what, n in rows.items())
    print(f"held: {counts}", file=sys.stderr, flush=True)


def _measure(folder: Path, held: int) -> list[Any]:
    lines: list[Any] = run_fresh(
        "online.node.measure",
        folder,
        held,
        warm=WARM_UP,
        paced=PACED,
        per_s=PER_S,
        closed=CLOSED,
    )
    if held <= MOST_PEER_HELD:
        # Of more it would need all memory for its index.
        lines.append(run_fresh("online.peers.measure_duckdb", folder, held, LOOK_UPS))
    return lines


def _compare(reports: int, seed: int, parent: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-", dir=parent) as name:
        quality: dict[str, Any] = run_fresh(
            "online.quality.compare",
            Path(name) / "world",
            world="reference",
            reports=reports,
            seed=seed,
        )
        return quality


def _list_targets(lines: Sequence[Any], quality: dict[str, Any] | None) -> list[Target]:
    paced, closed = [line for line in lines if line.what.startswith("node")][-2:]
    targets = [
        at_most(f"p99 ms at {PER_S} a second", paced.p99_ms, MOST_P99_MS),
        at_most("p99 ms, stretch", closed.p99_ms, STRETCH_P99_MS),
        at_least("reports a second, stretch", closed.per_s, STRETCH_PER_S),
    ]
    if quality:
        apart = quality["batch"]["b3"] - quality["online"]["b3"]
        targets.append(at_most("B3 below the batch's", apart, MOST_B3_APART))
    return targets


def _print(document: dict[str, Any]) -> None:
    print(f"{document['before']}; seed {document['seed']}")
    print(
        f"\n{'held':>10} {'':52} {'a second':>9} {'CPU ms':>8} {'p50 ms':>8}"
        f" {'p99':>8} {'p99.9':>8} {'RSS MiB':>8}"
    )
    for line in document["lines"]:
        print(
            f"{line['held']:>10,} {line['what']:52} {line['per_s']:>9,.0f}"
            f" {line['cpu_ms']:>8.2f} {line['p50_ms']:>8.2f} {line['p99_ms']:>8.2f}"
            f" {line['p999_ms']:>8.2f} {line['peak_rss_mib']:>8.0f}"
        )
        if line["note"]:
            print(f"{'':11} {line['note']}")
        for own in line["parts"]:
            print(
                f"{'':13} {own['part']:40} {own['wall_ms']:7.2f} ms,"
                f" CPU {own['cpu_ms']:6.2f} ms"
            )
    quality = document["quality"]
    if not quality:
        return
    print(f"\n{quality['reports']:,} reports of the world '{quality['world']}'")
    for how in ("batch", "online"):
        figures = " ".join(f"{name} {v:.3f}" for name, v in quality[how].items())
        print(f"  {how:7} {figures}")


if __name__ == "__main__":
    sys.exit(main())
