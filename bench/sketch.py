#!/usr/bin/env python3
"""Sketches of narratives against rensa and datasketch; union-find against networkx.

    python3 dev.py bench sketch             # about five minutes
    .venv-bench/bin/python bench/sketch.py --quick --json

Processor time of one core, the least of three passes: every contestant has a process of
its own, held on one core, one after the other, on the same texts of a synthetic world
with hidden campaigns. Ends with 1 if a ratio to a peer is missed. No network is used.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring.runs import (
    Target,
    at_least,
    describe_machine,
    judge,
    print_targets,
    read_peer,
    run_fresh,
)

SEED = 7
TEXTS, QUICK_TEXTS = 300_000, 40_000
# An index of candidates in Python takes long: the peers get the first of the texts.
TEXTS_OF_PEERS = 30_000
EDGES, NODES = 1_370_000, 1_420_000
LEAST_PER_S, LEAST_TIMES_RENSA = 500_000, 6
LEAST_TIMES_DATASKETCH, LEAST_TIMES_NETWORKX = 75, 150


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the ratios hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer texts")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    texts = QUICK_TEXTS if options.quick else TEXTS
    started = time.monotonic()
    document: dict[str, Any] = {"seed": SEED, "before": describe_machine()}
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-") as name:
        world = Path(name) / "world"
        run_fresh("linking.making.make_world", world, texts, "reference", SEED)
        document["sketch"] = [
            run_fresh("sketch.contestants.sketch_by_proxeny", world, texts),
            run_fresh("sketch.contestants.sketch_by_proxeny", world, TEXTS_OF_PEERS),
            *(
                run_fresh(
                    "sketch.contestants.sketch_by_rensa",
                    world,
                    TEXTS_OF_PEERS,
                    size,
                    shingles=shingles,
                )
                for shingles in (True, False)
                for size in read_peer("rensa")["signatures"]
            ),
            run_fresh("sketch.contestants.sketch_by_datasketch", world, TEXTS_OF_PEERS),
        ]
    edges = (EDGES, NODES, SEED)
    document["union"] = {
        "ours": run_fresh("sketch.contestants.join_by_union_find", *edges),
        "networkx": run_fresh("sketch.contestants.join_by_networkx", *edges),
    }
    document["targets"] = _check_targets(document)
    document["after"] = describe_machine()
    document["seconds"] = round(time.monotonic() - started, 1)
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print(document)
    return judge(document["targets"])


def _check_targets(document: dict[str, Any]) -> list[Target]:
    ours, _, *rensas, datasketch = document["sketch"]
    union = document["union"]
    rensa = {
        tokens: max(line["per_s"] for line in rensas if line["what"].endswith(tokens))
        for tokens in ("shingles", "words")
    }
    networkx = union["networkx"]
    return [
        at_least("texts a second on one core", ours["per_s"], LEAST_PER_S),
        at_least(
            "times the faster rensa, on the same shingles",
            ours["per_s"] / rensa["shingles"],
            LEAST_TIMES_RENSA,
            asserted=True,
        ),
        at_least(
            "times the faster rensa, on single words",
            ours["per_s"] / rensa["words"],
            LEAST_TIMES_RENSA,
        ),
        at_least(
            "times datasketch",
            ours["per_s"] / datasketch["per_s"],
            LEAST_TIMES_DATASKETCH,
        ),
        at_least(
            "union-find, times networkx from the same edges",
            networkx["with_building_seconds"] / union["ours"]["seconds"],
            LEAST_TIMES_NETWORKX,
            asserted=True,
        ),
        at_least(
            "union-find, times networkx on a graph that is there",
            networkx["seconds"] / union["ours"]["seconds"],
            LEAST_TIMES_NETWORKX,
        ),
    ]


def _print(document: dict[str, Any]) -> None:
    print(f"before: {document['before']}; after: {document['after']}")
    print(f"processor time of one core; {document['seconds']} s in all")
    print(
        f"\n{'narratives':34} {'texts':>8} {'signed/s':>10} {'with search':>12}"
        f" {'candidates':>11} {'precision':>10} {'recall':>7} {'MiB':>6}"
    )
    for line in document["sketch"]:
        print(
            f"{line['what']:34} {line['texts']:>8,} {line['per_s']:>10,.0f}"
            f" {line['with_candidates_per_s']:>12,.0f} {line['candidates']:>11,}"
            f" {line['precision']:>10.3f} {line['recall']:>7.3f}"
            f" {line['peak_mib']:>6,.0f}"
        )
    ours, peer = document["union"]["ours"], document["union"]["networkx"]
    print(f"\n{EDGES:,} edges, {NODES:,} nodes {'':18} {'s':>8} {'components':>11} MiB")
    for what, seconds, components, line in (
        ("union-find", ours["seconds"], ours["components"], ours),
        (
            "merge guard, one round",
            ours["guard_seconds"],
            ours["guard_components"],
            ours,
        ),
        ("networkx connected_components", peer["seconds"], peer["components"], peer),
        ("  with building the graph", peer["with_building_seconds"], 0, peer),
    ):
        print(f"{what:44} {seconds:>8.3f} {components:>11,.0f} {line['peak_mib']:,.0f}")
    print_targets(document["targets"])


if __name__ == "__main__":
    sys.exit(main())
