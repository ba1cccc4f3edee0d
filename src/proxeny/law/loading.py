"""Reads and checks an edition of the lawbook: no entry without a source gets in.

Each kind of entry has its schema: needed columns, days as ISO 8601, one word of a
list. References between files must be met. The first breach is told with its file
and line; nothing of a faulty edition is used.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from proxeny import lawbook
from proxeny.law.facts import (
    Dated,
    Instrument,
    Lawbook,
    Measure,
    Membership,
    OffenceRule,
    Party,
    Standing,
    Statement,
    StatementKind,
)
from proxeny.law.measures import read_measure_file
from proxeny.law.rows import Row, read_rows, read_toml
from proxeny.law.values import LawbookError, OffenceClass

MAX_MEASURE_FILES = 100

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


def load_lawbook(folder: Path | None = None) -> Lawbook:
    """Read an edition of the lawbook and check all of it.

    Args:
        folder: an edition of one's own; None for the packaged one (kept in memory).

    Raises:
        LawbookError: an entry has no source, breaks its schema, or refers to what
            isn't there.

    """
    return _load_packaged() if folder is None else _load(folder)


@cache
def _load_packaged() -> Lawbook:
    return _load(lawbook.path())


def _load(folder: Traversable) -> Lawbook:
    edition, edition_on = _read_edition(folder)
    instruments = _index((one.id, one) for one in _read_instruments(folder))
    memberships = _index((one.body, one) for one in _read_memberships(folder))
    parties = _index(
        ((one.instrument, one.country), one)
        for one in _read_parties(folder, instruments)
    )
    offences = _read_offences(folder)
    measures: list[Measure] = []
    rules: list[OffenceRule] = []
    for name in _list_measure_files(folder):
        held = read_measure_file(folder, name, instruments, offences)
        measures.extend(held.measures)
        rules.extend(held.offence_rules)
    for instrument in instruments.values():
        if instrument.members and instrument.members not in memberships:
            raise LawbookError(
                f"instruments.csv: {instrument.id} names members of an unknown body."
            )
    book = Lawbook(
        edition=edition,
        edition_on=edition_on,
        instruments=instruments,
        memberships=memberships,
        parties=parties,
        statements=_group(_read_statements(folder, parties)),
        measures=tuple(_index((one.id, one) for one in measures).values()),
        offence_rules=tuple(rules),
        offences=offences,
    )
    _require_read_before_edition(book)
    return book


def _index(entries: Iterable[tuple[_Key, _Value]]) -> dict[_Key, _Value]:
    index: dict[_Key, _Value] = {}
    for key, entry in entries:
        if key in index:
            raise LawbookError(f"The lawbook holds {key} twice.")
        index[key] = entry
    return index


def _group(
    statements: Iterable[Statement],
) -> dict[tuple[str, str], tuple[Statement, ...]]:
    def key(one: Statement) -> tuple[str, str]:
        return one.instrument, one.country

    return {
        found: tuple(group)
        for found, group in groupby(sorted(statements, key=key), key=key)
    }


def _require_read_before_edition(book: Lawbook) -> None:
    entries: Iterable[Dated] = (
        *book.instruments.values(),
        *book.memberships.values(),
        *book.parties.values(),
        *(one for group in book.statements.values() for one in group),
        *book.measures,
        *book.offence_rules,
    )
    for entry in entries:
        if entry.provenance.as_of > book.edition_on:
            raise LawbookError(
                f"{entry.provenance.source}: read on {entry.provenance.as_of}, after "
                f"the day of the edition, {book.edition_on}."
            )


def _read_edition(folder: Traversable) -> tuple[str, date]:
    document, _ = read_toml(folder, "edition.toml")
    row = Row("edition.toml", document)
    row.text("title")
    return row.text("number"), row.day("date")


def _read_instruments(folder: Traversable) -> Iterator[Instrument]:
    for row in read_rows(
        folder,
        "instruments.csv",
        "id name opened in_force not_re_read consents_needed consents_article members "
        "depositary note from source as_of reading",
    ):
        yield Instrument(
            id=row.text("id"),
            name=row.text("name"),
            opened=row.day("opened"),
            in_force=row.find_day("in_force"),
            not_re_read=row.unread_fields(),
            consents_needed=row.find_count("consents_needed"),
            consents_article=row.find_text("consents_article"),
            members=row.find_text("members"),
            depositary=row.text("depositary"),
            note=row.find_text("note"),
            provenance=row.provenance(),
        )


def _read_memberships(folder: Traversable) -> Iterator[Membership]:
    for row in read_rows(
        folder, "memberships.csv", "body name members from until source as_of reading"
    ):
        members = row.text("members").split()
        for member in members:
            Row(row.where, {"members": member}).country("members")
        yield Membership(
            body=row.text("body"),
            name=row.text("name"),
            members=frozenset(members),
            provenance=row.provenance(),
        )


def _read_parties(
    folder: Traversable, instruments: Mapping[str, Instrument]
) -> Iterator[Party]:
    for row in read_rows(
        folder,
        "parties.csv",
        "instrument country status signed ratified in_force from until not_re_read "
        "note source as_of reading",
    ):
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
        yield party


def _read_statements(
    folder: Traversable, parties: Mapping[tuple[str, str], Party]
) -> Iterator[Statement]:
    for row in read_rows(
        folder,
        "reservations.csv",
        "instrument country articles kind summary from until source as_of reading",
    ):
        statement = Statement(
            instrument=row.text("instrument"),
            country=row.country("country"),
            articles=tuple(_split(row.find_text("articles"))),
            kind=row.word("kind", StatementKind),
            summary=row.text("summary"),
            provenance=row.provenance(),
        )
        if (statement.instrument, statement.country) not in parties:
            raise row.refuse("that country has no entry in parties.csv.")
        yield statement


def _read_offences(folder: Traversable) -> dict[str, OffenceClass]:
    offences: dict[str, OffenceClass] = {}
    rows: list[Row] = []
    for row in read_rows(
        folder,
        "offences.csv",
        "code scheme class_of label_en label_fr maps_to mapping_by from source as_of "
        "reading",
    ):
        code, provenance = row.text("code"), row.provenance()
        if code in offences:
            raise row.refuse(f"{code} is there twice.")
        rows.append(row)
        offences[code] = OffenceClass(
            code=code,
            scheme=row.text("scheme"),
            class_of=row.find_text("class_of"),
            label_en=row.text("label_en"),
            label_fr=row.text("label_fr"),
            maps_to=tuple(_split(row.find_text("maps_to"))),
            mapping_by=row.find_text("mapping_by"),
            source=provenance.source,
            as_of=provenance.as_of,
        )
    for row in rows:
        for other in _split(row.find_text("maps_to")):
            if other not in offences:
                raise row.refuse(f"maps_to names {other[:60]!r}, which isn't there.")
    return offences


def _split(listed: str) -> list[str]:
    return [one.strip() for one in listed.split(";") if one.strip()]


def _list_measure_files(folder: Traversable) -> list[str]:
    try:
        names = sorted(
            entry.name
            for entry in folder.joinpath("measures").iterdir()
            if entry.name.endswith(".toml")
        )
    except OSError as error:
        raise LawbookError("measures/ can't be read.", where="measures") from error
    if len(names) > MAX_MEASURE_FILES:
        raise LawbookError(f"measures/: over {MAX_MEASURE_FILES} files.")
    return names
