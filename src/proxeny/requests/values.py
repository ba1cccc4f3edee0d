"""What a field holds, read from JSON or from a web form: one normal form of each.

Nothing raises here: what can't be read stays as it came, and the pre-flight check
says what is wrong with it.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from proxeny.requests.forms import Field, FieldKind, Form
from proxeny.selectors import Selector, SelectorError, parse_selector

# The oldest day that a request can speak of: the Convention's opening.
EARLIEST = date(2001, 11, 23)
LATEST = date(2100, 12, 31)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})"
)
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_TRUTH = {"true": True, "on": True, "yes": True, "false": False, "no": False}


def parse_date(value: object) -> date | None:
    """The day of ``YYYY-MM-DD`` between ``EARLIEST`` and ``LATEST``, or None."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def parse_instant(value: object) -> datetime | None:
    """The instant, in UTC, of an RFC 3339 time with its offset, or None.

    Seconds may be absent, as a web form leaves them out.
    """
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if EARLIEST <= instant.date() <= LATEST else None


def read_selector(value: object) -> Selector | str:
    """The selector in ``{"kind", "value"}``, or in words why there is none."""
    if not isinstance(value, Mapping):
        return "is no object of kind and value"
    kind, raw = value.get("kind"), value.get("value")
    if not isinstance(kind, str) or not isinstance(raw, str):
        return "is no object of kind and value"
    try:
        return parse_selector(kind, raw)
    except SelectorError as error:
        return error.message


def normalise_body(form: Form, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request in its normal form.

    Text is trimmed and in Unicode NFC with plain line ends; figures and ticks that a
    web form gives as text become numbers and booleans; selectors take their normal
    form, each once; what is empty goes. What can't be read stays for the check.

    Args:
        form: the request's form.
        body: as typed, imported or received.

    Returns:
        A new body; normalising it again changes nothing.
    """
    return _normalise(form.fields, body)


def normalise_reply(form: Form, reply: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a reply."""
    return _normalise(form.reply_fields, reply)


def _normalise(fields: tuple[Field, ...], body: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in fields}
    tidy = {
        name: _normalise_value(known[name], value) if name in known else value
        for name, value in body.items()
    }
    return {
        name: value
        for name, value in tidy.items()
        if name not in known or not is_empty(value)
    }


def is_empty(value: object) -> bool:
    """Nothing was given: absent, no text, no item, no part."""
    return value is None or value in ("", [], {})


def _normalise_value(field: Field, value: Any) -> Any:
    match field.kind:
        case FieldKind.AUTHORITY if isinstance(value, Mapping):
            return _normalise(field.parts, value)
        case FieldKind.SELECTORS if isinstance(value, list | tuple):
            # A list over its limit is refused as it is; tidying it would cost time.
            if len(value) > field.max_items:
                return list(value)
            return _normalise_selectors(value)
        case FieldKind.NUMBER if isinstance(value, str):
            text = value.strip()
            return int(text) if _NUMBER.fullmatch(text) else text
        case FieldKind.BOOLEAN if isinstance(value, str):
            text = value.strip().lower()
            return _TRUTH.get(text, text)
        case FieldKind.INSTANT if isinstance(value, str):
            instant = parse_instant(value.strip())
            return value.strip() if instant is None else _render_instant(instant)
        case _ if isinstance(value, str):
            text = _normalise_text(value)
            return text.upper() if field.format == "country" else text
        case _:
            return value


def _normalise_text(text: str) -> str:
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    return lines.replace("\r", "\n").strip()


def _render_instant(instant: datetime) -> str:
    return instant.isoformat().removesuffix("+00:00") + "Z"


def _normalise_selectors(items: list[Any] | tuple[Any, ...]) -> list[Any]:
    tidy: list[Any] = []
    for item in items:
        selector = read_selector(item)
        if isinstance(selector, Selector):
            normal = {"kind": str(selector.kind), "value": selector.value}
            item = {**item, **normal}  # noqa: PLW2901 - the normal form takes its place
        if not is_empty(item) and item not in tidy:
            tidy.append(item)
    return tidy
