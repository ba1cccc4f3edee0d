"""What another ratification would have changed for requests that were made.

The ratification is added to the edition, entry into force is computed by the treaty's
own rule, and each request is asked again. Nothing of it is law: it is an *if*.

    >>> law.compare_ratification(book, "CETS224", ["TR"], requests, on=day).faster
    0    # four of five: the Protocol still waits
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from proxeny import countries
from proxeny.errors import InputError
from proxeny.law.binding import find_party
from proxeny.law.entering import compute_entry, delay, find_latest_consent
from proxeny.law.facts import Instrument, Lawbook, Party, Provenance, Standing
from proxeny.law.routes import list_routes
from proxeny.law.values import DataKind, Reading, Route, RouteState

SOURCE = "what if: a ratification that did not take place"
_TAKEABLE = frozenset({RouteState.OPEN, RouteState.CONDITIONAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRequest:
    """A request that was made; ``days`` is what its answer took, if it came."""

    ref: str
    requesting: str
    requested: str
    data: DataKind
    offence: str
    emergency: bool
    on: date
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfLine:
    """One request that the ratification would have changed.

    ``days_before`` is what it took, or what its fastest channel takes by the lawbook;
    ``days_saved`` is None where one of the two is not known.
    """

    ref: str
    requesting: str
    requested: str
    on: date
    opened: tuple[str, ...]
    fastest_before: str
    fastest_after: str
    days_before: int | None
    days_after: int | None
    days_saved: int | None
    faster: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The figures: requests asked again, those with a faster channel, days saved.

    ``opened`` counts requests with a channel that they did not have. ``read`` is
    false where the rule of entry or a time limit behind a figure was not re-read.
    """

    instrument: str
    ratified: tuple[str, ...]
    ratified_on: date
    in_force_on: date | None
    consents: int
    consents_needed: int
    requests: int
    opened: int
    faster: int
    days_saved: int
    read: bool
    lines: tuple[WhatIfLine, ...]


def compare_ratification(
    lawbook: Lawbook,
    instrument: str,
    ratified: Sequence[str],
    requests: Iterable[PastRequest],
    *,
    on: date,
) -> WhatIf:
    """Ask requests again as if countries had ratified an instrument on a day.

    Args:
        lawbook: the edition to start from.
        instrument: its id, such as ``CETS224``.
        ratified: the countries that are taken to have ratified it.
        requests: what was asked, of whom, when, and how long the answer took.
        on: the day of ratification.

    Raises:
        InputError: no such treaty (PXY-INSTRUMENT), an unknown country, or one that
            is a Party already (PXY-RATIFIED).

    """
    changed = lawbook
    for country in ratified:
        changed = add_ratification(changed, instrument, country, on)
    asked = list(requests)
    compared = [_compare(lawbook, changed, request) for request in asked]
    lines = tuple(line for line, _ in compared if line.opened or line.faster)
    entry = compute_entry(changed, changed.instruments[instrument])
    if entry is None:
        raise _refuse_instrument(instrument)
    return WhatIf(
        instrument=instrument,
        ratified=tuple(sorted(ratified)),
        ratified_on=on,
        in_force_on=changed.instruments[instrument].in_force,
        consents=len(entry.consents),
        consents_needed=entry.needed,
        requests=len(asked),
        opened=sum(bool(line.opened) for line in lines),
        faster=sum(line.faster for line in lines),
        days_saved=sum(line.days_saved or 0 for line in lines),
        read=entry.reading is Reading.READ
        and all(read for line, read in compared if line.faster),
        lines=lines,
    )


def add_ratification(
    lawbook: Lawbook, instrument: str, country: str, on: date
) -> Lawbook:
    """The edition as it would read had the country ratified on that day.

    Raises:
        InputError: as ``compare_ratification``.

    """
    held = lawbook.instruments.get(instrument.strip())
    if held is None or held.entry_rule is None:
        raise _refuse_instrument(instrument)
    code = countries.require_country(country)
    known = find_party(lawbook, held.id, code, on)
    if known is not None and _has_consented(known):
        raise InputError(
            f"{code} has ratified {held.id} already.",
            code="PXY-RATIFIED",
            advice="Name a country that the lawbook doesn't hold as bound.",
        )
    party = Party(
        instrument=held.id,
        country=code,
        standing=Standing.PARTY,
        signed=None,
        ratified=on,
        in_force=None,
        not_re_read=frozenset(),
        note="what if",
        provenance=Provenance(
            since=on, until=None, source=SOURCE, as_of=on, reading=Reading.READ
        ),
    )
    parties = {**lawbook.parties.get(held.id, {}), code: (party,)}
    book = replace(lawbook, parties={**lawbook.parties, held.id: parties})
    return _bring_into_force(book, held)


def find_ratification_day(lawbook: Lawbook, instrument: str, first: date) -> date:
    """The last day of ratification by which a country is bound on ``first``.

    Raises:
        InputError: no such treaty (PXY-INSTRUMENT).

    """
    held = lawbook.instruments.get(instrument)
    if held is None or held.entry_rule is None:
        raise _refuse_instrument(instrument)
    return max(held.opened, find_latest_consent(held.entry_rule, first))


def _refuse_instrument(instrument: str) -> InputError:
    return InputError(
        f"{instrument[:40]!r} is no treaty whose entry into force the lawbook knows.",
        code="PXY-INSTRUMENT",
        advice="Give its id, such as CETS224; `proxeny lawbook check` reads them.",
    )


def _has_consented(party: Party) -> bool:
    return party.standing in {Standing.PARTY, Standing.BOUND, Standing.RATIFIED}


def _bring_into_force(book: Lawbook, instrument: Instrument) -> Lawbook:
    """The days by the rule: of the instrument if it had none, and of its Parties."""
    rule = instrument.entry_rule
    entry = compute_entry(book, instrument)
    if rule is None or entry is None:
        return book
    in_force = instrument.in_force or entry.on
    parties = {
        country: tuple(_bind(party, rule_day, in_force) for party in group)
        for country, group in book.parties[instrument.id].items()
        for rule_day in [_find_rule_day(group, instrument)]
    }
    return replace(
        book,
        instruments={
            **book.instruments,
            instrument.id: replace(instrument, in_force=in_force),
        },
        parties={**book.parties, instrument.id: parties},
    )


def _find_rule_day(group: tuple[Party, ...], instrument: Instrument) -> date | None:
    ratified, rule = group[-1].ratified, instrument.entry_rule
    return None if ratified is None or rule is None else delay(rule, ratified)


def _bind(party: Party, rule_day: date | None, in_force: date | None) -> Party:
    """A State that consented is a Party once the instrument is in force."""
    if party.in_force is not None or not _has_consented(party):
        return party
    if rule_day is None or in_force is None:
        return replace(party, standing=Standing.RATIFIED)
    bound_on = max(rule_day, in_force)
    return replace(
        party,
        standing=Standing.PARTY,
        in_force=bound_on,
        provenance=replace(party.provenance, since=bound_on),
    )


def _compare(
    before: Lawbook, after: Lawbook, request: PastRequest
) -> tuple[WhatIfLine, bool]:
    """The line of a request, and whether its figures rest on what was read."""
    had, has = _list_takeable(before, request), _list_takeable(after, request)
    old, new = _find_fastest(had), _find_fastest(has)
    new_days = None if new is None else new.expected_days
    old_days = None if old is None else old.expected_days
    # A channel is faster by the lawbook's figures; what it saves is counted against
    # what the answer took, where that is known.
    faster = new_days is not None and (old_days is None or new_days < old_days)
    took = old_days if request.days is None else request.days
    saved = None
    if faster and new_days is not None and took is not None:
        saved = max(0, took - new_days)
    line = WhatIfLine(
        ref=request.ref,
        requesting=request.requesting,
        requested=request.requested,
        on=request.on,
        opened=tuple(sorted(set(has) - set(had))),
        fastest_before="" if old is None else old.id,
        fastest_after="" if new is None else new.id,
        days_before=took,
        days_after=new_days,
        days_saved=saved,
        faster=faster,
    )
    read = new is None or new.expected is None or new.expected.reading is Reading.READ
    return line, read


def _list_takeable(book: Lawbook, request: PastRequest) -> dict[str, Route]:
    found = list_routes(
        book,
        requesting=request.requesting,
        requested=request.requested,
        data=request.data,
        on=request.on,
        emergency=request.emergency,
        offence=request.offence,
    )
    return {route.id: route for route in found if route.state in _TAKEABLE}


def _find_fastest(routes: dict[str, Route]) -> Route | None:
    timed = [route for route in routes.values() if route.expected_days is not None]
    return min(timed, key=lambda route: route.expected_days or 0, default=None)
