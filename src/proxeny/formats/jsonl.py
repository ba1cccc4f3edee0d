"""Reports in JSON Lines: one object a line, in UTF-8 (RFC 8259, jsonlines.org).

Names and meanings of the members stand in `proxeny.formats.table_fields`. A member of
a selector's name holds a text or a list of texts; `selectors` holds a list of
`{"kind": ..., "value": ..., "role": ...}`; `loss` may be `{"amount": ..., "currency":
...}`. A name that stands twice in an object, NaN and Infinity are refused (RFC 7493).

A file of one JSON array or of one object over many lines is refused whole: it can't
be streamed.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from proxeny.errors import InputError, LimitError
from proxeny.formats.item import Accepted, Dropped, Refused
from proxeny.formats.table_fields import (
    Stated,
    parse_column,
    read_fields,
    show_field_name,
)
from proxeny.reports import Channel

MAX_LINE_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_MEMBERS = 1_000
# After so many names that nobody knows, further ones aren't listed.
MAX_UNKNOWN_NAMED = 50

_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_lines(handle: BinaryIO, *, where: str) -> Iterator[Accepted | Refused]:
    """Read the lines of a JSON Lines file.

    Args:
        handle: the file, opened for bytes.
        where: how to name it; a line is named `where:line`.

    Yields:
        At least one item: for each line a report or why there is none, or why the
        whole file can't be read.
    """
    seen_unknown: set[str] = set()
    is_first = True
    for number, line in _list_lines(handle):
        if line is not None and not line.strip():
            continue
        if is_first:
            refused = _refuse_whole(line or b"", where)
            if refused is not None:
                yield refused
                return
        is_first = False
        yield _read_line(line, f"{where}:{number}", seen_unknown)
    if is_first:
        yield Refused(where=where, code="PXY-EMPTY", why="The file is empty.")


def _list_lines(handle: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None in place of one over the limit."""
    number = 0
    while line := handle.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8) or b"\n"
        if line.endswith(b"\n") or len(line) <= MAX_LINE_BYTES:
            yield number, line
            continue
        while (rest := handle.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield number, None


def _refuse_whole(line: bytes, where: str) -> Refused | None:
    start = line.strip()
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        b"\0" in start[:4]
    ):
        return Refused(
            where=where,
            code="PXY-ENCODING",
            why="The file isn't in UTF-8: save it as UTF-8 and try again.",
        )
    if start.startswith(b"[") or start == b"{":
        return Refused(
            where=where,
            code="PXY-JSON-LINES",
            why="The file is one JSON document: write one object a line.",
        )
    return None


def _read_line(
    line: bytes | None, where: str, seen_unknown: set[str]
) -> Accepted | Refused:
    try:
        members = _parse(line)
    except InputError as error:
        return Refused(where=where, code=error.stable_code, why=error.message)
    item = _Item(where)
    for name, value in members.items():
        item.take(name, value)
    unknown = [name for name in item.unknown if name not in seen_unknown]
    result = read_fields(
        item.fields,
        item.stated,
        raw=(line or b"").strip(),
        channel=Channel.JSONL,
        where=where,
        dropped=[*item.dropped, *_list_unknown(unknown, where, len(seen_unknown))],
    )
    if isinstance(result, Accepted):
        # What was said once of a name holds for the whole file.
        seen_unknown.update(unknown[: MAX_UNKNOWN_NAMED + 1 - len(seen_unknown)])
    return result


def _list_unknown(names: list[str], where: str, before: int) -> Iterator[Dropped]:
    for count, name in enumerate(names, start=before):
        if count > MAX_UNKNOWN_NAMED:
            return
        is_last = count == MAX_UNKNOWN_NAMED
        yield Dropped(
            where=where,
            field="(more)" if is_last else show_field_name(name),
            why="no known field; further ones aren't listed"
            if is_last
            else "no known field",
        )


def _parse(line: bytes | None) -> Mapping[str, Any]:
    if line is None:
        raise LimitError(
            f"The line is over {MAX_LINE_BYTES:,} bytes.", code="PXY-ROW-SIZE"
        )
    _require_shallow(line)
    try:
        value = json.loads(
            line.decode(),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_require_unique,
        )
    except UnicodeDecodeError as error:
        raise InputError("The line isn't in UTF-8.", code="PXY-ENCODING") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        # ValueError is also a whole number of over 4,300 digits.
        raise InputError("The line is no valid JSON.", code="PXY-JSON") from error
    if not isinstance(value, dict):
        raise InputError("The line is no JSON object.", code="PXY-JSON-OBJECT")
    return value


def _require_shallow(line: bytes) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(line):
        first = line[token.start()]
        if first in b"[{":
            depth += 1
        elif first in b"]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise LimitError(
                f"The line is nested deeper than {MAX_DEPTH} levels.",
                code="PXY-JSON-DEPTH",
            )


def _refuse_constant(_: str) -> float:
    raise InputError("NaN and Infinity are no JSON.", code="PXY-JSON")


def _require_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InputError("A name stands twice in one object.", code="PXY-JSON")
    if len(members) > MAX_MEMBERS:
        raise LimitError(
            f"An object has more than {MAX_MEMBERS:,} members.", code="PXY-JSON"
        )
    return members


class _Item:
    """Takes the members of one object as fields and selectors."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.fields: dict[str, str] = {}
        self.stated: list[Stated] = []
        self.dropped: list[Dropped] = []
        self.unknown: list[str] = []

    def take(self, name: str, value: Any) -> None:
        if value is None:
            return
        column = parse_column(name)
        if name == "selectors":
            self._take_selectors(value)
        elif name == "loss" and isinstance(value, dict):
            self._take_text("amount", "amount", value.get("amount"))
            self._take_text("currency", "currency", value.get("currency"))
        elif column is None:
            self.unknown.append(name)
        elif column.kind is None:
            self._take_text(column.name, column.field, value)
        else:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    role = None if column.role is None else column.role.value
                    self.stated.append(
                        Stated(
                            field=column.name,
                            kind=str(column.kind),
                            value=one,
                            role=role,
                        )
                    )
                else:
                    self._drop(column.name, "not a text or a list of texts")

    def _take_text(self, name: str, field: str, value: Any) -> None:
        if value is None:
            return
        if field in self.fields:
            self._drop(name, "this field stands twice")
        elif isinstance(value, str):
            self.fields[field] = value
        elif field in {"amount", "source_ref"} and isinstance(value, int | Decimal):
            self.fields[field] = str(value)
        else:
            self._drop(name, "not a text")

    def _take_selectors(self, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            parts = one if isinstance(one, dict) else {}
            kind, text, role = parts.get("kind"), parts.get("value"), parts.get("role")
            if (
                isinstance(kind, str)
                and isinstance(text, str)
                and isinstance(role, str | None)
            ):
                self.stated.append(
                    Stated(field="selectors", kind=kind, value=text, role=role)
                )
            else:
                self._drop("selectors", "not an object of kind, value and role")

    def _drop(self, name: str, why: str) -> None:
        self.dropped.append(Dropped(where=self.where, field=name, why=why))
