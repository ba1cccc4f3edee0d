"""Requests and routes, for programs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from ninja import Field, Query, Router, Schema

from proxeny import countries, law
from proxeny import requests as pure
from proxeny.errors import InputError
from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.program import Page, api_call, page_of
from proxeny.node.requests import actions
from proxeny.node.requests.access import access_every_request, access_request
from proxeny.node.requests.documents import (
    list_findings,
    request_document,
    request_line,
)
from proxeny.node.requests.paper import render_paper

MAX_NOTE_CHARS = 500
router = Router(tags=["requests"])


class Asked(Schema):
    """Between whom, for what, on which day."""

    requesting: str = Field(alias="from", pattern="^[A-Z]{2}$")
    requested: str = Field(alias="to", pattern="^[A-Z]{2}$")
    data: law.DataKind
    emergency: bool = Field(
        default=False,
        description="Serious, imminent risk to a person: add those routes.",
    )
    offence: str = Field(
        "other", max_length=64, description="A code of the offence classes."
    )
    on: date | None = Field(None, description="The day asked about; absent: today.")
    custodian: str = Field(
        "",
        max_length=32,
        description="Where the data lie (a country), or the kind of who holds them.",
    )


class Fact(Schema):
    """Where something was read, and as of when."""

    text: str
    source: str
    as_of: date
    reading: law.Reading


class Because(Fact):
    """One reason for a route's state."""

    citation: str
    stale: bool


class TimeLimit(Fact):
    """How long something may take; only one that binds drives a deadline."""

    article: str
    days: int | None
    hours: int | None
    starts: str
    binding: bool


class Provision(Fact):
    """What one paragraph demands of a request, or allows as a ground of refusal."""

    article: str


class RouteCondition(Fact):
    """What a route demands, coded; `decides` if its state rests on it."""

    code: law.ConditionCode
    citation: str
    decides: bool


class Expectation(Fact):
    """How many days an answer may take; no deadline."""

    days: int


class MustFollow(Fact):
    """The route that has to follow, and by when."""

    route: str
    days: int | None
    starts: str
    citation: str


class Route(Schema):
    """One legal channel, with its reasons."""

    id: str
    measure: str
    instrument: str
    article: str
    state: law.RouteState
    stale: bool
    addressee: str
    form: str | None
    time_limits: list[TimeLimit]
    because: list[Because]
    contents: list[Provision]
    refusal_grounds: list[Provision]
    conditions: list[RouteCondition]
    expected: Expectation | None
    expected_days: int | None
    passes: list[str]
    burden: int
    must_follow: list[MustFollow]


class Routes(Schema):
    """The channels between two countries on a day, the best state first."""

    from_: str = Field(alias="from")
    to: str
    data: law.DataKind
    on: date
    emergency: bool
    offence: str
    custodian: str
    edition: str
    routes: list[Route]


class RequestPage(Page):
    """Which requests are asked for."""

    direction: Literal["sent", "received"] | None = None
    state: pure.State | None = None


class RequestLine(Schema):
    """A request in one line."""

    ref: str
    asked_ref: str = Field(description="The asking side's reference, same on both.")
    direction: str
    form: str
    partner: str
    state: pure.State
    next_due_at: datetime | None


class Requests(Schema):
    """A page of requests."""

    requests: list[RequestLine]
    next: str | None


class Finding(Schema):
    """One thing to mend, by the paragraph that demands it."""

    code: str
    level: pure.Level
    field: str
    paragraph: str | None
    text: str


class Checked(RequestLine):
    """A request, and what its check found."""

    findings: list[Finding]


class Deadline(Schema):
    """A clock that runs."""

    what: str
    due_at: datetime
    overdue: bool
    article: str | None
    source: str | None
    binding: bool
    whose: str


class RequestEvent(Schema):
    """One step of the life line."""

    at: datetime
    by: str
    event: str
    state: str
    note: str


class Message(Schema):
    """A message about the request, with the signed receipt that came back."""

    kind: str
    direction: str
    state: str
    digest: str | None
    receipt: str | None


class Selector(Schema):
    """An identifier in its normal form, and how many reports mention it."""

    kind: str
    value: str
    reports: int


class Request(Checked):
    """A request with its contents, clocks, life line and messages.

    Of one that was received, `held` names the selectors asked about that are held
    here; of a draft, `unoffered` those of the case on which its drafter decides.
    """

    body: dict[str, Any]
    reply: dict[str, Any] | None
    deadlines: list[Deadline]
    events: list[RequestEvent]
    messages: list[Message]
    held: list[Selector]
    unoffered: list[Selector]


class Draft(Schema, extra="forbid"):
    """What a draft is made from; its fields are filled from the case."""

    case: str = Field(max_length=32)
    to: str = Field(max_length=64, description="The partner, such as DE/24-7.")
    form: str = Field("ETS185-29", max_length=64)
    body: dict[str, Any] = Field({}, description="Fields to change at once.")


class Edit(Schema, extra="forbid"):
    """Fields to change; the others stay. A field with parts is given whole."""

    body: dict[str, Any] = Field(min_length=1)


class Answer(Schema, extra="forbid"):
    """The fields of the form's reply."""

    reply: dict[str, Any]


class Note(Schema, extra="forbid"):
    """Why, for those who read it later; the partner is told it on a withdrawal."""

    note: str = Field("", max_length=MAX_NOTE_CHARS)


@router.get("/routes", response=Routes, by_alias=True)
@api_call("routes", "routes.read")
def routes(request: DeskRequest, asked: Query[Asked]) -> Mapping[str, Any]:
    """List the legal channels between two countries, with their reasons."""
    del request
    book = law.load_lawbook()
    day = asked.on or timezone.now().date()
    found = law.list_routes(
        book,
        requesting=asked.requesting,
        requested=asked.requested,
        data=asked.data,
        on=day,
        emergency=asked.emergency,
        offence=asked.offence,
        custodian=asked.custodian,
    )
    return {
        "from": countries.require_country(asked.requesting),
        "to": countries.require_country(asked.requested),
        "data": asked.data,
        "on": day,
        "emergency": asked.emergency,
        "offence": asked.offence,
        "custodian": asked.custodian,
        "edition": book.edition,
        "routes": [law.describe_route(route) for route in found],
    }


@router.get("/requests", response=Requests)
@api_call("request.list", "request.read")
def list_(request: DeskRequest, page: Query[RequestPage]) -> dict[str, Any]:
    """List requests, sent and received, the newest first."""
    rows = access_every_request(request.actor)
    if page.direction is not None:
        rows = rows.filter(direction=page.direction)
    if page.state is not None:
        rows = rows.filter(state=page.state.value)
    found, following = page_of(rows, page)
    request.seen += [row.ref for row in found]
    return {"requests": [request_line(row) for row in found], "next": following}


@router.get("/requests/{ref}", response=Request)
@api_call("request.show", "request.read")
def show(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Show a request: contents, findings, clocks, life line, answer, receipts."""
    row = access_request(request.actor, ref)
    request.seen.append(row.ref)
    return request_document(request.actor, row, timezone.now())


@router.post("/requests", response={201: RequestLine})
@api_call("request.draft", "request.read")
def draft(request: DeskRequest, draft: Draft) -> dict[str, Any]:
    """Draft a request, filled with what the case knows; no victim's selector."""
    row = actions.draft_request(
        request.actor, case_ref=draft.case, form_id=draft.form, partner_id=draft.to
    )
    if draft.body:
        row = actions.edit_request(request.actor, row.ref, draft.body)
    return request_line(row)


@router.patch("/requests/{ref}", response=RequestLine)
@api_call("request.edit", "request.read")
def edit(request: DeskRequest, ref: str, edit: Edit) -> dict[str, Any]:
    """Change fields of a request that has not left; it is a draft again."""
    return request_line(actions.edit_request(request.actor, ref, edit.body))


@router.post("/requests/{ref}/check", response=Checked)
@api_call("request.check", "request.read")
def check(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Run the pre-flight check; without errors the request is checked."""
    row, findings = actions.check_request(request.actor, ref)
    return {**request_line(row), "findings": list_findings(findings)}


@router.post("/requests/{ref}/approve", response=RequestLine)
@api_call("request.approve", "request.read")
def approve(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Approve a checked request as a second person; its drafter can't."""
    return request_line(actions.approve_request(request.actor, ref))


@router.post("/requests/{ref}/return", response=RequestLine)
@api_call("request.return", "request.read")
def return_(request: DeskRequest, ref: str, note: Note) -> dict[str, Any]:
    """Send a request back to its drafter, saying why."""
    return request_line(actions.return_request(request.actor, ref, note=note.note))


@router.post("/requests/{ref}/send", response=RequestLine)
@api_call("request.send", "request.read")
def send(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Send an approved request; the worker delivers it."""
    return request_line(actions.send_request(request.actor, ref))


@router.post("/requests/{ref}/close", response=RequestLine)
@api_call("request.close", "request.read")
def close(request: DeskRequest, ref: str) -> dict[str, Any]:
    """Close a request in which nothing more is to be done."""
    return request_line(actions.close_request(request.actor, ref))


@router.post("/requests/{ref}/withdraw", response=RequestLine)
@api_call("request.withdraw", "request.read")
def withdraw(request: DeskRequest, ref: str, note: Note) -> dict[str, Any]:
    """Take a request back; a partner that has it already is told."""
    return request_line(actions.withdraw_request(request.actor, ref, note=note.note))


@router.post("/requests/{ref}/answer", response=Checked)
@api_call("request.answer", "request.read")
def answer(request: DeskRequest, ref: str, answer: Answer) -> dict[str, Any]:
    """Answer what a partner asked: preserved until a day, refused on a ground, ...

    With an error among the findings nothing is sent, and they are the problem's
    `errors`.
    """
    row, findings = actions.answer_request(request.actor, ref, answer.reply)
    documents = list_findings(findings)
    if pure.has_errors(findings):
        raise InputError(
            "The answer is not complete: nothing was sent.",
            code="PXY-REPLY-FINDINGS",
            advice="Mend what the findings name and answer again.",
            findings=documents,
        )
    return {**request_line(row), "findings": documents}


@router.get(
    "/requests/{ref}/paper.pdf",
    openapi_extra={
        "responses": {
            200: {"content": {"application/pdf": {"schema": {"format": "binary"}}}}
        }
    },
)
@api_call("request.pdf", "request.read")
def paper(request: DeskRequest, ref: str) -> HttpResponse:
    """Show a request on paper: PDF/A-2a, PDF/UA-1; a draft says so on every page."""
    row = access_request(request.actor, ref)
    request.seen.append(row.ref)
    response = HttpResponse(render_paper(row), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.ref}.pdf"'
    add_never_cache_headers(response)
    return response
