"""What a contestant reports: seconds of each call, sorted into percentiles."""

import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One line of the table.

    Attributes:
        what: contestant and task.
        held: reports held before the first call.
        calls: how many reports were timed, one by one.
        per_s: reports a second, one after the other.
        peak_rss_mib: peak memory of the process, which does nothing else.
        note: what was found or counted, in words.
    """

    what: str
    held: int
    calls: int
    per_s: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float
    peak_rss_mib: float
    note: str = ""


def time_each(call: Callable[[T], object], items: Iterable[T]) -> list[float]:
    """Call once for each item; return the seconds of each call."""
    seconds = []
    for item in items:
        started = time.perf_counter()
        call(item)
        seconds.append(time.perf_counter() - started)
    return seconds


def sum_up(what: str, held: int, seconds: list[float], note: str = "") -> Figures:
    """Percentiles by nearest rank: a p99.9 of 1,000 calls is the second worst."""
    ranked = sorted(seconds)

    def ms_at(share: float) -> float:
        return 1000 * ranked[min(int(share * len(ranked)), len(ranked) - 1)]

    return Figures(
        what=what,
        held=held,
        calls=len(ranked),
        per_s=len(ranked) / sum(ranked),
        p50_ms=ms_at(0.5),
        p99_ms=ms_at(0.99),
        p999_ms=ms_at(0.999),
        worst_ms=1000 * ranked[-1],
        peak_rss_mib=_peak_rss_mib(),
        note=note,
    )


def _peak_rss_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return peak / (1024**2 if sys.platform == "darwin" else 1024)
