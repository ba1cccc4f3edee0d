"""One entry of a lawbook file at a time, checked cell by cell, with file and line."""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from proxeny import countries
from proxeny.errors import InputError
from proxeny.law.facts import Provenance
from proxeny.law.values import LawbookError, Reading

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_ROWS = 50_000
MAX_TEXT_CHARS = 2_000
MAX_COUNT = 3_660
# The European Union signs treaties; it is no country of ISO 3166-1.
_ORGANISATIONS = frozenset({"EU"})
_DATED_FIELDS = frozenset({"signed", "ratified", "in_force", "joined"})
_COUNT = re.compile(r"[0-9]{1,4}")

_Word = TypeVar("_Word", bound=StrEnum)


class Row:
    """One entry of a file, with the place that a message names."""

    def __init__(self, where: str, cells: Mapping[str, object]) -> None:
        self.where = where
        self.cells = cells

    def refuse(self, why: str) -> LawbookError:
        return LawbookError(f"{self.where}: {why}", where=self.where)

    def find_text(self, name: str) -> str:
        cell = self.cells.get(name, "")
        if not isinstance(cell, str):
            raise self.refuse(f"{name} must be text.")
        text = cell.strip()
        if len(text) > MAX_TEXT_CHARS:
            raise self.refuse(f"{name} is longer than {MAX_TEXT_CHARS} characters.")
        if not text.isprintable():
            raise self.refuse(f"{name} holds a control character.")
        return text

    def text(self, name: str) -> str:
        text = self.find_text(name)
        if not text:
            raise self.refuse(f"{name} is missing.")
        return text

    def find_day(self, name: str) -> date | None:
        cell = self.cells.get(name)
        # A TOML instant is a subclass of date and must not pass for a day.
        if type(cell) is date:
            return cell
        text = self.find_text(name)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise self.refuse(f"{name} must be a day such as 2026-11-21.") from error

    def day(self, name: str) -> date:
        day = self.find_day(name)
        if day is None:
            raise self.refuse(f"{name} is missing.")
        return day

    def word(self, name: str, words: type[_Word]) -> _Word:
        text = self.text(name)
        try:
            return words(text)
        except ValueError as error:
            listed = ", ".join(words)
            raise self.refuse(f"{name} must be one of: {listed}.") from error

    def find_count(self, name: str) -> int | None:
        cell = self.cells.get(name)
        if cell is None or cell == "":
            return None
        if isinstance(cell, str) and _COUNT.fullmatch(cell):
            cell = int(cell)
        if type(cell) is not int or not 0 < cell <= MAX_COUNT:
            raise self.refuse(f"{name} must be a whole number, 1 to {MAX_COUNT}.")
        return cell

    def country(self, name: str) -> str:
        code = self.text(name)
        if code in _ORGANISATIONS:
            return code
        try:
            known = countries.require_country(code)
        except InputError as error:
            raise self.refuse(f"{name} is not a country code.") from error
        if known != code:
            raise self.refuse(f"{name} must be in capitals.")
        return code

    def list_texts(self, name: str) -> tuple[str, ...]:
        cell = self.cells.get(name, [])
        if not isinstance(cell, list):
            raise self.refuse(f"{name} must be a list.")
        return tuple(Row(self.where, {name: one}).text(name) for one in cell)

    def list_words(self, name: str, words: type[_Word]) -> frozenset[_Word]:
        return frozenset(
            Row(self.where, {name: one}).word(name, words)
            for one in self.list_texts(name)
        )

    def find_boolean(self, name: str) -> bool | None:
        cell = self.cells.get(name)
        if cell is None or isinstance(cell, bool):
            return cell
        raise self.refuse(f"{name} must be true or false.")

    def tables(self, name: str, keys: str) -> Iterator["Row"]:
        """The tables of a list, none with a key outside ``keys``."""
        cell = self.cells.get(name, [])
        if not isinstance(cell, list):
            raise self.refuse(f"{name} must be a list of tables.")
        for one in cell:
            yield self.table({name: one}, name, keys)

    def table(self, cells: Mapping[str, object], name: str, keys: str) -> "Row":
        found = cells.get(name)
        if not isinstance(found, dict):
            raise self.refuse(f"{name} must be a table.")
        row = Row(self.where, found)
        row.require_keys(keys)
        return row

    def require_keys(self, keys: str) -> None:
        strangers = sorted(set(self.cells) - set(keys.split()))
        if strangers:
            raise self.refuse(f"{strangers[0][:40]!r} does not belong here.")

    def reference(self, name: str, known: Mapping[str, object]) -> str:
        key = self.text(name)
        if key not in known:
            raise self.refuse(f"{name} {key[:60]!r} is not in the lawbook.")
        return key

    def provenance(self) -> Provenance:
        since, until = self.day("from"), self.find_day("until")
        if until is not None and until < since:
            raise self.refuse("until lies before from.")
        return Provenance(
            since=since,
            until=until,
            source=self.text("source"),
            as_of=self.day("as_of"),
            reading=self.word("reading", Reading),
        )

    def unread_fields(self) -> frozenset[str]:
        fields = frozenset(self.find_text("not_re_read").split())
        if not fields <= _DATED_FIELDS:
            raise self.refuse("not_re_read names a field that holds no date.")
        if any(self.find_day(field) is None for field in fields):
            raise self.refuse("not_re_read names a date that is not given.")
        return fields


def _read_bytes(folder: Traversable, name: str) -> bytes:
    try:
        with folder.joinpath(name).open("rb") as stream:
            content: bytes = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise LawbookError(f"{name} can't be read.", where=name) from error
    if len(content) > MAX_FILE_BYTES:
        raise LawbookError(f"{name} is over {MAX_FILE_BYTES} bytes.", where=name)
    return content


def _read_text(folder: Traversable, name: str) -> str:
    try:
        return _read_bytes(folder, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LawbookError(f"{name} is not UTF-8.", where=name) from error


def read_toml(folder: Traversable, name: str) -> tuple[dict[str, Any], str]:
    text = _read_text(folder, name)
    try:
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:
        # A ValueError is a syntax error, or a number too long to convert.
        why = " ".join(str(error).split())[:200]
        raise LawbookError(f"{name}: {why}", where=name) from error


def read_rows(folder: Traversable, name: str, columns: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(_read_text(folder, name), newline=""), strict=True)
    wanted = columns.split()
    try:
        head = next(reader, [])
        if sorted(head) != sorted(wanted):
            raise LawbookError(
                f"{name}:1: the columns must be {', '.join(wanted)}.", where=f"{name}:1"
            )
        for count, cells in enumerate(reader, start=1):
            where = f"{name}:{reader.line_num}"
            if len(cells) != len(head):
                raise LawbookError(
                    f"{where}: {len(cells)} cells where {len(head)} belong.",
                    where=where,
                )
            if count > MAX_ROWS:
                raise LawbookError(f"{name}: over {MAX_ROWS} rows.", where=where)
            yield Row(where, dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        where = f"{name}:{reader.line_num}"
        raise LawbookError(f"{where}: {error}.", where=where) from error


def find_table_lines(text: str, name: str) -> list[int]:
    """The line of each ``[[name]]`` of a TOML text: its parser tells none."""
    head = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if head.match(line)
    ]
