"""Reports in CSV (RFC 4180): one row each, the first line names the columns.

Names and meanings of the columns stand in `proxeny.formats.table_fields`. Cells are
apart by comma, semicolon or tab, whichever makes most of the first line's names known.
The file is UTF-8, with or without a byte order mark, or UTF-16 with one; another
encoding is refused whole, because guessing it would garble names and places without
a word. Text that a spreadsheet would run as a formula is kept as the text it is.

A row's raw bytes, and so its digest, are the line of names and the row's own lines:
a small CSV file that can be read again by itself.

The file is streamed. A record ends with the first line that leaves no quotation mark
open. One that can't be read costs one refused item; where a mark was left open, the
reading goes on at the record's second line, and the rows found there are accepted with
a note, since they may be the text of the broken one (in a file of one column, where
any line would do, they are not read). Two lines of odd marks bound each such record,
so every byte is read at most three times. Python's `csv` is not used: its limit on a
cell is one global for the whole process.
"""

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from proxeny.errors import InputError, LimitError
from proxeny.formats.item import Accepted, Dropped, Refused
from proxeny.formats.table_fields import (
    Column,
    Stated,
    parse_column,
    read_fields,
    show_field_name,
)
from proxeny.reports import Channel

MAX_ROW_BYTES = 1024 * 1024
MAX_UTF16_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 200

_BLOCK_BYTES = 1024 * 1024
_MISQUOTED = "PXY-CSV-QUOTES"
_DELIMITERS = (",", ";", "\t")
_CELL = {
    delimiter: re.compile(
        rf'(?:"(?P<quoted>(?:[^"]++|"")*+)"|(?P<bare>[^"{delimiter}]*+))'
        rf"(?P<end>{delimiter}|\Z)"
    )
    for delimiter in _DELIMITERS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """Lines that belong together; `raw` is cut off where they pass the limit."""

    line: int
    last_line: int
    raw: bytes
    size_bytes: int
    is_open: bool
    second_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    raw: bytes
    delimiter: str
    columns: tuple[Column | None, ...]
    dropped: tuple[Dropped, ...]


def read_rows(handle: BinaryIO, *, where: str) -> Iterator[Accepted | Refused]:
    """Read the rows of a CSV file.

    Args:
        handle: the file, opened for bytes and seekable.
        where: how to name it; a row is named `where:line`.

    Yields:
        At least one item: for each row a report or why there is none, or why the
        whole file can't be read.
    """
    try:
        text, start = _open_as_utf8(handle)
        text.seek(start)
        lines = _Lines(text, start)
        header = _read_header(lines, where)
    except InputError as error:
        yield Refused(where=where, code=error.stable_code, why=error.message)
        return
    is_empty = True
    for item in _read_records(lines, header, where):
        is_empty = False
        yield item
    if is_empty:
        yield Refused(
            where=where, code="PXY-CSV-NO-ROWS", why="The file has no row of reports."
        )


def names_known_columns(first: bytes) -> bool:
    """Whether the bytes begin with a line that names a narrative's column."""
    line = first.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0]
    try:
        return any(
            column is not None and column.field == "narrative"
            for column in _best_columns(line.decode().rstrip("\r\n"))[1]
        )
    except (UnicodeDecodeError, InputError):
        return False


def _open_as_utf8(handle: BinaryIO) -> tuple[BinaryIO, int]:
    """The file as UTF-8, and where its text begins.

    Raises:
        InputError: it is in another encoding.
    """
    first = handle.read(4)
    handle.seek(0)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = handle.read(MAX_UTF16_BYTES + 1)
        if len(raw) > MAX_UTF16_BYTES:
            raise LimitError(
                f"A file in UTF-16 has at most {MAX_UTF16_BYTES:,} bytes: "
                "save it as UTF-8.",
                code="PXY-FILE-SIZE",
            )
        try:
            return io.BytesIO(raw.decode("utf-16").encode()), 0
        except UnicodeDecodeError as error:
            raise _wrong_encoding() from error
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := handle.read(_BLOCK_BYTES):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _wrong_encoding() from error
    start = len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0
    return handle, start


def _wrong_encoding() -> InputError:
    return InputError(
        "The file isn't in UTF-8: save it as 'CSV UTF-8' and try again.",
        code="PXY-ENCODING",
    )


class _Lines:
    """Splits a file into records, and can go back to a record's second line."""

    def __init__(self, handle: BinaryIO, start: int) -> None:
        self._handle = handle
        self._at = start
        self._line = 0

    def read_record(self) -> _Record | None:
        raw = bytearray()
        first_line, size, marks = self._line + 1, 0, 0
        second_at, is_new_line = self._at, True
        while chunk := self._handle.readline(_BLOCK_BYTES):
            self._at += len(chunk)
            self._line += is_new_line
            is_new_line = chunk.endswith(b"\n")
            if self._line == first_line:
                second_at = self._at
            size += len(chunk)
            marks += chunk.count(b'"')
            if size <= MAX_ROW_BYTES:
                raw += chunk
            if is_new_line and marks % 2 == 0:
                break
        if size == 0:
            return None
        return _Record(
            line=first_line,
            last_line=self._line,
            raw=bytes(raw),
            size_bytes=size,
            is_open=marks % 2 == 1,
            second_at=second_at,
        )

    def go_to_second_line(self, record: _Record) -> None:
        self._handle.seek(record.second_at)
        self._at = record.second_at
        self._line = record.line


def _read_header(lines: _Lines, where: str) -> _Header:
    record = lines.read_record()
    while record is not None and not record.raw.strip() and not record.is_open:
        if record.size_bytes > MAX_ROW_BYTES:
            break
        record = lines.read_record()
    if record is None:
        raise InputError("The file is empty.", code="PXY-EMPTY")
    if b"\0" in record.raw:
        raise InputError(
            "The file holds NUL bytes, as UTF-16 without a byte order mark does: "
            "save it as 'CSV UTF-8' and try again.",
            code="PXY-ENCODING",
        )
    _require_row(record)
    delimiter, columns, names = _best_columns_named(_text(record))
    if not any(column and column.field == "narrative" for column in columns):
        raise InputError(
            "No column of the first line is called narrative, text or description.",
            code="PXY-CSV-COLUMNS",
        )
    if len(columns) > MAX_COLUMNS:
        raise LimitError(
            f"The file has more than {MAX_COLUMNS} columns.", code="PXY-CSV-COLUMNS"
        )
    at = f"{where}:{record.line}"
    kept, dropped = _drop_columns(columns, names, at)
    return _Header(
        raw=record.raw.rstrip(b"\r\n") + b"\n",
        delimiter=delimiter,
        columns=kept,
        dropped=dropped,
    )


def _best_columns(line: str) -> tuple[str, list[Column | None]]:
    return _best_columns_named(line)[:2]


def _best_columns_named(line: str) -> tuple[str, list[Column | None], list[str]]:
    best: tuple[str, list[Column | None], list[str]] | None = None
    for delimiter in _DELIMITERS:
        try:
            names = _split(line, delimiter)
        except InputError:
            continue
        columns = [parse_column(name) for name in names]
        if best is None or _count_known(columns) > _count_known(best[1]):
            best = (delimiter, columns, names)
    if best is None:
        raise InputError(
            "The first line can't be split into names of columns.",
            code="PXY-CSV-COLUMNS",
        )
    return best


def _count_known(columns: Sequence[Column | None]) -> int:
    return sum(column is not None for column in columns)


def _drop_columns(
    columns: Sequence[Column | None], names: Sequence[str], where: str
) -> tuple[tuple[Column | None, ...], tuple[Dropped, ...]]:
    seen: set[str] = set()
    kept: list[Column | None] = []
    dropped = []
    for column, name in zip(columns, names, strict=True):
        is_twice = column is not None and column.field in seen
        if column is None or is_twice:
            why = "this column stands twice" if is_twice else "no known column"
            dropped.append(Dropped(where=where, field=show_field_name(name), why=why))
            kept.append(None)
        else:
            seen.add(column.field)
            kept.append(column)
    return tuple(kept), tuple(dropped)


def _read_records(
    lines: _Lines, header: _Header, where: str
) -> Iterator[Accepted | Refused]:
    # What is said of the whole file goes with its first accepted row.
    of_the_file = header.dropped
    doubtful_until = 0
    while (record := lines.read_record()) is not None:
        if not record.raw.strip() and record.size_bytes <= MAX_ROW_BYTES:
            continue
        at = f"{where}:{record.line}"
        dropped = of_the_file
        if record.line <= doubtful_until:
            why = "read after a quotation mark that is never closed: check this row"
            dropped += (Dropped(where=at, field="row", why=why),)
        item = _read_record(record, header, at, dropped)
        if isinstance(item, Accepted):
            of_the_file = ()
        elif _can_go_on_inside(record, header, item):
            doubtful_until = max(doubtful_until, record.last_line)
            lines.go_to_second_line(record)
        yield item


def _can_go_on_inside(record: _Record, header: _Header, refused: Refused) -> bool:
    # With one column, any line of a broken text would pass for a row.
    return (
        refused.code == _MISQUOTED
        and record.last_line > record.line
        and len(header.columns) > 1
    )


def _read_record(
    record: _Record, header: _Header, where: str, dropped: tuple[Dropped, ...]
) -> Accepted | Refused:
    try:
        _require_row(record)
        cells = _split(_text(record), header.delimiter)
    except InputError as error:
        return Refused(where=where, code=error.stable_code, why=error.message)
    if len(cells) != len(header.columns):
        return Refused(
            where=where,
            code="PXY-CSV-CELLS",
            why=f"The row has {len(cells)} cells for {len(header.columns)} columns.",
        )
    fields: dict[str, str] = {}
    stated: list[Stated] = []
    for column, cell in zip(header.columns, cells, strict=True):
        if column is None or not cell.strip():
            continue
        if column.kind is None:
            fields[column.field] = cell
        else:
            stated += _list_stated(column, cell)
    return read_fields(
        fields,
        stated,
        raw=header.raw + record.raw,
        channel=Channel.CSV,
        where=where,
        dropped=dropped,
    )


def _list_stated(column: Column, cell: str) -> Iterator[Stated]:
    for value in filter(None, map(str.strip, cell.split("|"))):
        yield Stated(
            field=column.name,
            kind=str(column.kind),
            value=value,
            role=None if column.role is None else column.role.value,
        )


def _require_row(record: _Record) -> None:
    if record.is_open:
        raise InputError(
            "A quotation mark of this row is never closed.", code=_MISQUOTED
        )
    if record.size_bytes > MAX_ROW_BYTES:
        raise LimitError(
            f"The row is over {MAX_ROW_BYTES:,} bytes.", code="PXY-ROW-SIZE"
        )
    if b"\0" in record.raw:
        raise InputError("The row holds NUL bytes.", code="PXY-CSV-NUL")


def _text(record: _Record) -> str:
    return record.raw.decode().removesuffix("\n").removesuffix("\r")


def _split(line: str, delimiter: str) -> list[str]:
    """The cells of a record.

    Raises:
        InputError: a quotation mark stands where RFC 4180 has none, or there are
            far too many cells.
    """
    cells: list[str] = []
    at = 0
    while len(cells) <= MAX_COLUMNS:
        cell = _CELL[delimiter].match(line, at)
        if cell is None:
            raise InputError(
                "A quotation mark stands in a cell and isn't doubled.",
                code=_MISQUOTED,
            )
        quoted = cell["quoted"]
        cells.append(cell["bare"] if quoted is None else quoted.replace('""', '"'))
        if not cell["end"]:
            return cells
        at = cell.end()
    raise LimitError(
        f"The row has more than {MAX_COLUMNS} cells.", code="PXY-CSV-CELLS"
    )
