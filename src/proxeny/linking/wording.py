"""Says in words what was compared, as an analyst reads it beside the bits."""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from proxeny.linking.features import TEXT, Company, Group
from proxeny.linking.scorecard import Scorecard
from proxeny.linking.values import STOP_AFTER_HOLDERS, Evidence, Held, Key, Term

MAX_VALUE_SHOWN_CHARS: Final = 80
"""A URL may have thousands; the whole value stands in `Term.value`."""

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})

_HOURS_A_DAY: Final = 24
_MOSTLY: Final = 0.8
_RARELY: Final = 0.4
_SAME_STORY_BITS: Final = 20
_HELD: Final = ", held by "
_NO_OFFENCES: Final = "not both name an offence"
_NO_COUNTRIES: Final = "not both name a country"
_OFFENCES: Final = {"same": "both the same offence", "different": "two offences"}
_COUNTRIES: Final = {"same": "both from one country", "different": "from two countries"}
_GAPS: Final = (
    "within the hour",
    "within hours",
    "within a day",
    "within three days",
    "within a week",
    "within two weeks",
    "within a month",
)
"""By mean level of gap (see `GAP_LEVELS`); further ones are far apart."""


def render_terms(terms: Iterable[Term]) -> str:
    """Give one line for a link: every reason, and the bits that they add up to."""
    listed = list(terms)
    bits = math.fsum(term.bits for term in listed)
    return f"{', '.join(term.text for term in listed)} ({bits:+.1f})"


def list_terms(
    scorecard: Scorecard, evidence: Evidence, names: Mapping[str, str] = NO_NAMES
) -> tuple[Term, ...]:
    """Put evidence into words.

    Args:
        scorecard: the one that it was weighed by.
        evidence: from `weigh`.
        names: of classes of offence; one that is missing is named by its code.

    Returns:
        The key that brought the two together, then what else speaks for or against,
        strongest first, then what they share and doesn't count. The terms add up to
        the bits of the evidence.

    """
    best = evidence.best
    named = Term(
        name=Group.SELECTOR,
        text=_name_key(scorecard, best.key, evidence.comparison.holders),
        bits=evidence.groups[Group.SELECTOR],
        kind=best.key.kind,
        value=best.key.value,
    )
    further = [
        Term(name=group, text=_explain(group, evidence, names), bits=bits)
        for group, bits in evidence.groups.items()
        if bits and group is not Group.SELECTOR
    ]
    further.sort(key=lambda term: -abs(term.bits))
    shown = [
        Term(
            name="stopped" if held.stop else "hub",
            text=_explain_stop(scorecard, held),
            bits=0.0,
            kind=held.key.kind,
            value=held.key.value,
        )
        for held in evidence.shown
    ]
    return (named, *further, *shown)


def explain_reason(scorecard: Scorecard, kind: str, value: str) -> str:
    """Put a reason of the batch into the words of `list_terms`.

    Args:
        scorecard: the one that it was weighed by.
        kind: as `because` in `links.parquet` has it: of a selector, or a `Group`.
        value: as it stands beside it.

    """
    if _HELD in value:
        shared, _, holders = value.rpartition(_HELD)
        return _name_key(scorecard, Key(kind=kind, value=shared), int(holders))
    number, _, counted = value.partition(" ")
    match kind:
        case Group.OFFENCE:
            return _OFFENCES.get(value, _NO_OFFENCES)
        case Group.COUNTRY:
            return _COUNTRIES.get(value, _NO_COUNTRIES)
        case Group.TIME:
            hours = int(number) if counted == "hours apart" else None
            return _explain_gap(hours)
        case Group.COMPANY:
            return "what its other holders are like"
        case Group.OTHERS:
            return "how many further selectors both name"
        case Group.TEXT:
            phrases = int(number) if counted == "rare phrases" else None
            return _explain_text(phrases)
        case _:
            return value


def _name_key(scorecard: Scorecard, key: Key, holders: int) -> str:
    weight = scorecard.kinds.get(key.kind)
    name = key.kind if weight is None else weight.name
    value = "" if key.kind == TEXT else f" {_shorten(key.value)}"
    return f"same {name}{value}{_HELD}{holders:,} reports"


def _explain_stop(scorecard: Scorecard, held: Held) -> str:
    why = held.stop or f"more than {STOP_AFTER_HOLDERS:,}"
    return f"{_name_key(scorecard, held.key, held.holders)}, not counted: {why}"


def _explain(group: Group, evidence: Evidence, names: Mapping[str, str]) -> str:
    comparison = evidence.comparison
    both = (evidence.new, evidence.holder)
    match group:
        case Group.COMPANY:
            return _explain_company(comparison.company)
        case Group.TIME:
            return _explain_gap(comparison.hours)
        case Group.OFFENCE:
            if comparison.same_offence is None:
                return _NO_OFFENCES
            offences = [holder.offence or "" for holder in both]
            one, other = sorted(names.get(code, code) for code in offences)
            return f"both {one}" if comparison.same_offence else f"{one} and {other}"
        case Group.COUNTRY:
            same = comparison.same_country
            if same is None:
                return _NO_COUNTRIES
            one, other = sorted(holder.country or "" for holder in both)
            return f"both from {one}" if same else f"from {one} and from {other}"
        case Group.OTHERS:
            return _explain_others(comparison.others)
        case Group.TEXT:
            return _explain_text(comparison.phrases)
        case _:
            raise ValueError(f"no words for {group}")


def _explain_company(company: Company) -> str:
    if not company.pairs:
        return "no other holders to judge it by"
    says = []
    if company.known_offence:
        share = company.same_offence / company.known_offence
        if share >= _MOSTLY:
            says.append("mostly name the same offence")
        elif share <= _RARELY:
            says.append("name different offences")
    if (
        company.known_text
        and company.text_bits / company.known_text >= _SAME_STORY_BITS
    ):
        says.append("tell the same story")
    if company.known_others and company.others >= _MOSTLY * company.known_others:
        says.append("share more than this")
    if company.known_gap:
        level = int(company.gap_level / company.known_gap)
        near = level < len(_GAPS)
        says.append(f"follow {_GAPS[level]}" if near else "lie months apart")
    return f"its other holders {_enumerate(says or ['tell little'])}"


def _enumerate(says: list[str]) -> str:
    *first, last = says
    return f"{', '.join(first)} and {last}" if first else last


def _explain_gap(hours: int | None) -> str:
    if hours is None:
        return "no two times to compare"
    if hours < _HOURS_A_DAY:
        return _count(hours, "hour apart", "hours apart") if hours else "within an hour"
    return _count(hours // _HOURS_A_DAY, "day apart", "days apart")


def _explain_others(others: int | None) -> str:
    if others is None:
        return "no further selector named"
    if not others:
        return "no further selector shared"
    return _count(others, "further selector shared", "further selectors shared")


def _explain_text(phrases: int | None) -> str:
    if phrases is None:
        return "no rare wording to compare"
    if not phrases:
        return "texts share no rare phrase"
    return "texts share " + _count(phrases, "rare phrase", "rare phrases")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _shorten(value: str) -> str:
    if len(value) <= MAX_VALUE_SHOWN_CHARS:
        return value
    return value[: MAX_VALUE_SHOWN_CHARS - 1] + "…"
