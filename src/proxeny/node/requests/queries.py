"""Read requests, their clocks, and what this node holds on what is asked."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import F

from proxeny import requests as pure
from proxeny import selectors
from proxeny.errors import InputError
from proxeny.node.accounts.actor import Actor
from proxeny.node.cases.queries import series_of
from proxeny.node.linking.queries import list_holders
from proxeny.node.requests.access import access_every_request
from proxeny.node.requests.models import Request
from proxeny.node.selectors.models import Selector
from proxeny.node.selectors.queries import (
    find_held,
    list_unconfirmed,
    list_victims,
)

# States in which somebody on this side still has something to do.
TO_SEND = (pure.State.DRAFT, pure.State.CHECKED, pure.State.APPROVED)
ENDED = (pure.State.WITHDRAWN, pure.State.EXPIRED, pure.State.CLOSED)


def list_requests(
    actor: Actor, *, direction: str = "", state: str = "", limit: int = 50
) -> list[Request]:
    """Requests by the time left, then the newest."""
    rows = access_every_request(actor)
    if direction:
        rows = rows.filter(direction=direction)
    if state:
        rows = rows.filter(state=state)
    return list(rows.order_by(F("next_due_at").asc(nulls_last=True), "-pk")[:limit])


def list_clocks(request: Request, now: datetime) -> tuple[pure.Deadline, ...]:
    """The clocks of a request that run now."""
    return pure.list_deadlines(
        pure.load_form(request.form),
        facts=facts_of(request),
        reply=request.reply,
        now=now,
        body=request.body,
    )


def facts_of(request: Request) -> Mapping[str, datetime]:
    """When what happened, as the form's time limits name it."""
    facts: dict[str, datetime] = {}
    for event in request.events.order_by("pk"):
        if event.state in {
            pure.State.SENT,
            pure.State.ACCEPTED,
            pure.State.REFUSED,
            *ENDED,
        }:
            facts.setdefault(event.state, event.at)
        if event.event in {pure.Event.ANSWERED, pure.Event.ANSWERED_PARTLY}:
            facts.setdefault("answered", event.at)
    if request.sent_at is not None:
        facts["sent"] = request.sent_at
    return facts


def list_asked(body: Mapping[str, Any]) -> list[selectors.Selector]:
    """The selectors that a request names, those that can be read."""
    items = body.get("selectors")
    found = []
    for item in items if isinstance(items, list) else ():
        match item:
            case {"kind": str(kind), "value": str(value)}:
                # What can't be read is for the check to name.
                with suppress(InputError):
                    found.append(selectors.parse_selector(kind, value))
    return found


def list_findings(request: Request, now: datetime) -> tuple[pure.Finding, ...]:
    """Everything that keeps a request from going: its form's rules, and victims' data.

    A victim's selector never leaves, whoever typed it and into whichever field; what
    a partner sent is judged by the form alone.
    """
    form = pure.load_form(request.form)
    found = pure.check_request(form, request.body, now=now)
    if request.direction == Request.Direction.RECEIVED:
        return found
    return (*found, *_find_victims(form, request))


def _find_victims(form: pure.Form, request: Request) -> Iterator[pure.Finding]:
    for field in form.fields:
        named = _list_named(field, request.body.get(field.name))
        victims = list_victims(request.organisation_id, named) if named else []
        if victims:
            yield pure.Finding(
                code="PXY-FIELD-VICTIM",
                level=pure.Level.ERROR,
                field=field.name,
                paragraph=None,
                text=f"{field.label}: {len(victims)} selectors are a victim's in our "
                "reports; take them out, they never leave.",
            )


def _list_named(field: pure.Field, value: object) -> list[selectors.Selector]:
    match field.kind:
        case pure.FieldKind.SELECTORS:
            return list_asked({"selectors": value})
        case pure.FieldKind.TEXT | pure.FieldKind.LONG_TEXT if isinstance(value, str):
            return [mention.selector for mention in selectors.find(value)]
        case _:
            return []


def list_unoffered(request: Request) -> list[Selector]:
    """Selectors of the case of which nobody has said that they are the offender's.

    The officer who drafts the request decides which of them it names.
    """
    if request.case is None or request.sent_at is not None:
        return []
    named = {selector.key for selector in list_asked(request.body)}
    refs = [holder.ref for holder in list_holders(series_of(request.case))]
    return [row for row in list_unconfirmed(refs) if row.key not in named]


def list_held(actor: Actor, request: Request) -> list[Selector]:
    """Which of the selectors asked about this organisation holds itself."""
    return find_held(actor, list_asked(request.body))
