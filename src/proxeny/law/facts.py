"""The entries of the lawbook, each with its days, its source and how it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from proxeny.law.values import (
    ConditionCode,
    Custodian,
    DataKind,
    Expectation,
    MustFollow,
    OffenceClass,
    Provision,
    Reading,
    RouteCondition,
    RouteState,
    TimeLimit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a fact comes from, and the days for which the entry speaks."""

    since: date
    until: date | None
    source: str
    as_of: date
    reading: Reading

    def covers(self, day: date) -> bool:
        """Whether the entry speaks for that day (the last day included)."""
        return self.since <= day and (self.until is None or day <= self.until)


class Dated(Protocol):
    """Any entry that carries its provenance."""

    @property
    def provenance(self) -> Provenance: ...


class Standing(StrEnum):
    """How a country stands to an instrument."""

    PARTY = "party"
    BOUND = "bound"
    RATIFIED = "ratified"
    SIGNATORY = "signatory"
    INVITED = "invited"
    NOT_SIGNED = "not_signed"
    NOT_BOUND = "not_bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule:
    """When an instrument enters into force, by its own final clauses.

    ``consents`` States have to be bound, ``members`` of them in ``body``; then
    ``months`` or ``days`` pass. ``to_first_of_month``: it then waits for the first
    day of the following month.
    """

    consents: int
    members: int
    body: str
    months: int
    days: int
    to_first_of_month: bool
    article: str
    party_article: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A treaty, an act of the European Union, or a channel of an organisation.

    ``members`` names the body whose act it is; ``by_membership`` says that being its
    member is being bound. One of the two sides must be ``between``, if it is given.
    """

    id: str
    name: str
    opened: date
    in_force: date | None
    not_re_read: frozenset[str]
    entry_rule: EntryRule | None
    members: str
    by_membership: bool
    between: str
    depositary: str
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An organisation; absence from its list means *no member* on complete days."""

    id: str
    name: str
    complete_from: date | None
    complete_until: date | None
    note: str
    provenance: Provenance

    def is_complete(self, day: date) -> bool:
        """Whether every member of that day is in the lawbook."""
        if self.complete_from is None or day < self.complete_from:
            return False
        return self.complete_until is None or day <= self.complete_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One country's membership of a body, for the days that the entry covers."""

    body: str
    country: str
    joined: date | None
    not_re_read: frozenset[str]
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryName:
    """What a country or territory was called, with the note its name needs."""

    country: str
    name: str
    official: str
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One country's standing to one instrument.

    ``provenance.since`` is the first day for which the source vouches; ``in_force``
    may be earlier, and then stands in ``not_re_read``.
    """

    instrument: str
    country: str
    standing: Standing
    signed: date | None
    ratified: date | None
    in_force: date | None
    not_re_read: frozenset[str]
    note: str
    provenance: Provenance


class StatementKind(StrEnum):
    """What a country stated to the depositary."""

    RESERVATION = "reservation"
    DECLARATION = "declaration"
    AUTHORITY = "authority"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A reservation, declaration or designation; ``*`` touches every article."""

    instrument: str
    country: str
    articles: tuple[str, ...]
    kind: StatementKind
    summary: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a measure demands, and when (None: always)."""

    demand: RouteCondition
    data: frozenset[DataKind]
    emergency: bool | None
    other_instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Whose data a measure reaches, and whether they must lie with the asked side."""

    kinds: frozenset[Custodian]
    in_requested: bool
    provision: Provision


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservable:
    """An article to which a Party may reserve, and what a reservation does."""

    article: str
    code: ConditionCode
    text: str
    effect: RouteState | None
    exempt_offences: frozenset[str]
    data: frozenset[DataKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A time limit, and when it counts (None: always; empty data: every kind).

    The limits that are ``to_answer`` follow one another until the answer is there.
    """

    time_limit: TimeLimit
    emergency: bool | None
    data: frozenset[DataKind]
    to_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who receives: a description, and the article whose designations name them."""

    text: str
    instrument: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What an instrument lets one side ask of another."""

    id: str
    instrument: str
    article: str
    title: str
    asked_by: str
    asked_of: str
    data: frozenset[DataKind]
    urgency: str
    form: str | None
    rule: str
    rule_article: str
    addressee: Addressee
    contents: tuple[Provision, ...]
    refusal_grounds: tuple[Provision, ...]
    conditions: tuple[Condition, ...]
    reservable: tuple[Reservable, ...]
    limits: tuple[Limit, ...]
    custody: Custody | None
    experience: Expectation | None
    passes: tuple[str, ...]
    must_follow: tuple[MustFollow, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class OffenceRule:
    """Offences that come under an instrument only between Parties to another one."""

    instrument: str
    offences: frozenset[str]
    requires: str
    article: str
    met: str
    unmet: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Lawbook:
    """One checked edition: every entry has a source, every reference is met.

    Parties stand by instrument and country, memberships by body and country; the
    entries of one country follow one another in time.
    """

    edition: str
    edition_on: date
    instruments: Mapping[str, Instrument]
    bodies: Mapping[str, Body]
    memberships: Mapping[tuple[str, str], tuple[Membership, ...]]
    names: Mapping[str, tuple[CountryName, ...]]
    parties: Mapping[str, Mapping[str, tuple[Party, ...]]]
    statements: Mapping[tuple[str, str], tuple[Statement, ...]]
    measures: tuple[Measure, ...]
    offence_rules: tuple[OffenceRule, ...]
    offences: Mapping[str, OffenceClass]
