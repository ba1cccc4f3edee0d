"""Removes or shifts each fact of an edition, and asks the scenarios again.

A fact whose change alters no answer is *unseen*: no scenario needs it. One that
alters an answer, but nothing that a jurist wrote down, is *unchecked*.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.law.scenarios import Scenario

from proxeny import law
from proxeny.law.facts import Measure, Party

SHIFT = timedelta(days=36_525)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """An edition with one fact changed."""

    fact: str
    change: str
    make: Callable[[], law.Lawbook]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the scenarios say of a mutant: is it seen, and by which is it caught."""

    mutant: Mutant
    seen: bool
    caught_by: str


def list_mutants(book: law.Lawbook) -> Iterator[Mutant]:
    """Every fact removed, and where it has a day that counts, shifted by a century."""
    yield from _mutate_instruments(book)
    yield from _mutate_parties(book)
    for name in ("memberships", "names", "statements"):
        yield from _mutate_groups(book, name)
    for key, body in book.bodies.items():
        if body.complete_from is not None:
            changed = replace(body, complete_from=None)
            yield _mutant(book, f"body {key}", "complete_from removed", "bodies",
                          {**book.bodies, key: changed})  # fmt: skip
    for place, rule in enumerate(book.offence_rules):
        yield _mutant(book, f"offence rule {rule.article}", "removed", "offence_rules",
                      _without(book.offence_rules, place))  # fmt: skip
    for key, offence in book.offences.items():
        if offence.maps_to:
            changed_class = replace(offence, maps_to=())
            yield _mutant(book, f"offence {key}", "maps_to removed", "offences",
                          {**book.offences, key: changed_class})  # fmt: skip
    yield from _mutate_measures(book)


def judge(
    mutant: Mutant,
    scenarios: Sequence[Scenario],
    answers: Sequence[Mapping[str, law.Route]],
) -> Verdict:
    """Ask every scenario of the mutant until one catches it."""
    book = mutant.make()
    seen = False
    for scenario, before in zip(scenarios, answers, strict=True):
        routes = scenario.ask(book)
        if routes == before:
            continue
        seen = True
        if scenario.list_misses(routes):
            caught = f"{scenario.stem}: {scenario.name}"
            return Verdict(mutant=mutant, seen=True, caught_by=caught)
    return Verdict(mutant=mutant, seen=seen, caught_by="")


def _mutant(
    book: law.Lawbook, fact: str, change: str, part: str, value: object
) -> Mutant:
    parts: dict[str, Any] = {part: value}
    return Mutant(fact=fact, change=change, make=lambda: replace(book, **parts))


def _mutate_instruments(book: law.Lawbook) -> Iterator[Mutant]:
    for key, one in book.instruments.items():
        if one.in_force is not None:
            for change, day in (
                ("in_force removed", None),
                ("in_force shifted", one.in_force + SHIFT),
            ):
                changed = {**book.instruments, key: replace(one, in_force=day)}
                yield _mutant(book, f"instrument {key}", change, "instruments", changed)
        if one.entry_rule is not None:
            changed = {**book.instruments, key: replace(one, entry_rule=None)}
            change = "entry rule removed"
            yield _mutant(book, f"instrument {key}", change, "instruments", changed)


def _mutate_parties(book: law.Lawbook) -> Iterator[Mutant]:
    for instrument, held in book.parties.items():
        for country, periods in held.items():
            fact = f"party {instrument} {country}"
            without = {key: one for key, one in held.items() if key != country}
            yield _mutant(book, fact, "removed", "parties",
                          {**book.parties, instrument: without})  # fmt: skip
            shifted = {**held, country: tuple(map(_shift, periods))}
            yield _mutant(book, fact, "shifted", "parties",
                          {**book.parties, instrument: shifted})  # fmt: skip


def _shift(party: Party) -> Party:
    days = {
        name: day + SHIFT
        for name in ("signed", "ratified", "in_force")
        if (day := getattr(party, name)) is not None
    }
    since = party.provenance.since + SHIFT
    return replace(party, provenance=replace(party.provenance, since=since), **days)


def _mutate_groups(book: law.Lawbook, part: str) -> Iterator[Mutant]:
    groups = getattr(book, part)
    for key, group in groups.items():
        for place, one in enumerate(group):
            what = getattr(one, "articles", "") or getattr(one, "name", "")
            fact = f"{part} {key} {what}"
            left = {**groups, key: _without(group, place)}
            yield _mutant(book, fact, "removed", part, left)


def _mutate_measures(book: law.Lawbook) -> Iterator[Mutant]:
    for place, measure in enumerate(book.measures):
        yield _mutant(book, f"measure {measure.id}", "removed", "measures",
                      _without(book.measures, place))  # fmt: skip
        for change, changed in _change_measure(measure):
            measures = (*book.measures[:place], changed, *book.measures[place + 1 :])
            yield _mutant(book, f"measure {measure.id}", change, "measures", measures)


def _change_measure(measure: Measure) -> Iterator[tuple[str, Measure]]:
    for name in ("conditions", "reservable", "limits", "must_follow"):
        held = getattr(measure, name)
        for place in range(len(held)):
            parts: dict[str, Any] = {name: _without(held, place)}
            yield f"{name} {place + 1} removed", replace(measure, **parts)
    if measure.custody is not None:
        yield "custody removed", replace(measure, custody=None)
    if measure.experience is not None:
        yield "experience removed", replace(measure, experience=None)


def _without(listed: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*listed[:place], *listed[place + 1 :])
