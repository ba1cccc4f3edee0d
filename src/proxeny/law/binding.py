"""What binds two countries on a day: an instrument in force, and both sides in it.

Rules, the same for every instrument (the data differ, the code doesn't):

* An instrument without a date of entry into force, or with a later one, is not in
  force; the consents given by that day are named and counted.
* A country is bound from the first day for which a source that was read vouches. A
  day that only an unread date would cover is *unknown*: neither yes nor no.
* A country that the source says is no Party, or that is no member of the body whose
  act it is, closes the route. A country without an entry makes it unknown.
* Of several entries for one country the one that covers the day speaks; between two
  of them, the earlier: it says until when the country was bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TypeVar

from proxeny.law.facts import (
    Dated,
    Instrument,
    Lawbook,
    Membership,
    Party,
    Provenance,
    Standing,
)
from proxeny.law.naming import name_country
from proxeny.law.values import Because, Reading, RouteState, is_stale

# The first that applies decides: a sure no outweighs what is not known.
_DECISIVE = (
    RouteState.CLOSED,
    RouteState.NOT_IN_FORCE,
    RouteState.UNKNOWN,
    RouteState.CONDITIONAL,
    RouteState.OPEN,
)
_MAX_DAYS = 4_096

_Entry = TypeVar("_Entry", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A state and its reasons."""

    state: RouteState
    because: tuple[Because, ...]


def decide(*states: RouteState) -> RouteState:
    """The state that decides among several."""
    return min(states, key=_DECISIVE.index)


def reason(text: str, citation: str, provenance: Provenance, on: date) -> Because:
    """A reason that rests on one entry of the lawbook."""
    return Because(
        text=text,
        citation=citation,
        source=provenance.source,
        as_of=provenance.as_of,
        reading=provenance.reading,
        stale=is_stale(provenance.as_of, on),
    )


def absence(text: str, citation: str, lawbook: Lawbook, on: date) -> Because:
    """A reason that rests on there being no entry: the edition is its source."""
    return Because(
        text=text,
        citation=citation,
        source=f"no entry in edition {lawbook.edition} of the lawbook",
        as_of=lawbook.edition_on,
        reading=Reading.UNKNOWN,
        stale=is_stale(lawbook.edition_on, on),
    )


def check_binding(
    lawbook: Lawbook, instrument_id: str, sides: tuple[str, str], on: date
) -> Finding:
    """Whether an instrument binds both sides on a day.

    Returns:
        ``OPEN`` when it does; else why not. Never ``CONDITIONAL``.

    """
    instrument = lawbook.instruments[instrument_id]
    force = _check_in_force(lawbook, instrument, on)
    coming = force.state is RouteState.NOT_IN_FORCE
    found = [
        _check_side_of_coming(lawbook, instrument, side, on)
        if coming
        else _check_side(lawbook, instrument, side, on)
        for side in sides
    ]
    if instrument.between and instrument.between not in sides:
        found.append(_tell_not_between(lawbook, instrument, on))
    return Finding(
        state=decide(force.state, *(one.state for one in found)),
        because=(*force.because, *(why for one in found for why in one.because)),
    )


def find_speaking(entries: Sequence[_Entry], on: date) -> _Entry | None:
    """The entry that speaks for a day: the last begun by then, else the first."""
    begun = [one for one in entries if one.provenance.since <= on]
    if begun:
        return begun[-1]
    return entries[0] if entries else None


def find_party(
    lawbook: Lawbook, instrument: str, country: str, on: date
) -> Party | None:
    """How a country stands to an instrument on a day, as far as an entry tells."""
    return find_speaking(lawbook.parties.get(instrument, {}).get(country, ()), on)


def _check_in_force(lawbook: Lawbook, instrument: Instrument, on: date) -> Finding:
    name, since = f"{instrument.name} ({instrument.id})", instrument.in_force
    if since is None:
        state = RouteState.NOT_IN_FORCE
        text = f"{name}: not in force; {_describe_consents(lawbook, instrument, on)}."
    elif "in_force" in instrument.not_re_read:
        state = RouteState.UNKNOWN
        text = f"{name}: entry into force, said to be {day(since)}, was not re-read."
    elif since <= on:
        state, text = RouteState.OPEN, f"{name}: in force since {day(since)}."
    else:
        state = RouteState.NOT_IN_FORCE
        text = f"{name}: in force only from {day(since)}."
    why = reason(text, instrument.id, instrument.provenance, on)
    if state is RouteState.UNKNOWN:
        why = replace(why, reading=Reading.NOT_RE_READ)
    return Finding(state=state, because=(why,))


def _describe_consents(lawbook: Lawbook, instrument: Instrument, on: date) -> str:
    if on < instrument.opened:
        return f"open for signature from {day(instrument.opened)}"
    rule = instrument.entry_rule
    if rule is None:
        return "no source was read that says since when"
    given = sorted(
        (party.ratified, party.country)
        for parties in lawbook.parties.get(instrument.id, {}).values()
        for party in parties
        if party.ratified is not None and party.ratified <= on
    )
    named = ", ".join(
        f"{name_country(lawbook, country, on)} ({day(ratified)})"
        for ratified, country in given
    )
    count = f"{len(given)} of {rule.consents} needed ratifications"
    listed = f": {named}" if named else " with a date that was read"
    return f"{count} (Art. {rule.article}){listed}"


def _check_side(
    lawbook: Lawbook, instrument: Instrument, country: str, on: date
) -> Finding:
    party = find_party(lawbook, instrument.id, country, on)
    if party is None:
        return _check_absent(lawbook, instrument, country, on)
    state, text = _judge_party(party, name_country(lawbook, country, on), on)
    why = reason(text, _status(instrument), party.provenance, on)
    if state is RouteState.UNKNOWN and why.reading is Reading.READ:
        # What was read doesn't reach that day; only an unread date would.
        why = replace(why, reading=Reading.NOT_RE_READ)
    return Finding(state=state, because=(why,))


def _judge_party(party: Party, who: str, on: date) -> tuple[RouteState, str]:
    instrument = party.instrument
    note = f" ({party.note})" if party.note else ""
    provenance = party.provenance
    if party.standing is Standing.NOT_BOUND:
        said = f"{who} is not bound by {instrument}{note}."
        if provenance.reading is Reading.READ:
            return RouteState.CLOSED, said
        return RouteState.UNKNOWN, f"{said} This was not re-read."
    if party.standing not in {Standing.PARTY, Standing.BOUND}:
        return RouteState.CLOSED, f"{who} is not a Party to {instrument}{note}."
    bound = "a Party to" if party.standing is Standing.PARTY else "bound by"
    unread = _describe_unread(party)
    if provenance.reading is not Reading.READ:
        said = f"{who} is said to be {bound} {instrument}{note}; this was not read."
        return RouteState.UNKNOWN, said + unread
    if provenance.until is not None and on > provenance.until:
        last = day(provenance.until)
        return RouteState.CLOSED, f"{who} was {bound} {instrument} until {last}{note}."
    read = party.in_force if "in_force" not in party.not_re_read else None
    if provenance.covers(on):
        since = f", for it in force since {day(read)}" if read is not None else ""
        return RouteState.OPEN, f"{who} is {bound} {instrument}{since}{note}.{unread}"
    if read is not None:
        text = f"{who} is {bound} {instrument} only from {day(read)}{note}."
        return RouteState.NOT_IN_FORCE, text
    first = day(provenance.since)
    text = (
        f"{who} is {bound} {instrument} from {first} at the latest{note}; no source "
        f"was read for earlier days.{unread}"
    )
    return RouteState.UNKNOWN, text


def _describe_unread(party: Party) -> str:
    dates = {
        "signed": party.signed,
        "ratified": party.ratified,
        "in_force": party.in_force,
    }
    named = ", ".join(
        f"{field.replace('_', ' ')} {day(known)}"
        for field, known in dates.items()
        if field in party.not_re_read and known is not None
    )
    return f" Not re-read: {named}." if named else ""


def _check_absent(
    lawbook: Lawbook, instrument: Instrument, country: str, on: date
) -> Finding:
    who = name_country(lawbook, country, on)
    body = lawbook.bodies.get(instrument.members)
    if body is None:
        text = (
            f"No source was read that says whether {who} is a Party to {instrument.id}."
        )
        why = absence(text, _status(instrument), lawbook, on)
        return Finding(state=RouteState.UNKNOWN, because=(why,))
    citation = f"{instrument.id}, members of the {body.name}"
    member = find_speaking(lawbook.memberships.get((body.id, country), ()), on)
    if member is not None and member.provenance.covers(on):
        state, text = _judge_member(instrument, member, f"{who} and the {body.name}")
        why = reason(text, citation, member.provenance, on)
        return Finding(state=state, because=(why,))
    if not body.is_complete(on):
        text = f"No source was read for {who} and the {body.name} on that day."
        why = reason(text, citation, body.provenance, on)
        return Finding(state=RouteState.UNKNOWN, because=(why,))
    text = f"{who} is not a Member State of the {body.name}."
    why = reason(text, citation, body.provenance, on)
    return Finding(state=RouteState.CLOSED, because=(why,))


def _judge_member(
    instrument: Instrument, member: Membership, pair: str
) -> tuple[RouteState, str]:
    if not instrument.by_membership:
        text = f"{pair}: no source was read that says whether {instrument.id} binds."
        return RouteState.UNKNOWN, text
    note = f" ({member.note})" if member.note else ""
    if member.provenance.reading is Reading.READ:
        return RouteState.OPEN, f"Member: {pair}{note}."
    return RouteState.UNKNOWN, f"Member, as is said: {pair}{note}; this was not read."


def _tell_not_between(lawbook: Lawbook, instrument: Instrument, on: date) -> Finding:
    other = name_country(lawbook, instrument.between, on)
    text = f"{instrument.id} is between {other} and another side; {other} is neither."
    why = reason(text, instrument.id, instrument.provenance, on)
    return Finding(state=RouteState.CLOSED, because=(why,))


def _check_side_of_coming(
    lawbook: Lawbook, instrument: Instrument, country: str, on: date
) -> Finding:
    """A side of an instrument that is not in force: only a lasting no counts."""
    party = find_party(lawbook, instrument.id, country, on)
    if party is None or party.standing in {Standing.NOT_BOUND, Standing.BOUND}:
        side = _check_side(lawbook, instrument, country, on)
        lasting = side.state is RouteState.CLOSED
        return Finding(
            state=RouteState.CLOSED if lasting else RouteState.OPEN,
            because=side.because,
        )
    text = f"{name_country(lawbook, country, on)}: {_describe_consent(party, on)}."
    return Finding(
        state=RouteState.OPEN,
        because=(reason(text, _status(instrument), party.provenance, on),),
    )


def _describe_consent(party: Party, on: date) -> str:
    note = f" ({party.note})" if party.note else ""
    if party.ratified is not None and party.ratified <= on:
        return f"ratified on {day(party.ratified)}{note}"
    if party.signed is not None and party.signed <= on:
        return f"signed on {day(party.signed)}, not shown to have ratified{note}"
    if party.signed is not None:
        return f"not yet signed on that day (signed on {day(party.signed)})"
    return party.note or party.standing.value.replace("_", " ")


def _status(instrument: Instrument) -> str:
    return f"{instrument.id}, status of the Parties"


@lru_cache(maxsize=_MAX_DAYS)
def day(when: date) -> str:
    """A day as it is written in a reason: 1 July 2009."""
    return f"{when.day} {when:%B %Y}"
