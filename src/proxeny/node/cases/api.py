"""Cases, for programs."""

from datetime import datetime
from typing import Any

from ninja import Field, Query, Router, Schema

from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import Page, api_call, page_of
from proxeny.node.cases.access import access_case, access_every_case
from proxeny.node.cases.actions import SUMMARY_CHARS, TITLE_CHARS, open_case
from proxeny.node.cases.documents import case_document, case_line, list_refs
from proxeny.node.cases.queries import CaseRow, series_of, with_series

router = Router(tags=["cases"])


class CaseLine(Schema):
    """A case in one line."""

    ref: str
    series: str
    title: str
    offence: str


class CasePage(Schema):
    """A page of cases."""

    cases: list[CaseLine]
    next: str | None


class CaseRequest(Schema):
    """A request that was made for the case."""

    ref: str
    form: str
    state: str


class CaseEvent(Schema):
    """One line of the timeline."""

    at: datetime
    by: str
    text: str
    ref: str


class Case(CaseLine):
    """A case with its reports, requests and timeline."""

    summary: str
    reports: int
    report_refs: list[str]
    requests: list[CaseRequest]
    events: list[CaseEvent]


class NewCase(Schema, extra="forbid"):
    """What opens a case."""

    series: str = Field(max_length=32, description="Such as RS-S-000001.")
    title: str = Field(
        min_length=1, max_length=TITLE_CHARS, description="No victim's name."
    )
    offence: str = Field(
        "ETS185:8", max_length=64, description="A code of the offence classes."
    )
    summary: str = Field(
        "",
        max_length=SUMMARY_CHARS,
        description="Goes into requests: leave out what identifies victims.",
    )


@router.get("/cases", response=CasePage)
@api_call("case.list", "case.read")
def list_(request: DeskRequest, page: Query[Page]) -> dict[str, Any]:
    """List cases, the newest first."""
    rows, following = page_of(access_every_case(request.actor), page)
    request.seen += [row.ref for row in rows]
    cases = [case_line(row) for row in with_series(rows)]
    return {"cases": cases, "next": following}


@router.get("/cases/{ref}", response=Case)
@api_call("case.show", "case.read")
def show(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Show a case with its reports, requests and timeline."""
    document = case_document(access_case(request.actor, ref))
    request.seen += list_refs(document)
    return document


@router.post("/cases", response={201: CaseLine})
@api_call("case.open", "case.read")
def open_(request: DeskRequest, new: NewCase) -> dict[str, Any]:
    """Open a case on a series."""
    case = open_case(
        request.actor,
        series_ref=new.series,
        title=new.title,
        offence=new.offence,
        summary=new.summary,
    )
    return case_line(CaseRow(case=case, series=series_of(case)))
