"""What a contestant reports: seconds of each call, sorted into percentiles.

CPU time stands beside wall time, because machines that measure are seldom alone: on
a quiet machine the two differ by what the disk takes.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from measuring.runs import peak_mib

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One line of the table.

    Attributes:
        what: contestant and task.
        held: reports held before the first call.
        calls: how many reports were timed, one by one.
        per_s: reports a second, one after the other.
        cpu_ms: processor time of one report, all threads, on average.
        peak_rss_mib: peak memory of the process, which does nothing else.
        note: what was found or counted, in words.
        parts: milliseconds of each part of a report, see `online.parts`.
    """

    what: str
    held: int
    calls: int
    per_s: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float
    peak_rss_mib: float
    note: str = ""
    parts: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Wall seconds of each call, and processor seconds of all of them."""

    each_s: tuple[float, ...]
    cpu_s: float


def time_each(call: Callable[[T], object], items: Iterable[T]) -> Timed:
    """Call once for each item."""
    each_s = []
    cpu_started = time.process_time()
    for item in items:
        started = time.perf_counter()
        call(item)
        each_s.append(time.perf_counter() - started)
    return Timed(each_s=tuple(each_s), cpu_s=time.process_time() - cpu_started)


def sum_up(
    what: str,
    held: int,
    timed: Timed,
    note: str = "",
    parts: Sequence[dict[str, Any]] = (),
) -> Figures:
    """Percentiles by nearest rank: a p99.9 of 1,000 calls is the second worst."""
    ranked = sorted(timed.each_s)

    def ms_at(share: float) -> float:
        return 1000 * ranked[min(int(share * len(ranked)), len(ranked) - 1)]

    return Figures(
        what=what,
        held=held,
        calls=len(ranked),
        per_s=len(ranked) / sum(ranked),
        cpu_ms=1000 * timed.cpu_s / len(ranked),
        p50_ms=ms_at(0.5),
        p99_ms=ms_at(0.99),
        p999_ms=ms_at(0.999),
        worst_ms=1000 * ranked[-1],
        peak_rss_mib=peak_mib(),
        note=note,
        parts=parts,
    )
