"""Scores a grouping against a world's truth, and groups by exact selectors alone.

The groupings here are the plain methods that a link engine has to beat: connected
components over shared selectors, with and without a limit on the number of holders,
and over pairs of reports that share two selectors. Memory and time are linear in the
number of mentions, so that they run at ten million reports.
"""

from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

Ints = npt.NDArray[np.int64]
VICTIM = "victim"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """How well a grouping agrees with the truth.

    ``precision``, ``recall`` and ``f1`` count pairs of reports and so are ruled by the
    largest campaigns; the ``b3_`` figures are B-cubed, where every report counts once.
    """

    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3_f: float
    largest: int
    largest_true: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mentions:
    """Who mentions what, as numbers: row of the report, and selector, both from 0."""

    report: Ints
    selector: Ints
    reports: int
    selectors: int


def score(series: npt.NDArray[np.generic], truth: npt.NDArray[np.generic]) -> Quality:
    """Compare a grouping with the truth.

    Args:
        series: The group of each report, any integers or strings.
        truth: The true campaign of each report, in the same order.

    Raises:
        ValueError: If the two differ in length.
    """
    if len(series) != len(truth):
        raise ValueError(f"{len(series)} series but {len(truth)} true campaigns")
    if len(series) == 0:
        return Quality(
            precision=1.0,
            recall=1.0,
            f1=1.0,
            b3_precision=1.0,
            b3_recall=1.0,
            b3_f=1.0,
            largest=0,
            largest_true=0,
        )
    found, found_sizes = number_groups(series)
    true, true_sizes = number_groups(truth)
    cells = np.sort(found * len(true_sizes) + true)
    starts = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1])))
    together = np.diff(np.concatenate((starts, [len(cells)])))
    cell_found, cell_true = np.divmod(cells[starts], len(true_sizes))
    right = count_pairs(together)
    precision = _ratio(right, count_pairs(found_sizes))
    recall = _ratio(right, count_pairs(true_sizes))
    squares = together.astype(float) ** 2
    b3_precision = float((squares / found_sizes[cell_found]).sum()) / len(cells)
    b3_recall = float((squares / true_sizes[cell_true]).sum()) / len(cells)
    return Quality(
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f=_harmonic(b3_precision, b3_recall),
        largest=int(found_sizes.max()),
        largest_true=int(true_sizes.max()),
    )


def number_groups(labels: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """Give each distinct label a number from 0; return the numbers and group sizes."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    new = np.concatenate(([False], ordered[1:] != ordered[:-1]))
    numbers = np.empty(len(labels), np.int64)
    numbers[order] = np.cumsum(new)
    return numbers, np.bincount(numbers)


def count_pairs(sizes: Ints) -> int:
    """Count the pairs inside groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def _ratio(part: int, whole: int) -> float:
    """Divide; nothing asked for and nothing found is perfect."""
    return part / whole if whole else 1.0


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second) if first + second else 0.0


def read_truth(world: Path) -> Ints:
    """Read the true campaign of each report, in the order of ``reports.parquet``."""
    ids = pq.read_table(world / "reports.parquet", columns=["report_id"])
    truth = pq.read_table(world / "truth" / "truth.parquet")
    if not ids["report_id"].equals(truth["report_id"]):
        raise ValueError("truth.parquet is not in the order of reports.parquet")
    return np.asarray(truth["campaign"].to_numpy(), np.int64)


def read_mentions(world: Path, *, only_campaign: bool = False) -> Mentions:
    """Read a world's mentions without those of victims.

    Args:
        world: A folder that ``worlds.scale`` wrote.
        only_campaign: Keep only the selectors that belong to the report's campaign,
            as the truth has them (the oracle of the selectors).
    """
    ids = pq.read_table(world / "reports.parquet", columns=["report_id"])["report_id"]
    table = pq.read_table(world / "mentions.parquet")
    keep = pc.not_equal(table["role"], VICTIM)
    if only_campaign:
        source = pq.read_table(world / "truth" / "mentions.parquet")["source"]
        keep = pc.and_(keep, pc.equal(source, "campaign"))
    table = table.filter(keep)
    report = pc.index_in(table["report_id"], value_set=ids.combine_chunks())
    selector = pc.binary_join_element_wise(table["kind"], table["value"], " ")
    coded = selector.combine_chunks().dictionary_encode()
    return Mentions(
        report=report.to_numpy().astype(np.int64),
        selector=coded.indices.to_numpy().astype(np.int64),
        reports=len(ids),
        selectors=len(coded.dictionary),
    )


def count_holders(mentions: Mentions) -> Ints:
    """Count the reports that mention each selector."""
    return np.bincount(mentions.selector, minlength=mentions.selectors)


def group_by_selectors(
    mentions: Mentions, *, max_holders: int | None = None, min_holders: int = 2
) -> Ints:
    """Group reports that a chain of shared selectors joins.

    Args:
        mentions: Who mentions what.
        max_holders: Selectors with more holders don't join; ``None``: all join.
        min_holders: Selectors with fewer holders don't join.
    """
    holders = count_holders(mentions)[mentions.selector]
    keep = holders >= min_holders
    if max_holders is not None:
        keep &= holders <= max_holders
    return join_components(
        mentions.report[keep], mentions.selector[keep], mentions.reports
    )


def group_by_two_selectors(mentions: Mentions) -> Ints:
    """Group reports joined by a chain of pairs that share two selectors or more.

    Reports that hold the same two selectors all share both, so each pair of selectors
    within one report is itself a key to join on: linear, not quadratic in the holders.
    """
    held = count_holders(mentions)[mentions.selector] > 1
    report, selector = mentions.report[held], mentions.selector[held]
    order = np.lexsort((selector, report))
    rows, pairs = _list_selector_pairs(report[order], selector[order])
    keys, sizes = number_groups(pairs)
    shared = sizes[keys] > 1
    return join_components(rows[shared], keys[shared], mentions.reports)


@numba.njit(cache=True)
def _list_selector_pairs(report: Ints, selector: Ints) -> tuple[Ints, Ints]:
    """List each report's pairs of selectors as one number; sorted input."""
    rows = np.empty(0, np.int64)
    pairs = np.empty(0, np.int64)
    for turn in range(2):  # The first turn only counts.
        at = 0
        first = 0
        for end in range(1, len(report) + 1):
            if end < len(report) and report[end] == report[first]:
                continue
            for a in range(first, end):
                for b in range(a + 1, end):
                    if turn == 1:
                        rows[at] = report[first]
                        pairs[at] = (selector[a] << 32) | selector[b]
                    at += 1
            first = end
        if turn == 0:
            rows = np.empty(at, np.int64)
            pairs = np.empty(at, np.int64)
    return rows, pairs


@numba.njit(cache=True)
def join_components(report: Ints, key: Ints, reports: int) -> Ints:
    """Join reports with a common key by union-find; returns a report of each group."""
    parent = np.arange(reports)
    keys = key.max() + 1 if len(key) else 0
    seen = np.full(keys, -1, np.int64)
    for at in range(len(report)):
        a = report[at]
        if seen[key[at]] < 0:
            seen[key[at]] = a
            continue
        b = seen[key[at]]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    for at in range(reports):
        parent[at] = parent[parent[at]]
    return parent
