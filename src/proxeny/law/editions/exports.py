"""Reads a status export of the Council of Europe's Treaty Office, saved as CSV.

Header, headings and names are those of the lawbook's ``imports/treaty-office.toml``;
one row that can't be read refuses the file, with file and line.
"""

import csv
import io
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from proxeny import countries, lawbook
from proxeny.law.editions.rows import MAX_FILE_BYTES, MAX_TEXT_CHARS
from proxeny.law.values import LawbookError

MAX_EXPORT_ROWS = 1_000
_NEEDED = frozenset({"country", "signed", "ratified"})
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One row of a status export, read."""

    country: str
    signed: date | None
    ratified: date | None
    in_force: date | None
    until: date | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A status export, and what its file does not say of itself."""

    content: bytes
    name: str
    instrument: str
    source: str
    as_of: date


def parse_status(export: Export) -> Iterator[Status]:
    """The rows of a status export.

    Raises:
        LawbookError: no known header, a country or a day that can't be read, the
            same country twice; with file and line.

    """
    columns: dict[str, int] = {}
    seen: set[str] = set()
    for where, cells in _read_cells(export):
        if not columns:
            columns = _find_columns(cells)
            continue
        name = cells[columns["country"]] if columns["country"] < len(cells) else ""
        rest = [cell for cell in cells if cell not in {"", name}]
        if not name or _plain(name) in _mapping().rows or not rest:
            continue
        status = _parse_row(where, name, cells, columns)
        if status.country in seen:
            raise LawbookError(f"{where}: {name[:60]} is there twice.", where=where)
        seen.add(status.country)
        if status.signed or status.ratified or status.in_force:
            yield status
    if not columns:
        raise LawbookError(
            f"{export.name}: no line has the columns Signature and Ratification.",
            where=export.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapping:
    """How the Treaty Office names things, from the lawbook's data."""

    columns: Mapping[str, str]
    rows: frozenset[str]
    marks: Mapping[str, str]
    formats: tuple[str, ...]
    names: Mapping[str, str]


@cache
def _mapping() -> _Mapping:
    file = lawbook.path().joinpath("imports", "treaty-office.toml")
    found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    cldr = {countries.name(code): code for code in countries.codes()}
    return _Mapping(
        columns={
            _plain(name): column
            for column, names in found["columns"].items()
            for name in names
        },
        rows=frozenset(map(_plain, found["ignored"]["rows"])),
        marks=found["marks"],
        formats=tuple(found["dates"]["formats"]),
        names={_plain(name): code for name, code in (cldr | found["names"]).items()},
    )


def _plain(text: str) -> str:
    """Without accents, capitals, full stops and signs: for comparing names."""
    bare = unicodedata.normalize("NFKD", text.replace("&", "and"))
    kept = "".join(one for one in bare if one.isalnum() or one.isspace())
    return " ".join(kept.casefold().split())


def _read_cells(export: Export) -> Iterator[tuple[str, list[str]]]:
    name = export.name
    if len(export.content) > MAX_FILE_BYTES:
        raise LawbookError(f"{name} is over {MAX_FILE_BYTES} bytes.", where=name)
    try:
        text = export.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LawbookError(f"{name} is not UTF-8.", where=name) from error
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for count, cells in enumerate(reader, start=1):
            where = f"{name}:{reader.line_num}"
            if count > MAX_EXPORT_ROWS:
                raise LawbookError(
                    f"{where}: over {MAX_EXPORT_ROWS} rows.", where=where
                )
            stripped = [cell.strip() for cell in cells]
            if any(len(c) > MAX_TEXT_CHARS or not c.isprintable() for c in stripped):
                raise LawbookError(f"{where}: a cell is no line of text.", where=where)
            yield where, stripped
    except csv.Error as error:
        where = f"{name}:{reader.line_num}"
        raise LawbookError(f"{where}: {error}.", where=where) from error


def _find_columns(cells: Iterable[str]) -> dict[str, int]:
    """The places of the columns in a header line; none where it isn't one."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = _mapping().columns.get(_plain(cell))
        if column is not None:
            found.setdefault(column, place)
    return found if found.keys() >= _NEEDED else {}


def _parse_row(
    where: str, name: str, cells: list[str], columns: Mapping[str, int]
) -> Status:
    code = _mapping().names.get(_plain(name))
    if code is None:
        raise LawbookError(
            f"{where}: {name[:60]!r} is no country that is known.", where=where
        )

    def cell(column: str) -> str:
        place = columns.get(column)
        return cells[place] if place is not None and place < len(cells) else ""

    ratified, mark = _split_mark(cell("ratified"))
    return Status(
        country=code,
        signed=_find_day(where, _split_mark(cell("signed"))[0]),
        ratified=_find_day(where, ratified),
        in_force=_find_day(where, cell("in_force")),
        until=_find_day(where, cell("until")),
        note=_mapping().marks.get(mark, ""),
    )


def _split_mark(text: str) -> tuple[str, str]:
    day, _, mark = text.partition(" ")
    return day, mark.strip().casefold()


def _find_day(where: str, text: str) -> date | None:
    if not text:
        return None
    for form in _mapping().formats:
        try:
            # A day has no hour: the zone of the parsed instant is never looked at.
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - only the day is kept
        except ValueError:
            continue
    raise LawbookError(f"{where}: {text[:20]!r} is not a day.", where=where)
