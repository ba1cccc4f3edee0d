"""When an instrument enters into force, computed from consents by its own rule.

Implements the final clauses that the lawbook holds as data: ETS 185 Arts. 36(3)-(4)
and 37(2), ETS 189 Arts. 10 and 11(2), CETS 224 Art. 16(3)-(4), CETS 198 Art. 49(3)-(4)
and others. The result is compared with the recorded day; the record answers.

    >>> rule.delay(date(2009, 3, 9))    # deposit of the instrument of ratification
    datetime.date(2009, 7, 1)
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from proxeny.law.binding import find_speaking
from proxeny.law.facts import EntryRule, Instrument, Lawbook, Party, Standing
from proxeny.law.values import Reading

_MONTHS = 12
_LONGEST_MONTH_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One State's consent to be bound, and the day of it.

    Where only the entry into force is recorded, ``on`` is the last day of deposit
    that leads to it, and ``inferred`` says so.
    """

    country: str
    on: date
    inferred: bool
    read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The day of entry into force that follows from the consents, if enough came."""

    on: date | None
    consents: tuple[Consent, ...]
    needed: int
    article: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A recorded day that is not the computed one; explained if a note names it."""

    instrument: str
    country: str
    recorded: date | None
    computed: date
    article: str
    rule_source: str
    record_source: str
    explained_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Who stood where on a day: in force, in force by an unread date, consented."""

    in_force: tuple[str, ...]
    in_force_unread: tuple[str, ...]
    consented: tuple[str, ...]


def delay(rule: EntryRule, consented: date) -> date:
    """The first day in force for a consent given on that day."""
    if rule.days:
        return consented + timedelta(days=rule.days)
    end = _add_months(consented, rule.months)
    return _first_of_next_month(end) if rule.to_first_of_month else end


def find_latest_consent(rule: EntryRule, in_force: date) -> date:
    """The last day of consent for which the rule leads to that day or before."""
    if rule.days:
        return in_force - timedelta(days=rule.days)
    span = (rule.months + 1) * _LONGEST_MONTH_DAYS
    days = (in_force - timedelta(days=back) for back in range(span + 1))
    return next(day for day in days if delay(rule, day) <= in_force)


def compute_entry(lawbook: Lawbook, instrument: Instrument) -> Entry | None:
    """The entry into force of an instrument by its rule; None where it has none."""
    rule = instrument.entry_rule
    if rule is None:
        return None
    given = sorted(_list_consents(lawbook, instrument, rule), key=lambda one: one.on)
    members = 0
    for count, consent in enumerate(given, start=1):
        members += _is_member(lawbook, rule.body, consent)
        if count >= rule.consents and members >= rule.members:
            reached = tuple(given[:count])
            read = rule.reading is Reading.READ and all(one.read for one in reached)
            return Entry(
                on=delay(rule, consent.on),
                consents=reached,
                needed=rule.consents,
                article=rule.article,
                reading=Reading.READ if read else Reading.NOT_RE_READ,
            )
    return Entry(
        on=None,
        consents=tuple(given),
        needed=rule.consents,
        article=rule.article,
        reading=rule.reading,
    )


def compute_party_entry(instrument: Instrument, party: Party) -> date | None:
    """The day from which a Party is bound by the rule, if both days are known."""
    rule = instrument.entry_rule
    if rule is None or party.ratified is None or instrument.in_force is None:
        return None
    return max(instrument.in_force, delay(rule, party.ratified))


def list_differences(lawbook: Lawbook) -> tuple[Difference, ...]:
    """Every recorded entry into force that the rule does not lead to."""
    return tuple(
        difference
        for instrument in lawbook.instruments.values()
        for difference in _compare(lawbook, instrument)
    )


def count_parties(lawbook: Lawbook, instrument: str, on: date) -> Count:
    """Who was bound by an instrument on a day, and who had consented by then.

    Args:
        lawbook: the edition to count in.
        instrument: its id, such as ``ETS185``.
        on: the day.

    Returns:
        Country codes in order: bound by a day that was read, bound by a day that was
        not re-read, and consented (a consent without a day counts from the last day
        of deposit that leads to the recorded entry into force).

    """
    held = lawbook.instruments[instrument]
    read: list[str] = []
    unread: list[str] = []
    for country, parties in lawbook.parties.get(instrument, {}).items():
        party = find_speaking(parties, on)
        if party is None or party.in_force is None or party.in_force > on:
            continue
        if party.provenance.until is not None and party.provenance.until < on:
            continue
        sure = party.provenance.covers(on) and (
            party.provenance.reading is Reading.READ
        )
        (read if sure else unread).append(country)
    rule = held.entry_rule
    given = () if rule is None else _list_consents(lawbook, held, rule)
    return Count(
        in_force=tuple(sorted(read)),
        in_force_unread=tuple(sorted(unread)),
        consented=tuple(sorted(one.country for one in given if one.on <= on)),
    )


def _compare(lawbook: Lawbook, instrument: Instrument) -> Iterator[Difference]:
    entry = compute_entry(lawbook, instrument)
    rule = instrument.entry_rule
    if entry is None or rule is None:
        return
    if entry.on is not None and entry.on != instrument.in_force:
        yield _differ(instrument, None, entry.on, rule.article)
    for parties in lawbook.parties.get(instrument.id, {}).values():
        for party in parties:
            computed = compute_party_entry(instrument, party)
            if computed is not None and computed != party.in_force:
                yield _differ(instrument, party, computed, rule.party_article)


def _differ(
    instrument: Instrument, party: Party | None, computed: date, article: str
) -> Difference:
    entry = instrument if party is None else party
    return Difference(
        instrument=instrument.id,
        country="" if party is None else party.country,
        recorded=entry.in_force,
        computed=computed,
        article=article,
        rule_source=instrument.provenance.source,
        record_source=entry.provenance.source,
        explained_by=entry.note if computed.isoformat() in entry.note else "",
    )


def _list_consents(
    lawbook: Lawbook, instrument: Instrument, rule: EntryRule
) -> Iterator[Consent]:
    for country, parties in lawbook.parties.get(instrument.id, {}).items():
        first = parties[0]
        # An extension to a territory is no consent of a State.
        if first.standing in {Standing.BOUND, Standing.NOT_BOUND}:
            continue
        if first.ratified is not None:
            yield Consent(
                country=country,
                on=first.ratified,
                inferred=False,
                read="ratified" not in first.not_re_read
                and first.provenance.reading is Reading.READ,
            )
        elif first.in_force is not None:
            yield Consent(
                country=country,
                on=find_latest_consent(rule, first.in_force),
                inferred=True,
                read="in_force" not in first.not_re_read
                and first.provenance.reading is Reading.READ,
            )


def _is_member(lawbook: Lawbook, body: str, consent: Consent) -> bool:
    return any(
        one.provenance.covers(consent.on)
        for one in lawbook.memberships.get((body, consent.country), ())
    )


def _add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last where there is none."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _first_of_next_month(day: date) -> date:
    return _add_months(day.replace(day=1), 1)
