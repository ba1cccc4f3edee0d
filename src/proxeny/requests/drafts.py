"""A first draft of a request, written from what the case knows.

Only what is known is filled in, in plain English sentences. What a person has to
judge (the custodian, why preservation is necessary, the intention to ask for mutual
assistance) stays empty, so that the pre-flight check asks for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from proxeny.requests.forms import Field, FieldKind, Form
from proxeny.requests.values import is_empty, normalise_body
from proxeny.selectors import Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What a case tells a request.

    ``selectors`` are the offenders' alone: the caller leaves victims' out, and a
    victim never leaves the node. ``offence`` and ``summary`` are words for a reader.
    ``losses`` holds one sum for each currency (ISO 4217).
    """

    ref: str
    title: str
    offence: str
    summary: str
    first_at: datetime | None
    last_at: datetime | None
    reports: int
    losses: tuple[tuple[Decimal, str], ...] = ()
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    case: CaseFacts
    requesting: Mapping[str, Any] = field(default_factory=dict)
    requested: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None


def prefill(
    form: Form,
    *,
    case: CaseFacts,
    authority: Mapping[str, Any],
    requested: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """A draft of the request's body.

    Args:
        form: the form to fill.
        case: what the case knows.
        authority: the requesting authority's parts (``organisation``, ``country``,
            ``person``, ``telephone``, ...); parts that the form lacks are left out.
        requested: the requested authority's parts.
        now: the present instant; gives the request its date.

    Returns:
        A body in normal form.
    """
    known = _Known(case=case, requesting=authority, requested=requested or {}, now=now)
    filled = {entry.name: _fill(entry, known) for entry in form.fields}
    body = {name: value for name, value in filled.items() if not is_empty(value)}
    return normalise_body(form, body)


def _fill(entry: Field, known: _Known) -> Any:
    if entry.kind is FieldKind.CHOICE:
        return entry.prefill
    if entry.prefill == "least":
        return entry.least
    source = _SOURCES.get(entry.prefill)
    value = None if source is None else source(known)
    if entry.kind is FieldKind.AUTHORITY and isinstance(value, Mapping):
        return {part.name: str(value.get(part.name) or "") for part in entry.parts}
    return value


def _write_facts(known: _Known) -> str:
    case = known.case
    sentences = [case.summary.strip()]
    match case.reports:
        case 0:
            pass
        case 1:
            sentences.append("One victim's report describes this.")
        case number:
            sentences.append(f"{number} reports of victims describe this.")
    if period := _write_period(case):
        sentences.append(f"The acts reported were committed {period}.")
    if losses := _write_losses(case):
        sentences.append(f"The loss reported is {losses}.")
    return " ".join(sentence for sentence in sentences if sentence)


def _write_data(known: _Known) -> str:
    if not known.case.selectors:
        return ""
    period = _write_period(known.case)
    sentence = (
        "Subscriber information, traffic data and content data stored for the "
        "accounts, addresses and systems that the selectors listed below identify"
    )
    return f"{sentence}, {period}." if period else f"{sentence}."


def _write_relationship(known: _Known) -> str:
    if not known.case.selectors:
        return ""
    return (
        "The selectors listed below were used by the offender towards the victims; "
        "the data stored for them help to identify the offender and to follow the "
        "proceeds of the offence."
    )


def _write_period(case: CaseFacts) -> str:
    match [_write_day(at) for at in (case.first_at, case.last_at) if at]:
        case [first, last] if first != last:
            return f"from {first} to {last}"
        case [day, *_]:
            return f"on {day}"
        case _:
            return ""


def _write_day(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).date().isoformat()


def _write_losses(case: CaseFacts) -> str:
    sums = [f"{currency} {amount:,.2f}" for amount, currency in case.losses]
    return " and ".join(sums)


def _list_selectors(known: _Known) -> list[dict[str, str]]:
    return [
        {"kind": str(selector.kind), "value": selector.value}
        for selector in known.case.selectors
    ]


_SOURCES: Mapping[str, Callable[[_Known], Any]] = {
    "today": lambda known: _write_day(known.now),
    "reference": lambda known: known.case.ref,
    "requesting_authority": lambda known: known.requesting,
    "requested_authority": lambda known: known.requested,
    "offence": lambda known: known.case.offence,
    "facts": _write_facts,
    "data_to_preserve": _write_data,
    "relationship": _write_relationship,
    "selectors": _list_selectors,
}
