"""The life of a request: which event leads from which state to which.

The same table serves both sides. The requesting node's request starts as a draft;
what arrives at the requested node starts as accepted (``INCOMING_START``), since the
receipt that its node has signed is the acceptance.

Three rules shape the table. Whatever changes the text leads back to the draft, so
nothing is approved that was not checked as it stands. What the network may deliver
late or twice changes nothing: a receipt after the answer, an answer before the
receipt. An answer may be corrected by a later answer until the request is closed.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from proxeny.errors import ForbiddenError, StateError


class State(StrEnum):
    """Where a request stands (the words of CONTRACTS)."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class Event(StrEnum):
    """What happens to a request.

    ``receipt`` is the partner node's signed receipt; ``returned`` sends the request
    back to its drafter, be it by the approver or because delivery was rejected;
    ``question`` is a reply that asks for more information and settles nothing.
    """

    EDITED = "edited"
    CHECK_PASSED = "check_passed"
    APPROVED = "approved"
    RETURNED = "returned"
    SENT = "sent"
    RECEIPT = "receipt"
    QUESTION = "question"
    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


OUTGOING_START = State.DRAFT
INCOMING_START = State.ACCEPTED


class RequestStateError(StateError):
    """The event can't happen to a request in that state."""

    code = "PXY-REQUEST-STATE"


_ANSWERS: Mapping[Event, State] = {
    Event.ANSWERED: State.ANSWERED,
    Event.ANSWERED_PARTLY: State.PARTLY,
    Event.REFUSED: State.REFUSED,
}

_NEXT: Mapping[State, Mapping[Event, State]] = MappingProxyType(
    {
        State.DRAFT: {
            Event.EDITED: State.DRAFT,
            Event.CHECK_PASSED: State.CHECKED,
            Event.WITHDRAWN: State.WITHDRAWN,
        },
        State.CHECKED: {
            Event.EDITED: State.DRAFT,
            Event.CHECK_PASSED: State.CHECKED,
            Event.APPROVED: State.APPROVED,
            Event.RETURNED: State.DRAFT,
            Event.WITHDRAWN: State.WITHDRAWN,
        },
        State.APPROVED: {
            Event.EDITED: State.DRAFT,
            Event.RETURNED: State.DRAFT,
            Event.SENT: State.SENT,
            Event.WITHDRAWN: State.WITHDRAWN,
        },
        State.SENT: {
            Event.RECEIPT: State.ACCEPTED,
            Event.RETURNED: State.DRAFT,
            Event.QUESTION: State.ACCEPTED,
            **_ANSWERS,
            Event.WITHDRAWN: State.WITHDRAWN,
            Event.EXPIRED: State.EXPIRED,
        },
        State.ACCEPTED: {
            Event.RECEIPT: State.ACCEPTED,
            Event.QUESTION: State.ACCEPTED,
            **_ANSWERS,
            Event.WITHDRAWN: State.WITHDRAWN,
            Event.EXPIRED: State.EXPIRED,
        },
        State.ANSWERED: {
            Event.RECEIPT: State.ANSWERED,
            **_ANSWERS,
            Event.WITHDRAWN: State.WITHDRAWN,
            Event.EXPIRED: State.EXPIRED,
            Event.CLOSED: State.CLOSED,
        },
        State.PARTLY: {
            Event.RECEIPT: State.PARTLY,
            Event.QUESTION: State.PARTLY,
            **_ANSWERS,
            Event.WITHDRAWN: State.WITHDRAWN,
            Event.EXPIRED: State.EXPIRED,
            Event.CLOSED: State.CLOSED,
        },
        State.REFUSED: {
            Event.RECEIPT: State.REFUSED,
            **_ANSWERS,
            Event.CLOSED: State.CLOSED,
        },
        State.WITHDRAWN: {
            Event.RECEIPT: State.WITHDRAWN,
            Event.CLOSED: State.CLOSED,
        },
        State.EXPIRED: {
            Event.RECEIPT: State.EXPIRED,
            Event.CLOSED: State.CLOSED,
        },
        State.CLOSED: {Event.RECEIPT: State.CLOSED},
    }
)


def next_state(state: State, event: Event) -> State:
    """The state after the event.

    Raises:
        RequestStateError: the event can't happen in that state.
    """
    following = _NEXT[state].get(event)
    if following is None:
        raise RequestStateError(
            f"A request that is {state} can't be {event}.",
            state=str(state),
            event=str(event),
        )
    return following


def allowed_events(state: State) -> frozenset[Event]:
    """Every event that can happen to a request in that state."""
    return frozenset(_NEXT[state])


def require_second_person(drafted_by: str | int, approved_by: str | int) -> None:
    """Four eyes: who drafted (or last changed) a request doesn't approve it.

    Args:
        drafted_by: reference of the person who drafted the text as it stands.
        approved_by: reference of the person who is about to approve it.

    Raises:
        ForbiddenError: both are the same person, or one is not named
            (PXY-FOUR-EYES).
    """
    # A database gives 7 where a form gives "7": the same person all the same.
    drafter, approver = str(drafted_by).strip(), str(approved_by).strip()
    if not drafter or not approver or drafter.casefold() == approver.casefold():
        raise ForbiddenError(
            "A request is approved by a second person, not by its drafter.",
            code="PXY-FOUR-EYES",
            advice="Ask a colleague who may approve requests.",
        )
