"""Draft, check, approve, send, answer: every step of a request, on either side."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from proxeny import law
from proxeny import requests as pure
from proxeny.errors import InputError, NotFoundError, StateError
from proxeny.node.accounts.actor import MACHINE, Actor, machine_actor
from proxeny.node.audit.actions import record_write
from proxeny.node.cases.access import access_case
from proxeny.node.cases.actions import add_event
from proxeny.node.cases.models import Case
from proxeny.node.cases.queries import series_of
from proxeny.node.directory.models import Partner
from proxeny.node.directory.queries import get_partner
from proxeny.node.exchange.actions import queue_message
from proxeny.node.exchange.models import Message
from proxeny.node.linking.queries import headline_of, list_holders
from proxeny.node.requests.access import hold_request
from proxeny.node.requests.models import Request, RequestEvent
from proxeny.node.requests.queries import list_clocks, list_findings
from proxeny.node.selectors.queries import list_offenders, value_of

REQUEST, REPLY, WITHDRAWAL = "request", "reply", "withdrawal"
MAX_SELECTORS_PREFILLED = 40
REPLY_WANTED_WITHIN = timedelta(days=3)
MAX_REFERENCE_CHARS = 64


@transaction.atomic
def draft_request(
    actor: Actor, *, case_ref: str, form_id: str, partner_id: str
) -> Request:
    """A draft on a form, filled with what the case knows; no victim's selector.

    Raises:
        NotFoundError: the case or the partner is not there for this actor.
        InputError: no such form, or the partner's role can't take it (PXY-ROUTE-ROLE).
    """
    case = access_case(actor, case_ref)
    actor.require("request.draft")
    form = pure.load_form(form_id)
    partner = get_partner(partner_id)
    if partner.role not in form.to_roles:
        raise InputError(
            f"'{form.short_title}' can't go to a partner whose role is {partner.role}.",
            code="PXY-ROUTE-ROLE",
            advice=f"It goes to: {', '.join(form.to_roles)}.",
        )
    now = timezone.now()
    request = Request.objects.create(
        organisation_id=actor.organisation_id,
        created_at=now,
        direction=Request.Direction.SENT,
        form=form.id,
        state=pure.OUTGOING_START.value,
        partner=partner,
        case=case,
        drafted_by=actor.name,
        # Its own reference needs its key, which the database gives just now.
        asked_ref=f"new:{now.timestamp()}",
    )
    request.asked_ref = request.ref
    request.body = pure.prefill(
        form,
        case=_case_facts(case, reference=request.ref),
        authority=_own_parts(actor),
        requested={"organisation": partner.name, "country": partner.country},
        now=now,
    )
    request.body["reference"] = request.ref
    # The Convention sets no time for the answer: this is a wish, and can be changed.
    wanted = (now + REPLY_WANTED_WITHIN).replace(second=0, microsecond=0)
    request.body["reply_wanted_by"] = wanted.strftime("%Y-%m-%dT%H:%M:%SZ")
    request.save(update_fields=["asked_ref", "body"])
    _note(request, actor.name, "drafted", "")
    add_event(
        case,
        by=actor.name,
        text=f"{form.short_title} to {partner.name} drafted.",
        ref=request.ref,
    )
    record_write(actor, "request.draft", [request.ref, case.ref])
    return request


def _case_facts(case: Case, *, reference: str) -> pure.CaseFacts:
    series = series_of(case)
    headline = headline_of(series)
    offence = law.get_offence(law.load_lawbook(), case.offence)
    offenders = list_offenders(holder.ref for holder in list_holders(series))
    return pure.CaseFacts(
        ref=reference,
        title=case.title,
        offence=f"{offence.label_en} ({case.offence})",
        summary=case.summary,
        first_at=headline.first_at,
        last_at=headline.last_at,
        reports=headline.reports,
        losses=tuple((amount, currency) for currency, amount in headline.losses),
        selectors=tuple(map(value_of, offenders[:MAX_SELECTORS_PREFILLED])),
    )


def _own_parts(actor: Actor) -> dict[str, str]:
    authority = settings.CONFIG.authority
    return {
        "organisation": authority.name,
        "country": authority.country,
        "person": actor.name,
        "address": authority.address,
        "telephone": authority.telephone,
        "email": authority.email,
        "time_zone": authority.time_zone,
        "preferred_reply": "Proxeny exchange",
    }


@transaction.atomic
def edit_request(actor: Actor, ref: str, changes: Mapping[str, Any]) -> Request:
    """Change fields of a request that has not left; it is a draft again.

    Raises:
        InputError: a text holds what no database keeps (PXY-TEXT).
        StateError: it has left, or can't be edited any more.
    """
    request = _outgoing(actor, ref, "request.draft")
    form = pure.load_form(request.form)
    request.body = pure.normalise_body(form, {**request.body, **changes})
    _require_storable(request.body)
    request.drafted_by = actor.name
    request.approved_by, request.approved_at = "", None
    _step(request, pure.Event.EDITED, by=actor.name)
    record_write(actor, "request.edit", [request.ref])
    return request


def _require_storable(body: Mapping[str, Any]) -> None:
    """Neither U+0000 nor half a surrogate pair: PostgreSQL can't keep them."""
    front: list[object] = [body]
    while front:
        match front.pop():
            case str(text):
                if "\0" in text or text != text.encode(errors="ignore").decode():
                    raise InputError("A text can't be kept as it is.", code="PXY-TEXT")
            case Mapping() as inner:
                front += [*inner.keys(), *inner.values()]
            case list() as items:
                front += items


@transaction.atomic
def check_request(actor: Actor, ref: str) -> tuple[Request, tuple[pure.Finding, ...]]:
    """Run the pre-flight check; without errors the request is checked."""
    request = _outgoing(actor, ref, "request.draft")
    findings = list_findings(request, timezone.now())
    if not pure.has_errors(findings) and request.state in {
        pure.State.DRAFT,
        pure.State.CHECKED,
    }:
        _step(request, pure.Event.CHECK_PASSED, by=actor.name)
    record_write(actor, "request.check", [request.ref])
    return request, findings


@transaction.atomic
def approve_request(actor: Actor, ref: str) -> Request:
    """A second person stands behind a checked request.

    Raises:
        ForbiddenError: the role may not approve, or it is the drafter
            (PXY-FOUR-EYES).
        StateError: it is not checked.
    """
    request = _outgoing(actor, ref, "request.approve")
    pure.require_second_person(request.drafted_by, actor.name)
    now = timezone.now()
    if pure.has_errors(list_findings(request, now)):
        raise _findings_left()
    request.approved_by, request.approved_at = actor.name, now
    _step(request, pure.Event.APPROVED, by=actor.name)
    record_write(actor, "request.approve", [request.ref])
    return request


def _findings_left() -> StateError:
    return StateError(
        "The request does not pass its check any more.",
        code="PXY-REQUEST-FINDINGS",
        advice="Look at the findings, mend them and check again.",
    )


@transaction.atomic
def return_request(actor: Actor, ref: str, *, note: str) -> Request:
    """The approver sends it back to its drafter, saying why."""
    request = _outgoing(actor, ref, "request.approve")
    request.approved_by, request.approved_at = "", None
    _step(request, pure.Event.RETURNED, by=actor.name, note=note)
    record_write(actor, "request.return", [request.ref])
    return request


@transaction.atomic
def send_request(actor: Actor, ref: str) -> Request:
    """An approved request goes to the partner; the worker delivers it."""
    request = _outgoing(actor, ref, "request.send")
    form = pure.load_form(request.form)
    now = timezone.now()
    pure.next_state(pure.State(request.state), pure.Event.SENT)
    # A report that came in since the approval may have named a victim's selector.
    if pure.has_errors(list_findings(request, now)):
        raise _findings_left()
    request.sent_at = now
    _step(request, pure.Event.SENT, by=actor.name)
    queue_message(
        request.organisation,
        request.partner,
        kind=REQUEST,
        ref=request.asked_ref,
        body={
            "asked_ref": request.asked_ref,
            "sent_at": now.isoformat(),
            "wire": pure.to_wire(form, request.body),
        },
    )
    _on_case(request, actor.name, f"{form.short_title} sent to {request.partner.name}.")
    record_write(actor, "request.send", [request.ref])
    return request


@transaction.atomic
def withdraw_request(actor: Actor, ref: str, *, note: str) -> Request:
    """Take a request back; a partner that has it already is told."""
    request = _outgoing(actor, ref, "request.send")
    left = request.sent_at is not None
    _step(request, pure.Event.WITHDRAWN, by=actor.name, note=note)
    if left:
        queue_message(
            request.organisation,
            request.partner,
            kind=WITHDRAWAL,
            ref=request.asked_ref,
            body={"asked_ref": request.asked_ref, "note": note[:500]},
        )
    _on_case(request, actor.name, "Request withdrawn.")
    record_write(actor, "request.withdraw", [request.ref])
    return request


@transaction.atomic
def close_request(actor: Actor, ref: str) -> Request:
    """Nothing more is to be done: it leaves the list of what needs somebody."""
    request = hold_request(actor, ref)
    sent = request.direction == Request.Direction.SENT
    actor.require("request.send" if sent else "request.answer")
    _step(request, pure.Event.CLOSED, by=actor.name)
    _on_case(request, actor.name, "Request closed.")
    record_write(actor, "request.close", [request.ref])
    return request


@transaction.atomic
def answer_request(
    actor: Actor, ref: str, reply: Mapping[str, Any]
) -> tuple[Request, tuple[pure.Finding, ...]]:
    """Answer what a partner asked: preserved until a day, refused on a ground, ...

    Returns:
        The request, and the findings; with an error among them nothing was sent.
    """
    request = hold_request(actor, ref)
    actor.require("request.answer")
    if request.direction != Request.Direction.RECEIVED:
        raise StateError(
            "Only a request that was received can be answered.",
            code="PXY-REQUEST-DIRECTION",
        )
    form = pure.load_form(request.form)
    reply = pure.normalise_reply(form, reply)
    findings = pure.check_reply(form, reply)
    if pure.has_errors(findings):
        return request, findings
    event = pure.event_of_reply(form, reply)
    request.reply, request.answered_at = reply, timezone.now()
    _step(request, event, by=actor.name)
    queue_message(
        request.organisation,
        request.partner,
        kind=REPLY,
        ref=request.asked_ref,
        body={
            "asked_ref": request.asked_ref,
            "wire": pure.reply_to_wire(form, reply),
        },
    )
    record_write(actor, "request.answer", [request.ref])
    return request, findings


def _outgoing(actor: Actor, ref: str, permission: str) -> Request:
    request = hold_request(actor, ref)
    actor.require(permission)
    if request.direction != Request.Direction.SENT:
        raise StateError(
            "This was asked by a partner: it can be answered, not changed.",
            code="PXY-REQUEST-DIRECTION",
        )
    return request


def _step(request: Request, event: pure.Event, *, by: str, note: str = "") -> None:
    """Move along the state table, keep the life line and the next clock."""
    request.state = pure.next_state(pure.State(request.state), event).value
    _note(request, by, event.value, note)
    clocks = list_clocks(request, timezone.now())
    request.next_due_at = clocks[0].due_at if clocks else None
    request.save()


def _note(request: Request, by: str, event: str, note: str) -> None:
    RequestEvent.objects.create(
        request=request,
        at=timezone.now(),
        by=by,
        event=event,
        state=request.state,
        note=note[:500],
    )


def _on_case(request: Request, by: str, text: str) -> None:
    if request.case is not None:
        add_event(request.case, by=by, text=text, ref=request.ref)


def receive_request(message: Message) -> None:
    """A partner's request arrived: keep it, with its clock running.

    Raises:
        InputError: its form, shape or reference is not sound, or the form can't come
            from or go to these roles: the receipt says so.
    """
    body, partner = _body_of(message)
    wire = body.get("wire")
    form_id = wire.get("form") if isinstance(wire, dict) else None
    form = pure.load_form(form_id if isinstance(form_id, str) else "")
    if (
        partner.role not in form.from_roles
        or settings.CONFIG.authority.role not in form.to_roles
    ):
        raise InputError("This form can't go this way.", code="PXY-ROUTE-ROLE")
    now = timezone.now()
    request = Request.objects.create(
        organisation=message.organisation,
        created_at=now,
        direction=Request.Direction.RECEIVED,
        form=form.id,
        state=pure.INCOMING_START.value,
        partner=partner,
        body=pure.parse_wire(form.id, wire),
        asked_ref=_asked_ref(body, partner),
        sent_at=_instant(body.get("sent_at"), now),
        received_at=now,
    )
    _note(request, partner.authority, "received", "")
    clocks = list_clocks(request, now)
    request.next_due_at = clocks[0].due_at if clocks else None
    request.save(update_fields=["next_due_at"])
    record_write(machine_actor(message.organisation), "request.receive", [request.ref])


def receive_reply(message: Message) -> None:
    """A partner's answer arrived: the request and its case are brought up to date.

    Raises:
        InputError: no such request was sent to this partner, or the answer's shape
            or meaning is not sound.
    """
    body, partner = _body_of(message)
    request = _find(body, partner, Request.Direction.SENT)
    form = pure.load_form(request.form)
    reply = pure.parse_reply_wire(request.form, body.get("wire"))
    if pure.has_errors(pure.check_reply(form, reply)):
        raise InputError("The answer is not complete.", code="PXY-REPLY-FINDINGS")
    request.reply, request.answered_at = reply, timezone.now()
    _step(request, pure.event_of_reply(form, reply), by=partner.authority)
    _on_case(request, partner.authority, f"{partner.name} answered: {request.state}.")
    record_write(machine_actor(message.organisation), "reply.receive", [request.ref])


def receive_withdrawal(message: Message) -> None:
    """The partner takes its request back."""
    body, partner = _body_of(message)
    request = _find(body, partner, Request.Direction.RECEIVED)
    note = body.get("note")
    _step(
        request,
        pure.Event.WITHDRAWN,
        by=partner.authority,
        note=note if isinstance(note, str) else "",
    )
    record_write(
        machine_actor(message.organisation), "withdrawal.receive", [request.ref]
    )


def settle_request(message: Message) -> None:
    """What became of a request that was sent: the partner's signed receipt tells."""
    request = Request.objects.select_for_update(of=("self",)).get(
        direction=Request.Direction.SENT,
        partner=message.partner,
        asked_ref=message.ref,
    )
    match Message.State(message.state):
        case Message.State.ACCEPTED:
            event, text = pure.Event.RECEIPT, "The partner's receipt arrived."
        case Message.State.REJECTED:
            event = pure.Event.RETURNED
            text = f"The partner's node rejected it: {message.reason}."
        case _:
            event = pure.Event.RETURNED
            text = f"It could not be delivered: {message.reason}."
    if event in pure.allowed_events(pure.State(request.state)):
        if event is pure.Event.RETURNED:
            # It did not leave after all: it is checked, approved and sent anew.
            request.sent_at = request.approved_at = None
            request.approved_by = ""
        _step(request, event, by=MACHINE, note=text)
    _on_case(request, MACHINE, text)
    record_write(machine_actor(message.organisation), "request.settle", [request.ref])


def settle_other(message: Message) -> None:
    """A reply or a withdrawal came through, or a person is told that it did not."""
    direction = (
        Request.Direction.RECEIVED if message.kind == REPLY else Request.Direction.SENT
    )
    request = Request.objects.get(
        direction=direction, partner=message.partner, asked_ref=message.ref
    )
    text = {
        Message.State.ACCEPTED: "The partner's receipt arrived.",
        Message.State.REJECTED: f"The partner's node rejected it: {message.reason}.",
    }.get(Message.State(message.state), f"It could not be delivered: {message.reason}.")
    _note(request, MACHINE, f"{message.kind}:{message.state}", text)
    record_write(machine_actor(message.organisation), "request.settle", [request.ref])


def _body_of(message: Message) -> tuple[dict[str, Any], Partner]:
    if not isinstance(message.body, dict) or message.partner is None:
        raise InputError("The message has no body.", code="PXY-REQUEST-WIRE")
    return message.body, message.partner


def _asked_ref(body: Mapping[str, Any], partner: Partner) -> str:
    """The asking side's reference, new from this partner.

    Raises:
        InputError: not a reference, or one that was used before.
    """
    ref = body.get("asked_ref")
    if not isinstance(ref, str) or not 0 < len(ref) <= MAX_REFERENCE_CHARS:
        raise InputError("The request has no reference.", code="PXY-REQUEST-REFERENCE")
    if Request.objects.filter(
        direction=Request.Direction.RECEIVED, partner=partner, asked_ref=ref
    ).exists():
        raise InputError(
            "A request of this reference is here already.", code="PXY-REQUEST-TWICE"
        )
    return ref


def _find(
    body: Mapping[str, Any], partner: Partner, direction: Request.Direction
) -> Request:
    request = (
        Request.objects.select_for_update(of=("self",))
        .select_related("partner", "case")
        .filter(
            direction=direction, partner=partner, asked_ref=str(body.get("asked_ref"))
        )
        .first()
    )
    if request is None:
        raise NotFoundError(
            "No such request is known here.", code="PXY-REQUEST-REFERENCE"
        )
    return request


def _instant(text: object, now: datetime) -> datetime:
    """The sender's own instant, if it is one and not in the future."""
    instant = pure.parse_instant(text)
    return min(instant, now) if instant is not None else now
