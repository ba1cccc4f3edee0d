"""The entries of the lawbook, each with its days, its source and how it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from proxeny.law.values import (
    DataKind,
    OffenceClass,
    Provision,
    Reading,
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
class Instrument:
    """A treaty or an act of the European Union."""

    id: str
    name: str
    opened: date
    in_force: date | None
    not_re_read: frozenset[str]
    consents_needed: int | None
    consents_article: str
    members: str
    depositary: str
    note: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The members of a body, complete for the days that the entry covers."""

    body: str
    name: str
    members: frozenset[str]
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
    """What must be met before a measure can be used."""

    provision: Provision
    data: frozenset[DataKind]
    other_instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservable:
    """An article to which a Party may reserve, and what a reservation does."""

    article: str
    text: str
    effect: RouteState | None
    exempt_offences: frozenset[str]
    data: frozenset[DataKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A time limit, and when it counts (None: always; empty data: every kind)."""

    time_limit: TimeLimit
    emergency: bool | None
    data: frozenset[DataKind]


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
    """One checked edition: every entry has a source, every reference is met."""

    edition: str
    edition_on: date
    instruments: Mapping[str, Instrument]
    memberships: Mapping[str, Membership]
    parties: Mapping[tuple[str, str], Party]
    statements: Mapping[tuple[str, str], tuple[Statement, ...]]
    measures: tuple[Measure, ...]
    offence_rules: tuple[OffenceRule, ...]
    offences: Mapping[str, OffenceClass]
