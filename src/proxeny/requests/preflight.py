"""Pre-flight: what a request or a reply still lacks, by the paragraph that demands it.

A finding of level ``error`` stops the request; a ``warning`` is shown beside the
field and lets it pass. Each demanded content that is missing, empty or too short
gives one finding that names its paragraph, such as 29(2)(e).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from proxeny import countries
from proxeny.errors import InputError
from proxeny.requests.forms import (
    Condition,
    Field,
    FieldKind,
    Form,
    RequestError,
)
from proxeny.requests.states import Event
from proxeny.requests.values import (
    is_empty,
    normalise_body,
    normalise_reply,
    parse_date,
    parse_instant,
    read_selector,
)

EXTRA = "extra"
"""Key under which fields of a newer edition are kept (see ``wire``)."""

MAX_SHOWN_NAME = 40
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,189}")
# Controls, halves of surrogate pairs, and the marks that turn the direction of writing:
# with them a text can show another thing than it says (Unicode Technical Report 36).
_DECEPTIVE_CATEGORIES = frozenset({"Cc", "Cs"})
_DECEPTIVE_DIRECTIONS = frozenset(
    {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
)
_LAYOUT = frozenset("\n\t")


class Level(StrEnum):
    """``error`` stops the request, ``warning`` doesn't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend; ``field`` is dotted for a part of an authority."""

    code: str
    level: Level
    field: str
    paragraph: str | None
    text: str


def check_request(
    form: Form, body: Mapping[str, Any], *, now: datetime | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with a request, in the order of its form.

    Args:
        form: its form.
        body: as typed or received; it is normalised first.
        now: the present instant, aware; without it no date is compared with today.

    Returns:
        Findings, empty if the request can go as it stands.
    """
    tidy = normalise_body(form, body)
    findings = [*_check_fields(form.fields, tidy)]
    if now is not None:
        findings += _check_times(form, tidy, now.astimezone(UTC))
    return tuple(findings)


def check_reply(form: Form, reply: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Everything that is wrong with a reply, in the order of its form."""
    return tuple(_check_fields(form.reply_fields, normalise_reply(form, reply)))


def has_errors(findings: tuple[Finding, ...]) -> bool:
    """Something stops the request."""
    return any(finding.level is Level.ERROR for finding in findings)


def event_of_reply(form: Form, reply: Mapping[str, Any]) -> Event:
    """What the reply does to the request.

    Raises:
        RequestError: the reply has no outcome that the form knows.
    """
    event = form.reply_events.get(str(reply.get("outcome")))
    if event is None:
        raise RequestError("The reply has no outcome that its form knows.")
    return Event(event)


def _check_fields(
    fields: tuple[Field, ...], body: Mapping[str, Any]
) -> Iterator[Finding]:
    for field in fields:
        value = body.get(field.name)
        if is_empty(value):
            yield from _check_absent(field, body)
        else:
            yield from _check_value(field, value)
            yield from _check_distance(field, value, body)
    yield from _check_unknown(fields, body)


def _check_absent(field: Field, body: Mapping[str, Any]) -> Iterator[Finding]:
    if field.required or _holds(field.required_when, body):
        yield _find(field, "MISSING", f"{field.label}: this is missing.")
    elif field.recommended:
        text = f"{field.label}: none is given; the request may be hard to execute."
        yield _find(field, "RECOMMENDED", text, level=Level.WARNING)


def _holds(condition: Condition | None, body: Mapping[str, Any]) -> bool:
    return condition is not None and body.get(condition.field) in condition.values


def _check_unknown(
    fields: tuple[Field, ...], body: Mapping[str, Any]
) -> Iterator[Finding]:
    known = {field.name for field in fields}
    for name in body:
        shown = str(name)[:MAX_SHOWN_NAME]
        if name == EXTRA:
            yield Finding(
                code="PXY-FIELD-EXTRA",
                level=Level.WARNING,
                field=EXTRA,
                paragraph=None,
                text="Fields of a newer edition of the form came with it; "
                "they are kept as they are.",
            )
        elif name not in known:
            yield Finding(
                code="PXY-FIELD-UNKNOWN",
                level=Level.ERROR,
                field=shown,
                paragraph=None,
                text=f"The form has no field '{shown}'.",
            )


def _check_value(field: Field, value: Any) -> Iterator[Finding]:
    return _CHECKS[field.kind](field, value)


def _check_text(field: Field, value: Any) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield _find(field, "TYPE", f"{field.label}: give text.")
    elif len(value) > field.max_chars:
        text = f"{field.label}: {len(value)} characters; at most {field.max_chars}."
        yield _find(field, "LONG", text)
    elif len(value) < field.min_chars:
        text = f"{field.label}: too short to say it; give at least {field.min_chars}"
        yield _find(field, "SHORT", f"{text} characters.")
    elif _is_deceptive(value):
        text = f"{field.label}: holds invisible characters that change how it reads."
        yield _find(field, "CHARACTERS", text)
    else:
        yield from _check_format(field, value)


def _is_deceptive(text: str) -> bool:
    return any(
        unicodedata.category(char) in _DECEPTIVE_CATEGORIES
        or unicodedata.bidirectional(char) in _DECEPTIVE_DIRECTIONS
        for char in set(text) - _LAYOUT
    )


def _check_format(field: Field, value: str) -> Iterator[Finding]:
    match field.format:
        case "email":
            if not _EMAIL.fullmatch(value):
                yield _find(field, "FORMAT", f"{field.label}: this is no address.")
        case "country":
            try:
                countries.require_country(value)
            except InputError as error:
                yield _find(field, "FORMAT", f"{field.label}: {error.what_to_do}")
        case _:
            return


def _check_date(field: Field, value: Any) -> Iterator[Finding]:
    if parse_date(value) is None:
        yield _find(field, "DATE", f"{field.label}: give a day, YYYY-MM-DD.")


def _check_instant(field: Field, value: Any) -> Iterator[Finding]:
    if parse_instant(value) is None:
        text = f"{field.label}: give day, time and offset, such as 2026-11-24T12:00Z."
        yield _find(field, "DATE", text)


def _check_choice(field: Field, value: Any) -> Iterator[Finding]:
    if value not in [choice for choice, _ in field.choices]:
        yield _find(field, "CHOICE", f"{field.label}: choose one of the list.")


def _check_number(field: Field, value: Any) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _find(field, "TYPE", f"{field.label}: give a whole number.")
    elif not field.least <= value <= field.most:
        text = f"{field.label}: give a number from {field.least} to {field.most}."
        yield _find(field, "RANGE", text)


def _check_boolean(field: Field, value: Any) -> Iterator[Finding]:
    if not isinstance(value, bool):
        yield _find(field, "TYPE", f"{field.label}: answer yes or no.")
    elif field.required and not value:
        yield _find(field, "MISSING", f"{field.label}: this must be confirmed.")


def _check_selectors(field: Field, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _find(field, "TYPE", f"{field.label}: give a list.")
        return
    if len(value) > field.max_items:
        text = f"{field.label}: {len(value)} of them; at most {field.max_items}."
        yield _find(field, "LONG", text)
        return
    for place, item in enumerate(value, start=1):
        selector = read_selector(item)
        if isinstance(selector, str):
            text = f"{field.label}, number {place}: {selector}"
            yield _find(field, "SELECTOR", text)


def _check_authority(field: Field, value: Any) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _find(field, "TYPE", f"{field.label}: give its parts.")
        return
    for finding in _check_fields(field.parts, value):
        yield Finding(
            code=finding.code,
            level=finding.level,
            field=f"{field.name}.{finding.field}",
            paragraph=field.paragraph,
            text=f"{field.label}: {finding.text}",
        )


_CHECKS: Mapping[FieldKind, Callable[[Field, Any], Iterator[Finding]]] = {
    FieldKind.TEXT: _check_text,
    FieldKind.LONG_TEXT: _check_text,
    FieldKind.DATE: _check_date,
    FieldKind.INSTANT: _check_instant,
    FieldKind.NUMBER: _check_number,
    FieldKind.CHOICE: _check_choice,
    FieldKind.BOOLEAN: _check_boolean,
    FieldKind.SELECTORS: _check_selectors,
    FieldKind.AUTHORITY: _check_authority,
}


def _check_distance(
    field: Field, value: Any, body: Mapping[str, Any]
) -> Iterator[Finding]:
    if field.not_before is None:
        return
    start, end = parse_date(body.get(field.not_before.field)), parse_date(value)
    days = field.not_before.days
    if start is not None and end is not None and (end - start).days < days:
        text = f"{field.label}: {(end - start).days} days; not less than {days}."
        yield _find(field, "DISTANCE", text)


def _check_times(
    form: Form, body: Mapping[str, Any], now: datetime
) -> Iterator[Finding]:
    for field in form.fields:
        value = body.get(field.name)
        instant, day = parse_instant(value), parse_date(value)
        # Tomorrow is already today east of here: a day of grace.
        if day is not None and field.prefill == "today":
            if day > now.date() + timedelta(days=1):
                text = f"{field.label}: this day has not come yet."
                yield _find(field, "DATE", text)
        elif (instant is not None and instant < now) or (
            day is not None and day < now.date()
        ):
            text = f"{field.label}: this time has passed."
            yield _find(field, "PAST", text, level=Level.WARNING)


def _find(field: Field, what: str, text: str, *, level: Level = Level.ERROR) -> Finding:
    return Finding(
        code=f"PXY-FIELD-{what}",
        level=level,
        field=field.name,
        paragraph=field.paragraph,
        text=text,
    )
