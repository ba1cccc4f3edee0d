"""Selectors and short cuts that the tests of linking share."""

from datetime import UTC, datetime, timedelta

from proxeny.linking import Evidence, Holder, Scorecard, Shared, weigh
from proxeny.selectors import Kind, Role, Selector

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
IBAN = Selector(kind=Kind.IBAN, value="RS35105008123123123173")
PHONE = Selector(kind=Kind.PHONE, value="+381641234567")
OTHER_PHONE = Selector(kind=Kind.PHONE, value="+4915112345678")
GMAIL = Selector(kind=Kind.DOMAIN, value="gmail.com")
OFFENDER, VICTIM, UNKNOWN = Role.OFFENDER, Role.VICTIM, Role.UNKNOWN


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def holder(ref: str, series: str | None = None, at: float = 0) -> Holder:
    return Holder(ref=ref, at=day(at), series=series)


def link(
    scorecard: Scorecard, old: Holder, *selectors: Selector, holders: int = 2
) -> Evidence:
    """The evidence of a new report on the first day that shares these selectors."""
    shared = [Shared(selector=selector, holders=holders) for selector in selectors]
    return weigh(scorecard, holder("new"), old, shared)
