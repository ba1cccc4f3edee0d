"""The demo reports as read, and what is known about them that no program may see."""

import csv
import email
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

from proxeny.formats import Accepted, Refused, read_reports
from proxeny.linking import Linker, Verdict, load_scorecard
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


def read_text(path: Path) -> str:
    """Everything that stands in a file, decoded, the heads of mails included."""
    if path.suffix != ".eml":
        return path.read_text("utf-8")
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    texts = []
    for part in mail.walk():
        texts += [str(value) for value in part.values()]
        if part.get_content_maintype() == "text":
            texts.append(part.get_content())
    return "\n".join(texts)


def load_truth() -> dict[str, str]:
    """Return the hidden series of each report, "" for one that stands alone."""
    with (HERE / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["where"]: row["series"] for row in csv.DictReader(file)}


def link(
    items: Mapping[str, Accepted],
) -> tuple[list[frozenset[str]], dict[str, Verdict]]:
    """Put reports into series in the order in which they were sent.

    An item that came twice is linked once.

    Returns:
        The series, a report that stands alone being one of its own, and what was
        decided on each report.

    """
    linker = Linker(load_scorecard())
    verdicts = {
        where: linker.add(
            where,
            at=_find_time(item),
            country=item.report.country,
            offence=item.report.offence,
            narrative=item.report.narrative,
            mentions=[(one.selector, one.role) for one in find_mentions(item.report)],
        )
        for where, item in _list_once(items)
    }
    found = [frozenset(refs) for refs in linker.list_series().values()]
    alone = verdicts.keys() - frozenset().union(*found)
    return [*found, *(frozenset([where]) for where in sorted(alone))], verdicts


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
