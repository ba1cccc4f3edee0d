"""A page's form made from a form of the lawbook: no field is written twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from proxeny import countries, law
from proxeny import requests as pure

PART = "__"


def build_form(
    fields: Iterable[pure.Field], values: Mapping[str, Any], data: Any = None
) -> forms.Form:
    """A Django form over these fields; nothing is required here.

    Pre-flight says what is missing, by paragraph, and a draft may be kept unfinished.

    Args:
        fields: of a request or a reply.
        values: what is held so far.
        data: what was posted, if it was.
    """
    made = forms.Form(data, initial=_initial(fields, values))
    for field in fields:
        for name, part in _parts(field):
            control = _control(part)
            # The page says "optional" only where neither law nor form asks for it.
            control.demanded = (part.required and field.required) or field.recommended  # type: ignore[attr-defined]  # read by the label
            made.fields[name] = control
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page: a heading, and below it controls or folded groups."""

    title: str
    groups: tuple["Group", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The controls of one field; an authority's are folded behind its name."""

    label: str
    folded: bool
    shown: str
    controls: tuple[str, ...]


def list_sections(
    fields: Iterable[pure.Field], values: Mapping[str, Any]
) -> list[Section]:
    """The page's parts in the order of the form."""
    return [
        Section(title=title, groups=tuple(_group(field, values) for field in together))
        for title, together in groupby(fields, key=lambda field: field.section)
    ]


def _group(field: pure.Field, values: Mapping[str, Any]) -> Group:
    is_authority = field.kind is pure.FieldKind.AUTHORITY
    held = values.get(field.name) or {}
    return Group(
        label=field.label,
        folded=is_authority,
        shown=(held.get("organisation") or held.get("person") or "")
        if is_authority
        else "",
        controls=tuple(name for name, _part in _parts(field)),
    )


def read_form(fields: Iterable[pure.Field], form: forms.Form) -> dict[str, Any]:
    """What was typed, as a body."""
    body: dict[str, Any] = {}
    for field in fields:
        typed = {name: form.cleaned_data.get(name) for name, _part in _parts(field)}
        match field.kind:
            case pure.FieldKind.AUTHORITY:
                body[field.name] = {
                    name.partition(PART)[2]: value or ""
                    for name, value in typed.items()
                }
            case pure.FieldKind.SELECTORS:
                body[field.name] = _read_selectors(typed[field.name] or "")
            case _:
                body[field.name] = typed[field.name]
    return body


def keep_readable(
    fields: Iterable[pure.Field], body: Mapping[str, Any]
) -> dict[str, Any]:
    """What of a body a page can show; what is wrong with the rest, the check says.

    A program may put anything into a draft, and it is an officer who mends it here.
    """
    kept = dict(body)
    for field in fields:
        value = body.get(field.name)
        match field.kind:
            case pure.FieldKind.AUTHORITY:
                kept[field.name] = value if isinstance(value, Mapping) else {}
            case pure.FieldKind.SELECTORS:
                items = value if isinstance(value, list) else []
                kept[field.name] = [
                    item
                    for item in items
                    if isinstance(item, Mapping) and {"kind", "value"} <= item.keys()
                ]
    return kept


def _parts(field: pure.Field) -> list[tuple[str, pure.Field]]:
    if field.kind is pure.FieldKind.AUTHORITY:
        return [(f"{field.name}{PART}{part.name}", part) for part in field.parts]
    return [(field.name, field)]


def _initial(fields: Iterable[pure.Field], values: Mapping[str, Any]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for field in fields:
        value = values.get(field.name)
        match field.kind:
            case pure.FieldKind.AUTHORITY:
                for part in field.parts:
                    held = (value or {}).get(part.name, "")
                    initial[f"{field.name}{PART}{part.name}"] = held
            case pure.FieldKind.SELECTORS:
                lines = [f"{item['kind']} {item['value']}" for item in value or []]
                initial[field.name] = "\n".join(lines)
            case _:
                initial[field.name] = value
    return initial


def _control(field: pure.Field) -> forms.Field:
    label = field.label
    paragraph = field.paragraph or ""
    help_text = " ".join(
        part for part in (field.help, f"Art. {paragraph}" if paragraph else "") if part
    )
    common: dict[str, Any] = {
        "label": label,
        "help_text": help_text,
        "required": False,
    }
    match field.kind:
        case pure.FieldKind.LONG_TEXT:
            area = forms.Textarea(attrs={"rows": 5})
            return forms.CharField(**common, max_length=field.max_chars, widget=area)
        case pure.FieldKind.CHOICE:
            choices = [("", "–"), *field.choices]
            return forms.ChoiceField(**common, choices=choices)
        case pure.FieldKind.BOOLEAN:
            return forms.BooleanField(**common)
        case pure.FieldKind.NUMBER:
            return forms.IntegerField(**common)
        case pure.FieldKind.SELECTORS:
            area = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
            common["help_text"] = (
                f"{help_text} One a line: its kind, a space, its value."
            )
            return forms.CharField(**common, max_length=100_000, widget=area)
        case pure.FieldKind.DATE:
            common["help_text"] = f"{help_text} Year-month-day, as 2026-11-30.".strip()
            return forms.CharField(**common, max_length=40)
        case pure.FieldKind.INSTANT:
            common["help_text"] = (
                f"{help_text} Year-month-day and UTC time, as 2026-11-30T14:00Z."
            ).strip()
            return forms.CharField(**common, max_length=40)
        case _:
            return forms.CharField(**common, max_length=field.max_chars)


def _read_selectors(text: str) -> list[dict[str, str]]:
    lines = [line.strip().partition(" ") for line in text.splitlines()]
    return [
        {"kind": kind.strip(), "value": value.strip()}
        for kind, _space, value in lines
        if kind
    ]


def _countries() -> list[tuple[str, str]]:
    return sorted(
        ((code, countries.name(code)) for code in countries.codes()),
        key=lambda pair: pair[1],
    )


def _own_country() -> str:
    return str(settings.CONFIG.authority.country)


class RoutesForm(forms.Form):
    """Two countries, data, urgency: in one row."""

    requesting = forms.ChoiceField(
        label=_("From"), choices=_countries, initial=_own_country
    )
    requested = forms.ChoiceField(label=_("To"), choices=_countries, initial="DE")
    kind = forms.ChoiceField(
        label=_("Data"),
        choices=[(kind.value, kind.value.replace("_", " ")) for kind in law.DataKind],
        initial=law.DataKind.SUBSCRIBER.value,
    )
    offence = forms.CharField(
        label=_("Offence class"), initial="ETS185:8", max_length=64, required=False
    )
    emergency = forms.BooleanField(label=_("Emergency"), required=False)
    case = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
