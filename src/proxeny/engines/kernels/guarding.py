"""The merge guard: puts reports into series by falling thresholds.

One wrong link in a thousand fuses the large series, so a pair's score alone never
unites two clusters. In each round the evidence between two clusters is added up, the
best of each selector once, wording within bounds; they are united if it passes what
their sizes demand, and never by one selector alone, unless one of the two is held
together by nothing else. The threshold falls from round to round, so that what is sure
comes together first and later evidence is weighed between whole series.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from proxeny.engines.kernels.compiling import compiled, compiled_parallel
from proxeny.linking import Guard

Reports = npt.NDArray[np.int32]
Selectors = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]
_Edges = tuple[Reports, Reports, Selectors, Bits]

_PARTS: Final = 2
"""Worked on side by side. Not as many as there are cores: the result depends on it."""

_NOTHING: Final = np.iinfo(np.int64).min
_SEVERAL: Final = np.iinfo(np.int64).max
"""What holds a cluster together, if it is not one selector."""

_SHORT: Final = 32
"""A stretch that is sorted by inserting: there are millions of them."""


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
    bonds = np.full(reports, _NOTHING, np.int64)
    edges = a, b, selector, bits
    for threshold in guard.rounds:
        edges = _contract(parent, *edges)
        starts, sums = _add_up(*edges, guard.wording_bits, guard.wording_share)
        order = _rank(sums, threshold)
        pairs = starts[order]
        _unite_all(
            parent,
            sizes,
            bonds,
            edges[0][pairs],
            edges[1][pairs],
            np.where(starts[order + 1] - pairs == 1, edges[2][pairs], _SEVERAL),
            sums[order],
            threshold,
            guard.sqrt_smaller,
            guard.log2_larger,
        )
    _flatten(parent)
    return parent


def _contract(
    parent: Reports, a: Reports, b: Reports, selector: Selectors, bits: Bits
) -> _Edges:
    """Rename reports to clusters; of each pair and selector keep the best."""
    _flatten(parent)
    low, high = _rename(parent, a, b)
    with ThreadPoolExecutor(_PARTS) as pool:
        parts = pool.map(
            lambda part: _contract_part(len(parent), low, high, selector, bits, part),
            range(_PARTS),
        )
        lows, highs, selectors, kept = zip(*parts, strict=True)
    return (
        np.concatenate(lows),
        np.concatenate(highs),
        np.concatenate(selectors),
        np.concatenate(kept),
    )


def _rank(sums: Bits, threshold: float) -> npt.NDArray[np.int64]:
    """Places of what reaches the threshold: the most bits first, then as they stand."""
    wanted = np.flatnonzero(sums >= threshold)
    # Floats above zero are in the order of their bytes; the place in the lower half.
    descending = ~sums[wanted].astype(np.float32).view(np.uint32)
    ranked = np.sort(
        descending.astype(np.uint64) << 32 | np.arange(len(wanted), dtype=np.uint64)
    )
    return wanted[(ranked & 0xFFFFFFFF).astype(np.int64)]


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


@compiled_parallel
def _rename(parent: Reports, a: Reports, b: Reports) -> tuple[Reports, Reports]:
    """The lower and the higher cluster of each piece of evidence; `parent` is flat."""
    low, high = np.empty(len(a), np.int32), np.empty(len(a), np.int32)
    for edge in numba.prange(len(a)):
        one, other = parent[a[edge]], parent[b[edge]]
        low[edge], high[edge] = min(one, other), max(one, other)
    return low, high


@compiled
def _contract_part(
    reports: int,
    low: Reports,
    high: Reports,
    selector: Selectors,
    bits: Bits,
    part: int,
) -> _Edges:
    """The evidence whose lower cluster is of this part, by pair and selector.

    Counted out by the lower cluster, then sorted by the higher: most clusters have
    few others, so that this is nearly linear.
    """
    ends = np.zeros(reports // _PARTS + 2, np.int32)
    for edge in range(len(low)):
        if low[edge] % _PARTS == part and low[edge] != high[edge]:
            ends[low[edge] // _PARTS + 1] += 1
    for place in range(1, len(ends)):
        ends[place] += ends[place - 1]
    order = np.empty(ends[-1], np.int32)
    for edge in range(len(low)):
        if low[edge] % _PARTS == part and low[edge] != high[edge]:
            place = low[edge] // _PARTS
            order[ends[place]] = edge
            ends[place] += 1
    highs = high[order]
    kept = 0
    start = 0
    for place in range(len(ends) - 1):
        stop = ends[place]
        _sort_together(highs, order, start, stop)
        kept = _keep_best(order, highs, selector, bits, start, stop, kept)
        start = stop
    order = order[:kept]
    return low[order], highs[:kept].copy(), selector[order], bits[order]


@compiled
def _sort_together(
    keys: npt.NDArray[Any], places: Reports, start: int, stop: int
) -> None:
    """Sort a stretch of keys, and the places that belong to them."""
    if stop - start > _SHORT:
        order = start + np.argsort(keys[start:stop])
        keys[start:stop] = keys[order]
        places[start:stop] = places[order]
        return
    for at in range(start + 1, stop):
        key, place = keys[at], places[at]
        to = at
        while to > start and keys[to - 1] > key:
            keys[to], places[to] = keys[to - 1], places[to - 1]
            to -= 1
        keys[to], places[to] = key, place


@compiled
def _keep_best(
    order: Reports,
    highs: Reports,
    selector: Selectors,
    bits: Bits,
    start: int,
    stop: int,
    kept: int,
) -> int:
    """Of each pair and selector keep the best, moved to the place `kept`.

    In the order of the selectors, so that the bits of a pair are added up alike in
    whatever order the evidence came. Returns where the next goes.
    """
    while start < stop:
        end = start + 1
        while end < stop and highs[end] == highs[start]:
            end += 1
        high = highs[start]
        if end - start > 1:
            _sort_together(selector[order[start:end]], order[start:end], 0, end - start)
        held = order[start]
        for at in range(start + 1, end):
            edge = order[at]
            if selector[edge] != selector[held]:
                order[kept], highs[kept] = held, high
                kept += 1
                held = edge
            elif bits[edge] > bits[held]:
                held = edge
        order[kept], highs[kept] = held, high
        kept += 1
        start = end
    return kept


@compiled
def _add_up(
    lows: Reports,
    highs: Reports,
    selector: Selectors,
    bits: Bits,
    wording_bits: float,
    wording_share: float,
) -> tuple[npt.NDArray[np.int64], Bits]:
    """Where each pair of clusters begins, and the bits between them."""
    starts = np.empty(len(lows) + 1, np.int64)
    sums = np.empty(len(lows))
    pairs = 0
    edge = 0
    while edge < len(lows):
        starts[pairs] = edge
        wording, selectors = 0.0, 0.0
        while (
            edge < len(lows)
            and lows[edge] == lows[starts[pairs]]
            and highs[edge] == highs[starts[pairs]]
        ):
            if selector[edge] < 0:
                wording += bits[edge]
            else:
                selectors += bits[edge]
            edge += 1
        most = wording_bits + wording_share * selectors
        sums[pairs] = selectors + min(wording, most)
        pairs += 1
    starts[pairs] = len(lows)
    return starts[: pairs + 1].copy(), sums[:pairs].copy()


@compiled
def _unite_all(
    parent: Reports,
    sizes: Reports,
    bonds: Selectors,
    a: Reports,
    b: Reports,
    voices: Selectors,
    sums: Bits,
    threshold: float,
    sqrt_smaller: float,
    log2_larger: float,
) -> None:
    """Unite what passes; `bonds` and `voices` are a selector, or `_SEVERAL`."""
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
        voice = voices[pair]
        is_alone = (
            voice != _SEVERAL
            and bonds[other] != _NOTHING
            and bonds[one] != voice
            and bonds[other] != voice
        )
        if sums[pair] >= needed and not is_alone:
            parent[other] = one
            sizes[one] += sizes[other]
            if bonds[one] == _NOTHING and bonds[other] == _NOTHING:
                bonds[one] = voice
            elif bonds[one] != voice or bonds[other] not in (_NOTHING, voice):
                bonds[one] = _SEVERAL
