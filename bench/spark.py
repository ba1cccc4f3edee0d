#!/usr/bin/env python3
"""The batch on Spark against DuckDB on the same machine: same rows, time, memory.

    python3 dev.py bench spark             # about five minutes on two quiet cores
    .venv-spark/bin/python bench/spark.py --quick --json

Both run as `proxeny link`, one after the other, on the same worlds; Spark as
`local[N]`. Time includes everything from the start of the command. Memory is the
proportional share of every process of the command, the virtual machine's and the
workers' too. Ends with 1 if the two don't write the same, with 2 without Java. No
network is used.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from measuring.runs import (
    Target,
    at_least,
    describe_machine,
    judge,
    print_targets,
    run_fresh,
)

SEED = 20261122
SIZES, QUICK_SIZES = (20_000, 100_000), (2_000, 20_000)
SAMPLE_S = 0.25
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say by the exit code whether the engines agree."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small worlds")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--threads", type=int, default=2, help="of each engine")
    parser.add_argument("--memory", default="8GB", help="that each may take")
    parser.add_argument("--reports", type=int, nargs="+", help="sizes of the worlds")
    options = parser.parse_args(arguments)
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        print("Spark needs JDK 17: set JAVA_HOME or PATH.", file=sys.stderr)
        return 2
    sizes = options.reports or (QUICK_SIZES if options.quick else SIZES)
    document: dict[str, Any] = {"seed": SEED, "before": describe_machine()}
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-") as name:
        for reports in sizes:
            world = Path(name) / str(reports)
            run_fresh("linking.making.make_world", world, reports, "reference", SEED)
            if not lines:
                # The kernels are compiled once, by whoever comes first.
                _link("duckdb", world, options.threads, options.memory)
            for engine in ("duckdb", "spark"):
                lines.append(_link(engine, world, options.threads, options.memory))
                told = f"{reports:,} on {engine}: {lines[-1]['seconds']:.0f} s"
                print(told, file=sys.stderr, flush=True)
            lines[-1]["differing_rows"] = _count_differing(world)
            shutil.rmtree(world)
    document["lines"] = lines
    document |= {"targets": _list_targets(lines), "after": describe_machine()}
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print(document)
    return judge(document["targets"])


def _link(engine: str, world: Path, threads: int, memory: str) -> dict[str, Any]:
    """Run the command, and watch all its processes."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    command = [
        *(sys.executable, "-m", "proxeny.cli", "link", "--json", "--memory", memory),
        *("--reports", world, "--out", world / engine, "--engine", engine),
    ]
    started = time.monotonic()
    ticks: dict[int, int] = {}
    peak = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509 - no threads here
    ) as process:
        while process.poll() is None:
            shares = [_look(pid, ticks) for pid in _list_family(process.pid)]
            peak = max(peak, sum(shares))
            time.sleep(SAMPLE_S)
        seconds = time.monotonic() - started
        assert process.stdout is not None
        text = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"proxeny link --engine {engine} gave {process.returncode}")
    told = json.loads(text)
    return {
        "engine": engine,
        "reports": told["reports"],
        "series": told["series"],
        "links": told["links"],
        "seconds": seconds,
        "cpu_seconds": sum(ticks.values()) / TICKS_A_SECOND,
        "peak_mib": peak / 1024,
        "steps": told["steps"],
    }


def _list_family(ancestor: int) -> list[int]:
    """A process and all that it started, and so on."""
    family = [ancestor]
    for pid in family:
        try:
            for path in Path(f"/proc/{pid}/task").glob("*/children"):
                family += map(int, path.read_text().split())
        except OSError:  # It has just ended.
            continue
    return family


def _look(pid: int, ticks: dict[int, int]) -> int:
    """Note the processor time of a process; give its share of memory in KiB."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks[pid] = int(numbers[11]) + int(numbers[12])
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # It has just ended.
        return 0
    shares = (line.split()[1] for line in rollup.splitlines() if line[:4] == "Pss:")
    return int(next(shares, 0))


def _count_differing(world: Path) -> int:
    """Rows of the results that one engine wrote and the other did not."""
    total = 0
    with duckdb.connect() as con:
        for name in ("series", "links"):
            for one, other in (("duckdb", "spark"), ("spark", "duckdb")):
                paths = [
                    str(world / engine / f"{name}.parquet") for engine in (one, other)
                ]
                [(rows,)] = con.execute(
                    """SELECT count(*) FROM (
                      FROM read_parquet(?) EXCEPT ALL FROM read_parquet(?))""",
                    paths,
                ).fetchall()
                total += int(rows)
    return total


def _list_targets(lines: Sequence[dict[str, Any]]) -> list[Target]:
    return [
        at_least(
            f"{line['reports']:,} reports: rows written alike by both engines, share",
            1 - line["differing_rows"] / max(line["reports"] + line["links"], 1),
            1,
            asserted=True,
        )
        for line in lines
        if line["engine"] == "spark"
    ]


def _print(document: dict[str, Any]) -> None:
    print(f"before: {document['before']}; after: {document['after']}")
    print(
        f"\n{'reports':>10} {'engine':8} {'s':>8} {'CPU s':>8} {'peak MiB':>9}"
        f" {'series':>8} {'links':>9}"
    )
    for line in document["lines"]:
        print(
            f"{line['reports']:>10,} {line['engine']:8} {line['seconds']:>8.1f}"
            f" {line['cpu_seconds']:>8.1f} {line['peak_mib']:>9,.0f}"
            f" {line['series']:>8,} {line['links']:>9,}"
        )
    print_targets(document["targets"])


if __name__ == "__main__":
    sys.exit(main())
