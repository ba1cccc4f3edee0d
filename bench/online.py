#!/usr/bin/env python3
"""Online linking on the node's real database, and its series against the batch's.

    python3 dev.py bench online                   # one and ten million held: an hour
    python3 dev.py bench online --quick --json    # 20,000 held; about two minutes

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
SIZES, QUICK_SIZES = (1_000_000, 10_000_000), (20_000,)
COMPARED, QUICK_COMPARED = 1_000_000, 20_000
WARM_UP, PACED, PER_S, CLOSED = 200, 3_000, 100, 2_000
LOOK_UPS = 1_000
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
    parser.add_argument("--compared", type=int, help="reports of the compared world")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args(arguments)
    sizes = options.held or (QUICK_SIZES if options.quick else SIZES)
    compared = options.compared or (QUICK_COMPARED if options.quick else COMPARED)
    before = describe_machine()
    lines = [
        line for held in sizes for line in _measure(held, options.seed, options.folder)
    ]
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-", dir=options.folder) as at:
        quality = run_fresh(
            "online.quality.compare",
            Path(at) / "world",
            world="reference",
            reports=compared,
            seed=options.seed,
        )
    targets = _list_targets(lines[-3:], quality)
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


def _measure(held: int, seed: int, parent: Path | None) -> list[Any]:
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-", dir=parent) as name:
        folder = Path(name)
        rows = run_fresh(
            "online.holding.hold",
            folder,
            held=held,
            new=WARM_UP + PACED + CLOSED,
            seed=seed,
        )
        counts = ", ".join(f"{n:,} {what}" for what, n in rows.items())
        print(f"held: {counts}", file=sys.stderr, flush=True)
        lines = run_fresh(
            "online.node.measure",
            folder,
            held,
            warm=WARM_UP,
            paced=PACED,
            per_s=PER_S,
            closed=CLOSED,
        )
        peer = run_fresh("online.peers.measure_duckdb", folder, held, LOOK_UPS)
        return [*lines, peer]


def _list_targets(lines: Sequence[Any], quality: dict[str, Any]) -> list[Target]:
    paced, closed, _ = lines
    apart = quality["batch"]["b3"] - quality["online"]["b3"]
    return [
        at_most(f"p99 ms at {PER_S} a second", paced.p99_ms, MOST_P99_MS),
        at_most("p99 ms, stretch", closed.p99_ms, STRETCH_P99_MS),
        at_least("reports a second, stretch", closed.per_s, STRETCH_PER_S),
        at_most("B3 below the batch's", apart, MOST_B3_APART),
    ]


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
    quality = document["quality"]
    print(f"\n{quality['reports']:,} reports of the world '{quality['world']}'")
    for how in ("batch", "online"):
        figures = " ".join(f"{name} {v:.3f}" for name, v in quality[how].items())
        print(f"  {how:7} {figures}")


if __name__ == "__main__":
    sys.exit(main())
