"""Request forms as data: one TOML file of the lawbook becomes one checked value.

A form says which contents a treaty demands (paragraph by paragraph), who may send it
to whom, how many persons approve it, which clocks run, how it is answered and on
which grounds it may be refused. Nothing here knows a single form by name.

A form that breaks a rule of this module doesn't load. Two rules come from
ARCHITECTURE ("Law is data"): no fact without a source, and nothing that was not
re-read drives a binding deadline.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from proxeny import lawbook
from proxeny.errors import ConfigError, InputError
from proxeny.law import Reading
from proxeny.requests.states import Event

MAX_FORM_BYTES = 256 * 1024
_FORM_ID = re.compile(r"[A-Z0-9][A-Za-z0-9-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_STRICT = ConfigDict(extra="forbid")


class FormError(ConfigError):
    """A form of the lawbook breaks a rule: the edition of the lawbook is mended."""

    code = "PXY-FORM"
    advice = "Run `proxeny lawbook check`, or go back to the packaged lawbook."


class RequestError(InputError):
    """A request, or a reply to one, can't be read as its form demands."""

    code = "PXY-REQUEST"
    advice = "Correct the named field and try again."


class FieldKind(StrEnum):
    """What a field holds, and so how it is asked, checked, sent and printed.

    ``date`` is ``YYYY-MM-DD``; ``instant`` is RFC 3339 with its offset;
    ``selectors`` is a list of ``{"kind", "value"}``; ``authority`` is an object of
    the field's ``parts``.
    """

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    SELECTORS = "selectors"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds when another field of the same body has one of these values."""

    field: str
    values: tuple[str, ...]

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A date lies at least ``days`` after the date in ``field``."""

    field: str
    days: int

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One content of a form.

    ``paragraph`` is the paragraph of the instrument that demands it, ``template``
    the section of an official template that asks for it. ``choices`` are pairs of
    value and label. ``statement`` is the sentence that a boolean confirms, ``parts``
    the texts of an authority. ``prefill`` names what of a case fills it.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    section: str = ""
    paragraph: str | None = None
    template: str | None = None
    required: bool = False
    recommended: bool = False
    required_when: Condition | None = None
    help: str = ""
    statement: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple["Field", ...] = ()
    format: str = ""
    min_chars: int = 1
    max_chars: int = 500
    max_items: int = 100
    least: int = 0
    most: int = 1_000_000
    not_before: Distance | None = None
    prefill: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground on which the instrument lets a Party refuse."""

    code: str
    text: str
    paragraph: str

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSource:
    """What a form was drawn from, and how and as of when it was read."""

    of: str
    source: str
    as_of: date
    reading: Reading
    note: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Where a clock's end is read: one field of request or reply, plus days."""

    request: str | None = None
    reply: str | None = None
    days: int = 0

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTimeLimit:
    """One clock: ``due`` is tried in order; ``starts`` and ``stops`` name facts."""

    id: str
    what: str
    whose: str
    source: str
    as_of: date
    reading: Reading
    binding: bool
    due: tuple[Due, ...]
    article: str = ""
    starts: str = ""
    stops: tuple[str, ...] = ()
    only_when: Condition | None = None

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of request between authorities.

    ``reply_events`` says what each outcome of a reply does to the request.
    """

    id: str
    edition: int
    title: str
    short_title: str
    instrument: str
    instrument_name: str
    article: str
    route: str
    approvals: int
    from_roles: tuple[str, ...]
    to_roles: tuple[str, ...]
    sources: tuple[FormSource, ...]
    fields: tuple[Field, ...]
    reply_fields: tuple[Field, ...]
    reply_events: Mapping[str, str]
    refusal_grounds: tuple[Ground, ...]
    time_limits: tuple[FormTimeLimit, ...]

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


_FORM = TypeAdapter(Form)


def load_form(form_id: str, folder: Path | None = None) -> Form:
    """Read one form and check it.

    Args:
        form_id: such as ``ETS185-29``; the name of the file without its ending.
        folder: the ``forms`` folder of another edition; default: the packaged one.

    Returns:
        The form; the packaged one is read once.

    Raises:
        RequestError: no such form (PXY-REQUEST-FORM).
        FormError: the file breaks a rule.
    """
    if not _FORM_ID.fullmatch(form_id):
        raise _unknown_form()
    if folder is None:
        return _load_packaged(form_id)
    return _read_form(folder, form_id)


def list_forms(folder: Path | None = None) -> tuple[Form, ...]:
    """Every form of the lawbook, in the order of its identifiers.

    Raises:
        FormError: a file breaks a rule.
    """
    place: Traversable = _packaged_folder() if folder is None else folder
    ids = sorted(
        entry.name.removesuffix(".toml")
        for entry in place.iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(load_form(form_id, folder) for form_id in ids)


def require_field(fields: Iterable[Field], name: str) -> Field:
    """The field of that name; ``FormError`` if the form has none."""
    for field in fields:
        if field.name == name:
            return field
    raise FormError(f"the form has no field '{name}'")


def _packaged_folder() -> Traversable:
    return lawbook.path() / "forms"


@cache
def _load_packaged(form_id: str) -> Form:
    return _read_form(_packaged_folder(), form_id)


def _unknown_form() -> RequestError:
    return RequestError(
        "There is no such form in this node's lawbook.",
        code="PXY-REQUEST-FORM",
        advice="Choose one of the forms that `proxeny request draft --help` lists.",
    )


def _read_form(folder: Traversable, form_id: str) -> Form:
    file = folder / f"{form_id}.toml"
    if not file.is_file():
        raise _unknown_form()
    content = file.read_bytes()
    if len(content) > MAX_FORM_BYTES:
        raise FormError(f"form {form_id} is over {MAX_FORM_BYTES} bytes")
    try:
        form = parse_form(tomllib.loads(content.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FormError(f"form {form_id} is no TOML: {error}") from error
    except FormError as error:
        raise FormError(f"form {form_id}: {error.message}") from error
    if form.id != form_id:
        raise FormError(f"form {form_id} calls itself {form.id}")
    return form


def parse_form(raw: dict[str, Any]) -> Form:
    """Make a form of the content of its file.

    Raises:
        FormError: a key is missing, unknown or of the wrong type, or a rule is
            broken; the message names the first of them.
    """
    try:
        form = _FORM.validate_python(_with_grounds(raw))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise FormError(f"{where}: {first['msg']}") from error
    for fault in _list_faults(form):
        raise FormError(fault)
    return form


def _with_grounds(raw: dict[str, Any]) -> dict[str, Any]:
    """Let a field say ``choices = "refusal_grounds"``: the grounds stand once."""
    grounds = [
        (ground.get("code"), f"{ground.get('text')} ({ground.get('paragraph')})")
        for ground in raw.get("refusal_grounds", [])
        if isinstance(ground, dict)
    ]
    fields = [
        {**field, "choices": grounds}
        if isinstance(field, dict) and field.get("choices") == "refusal_grounds"
        else field
        for field in raw.get("reply_fields", [])
    ]
    return {**raw, "reply_fields": fields}


def _list_faults(form: Form) -> Iterator[str]:
    if not form.sources or any(not source.source for source in form.sources):
        yield "a form without a source does not load"
    if form.approvals < 1:
        yield "a form needs at least one approval"
    yield from _list_field_faults(form.fields)
    yield from _list_field_faults(form.reply_fields)
    yield from _list_reply_faults(form)
    request_names = {field.name for field in form.fields}
    reply_names = {field.name for field in form.reply_fields}
    for limit in form.time_limits:
        if limit.binding and limit.reading is not Reading.READ:
            yield f"time limit {limit.id} is binding but was not re-read"
        if not limit.source:
            yield f"time limit {limit.id} has no source"
        if limit.whose not in {"requesting", "requested"}:
            yield f"time limit {limit.id}: whose is requesting or requested"
        if limit.only_when is not None and limit.only_when.field not in reply_names:
            yield f"time limit {limit.id} asks an unknown field of the reply"
        for due in limit.due:
            known = (
                due.request in request_names
                if due.reply is None
                else due.reply in reply_names and due.request is None
            )
            if not known:
                yield f"time limit {limit.id} names an unknown field"


def _list_reply_faults(form: Form) -> Iterator[str]:
    outcomes = {
        value
        for field in form.reply_fields
        if field.name == "outcome"
        for value, _ in field.choices
    }
    if not outcomes or outcomes != set(form.reply_events):
        yield "each outcome of a reply, and nothing else, needs its event"
    if not set(form.reply_events.values()) <= set(Event):
        yield "an outcome leads to an event that doesn't exist"


def _list_field_faults(fields: tuple[Field, ...]) -> Iterator[str]:
    names = [field.name for field in fields]
    if len(names) != len(set(names)):
        yield "two fields bear the same name"
    for field in fields:
        if not _NAME.fullmatch(field.name) or field.name == "extra":
            yield f"'{field.name[:40]}' can't be the name of a field"
        if (field.kind is FieldKind.CHOICE) != bool(field.choices):
            yield f"field {field.name}: choices belong to a choice, which needs them"
        values = [value for value, _ in field.choices]
        if field.choices and field.prefill and field.prefill not in values:
            yield f"field {field.name} is filled with what is no choice"
        if (field.kind is FieldKind.AUTHORITY) != bool(field.parts):
            yield f"field {field.name}: parts belong to an authority, which needs them"
        if field.required_when and field.required_when.field not in names:
            yield f"field {field.name} depends on an unknown field"
        if field.not_before and field.not_before.field not in names:
            yield f"field {field.name} is compared with an unknown field"
        if any(part.kind is not FieldKind.TEXT for part in field.parts):
            yield f"field {field.name}: the parts of an authority are text"
        yield from _list_field_faults(field.parts)
