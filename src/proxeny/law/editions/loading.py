"""Reads and checks an edition of the lawbook: no entry without a source gets in.

Each kind of entry has its schema: needed columns, days as ISO 8601, one word of a
list. References between files must be met. The first breach is told with its file
and line; nothing of a faulty edition is used.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path

from proxeny import lawbook
from proxeny.law.editions import entries
from proxeny.law.editions.measures import MeasureFile, read_measure_file
from proxeny.law.editions.rows import Row, read_toml
from proxeny.law.facts import Dated, Lawbook, Measure
from proxeny.law.values import LawbookError

MAX_MEASURE_FILES = 100


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
    bodies = entries.read_bodies(folder)
    instruments = entries.read_instruments(folder, bodies)
    parties = entries.read_parties(folder, instruments)
    offences = entries.read_offences(folder)
    held = [
        read_measure_file(folder, name, instruments, offences)
        for name in _list_measure_files(folder)
    ]
    book = Lawbook(
        edition=edition,
        edition_on=edition_on,
        instruments=instruments,
        bodies=bodies,
        memberships=entries.read_memberships(folder, bodies),
        names=entries.read_names(folder),
        parties=parties,
        statements=entries.read_statements(folder, parties),
        measures=tuple(_check_measures(held).values()),
        offence_rules=tuple(rule for one in held for rule in one.offence_rules),
        offences=offences,
    )
    _require_read_before_edition(book)
    return book


def _check_measures(held: Iterable[MeasureFile]) -> dict[str, Measure]:
    """The measures by id: none twice, each follow-up known, no round of follow-ups."""
    places = {place: one for file in held for place, one in file.measures}
    measures: dict[str, Measure] = {}
    for place, measure in places.items():
        if measure.id in measures:
            raise LawbookError(f"{place}: {measure.id} is there twice.", where=place)
        measures[measure.id] = measure
    for place, measure in places.items():
        for follower in measure.must_follow:
            if follower.route not in measures:
                raise LawbookError(
                    f"{place}: must_follow names {follower.route[:60]!r}, which isn't "
                    "there.",
                    where=place,
                )
        if measure.id in _list_followers(measure, measures):
            raise LawbookError(
                f"{place}: must_follow leads from {measure.id} back to it.", where=place
            )
    return measures


def _list_followers(measure: Measure, measures: Mapping[str, Measure]) -> set[str]:
    found: set[str] = set()
    waiting = [one.route for one in measure.must_follow]
    while waiting:
        route = waiting.pop()
        if route not in found:
            found.add(route)
            waiting += [
                one.route
                for one in (measures[route].must_follow if route in measures else ())
            ]
    return found


def _list_dated(book: Lawbook) -> Iterator[Dated]:
    yield from book.instruments.values()
    yield from book.bodies.values()
    for member in book.memberships.values():
        yield from member
    for name in book.names.values():
        yield from name
    for held in book.parties.values():
        for party in held.values():
            yield from party
    for stated in book.statements.values():
        yield from stated
    yield from book.measures
    yield from book.offence_rules


def _require_read_before_edition(book: Lawbook) -> None:
    for entry in _list_dated(book):
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
