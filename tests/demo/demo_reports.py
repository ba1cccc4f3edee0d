"""The demo reports as read, and what is known about them that no program may see."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from proxeny.formats import Accepted, Refused, read_reports
from proxeny.linking import Linker, load_scorecard
from proxeny.reports import find_mentions

HERE = Path(__file__).parent
REPORTS = HERE.parents[1] / "src" / "proxeny" / "cli" / "demo" / "reports"
COUNTRIES = ("rs", "de")


def read_folder(folder: Path) -> tuple[dict[str, Accepted], list[Refused]]:
    """Read a folder of reports; the key is the path, with ``#id`` for a row."""
    accepted = {}
    refused = []
    for path in sorted(folder.rglob("*.*")):
        place = path.relative_to(folder)
        for item in read_reports([path]):
            if isinstance(item, Refused):
                refused.append(item)
            elif path.suffix == ".eml":
                accepted[f"{place}"] = item
            else:
                accepted[f"{place}#{item.report.source_ref}"] = item
    return accepted, refused


def load_truth() -> dict[str, str]:
    """Return the hidden series of each report, "" for one that stands alone."""
    with (HERE / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["where"]: row["series"] for row in csv.DictReader(file)}


def link(items: Mapping[str, Accepted]) -> list[frozenset[str]]:
    """Put reports into series in the order in which they were sent.

    An item that came twice is linked once, and a report that stands alone is a
    series of its own here.
    """
    linker = Linker(load_scorecard())
    for where, item in _list_once(items):
        report = item.report
        linker.add(
            where,
            at=_find_time(item),
            country=report.country,
            offence=report.offence,
            mentions=[(one.selector, one.role) for one in find_mentions(report)],
        )
    found = [frozenset(refs) for refs in linker.list_series().values()]
    alone = {where for where, _ in _list_once(items)}.difference(*found)
    return [*found, *(frozenset([where]) for where in sorted(alone))]


def _list_once(items: Mapping[str, Accepted]) -> Iterator[tuple[str, Accepted]]:
    seen = set()
    for where, item in sorted(items.items(), key=lambda pair: _find_time(pair[1])):
        if item.report.digest not in seen:
            seen.add(item.report.digest)
            yield where, item


def _find_time(item: Accepted) -> datetime:
    return item.report.sent_at or datetime(2026, 11, 21, tzinfo=UTC)


def compute_bcubed(
    found: list[frozenset[str]], truth: Mapping[str, str]
) -> tuple[float, float]:
    """Compute B-cubed precision and recall (Bagga and Baldwin 1998)."""
    of = {where: cluster for cluster in found for where in cluster}
    right = {where: _list_true_members(where, of, truth) for where in of}
    shares = [
        (len(of[where] & right[where]), len(of[where]), len(right[where]))
        for where in of
    ]
    precision = sum(both / size for both, size, _ in shares) / len(shares)
    recall = sum(both / size for both, _, size in shares) / len(shares)
    return precision, recall


def _list_true_members(
    where: str, of: Mapping[str, object], truth: Mapping[str, str]
) -> frozenset[str]:
    series = truth[where]
    if not series:
        return frozenset([where])
    return frozenset(other for other in of if truth[other] == series)
