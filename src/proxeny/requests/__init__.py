"""Requests between authorities: forms, pre-flight, states, clocks and the wire.

Requests are data: every kind is one file of the lawbook (``lawbook/forms/``), from
which come the page, the check by paragraph, the JSON on the wire, the paper and the
deadlines. Pure: no database, no network, no clock.

Example:
    >>> from proxeny import requests
    >>> form = requests.load_form("ETS185-29")
    >>> [finding.paragraph for finding in requests.check_request(form, {})][:1]
    [None]
"""

from proxeny.requests.deadlines import Deadline, list_deadlines
from proxeny.requests.drafts import CaseFacts, prefill
from proxeny.requests.forms import (
    Condition,
    Distance,
    Due,
    Field,
    FieldKind,
    Form,
    FormError,
    FormSource,
    FormTimeLimit,
    Ground,
    RequestError,
    list_forms,
    load_form,
    parse_form,
    require_field,
)
from proxeny.requests.preflight import (
    EXTRA,
    Finding,
    Level,
    check_reply,
    check_request,
    event_of_reply,
    has_errors,
)
from proxeny.requests.states import (
    INCOMING_START,
    OUTGOING_START,
    Event,
    RequestStateError,
    State,
    allowed_events,
    next_state,
    require_second_person,
)
from proxeny.requests.values import (
    normalise_body,
    normalise_reply,
    parse_date,
    parse_instant,
)
from proxeny.requests.wire import (
    MAX_WIRE_CHARS,
    digest_wire,
    parse_reply_wire,
    parse_wire,
    reply_to_wire,
    to_wire,
)

__all__ = [
    "EXTRA",
    "INCOMING_START",
    "MAX_WIRE_CHARS",
    "OUTGOING_START",
    "CaseFacts",
    "Condition",
    "Deadline",
    "Distance",
    "Due",
    "Event",
    "Field",
    "FieldKind",
    "Finding",
    "Form",
    "FormError",
    "FormSource",
    "FormTimeLimit",
    "Ground",
    "Level",
    "RequestError",
    "RequestStateError",
    "State",
    "allowed_events",
    "check_reply",
    "check_request",
    "digest_wire",
    "event_of_reply",
    "has_errors",
    "list_deadlines",
    "list_forms",
    "load_form",
    "next_state",
    "normalise_body",
    "normalise_reply",
    "parse_date",
    "parse_form",
    "parse_instant",
    "parse_reply_wire",
    "parse_wire",
    "prefill",
    "reply_to_wire",
    "require_field",
    "require_second_person",
    "to_wire",
]
