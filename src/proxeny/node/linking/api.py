"""Series, for programs."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Query, Router, Schema

from proxeny import selectors
from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import Page, api_call, page_of, render_cursor
from proxeny.node.linking import actions
from proxeny.node.linking.access import (
    access_every_alert,
    access_every_series,
    access_series,
)
from proxeny.node.linking.documents import (
    alert_document,
    headline_document,
    list_alert_refs,
    list_refs,
    list_search_refs,
    search_document,
    series_document,
)
from proxeny.node.linking.queries import list_headlines, search_selector
from proxeny.node.linking.relinks.api import router as relinks

MAX_REASON_CHARS = 500
MAX_SELECTOR_CHARS = 2_000
MAX_SPLIT_REPORTS = 10_000
router = Router(tags=["series"])
router.add_router("/relinks", relinks)


class Loss(Schema):
    """Money, with its currency."""

    amount: str
    currency: str


class Headline(Schema):
    """A series in one line."""

    series: str
    reports: int
    countries: list[str]
    losses: list[Loss]
    first_at: datetime | None
    last_at: datetime | None
    confirmed: bool


class SeriesPage(Schema):
    """A page of series."""

    series: list[Headline]
    next: str | None


class Term(Schema):
    """One thing that speaks for or against one offender, in bits."""

    name: str
    text: str
    bits: float
    kind: str | None
    value: str | None


class Reason(Schema):
    """A link to another member."""

    with_: str = Field(alias="with")
    weight: float
    terms: list[Term]


class Member(Schema):
    """A report and why it belongs, strongest reason first."""

    report: str
    weight: float
    because: list[Reason]


class Related(Schema):
    """Another series with a link that was not strong enough to merge on."""

    series: str
    weight: float
    because: list[Term]


class Decision(Schema):
    """What an officer or the machine did to the series."""

    verb: str
    series: str
    other: str | None
    by: str
    at: datetime
    reason: str
    undone_at: datetime | None


class Series(Headline):
    """A series with a page of members and why, what is related, what was decided."""

    members: list[Member]
    next: str | None
    related: list[Related]
    decisions: list[Decision]


class Changed(Schema):
    """The series that a change concerns now."""

    series: str


class Merge(Schema, extra="forbid"):
    """Which other series joins, and why."""

    other: str = Field(max_length=32)
    reason: str = Field("", max_length=MAX_REASON_CHARS)


class Split(Schema, extra="forbid"):
    """Which reports leave, and why."""

    reports: list[str] = Field(min_length=1, max_length=MAX_SPLIT_REPORTS)
    reason: str = Field("", max_length=MAX_REASON_CHARS)


class Alert(Schema):
    """Something about a series that an officer should hear of at once."""

    alert: str
    kind: str
    reason: str
    report: str
    series: str | None
    at: datetime
    state: str
    by: str


class AlertPage(Schema):
    """A page of alerts."""

    alerts: list[Alert]
    next: str | None


class Bearer(Schema):
    """A report that mentions a selector, in which role, and its series."""

    report: str
    role: str
    series: str | None


class Search(Schema):
    """A selector and a page of the reports that mention it, newest first."""

    kind: str
    value: str
    holders: int
    mentions: int
    not_counted: str
    reports: list[Bearer]
    next: str | None


@router.get("/series", response=SeriesPage)
@api_call("series.list", "series.read")
def list_(request: DeskRequest, page: Query[Page]) -> dict[str, Any]:
    """List series that stand, the newest first."""
    rows, following = page_of(access_every_series(request.actor), page)
    request.seen += [row.ref for row in rows]
    series = [headline_document(row) for row in list_headlines(rows)]
    return {"series": series, "next": following}


@router.get("/series/{ref}", response=Series, by_alias=True)
@api_call("series.show", "series.read")
def show(request: DeskRequest, ref: str, page: Query[Page]) -> dict[str, Any]:
    """Show a series: members, the newest first, and why; what is related, decided.

    The reference of a series that was merged shows the one it was merged into.
    """
    series = access_series(request.actor, ref)
    document = series_document(series, limit=page.limit, before=page.before)
    request.seen += list_refs(document)
    return document


@router.post("/series/{ref}/merge", response=Changed)
@api_call("series.merge", "series.read")
def merge(request: DeskRequest, ref: str, merge: Merge) -> dict[str, Any]:
    """Merge another series into this one; `undo` takes it back."""
    series = actions.merge_series(request.actor, ref, merge.other, reason=merge.reason)
    return {"series": series.ref}


@router.post("/series/{ref}/split", response=Changed)
@api_call("series.split", "series.read")
def split(request: DeskRequest, ref: str, split: Split) -> dict[str, Any]:
    """Make these reports a series of their own, and answer with that one."""
    made = actions.split_series(request.actor, ref, split.reports, reason=split.reason)
    return {"series": made.ref}


@router.post("/series/{ref}/confirm", response=Changed)
@api_call("series.confirm", "series.read")
def confirm(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Stand behind the series as an officer who has looked."""
    return {"series": actions.confirm_series(request.actor, ref).ref}


@router.post("/series/{ref}/undo", response=Changed)
@api_call("series.undo", "series.read")
def undo(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Take back the newest decision on the series."""
    return {"series": actions.undo_decision(request.actor, ref).series.ref}


@router.get("/alerts", response=AlertPage)
@api_call("alert.list", "series.read")
def list_alerts(request: DeskRequest, page: Query[Page]) -> dict[str, Any]:
    """List alerts, the newest first."""
    every = access_every_alert(request.actor).select_related("holder", "series")
    rows, following = page_of(every, page)
    request.seen += list_alert_refs(rows)
    return {"alerts": [alert_document(row) for row in rows], "next": following}


@router.post("/alerts/{ref}/confirm", response=Alert)
@api_call("alert.confirm", "series.read")
def confirm_alert(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Say that an alert was worth its while."""
    return alert_document(actions.decide_alert(request.actor, ref, confirm=True))


@router.post("/alerts/{ref}/dismiss", response=Alert)
@api_call("alert.dismiss", "series.read")
def dismiss_alert(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Say that an alert was not worth its while."""
    return alert_document(actions.decide_alert(request.actor, ref, confirm=False))


@router.get("/selectors", response=Search)
@api_call("selector.search", "report.read")
def search(
    request: DeskRequest,
    kind: Annotated[str, Query(max_length=16)],
    value: Annotated[str, Query(max_length=MAX_SELECTOR_CHARS)],
    page: Query[Page],
) -> dict[str, Any]:
    """Find the reports that mention a selector, whatever form it is typed in."""
    wanted = selectors.parse_selector(kind, value)
    found = search_selector(request.actor, wanted, limit=page.limit, before=page.before)
    request.seen += list_search_refs(found)
    following = None if found.following is None else render_cursor(found.following)
    return search_document(found, following)
