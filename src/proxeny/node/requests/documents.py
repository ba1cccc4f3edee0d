"""Requests as JSON documents: the same for command line and API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from proxeny import requests as pure
from proxeny.node.accounts.actor import Actor
from proxeny.node.exchange.models import Message
from proxeny.node.exchange.queries import list_messages
from proxeny.node.requests.models import Request
from proxeny.node.requests.queries import list_clocks, list_held, list_unoffered
from proxeny.node.requests.queries import list_findings as check
from proxeny.node.selectors.models import Selector


def request_line(row: Request) -> dict[str, Any]:
    """A request in a list."""
    return {
        "ref": row.ref,
        "asked_ref": row.asked_ref,
        "direction": row.direction,
        "form": row.form,
        "partner": row.partner.authority,
        "state": row.state,
        "next_due_at": row.next_due_at.isoformat() if row.next_due_at else None,
    }


def list_findings(findings: Iterable[pure.Finding]) -> list[dict[str, Any]]:
    """What a check found."""
    return [
        {
            "code": one.code,
            "level": one.level.value,
            "field": one.field,
            "paragraph": one.paragraph,
            "text": one.text,
        }
        for one in findings
    ]


def request_document(actor: Actor, row: Request, now: datetime) -> dict[str, Any]:
    """A request with its contents, findings, clocks, life line and messages.

    Of one that was received, `held` names the selectors asked about that this
    organisation holds itself; of a draft, `unoffered` those of the case that nobody
    has said to be the offender's, for the drafter to decide on.
    """
    received = row.direction == Request.Direction.RECEIVED
    findings = check(row, now)
    return {
        **request_line(row),
        "body": row.body,
        "reply": row.reply,
        "findings": list_findings(findings),
        "deadlines": [
            {
                "what": clock.what,
                "due_at": clock.due_at,
                "overdue": clock.overdue,
                "article": clock.article,
                "source": clock.source,
                "binding": clock.binding,
                "whose": clock.whose,
            }
            for clock in list_clocks(row, now)
        ],
        "events": [
            {
                "at": event.at,
                "by": event.by,
                "event": event.event,
                "state": event.state,
                "note": event.note,
            }
            for event in row.events.order_by("pk")
        ],
        "messages": [
            _message(message)
            for message in list_messages(
                row.asked_ref, row.partner, row.organisation_id
            )
        ],
        "held": _selectors(list_held(actor, row) if received else ()),
        "unoffered": _selectors(list_unoffered(row)),
    }


def _selectors(rows: Iterable[Selector]) -> list[dict[str, Any]]:
    return [
        {"kind": row.kind, "value": row.value, "reports": row.holders} for row in rows
    ]


def _message(message: Message) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "direction": message.direction,
        "state": message.state,
        "digest": message.inner_digest,
        "receipt": bytes(message.receipt).decode() if message.receipt else None,
    }
