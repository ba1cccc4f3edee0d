"""Relinks, for programs."""

from datetime import datetime
from typing import Any

from ninja import Field, Query, Router, Schema

from proxeny.node.accounts.desk import DeskRequest, one_by_one
from proxeny.node.accounts.program import Page, api_call, page_of
from proxeny.node.linking.relinks import actions
from proxeny.node.linking.relinks.access import access_every_relink, access_relink
from proxeny.node.linking.relinks.documents import (
    list_relink_refs,
    relink_document,
    relink_headline,
)
from proxeny.node.linking.relinks.relinking import MAX_PROPOSALS

router = Router(tags=["series"])


class RelinkHeadline(Schema):
    """A relink in one line: when, by which scorecard, and how many of what."""

    relink: str
    at: datetime
    scorecard: str
    state: str
    by: str
    figures: dict[str, int]


class RelinkPage(Schema):
    """A page of relinks."""

    relinks: list[RelinkHeadline]
    next: str | None


class ProposalTerm(Schema):
    """One thing that speaks for or against one offender, in bits."""

    text: str
    kind: str
    value: str
    bits: float


class ProposalLink(Schema):
    """Two reports, how much speaks for one offender, and why."""

    reports: list[str]
    weight: float
    terms: list[ProposalTerm]


class Proposal(Schema):
    """What would change, its strongest links, and what became of it."""

    number: int
    verb: str
    text: str
    series: list[str]
    reports: list[str]
    to: str | None
    bits: float
    state: str
    word: str
    because: list[ProposalLink]


class Relink(RelinkHeadline):
    """A relink with all that it proposes."""

    proposals: list[Proposal]


class Chosen(Schema, extra="forbid"):
    """Which proposal is decided on."""

    number: int | None = Field(
        None, ge=1, le=MAX_PROPOSALS, description="Absent: every one that is open."
    )


@router.get("", response=RelinkPage)
@api_call("relink.list", "series.read")
def list_(request: DeskRequest, page: Query[Page]) -> dict[str, Any]:
    """List relinks, the newest first."""
    every = access_every_relink(request.actor).defer("proposals")
    rows, following = page_of(every, page)
    request.seen += [row.ref for row in rows]
    return {"relinks": [relink_headline(row) for row in rows], "next": following}


@router.get("/{ref}", response=Relink)
@api_call("relink.show", "series.read")
def show(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Show what linking everything anew would change, and why."""
    relink = access_relink(request.actor, ref)
    request.seen += list_relink_refs([relink])
    return relink_document(relink)


@router.post("/{ref}/apply", response=Relink)
@api_call("relink.apply", "series.read")
@one_by_one
def apply(request: DeskRequest, ref: str, chosen: Chosen) -> dict[str, Any]:
    """Do one proposal, or all that are open; `undo` of a series takes each back."""
    relink = actions.apply_relink(request.actor, ref, chosen.number)
    return relink_document(relink)


@router.post("/{ref}/dismiss", response=Relink)
@api_call("relink.dismiss", "series.read")
def dismiss(request: DeskRequest, ref: str, chosen: Chosen) -> dict[str, Any]:
    """Leave everything as it is; the same is not proposed again."""
    relink = actions.dismiss_relink(request.actor, ref, chosen.number)
    return relink_document(relink)
