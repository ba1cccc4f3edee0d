"""Reads the tables of an edition: one entry a line, each with its schema."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import TypeVar

from proxeny.law.editions.rows import Row, read_rows
from proxeny.law.facts import (
    Body,
    CountryName,
    Dated,
    EntryRule,
    Instrument,
    Membership,
    Party,
    Standing,
    Statement,
    StatementKind,
)
from proxeny.law.values import OffenceClass, Reading

_PROVENANCE = "from until source as_of reading"
_FIRST_OF_MONTH = "first_of_month"

_Entry = TypeVar("_Entry", bound=Dated)
_Key = TypeVar("_Key", bound=Hashable)


def read_bodies(folder: Traversable) -> dict[str, Body]:
    bodies: dict[str, Body] = {}
    for row in read_rows(
        folder,
        "bodies.csv",
        f"id name complete_from complete_until note {_PROVENANCE}",
    ):
        body = Body(
            id=row.text("id"),
            name=row.text("name"),
            complete_from=row.find_day("complete_from"),
            complete_until=row.find_day("complete_until"),
            note=row.find_text("note"),
            provenance=row.provenance(),
        )
        if body.complete_from is not None and body.provenance.reading != Reading.READ:
            raise row.refuse("a list that was not read can't be called complete.")
        if body.id in bodies:
            raise row.refuse(f"{body.id} is there twice.")
        bodies[body.id] = body
    return bodies


def read_instruments(
    folder: Traversable, bodies: Mapping[str, Body]
) -> dict[str, Instrument]:
    instruments: dict[str, Instrument] = {}
    for row in read_rows(
        folder,
        "instruments.csv",
        "id name opened in_force not_re_read consents_needed members_needed "
        "members_body months days rounding consents_article party_article "
        "rule_reading members by_membership between depositary note from source as_of "
        "reading",
    ):
        key = row.text("id")
        if key in instruments:
            raise row.refuse(f"{key} is there twice.")
        instruments[key] = Instrument(
            id=key,
            name=row.text("name"),
            opened=row.day("opened"),
            in_force=row.find_day("in_force"),
            not_re_read=row.unread_fields(),
            entry_rule=_find_entry_rule(row, bodies),
            members=_find_reference(row, "members", bodies),
            by_membership=row.find_text("by_membership") == "yes",
            between=row.country("between") if row.find_text("between") else "",
            depositary=row.text("depositary"),
            note=row.find_text("note"),
            provenance=row.provenance(),
        )
    return instruments


def _find_entry_rule(row: Row, bodies: Mapping[str, Body]) -> EntryRule | None:
    consents = row.find_count("consents_needed")
    if consents is None:
        return None
    months, days = row.find_count("months") or 0, row.find_count("days") or 0
    if bool(months) == bool(days):
        raise row.refuse("a rule of entry into force needs months or days, not both.")
    rounding = row.find_text("rounding")
    if rounding not in {"", _FIRST_OF_MONTH}:
        raise row.refuse(f"rounding must be {_FIRST_OF_MONTH} or empty.")
    return EntryRule(
        consents=consents,
        members=row.find_count("members_needed") or 0,
        body=_find_reference(row, "members_body", bodies),
        months=months,
        days=days,
        to_first_of_month=rounding == _FIRST_OF_MONTH,
        article=row.text("consents_article"),
        party_article=row.text("party_article"),
        reading=row.word("rule_reading", Reading),
    )


def _find_reference(row: Row, name: str, known: Mapping[str, object]) -> str:
    return row.reference(name, known) if row.find_text(name) else ""


def read_memberships(
    folder: Traversable, bodies: Mapping[str, Body]
) -> dict[tuple[str, str], tuple[Membership, ...]]:
    def read() -> Iterator[tuple[Row, Membership]]:
        for row in read_rows(
            folder,
            "memberships.csv",
            f"body country joined not_re_read note {_PROVENANCE}",
        ):
            yield (
                row,
                Membership(
                    body=row.reference("body", bodies),
                    country=row.country("country"),
                    joined=row.find_day("joined"),
                    not_re_read=row.unread_fields(),
                    note=row.find_text("note"),
                    provenance=row.provenance(),
                ),
            )

    return _group_periods(read(), lambda one: (one.body, one.country))


def read_names(folder: Traversable) -> dict[str, tuple[CountryName, ...]]:
    def read() -> Iterator[tuple[Row, CountryName]]:
        for row in read_rows(
            folder, "names.csv", f"country name official note {_PROVENANCE}"
        ):
            yield (
                row,
                CountryName(
                    country=row.country("country"),
                    name=row.text("name"),
                    official=row.text("official"),
                    note=row.find_text("note"),
                    provenance=row.provenance(),
                ),
            )

    return _group_periods(read(), lambda one: one.country)


def read_parties(
    folder: Traversable, instruments: Mapping[str, Instrument]
) -> dict[str, dict[str, tuple[Party, ...]]]:
    def read() -> Iterator[tuple[Row, Party]]:
        for row in read_rows(
            folder,
            "parties.csv",
            f"instrument country status signed ratified in_force not_re_read note "
            f"{_PROVENANCE}",
        ):
            yield row, _read_party(row, instruments)

    parties: dict[str, dict[str, tuple[Party, ...]]] = {}
    grouped = _group_periods(read(), lambda one: (one.instrument, one.country))
    for (instrument, country), group in grouped.items():
        parties.setdefault(instrument, {})[country] = group
    return parties


def _read_party(row: Row, instruments: Mapping[str, Instrument]) -> Party:
    party = Party(
        instrument=row.reference("instrument", instruments),
        country=row.country("country"),
        standing=row.word("status", Standing),
        signed=row.find_day("signed"),
        ratified=row.find_day("ratified"),
        in_force=row.find_day("in_force"),
        not_re_read=row.unread_fields(),
        note=row.find_text("note"),
        provenance=row.provenance(),
    )
    given = [
        known
        for known in (party.signed, party.ratified, party.in_force)
        if known is not None
    ]
    if given != sorted(given):
        raise row.refuse("signed, ratified and in_force must follow one another.")
    return party


def _group_periods(
    entries: Iterable[tuple[Row, _Entry]], key: Callable[[_Entry], _Key]
) -> dict[_Key, tuple[_Entry, ...]]:
    """Entries by key, in the order of their days; two for one day are refused."""
    grouped: dict[_Key, list[_Entry]] = {}
    for row, entry in entries:
        known = grouped.setdefault(key(entry), [])
        if any(_overlap(entry, other) for other in known):
            raise row.refuse(
                "the days from and until overlap those of another entry for the same "
                "country: it stands there twice."
            )
        known.append(entry)
    return {
        found: tuple(sorted(group, key=lambda one: one.provenance.since))
        for found, group in grouped.items()
    }


def _overlap(one: Dated, other: Dated) -> bool:
    first, second = one.provenance, other.provenance
    return first.covers(second.since) or second.covers(first.since)


def read_statements(
    folder: Traversable, parties: Mapping[str, Mapping[str, tuple[Party, ...]]]
) -> dict[tuple[str, str], tuple[Statement, ...]]:
    statements: dict[tuple[str, str], list[Statement]] = {}
    for row in read_rows(
        folder,
        "reservations.csv",
        f"instrument country articles kind summary {_PROVENANCE}",
    ):
        key = row.text("instrument"), row.country("country")
        if key[1] not in parties.get(key[0], {}):
            raise row.refuse("that country has no entry in parties.csv.")
        statements.setdefault(key, []).append(
            Statement(
                instrument=key[0],
                country=key[1],
                articles=split_list(row.find_text("articles")),
                kind=row.word("kind", StatementKind),
                summary=row.text("summary"),
                provenance=row.provenance(),
            )
        )
    return {key: tuple(group) for key, group in sorted(statements.items())}


def read_offences(folder: Traversable) -> dict[str, OffenceClass]:
    offences: dict[str, OffenceClass] = {}
    rows: dict[str, Row] = {}
    for row in read_rows(
        folder,
        "offences.csv",
        "code scheme class_of label_en label_fr maps_to mapping_by from source as_of "
        "reading",
    ):
        code, provenance = row.text("code"), row.provenance()
        if code in offences:
            raise row.refuse(f"{code} is there twice.")
        rows[code] = row
        offences[code] = OffenceClass(
            code=code,
            scheme=row.text("scheme"),
            class_of=row.find_text("class_of"),
            label_en=row.text("label_en"),
            label_fr=row.text("label_fr"),
            maps_to=split_list(row.find_text("maps_to")),
            mapping_by=row.find_text("mapping_by"),
            source=provenance.source,
            as_of=provenance.as_of,
        )
    for code, row in rows.items():
        for other in offences[code].maps_to:
            if other not in offences:
                raise row.refuse(f"maps_to names {other[:60]!r}, which isn't there.")
        _refuse_cycle(row, code, offences)
    return offences


def _refuse_cycle(row: Row, code: str, offences: Mapping[str, OffenceClass]) -> None:
    above, seen = offences[code].class_of, {code}
    while above in offences:
        if above in seen:
            raise row.refuse(f"class_of leads from {code} back to {above}.")
        seen.add(above)
        above = offences[above].class_of


def split_list(listed: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in listed.split(";") if one.strip())
