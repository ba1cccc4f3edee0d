"""The merge guard: puts reports into series by falling thresholds.

One wrong link in a thousand fuses the large series, so a pair's score alone never
unites two clusters. In each round the evidence between two clusters is added up, the
best of each selector once, wording within bounds; they are united if it passes what
their sizes demand, and never by one selector alone where both are more than one report.
The
threshold falls from round to round, so that what is sure comes together first and
later evidence is weighed between whole series.
"""

import numpy as np
import numpy.typing as npt

from proxeny.engines.kernels.compiling import compiled
from proxeny.linking import Guard

Reports = npt.NDArray[np.int32]
Selectors = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]


def unite(
    a: Reports,
    b: Reports,
    selector: Selectors,
    bits: Bits,
    *,
    reports: int,
    guard: Guard,
) -> Reports:
    """Unite reports that belong together.

    Args:
        a: one report of each piece of evidence, as a number below `reports`.
        b: the other one.
        selector: what the two share; below zero, a shingle.
        bits: how much it speaks for one series.
        reports: how many there are.
        guard: how much evidence clusters need.

    Returns:
        The series of each report, named by one of its reports.

    """
    parent = np.arange(reports, dtype=np.int32)
    sizes = np.ones(reports, np.int32)
    for threshold in guard.rounds:
        lows, highs, selector, bits = _contract(parent, a, b, selector, bits)
        starts, sums = _add_up(lows, highs, selector, bits, guard)
        voices = np.diff(starts)
        a, b = lows, highs
        wanted = sums >= threshold
        order = np.argsort(-sums[wanted], kind="stable")
        pairs = starts[:-1][wanted][order]
        _unite_all(
            parent,
            sizes,
            a[pairs],
            b[pairs],
            sums[wanted][order],
            voices[wanted][order],
            threshold,
            guard.sqrt_smaller,
            guard.log2_larger,
        )
    _flatten(parent)
    return parent


def _contract(
    parent: Reports, a: Reports, b: Reports, selector: Selectors, bits: Bits
) -> tuple[Reports, Reports, Selectors, Bits]:
    """Rename reports to clusters; of each pair and selector keep the best."""
    lows, highs, kept = _rename(parent, a, b)
    lows, highs, selector, bits = lows[kept], highs[kept], selector[kept], bits[kept]
    order = np.argsort(lows.astype(np.int64) << 32 | highs)
    lows, highs, selector, bits = (
        lows[order],
        highs[order],
        selector[order],
        bits[order],
    )
    best = _keep_best(lows, highs, selector, bits)
    return lows[best], highs[best], selector[best], bits[best]


def _add_up(
    lows: Reports, highs: Reports, selector: Selectors, bits: Bits, guard: Guard
) -> tuple[npt.NDArray[np.int64], Bits]:
    """Where each pair of clusters begins, and the bits between them."""
    if not len(lows):
        return np.zeros(1, np.int64), np.zeros(0)
    changes = (lows[1:] != lows[:-1]) | (highs[1:] != highs[:-1])
    starts = np.concatenate(([0], np.flatnonzero(changes) + 1, [len(lows)]))
    wording = np.add.reduceat(np.where(selector < 0, bits, 0), starts[:-1])
    selectors = np.add.reduceat(np.where(selector < 0, 0, bits), starts[:-1])
    most = guard.wording_bits + guard.wording_share * selectors
    return starts, selectors + np.minimum(wording, most)


@compiled
def _find(parent: Reports, report: int) -> int:
    while parent[report] != report:
        parent[report] = parent[parent[report]]
        report = parent[report]
    return report


@compiled
def _flatten(parent: Reports) -> None:
    for report in range(len(parent)):
        parent[report] = _find(parent, report)


@compiled
def _rename(
    parent: Reports, a: Reports, b: Reports
) -> tuple[Reports, Reports, npt.NDArray[np.bool_]]:
    lows = np.empty(len(a), np.int32)
    highs = np.empty(len(a), np.int32)
    kept = np.empty(len(a), np.bool_)
    for edge in range(len(a)):
        one, other = _find(parent, a[edge]), _find(parent, b[edge])
        lows[edge], highs[edge] = min(one, other), max(one, other)
        kept[edge] = one != other
    return lows, highs, kept


@compiled
def _keep_best(
    lows: Reports, highs: Reports, selector: Selectors, bits: Bits
) -> npt.NDArray[np.bool_]:
    """Sort each run of equal pairs by selector, and mark the best of each selector."""
    best = np.ones(len(lows), np.bool_)
    start = 0
    while start < len(lows):
        stop = start + 1
        while (
            stop < len(lows)
            and lows[stop] == lows[start]
            and highs[stop] == highs[start]
        ):
            stop += 1
        if stop - start > 1:
            # In the order of the selectors, so that the bits of a pair are added up
            # alike in whatever order the evidence came.
            order = np.argsort(selector[start:stop])
            selector[start:stop] = selector[start:stop][order]
            bits[start:stop] = bits[start:stop][order]
            held = start
            for edge in range(start + 1, stop):
                if selector[edge] != selector[held]:
                    held = edge
                elif bits[edge] > bits[held]:
                    best[held] = False
                    held = edge
                else:
                    best[edge] = False
        start = stop
    return best


@compiled
def _unite_all(
    parent: Reports,
    sizes: Reports,
    a: Reports,
    b: Reports,
    sums: Bits,
    voices: Selectors,
    threshold: float,
    sqrt_smaller: float,
    log2_larger: float,
) -> None:
    for pair in range(len(a)):
        one, other = _find(parent, a[pair]), _find(parent, b[pair])
        if one == other:
            continue
        if sizes[one] < sizes[other]:
            one, other = other, one
        needed = (
            threshold
            + sqrt_smaller * (np.sqrt(sizes[other]) - 1)
            + log2_larger * np.log2(sizes[one])
        )
        is_alone = voices[pair] == 1 and sizes[other] > 1
        if sums[pair] >= needed and not is_alone:
            parent[other] = one
            sizes[one] += sizes[other]
