"""What one edition says otherwise than another: facts added, removed, changed.

And what that does to requests: the routes whose state is another one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum

from proxeny.law.facts import Lawbook, Provenance, Statement
from proxeny.law.ratifying import PastRequest
from proxeny.law.routes import list_routes

_MAX_SHOWN_CHARS = 160
# Where an entry of a list keeps its words.
_CARRIERS = ("text", "demand", "time_limit", "provision", "article")


class ChangeKind(StrEnum):
    """What became of a fact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that differs; ``fields`` names what changed, before and after."""

    change: ChangeKind
    kind: str
    key: str
    fields: tuple[tuple[str, str, str], ...]

    @property
    def text(self) -> str:
        """The change in words, on one line."""
        if self.change is not ChangeKind.CHANGED:
            told = "; ".join(f"{name} {after}" for name, _, after in self.fields)
            return f"{self.change.value} {self.kind} {self.key}: {told}".rstrip(": ")
        told = "; ".join(
            f"{name} {before or 'empty'} -> {after or 'empty'}"
            for name, before, after in self.fields
        )
        return f"{self.change.value} {self.kind} {self.key}: {told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """A route of a request whose state is another one; empty: not offered."""

    ref: str
    route: str
    before: str
    after: str


def compare_editions(old: Lawbook, new: Lawbook) -> tuple[Change, ...]:
    """Every fact that the newer edition adds, drops or says otherwise."""
    before, after = dict(_list_facts(old)), dict(_list_facts(new))
    return tuple(
        change
        for kind, key in dict.fromkeys((*before, *after))
        for change in _compare(
            kind, key, before.get((kind, key)), after.get((kind, key))
        )
    )


def list_route_changes(
    old: Lawbook, new: Lawbook, requests: Iterable[PastRequest], on: date
) -> tuple[RouteChange, ...]:
    """The routes of requests that stand otherwise by the newer edition.

    Args:
        old: the edition in use.
        new: the edition that may replace it.
        requests: what is asked; their own day is not used.
        on: the day for which both are asked.

    """
    return tuple(
        RouteChange(
            ref=request.ref,
            route=route,
            before=before.get(route, ""),
            after=after.get(route, ""),
        )
        for request in requests
        for before, after in [(_states(old, request, on), _states(new, request, on))]
        for route in sorted({*before, *after})
        if before.get(route) != after.get(route)
    )


def _states(book: Lawbook, request: PastRequest, on: date) -> dict[str, str]:
    found = list_routes(
        book,
        requesting=request.requesting,
        requested=request.requested,
        data=request.data,
        on=on,
        emergency=request.emergency,
        offence=request.offence,
    )
    return {route.id: route.state.value for route in found}


_Facts = Iterator[tuple[tuple[str, str], object]]


def _list_facts(book: Lawbook) -> _Facts:
    """Every fact under its kind and a key that outlives a correction."""
    for kind, index in (
        ("instrument", book.instruments),
        ("body", book.bodies),
        ("offence", book.offences),
        ("measure", {one.id: one for one in book.measures}),
    ):
        for key, entry in index.items():
            yield (kind, key), entry
    for (where, country), members in book.memberships.items():
        yield from _number("member", f"{where} {country}", members)
    for country, names in book.names.items():
        yield from _number("name", country, names)
    yield from _number("offence rule", "of the edition", book.offence_rules)
    for instrument, held in book.parties.items():
        for country, periods in held.items():
            yield from _number("party", f"{instrument} {country}", periods)
    yield from _list_statements(book)


def _list_statements(book: Lawbook) -> _Facts:
    for (instrument, country), statements in book.statements.items():
        by_article: dict[str, list[Statement]] = {}
        for one in statements:
            about = f"{one.kind.value} on {', '.join(one.articles) or 'no article'}"
            by_article.setdefault(about, []).append(one)
        for about, group in by_article.items():
            yield from _number("reservation", f"{instrument} {country} {about}", group)


def _number(kind: str, key: str, entries: Iterable[object]) -> _Facts:
    for place, entry in enumerate(entries, start=1):
        yield (kind, key if place == 1 else f"{key} ({place})"), entry


def _compare(kind: str, key: str, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    before, after = _flatten(old), _flatten(new)
    if new is None:
        change, told = ChangeKind.REMOVED, _tell_all(before)
    elif old is None:
        change, told = ChangeKind.ADDED, _tell_all(after)
    else:
        change = ChangeKind.CHANGED
        told = tuple(
            (name, *_show_both(before.get(name), after.get(name)))
            for name in dict.fromkeys((*before, *after))
            if before.get(name) != after.get(name)
        )
    yield Change(change=change, kind=kind, key=key, fields=told)


def _tell_all(values: Mapping[str, object]) -> tuple[tuple[str, str, str], ...]:
    shown = ((name, _show(value)) for name, value in values.items())
    return tuple((name, "", text) for name, text in shown if text)


def _flatten(entry: object) -> dict[str, object]:
    """The fields of a fact, its provenance among them."""
    if entry is None:
        return {}
    values: dict[str, object] = {}
    for one in fields(entry):  # type: ignore[arg-type]  # every fact is a dataclass
        value = getattr(entry, one.name)
        if isinstance(value, Provenance):
            values |= _flatten(value)
        elif is_dataclass(value):
            parts = _flatten(value).items()
            values |= {f"{one.name} {part}": held for part, held in parts}
        else:
            values[one.name] = value
    return values


def _show_both(old: object, new: object) -> tuple[str, str]:
    """Two values on one line each; of lists only the entries that differ."""
    if not isinstance(old, tuple) or not isinstance(new, tuple):
        return _show(old), _show(new)
    left = tuple(one for one in old if one not in new)
    came = tuple(one for one in new if one not in old)
    if _show(left) != _show(came):
        return _show(left), _show(came)
    # The words are the same; what differs stands beside them, or in the order.
    return _list_beside(left, came), _list_beside(came, left)


def _list_beside(entries: Sequence[object], others: Sequence[object]) -> str:
    """Of entries with the same words, the parts that differ."""
    return " | ".join(
        ", ".join(
            f"{name} {_show(value) or 'empty'}"
            for name, value in _flatten(one).items()
            if value != _flatten(other).get(name)
        )
        for one, other in zip(entries, others, strict=False)
        if is_dataclass(one)
    )


def _show(value: object) -> str:
    """A value on one line, cut where it is long."""
    match value:
        case None | "" | () | False:
            return ""
        case frozenset():
            text = " ".join(sorted(map(str, value)))
        case tuple():
            text = " | ".join(map(_name_entry, value))
        case _:
            text = _name_entry(value)
    short = text if len(text) <= _MAX_SHOWN_CHARS else text[:_MAX_SHOWN_CHARS] + "…"
    return " ".join(short.split())


def _name_entry(entry: object) -> str:
    """What an entry says: its own text, or that of the part which carries it."""
    if not is_dataclass(entry):
        return str(entry)
    for name in _CARRIERS:
        part = getattr(entry, name, None)
        if part is not None:
            return _name_entry(part)
    return str(entry)
