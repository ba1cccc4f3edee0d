"""Series, for programs."""

from datetime import datetime
from typing import Any

from ninja import Field, Query, Router, Schema

from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import Page, api_call, page_of
from proxeny.node.linking import actions
from proxeny.node.linking.access import access_every_series, access_series
from proxeny.node.linking.documents import (
    headline_document,
    list_refs,
    series_document,
)
from proxeny.node.linking.queries import list_headlines

MAX_REASON_CHARS = 500
MAX_SPLIT_REPORTS = 10_000
router = Router(tags=["series"])


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
    """A series with its members and why, what is related, what was decided."""

    members: list[Member]
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
def show(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Show a series with its members and why, what is related, what was decided.

    The reference of a series that was merged shows the one it was merged into.
    """
    document = series_document(access_series(request.actor, ref))
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
