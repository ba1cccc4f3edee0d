"""What reading gives back for each item: accepted, with what was dropped, or refused.

No `why` holds personal data: it names the rule that was broken, never the content.
"""

from dataclasses import dataclass

from proxeny.reports import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A part of an accepted item that was left out, or read on an assumption."""

    where: str
    field: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An item that became a report; `raw` are the bytes that the digest is of."""

    where: str
    report: Report
    raw: bytes
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An item that didn't become a report; `where` is a path, or path and line."""

    where: str
    code: str
    why: str
