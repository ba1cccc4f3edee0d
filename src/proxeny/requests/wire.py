"""Requests and replies as JSON between nodes.

The wire is long-lived (STYLE, habit 13): a node keeps what it doesn't know. Fields of
a newer edition of the form are put under ``extra`` on arrival and stand in their old
place again when the body is sent on. Their number, size and depth are limited.

Shape::

    {"form": "ETS185-29", "edition": 1, "body": {"reference": "...", ...}}

A body that arrives is checked for shape here (types, sizes); for meaning it is
checked by ``check_request``, since an officer may answer a request that lacks
something by asking for it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from proxeny.requests.forms import Field, FieldKind, Form, RequestError, load_form
from proxeny.requests.preflight import EXTRA
from proxeny.requests.values import normalise_body, normalise_reply

MAX_WIRE_CHARS = 512 * 1024
MAX_TEXT_CHARS = 100_000
MAX_LIST_ITEMS = 1_000
MAX_EXTRA_FIELDS = 64
MAX_DEPTH = 8
_MAX_SAFE_INTEGER = 2**53 - 1


def to_wire(form: Form, body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body as it goes to the partner: normal form, and what it kept.

    Raises:
        RequestError: the body is none that the partner's node would read.
    """
    return _to_wire(form, form.fields, normalise_body(form, body))


def reply_to_wire(form: Form, reply: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a reply."""
    return _to_wire(form, form.reply_fields, normalise_reply(form, reply))


def parse_wire(form_id: str, data: object) -> dict[str, Any]:
    """The body of a request that a partner has sent.

    Args:
        form_id: the form that the message names.
        data: what ``json.loads`` made of the message's body.

    Returns:
        The body in normal form; unknown fields stand under ``extra``.

    Raises:
        RequestError: unknown form (PXY-REQUEST-FORM); wrong shape, over a limit
            (PXY-REQUEST-WIRE).
    """
    form = load_form(form_id)
    return normalise_body(form, _parse(form, form.fields, data))


def parse_reply_wire(form_id: str, data: object) -> dict[str, Any]:
    """The same for a reply."""
    form = load_form(form_id)
    return normalise_reply(form, _parse(form, form.reply_fields, data))


def digest_wire(wire: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the wire form as canonical JSON.

    Canonical: keys sorted, no spaces, UTF-8. Neither fractions nor integers beyond
    53 bits occur, so this agrees with RFC 8785 for names within the Basic
    Multilingual Plane, and ours are ASCII.
    """
    return hashlib.sha256(_render_canonical(wire).encode()).hexdigest()


def _render_canonical(value: object) -> str:
    return json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def _to_wire(
    form: Form, fields: tuple[Field, ...], body: Mapping[str, Any]
) -> dict[str, Any]:
    extra = body.get(EXTRA, {})
    if not isinstance(extra, Mapping):
        raise _misshapen(EXTRA, "is no object")
    own = {name: value for name, value in body.items() if name != EXTRA}
    # What the form knows wins over what an older body kept under the same name.
    wire = {"form": form.id, "edition": form.edition, "body": {**extra, **own}}
    _parse(form, fields, wire)
    return wire


def _parse(form: Form, fields: tuple[Field, ...], data: object) -> dict[str, Any]:
    _require_json(data, depth=0, where="message")
    if len(_render_canonical(data)) > MAX_WIRE_CHARS:
        raise _misshapen("message", f"is over {MAX_WIRE_CHARS} characters")
    if not isinstance(data, Mapping) or not isinstance(data.get("body"), Mapping):
        raise _misshapen("message", "is no object with a body")
    if data.get("form") != form.id:
        raise _misshapen("form", "is another one than the message says")
    if not isinstance(data.get("edition"), int) or isinstance(data["edition"], bool):
        raise _misshapen("edition", "is no number")
    known = {field.name: field for field in fields}
    body: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in data["body"].items():
        if name in known:
            _require_type(known[name], value)
            body[name] = value
        else:
            extra[name] = value
    if len(extra) > MAX_EXTRA_FIELDS:
        raise _misshapen("body", f"has over {MAX_EXTRA_FIELDS} unknown fields")
    return {**body, EXTRA: extra} if extra else body


def _require_json(value: object, *, depth: int, where: str) -> None:
    """Plain JSON, neither too deep nor too long, that can be stored and signed."""
    if depth > MAX_DEPTH:
        raise _misshapen(where, f"is over {MAX_DEPTH} levels deep")
    match value:
        case None | bool():
            return
        case str():
            _require_text(value, where)
        case int():
            if abs(value) > _MAX_SAFE_INTEGER:
                raise _misshapen(where, "holds a number beyond 53 bits")
        case Mapping():
            # Names are limited as values are.
            _require_items([*value, *value.values()], depth=depth, where=where)
            if not all(isinstance(name, str) for name in value):
                raise _misshapen(where, "has a name that is no text")
        case list():
            _require_items(value, depth=depth, where=where)
        case _:
            raise _misshapen(where, "holds a fraction or what is no JSON")


def _require_items(items: list[Any], *, depth: int, where: str) -> None:
    if len(items) > MAX_LIST_ITEMS:
        raise _misshapen(where, f"holds over {MAX_LIST_ITEMS} items")
    for item in items:
        _require_json(item, depth=depth + 1, where=where)


def _require_text(text: str, where: str) -> None:
    if len(text) > MAX_TEXT_CHARS:
        raise _misshapen(where, f"holds a text over {MAX_TEXT_CHARS} characters")
    if "\x00" in text:
        raise _misshapen(where, "holds a text with the character 0")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _misshapen(where, "holds half a surrogate pair") from None


def _require_type(field: Field, value: object) -> None:
    match field.kind:
        case FieldKind.NUMBER:
            fits = isinstance(value, int) and not isinstance(value, bool)
        case FieldKind.BOOLEAN:
            fits = isinstance(value, bool)
        case FieldKind.SELECTORS:
            fits = isinstance(value, list) and all(
                isinstance(item, Mapping)
                and isinstance(item.get("kind"), str)
                and isinstance(item.get("value"), str)
                for item in value
            )
        case FieldKind.AUTHORITY:
            fits = isinstance(value, Mapping) and all(
                isinstance(part, str) for part in value.values()
            )
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise _misshapen(field.name, f"does not hold {field.kind}")


def _misshapen(where: str, why: str) -> RequestError:
    return RequestError(
        f"The request's {where} {why}.",
        code="PXY-REQUEST-WIRE",
        advice="Refuse it, and ask the sender to mend its node or the request.",
        where=where,
    )
