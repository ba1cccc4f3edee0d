"""Runs each measure in a process of its own, and says what was asked of the figures."""

import importlib
import multiprocessing
import os
import platform
import resource
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypedDict

BENCH = Path(__file__).resolve().parents[1]
DATA = Path(
    os.environ.get("PROXENY_TEST_DATA", BENCH.parents[1] / "shared" / "data")
).resolve()


class Target(TypedDict):
    """A figure that was asked for, and what was measured.

    ``asserted`` ones end the run with 1 when they are missed: ratios to a peer of the
    same run. Absolute figures depend on the machine, and are only told.
    """

    what: str
    wanted: str
    measured: float
    met: bool
    asserted: bool


def run_fresh(name: str, *arguments: object, **named: object) -> Any:
    """Call ``module.function`` in a fresh process: its peak memory is its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(_call, name, arguments, named).result()


def _call(name: str, arguments: tuple[object, ...], named: dict[str, object]) -> Any:
    """Import only what this measure needs, and call it."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)(*arguments, **named)


def read_peer(name: str) -> dict[str, Any]:
    """Read the settings of a peer."""
    settings = tomllib.loads((BENCH / "peers.toml").read_text("utf-8"))
    return dict(settings[name])


def peak_mib() -> float:
    """Peak memory of this process, which does nothing else."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def at_least(
    what: str, measured: float, wanted: float, *, asserted: bool = False
) -> Target:
    """State that a figure should be this or more."""
    return Target(
        what=what,
        wanted=f">= {wanted:g}",
        measured=measured,
        met=measured >= wanted,
        asserted=asserted,
    )


def at_most(
    what: str, measured: float, wanted: float, *, asserted: bool = False
) -> Target:
    """State that a figure should be this or less."""
    return Target(
        what=what,
        wanted=f"<= {wanted:g}",
        measured=measured,
        met=measured <= wanted,
        asserted=asserted,
    )


def print_targets(targets: Sequence[Target]) -> None:
    """Print required, met, missed."""
    print()
    for target in targets:
        verdict = "met" if target["met"] else "MISSED"
        kind = "asserted" if target["asserted"] else "told"
        print(
            f"{verdict:6} {kind:8} {target['what']}: {target['measured']:,.3g},"
            f" wanted {target['wanted']}"
        )


def judge(targets: Sequence[Target]) -> int:
    """Give the exit code: 1 if a ratio to a peer is missed."""
    return int(any(t["asserted"] and not t["met"] for t in targets))


def describe_machine() -> str:
    """Say on what, and how busy it was."""
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores,"
        f" Python {platform.python_version()}, load {busy:.1f}"
    )
