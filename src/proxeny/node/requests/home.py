"""Requests that need a person now, each with its one next action."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from proxeny import requests as pure
from proxeny.node.accounts.access import access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.exchange.queries import list_failed, list_waiting
from proxeny.node.pages.registry import HomeItem
from proxeny.node.requests.models import Request

AT_MOST = 50
KINDS_ANSWERING = ("reply", "withdrawal")
_NEXT = {
    pure.State.DRAFT: ("request.draft", "Complete and check it"),
    pure.State.CHECKED: ("request.approve", "Approve it"),
    pure.State.APPROVED: ("request.send", "Send it"),
}

_TOLD = {
    pure.State.ANSWERED: "answered",
    pure.State.PARTLY: "answered in part",
    pure.State.REFUSED: "refused",
}


def list_due(actor: Actor, now: datetime) -> list[HomeItem]:
    """Drafts to complete, requests to approve, send and answer, answers to read."""
    if not actor.may("request.read"):
        return []
    rows = access_owned(Request.objects.select_related("partner"), actor)
    open_ = rows.exclude(
        state__in=[pure.State.WITHDRAWN, pure.State.EXPIRED, pure.State.CLOSED]
    )
    found = [_item(row, actor) for row in open_.order_by("next_due_at", "pk")[:AT_MOST]]
    waiting = [
        HomeItem(
            title=f"{message.ref} is not delivered yet",
            why=f"{job.attempts} tries; {job.reason or 'waiting for its turn'}",
            href=reverse("partner-list"),
            action="See the partner",
            since=message.created_at,
            ref=message.ref,
        )
        for message, job in list_waiting()
        if message.organisation_id == actor.organisation_id and job.attempts > 1
    ]
    del now
    return [item for item in found if item is not None] + waiting + _failed(rows)


def _failed(rows: QuerySet[Request]) -> list[HomeItem]:
    """Answers and withdrawals that did not reach the partner, newest word only."""
    found = []
    for message in list_failed(KINDS_ANSWERING):
        request = rows.filter(partner=message.partner, asked_ref=message.ref).first()
        if request is not None:
            found.append(
                HomeItem(
                    title=f"{request.ref}: the {message.kind} did not arrive",
                    why=f"{request.partner.name}: {message.reason or message.state}",
                    href=reverse("request", args=[request.ref]),
                    action="Look at it",
                    since=message.settled_at,
                    ref=request.ref,
                )
            )
    return found


def _item(row: Request, actor: Actor) -> HomeItem | None:
    title = f"{row.ref} {pure.load_form(row.form).short_title}"
    href = reverse("request", args=[row.ref])
    state = pure.State(row.state)
    if row.direction == Request.Direction.RECEIVED:
        if state is not pure.State.ACCEPTED or not actor.may("request.answer"):
            return None
        return HomeItem(
            title=title,
            why=f"{row.partner.name} asks and waits for an answer",
            href=href,
            action="Answer it",
            due_at=row.next_due_at,
            since=row.received_at,
            ref=row.ref,
        )
    if state in _NEXT:
        permission, action = _NEXT[state]
        if not actor.may(permission) or (
            state is pure.State.CHECKED and row.drafted_by == actor.name
        ):
            return None
        why = f"to {row.partner.name}; drafted by {row.drafted_by}"
        return HomeItem(
            title=title,
            why=why,
            href=href,
            action=action,
            since=row.created_at,
            ref=row.ref,
        )
    if state in _TOLD:
        return HomeItem(
            title=title,
            why=f"{row.partner.name} {_TOLD[state]}; the next step is yours",
            href=href,
            action="Read the answer",
            due_at=row.next_due_at,
            ref=row.ref,
        )
    return None
