"""`proxeny extract`: selectors in text, mail or JSON Lines; needs no node."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple

import typer

from proxeny import selectors
from proxeny.cli import output
from proxeny.countries import require_country
from proxeny.errors import InputError, LimitError

EXIT_REFUSED = 1
# No character takes more than four bytes of UTF-8.
MAX_TEXT_BYTES = 4 * selectors.MAX_TEXT_CHARS
# A line of JSON may escape each character, as in "\u0436", and hold other fields.
MAX_LINE_BYTES = 8 * selectors.MAX_TEXT_CHARS
MAX_ID_CHARS = 200
_STDIN = "-"
_TEXT_FIELDS = ("text", "narrative")
_ID_FIELDS = ("id", "report_id", "source_ref", "doc")


class Format(StrEnum):
    """What the input is."""

    TEXT = "text"
    EML = "eml"
    JSONL = "jsonl"


_FORMAT_OF_ENDING = {
    ".eml": Format.EML,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}


class _Document(NamedTuple):
    name: str
    text: str


class _Refusal(NamedTuple):
    where: str
    why: str
    code: str


def extract(
    path: Annotated[
        str, typer.Argument(help="A file, or - for standard input.", metavar="[PATH|-]")
    ] = _STDIN,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="text|eml|jsonl",
            help="Default: by the ending of the name, else text.",
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            help="Also find phone numbers and accounts in this country's own form."
        ),
    ] = None,
    as_json: output.AsJSON = False,
) -> int:
    """Find phone numbers, accounts, addresses, names, wallets and hashes in text.

    Of a payment card's number only the issuer's digits are printed. What looks like a
    selector and is none is printed too, with the reason. With --json each is one line
    of JSON; start and end count characters: in the text, in a line's `text`, or in a
    mail's subject, an empty line and its text. Ends with 1 if an item was refused; the
    others are printed.

    Example: echo "Pay to DE89 3704 0044 0532 0130 00" | proxeny extract - --json
    """
    region = None if country is None else require_country(country)
    chosen = None if form is None else _require_format(form)
    if path != _STDIN and not Path(path).exists():
        raise InputError(
            "The path that was named is not there.",
            code="PXY-NO-SUCH-FILE",
            advice="Check the spelling, or give - for standard input.",
        )
    refusals: list[_Refusal] = []
    rows = _list_rows(_read_documents(path, chosen), region, refusals)
    if as_json:
        for row in rows:
            output.print_json_line(row)
    else:
        _print_table(rows)
    for refusal in refusals:
        output.complain(
            f"{refusal.where}: {refusal.why}",
            "This item was left out; mend it and run again.",
            refusal.code,
        )
    return EXIT_REFUSED if refusals else 0


def _require_format(name: str) -> Format:
    try:
        return Format(name)
    except ValueError:
        raise InputError(
            f"There is no format '{name[:20]}' to extract from.",
            code="PXY-FORMAT",
            advice=f"Formats: {', '.join(Format)}.",
        ) from None


def _list_rows(
    documents: Iterable[_Document | _Refusal],
    country: str | None,
    refusals: list[_Refusal],
) -> Iterator[dict[str, object]]:
    for document in documents:
        if isinstance(document, _Refusal):
            refusals.append(document)
            continue
        for found in selectors.scan(document.text, country=country):
            yield {
                "doc": document.name,
                "kind": found.kind,
                "value": found.value,
                "raw": found.raw,
                "start": found.start,
                "end": found.end,
                "valid": found.valid,
                "note": found.note,
            }


def _print_table(rows: Iterable[dict[str, object]]) -> None:
    cells = [
        (
            row["kind"],
            row["value"] or f"no: {row['raw']}",
            f"{row['doc']}:{row['start']}-{row['end']}",
            row["note"],
        )
        for row in rows
    ]
    if cells:
        output.table(("kind", "value", "where", "note"), cells)
    else:
        output.say("No selectors found.")


def _read_documents(path: str, form: Format | None) -> Iterator[_Document | _Refusal]:
    match form or _FORMAT_OF_ENDING.get(Path(path).suffix.lower(), Format.TEXT):
        case Format.TEXT:
            return _read_text(path)
        case Format.JSONL:
            return _read_jsonl(path)
        case Format.EML:
            return _read_mail(path)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == _STDIN:
        yield sys.stdin.buffer
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below; only opening fails
    except OSError:
        raise InputError(
            "The path that was named can't be read as a file.",
            code="PXY-NOT-READABLE",
            advice="Give a file that you may read; folders only with --format eml.",
        ) from None
    with stream:
        yield stream


def _read_text(path: str) -> Iterator[_Document | _Refusal]:
    with _opened(path) as stream:
        data = stream.read(MAX_TEXT_BYTES + 1)
    text = "" if len(data) > MAX_TEXT_BYTES else _decode(data)
    if len(data) > MAX_TEXT_BYTES or len(text) > selectors.MAX_TEXT_CHARS:
        raise LimitError(
            f"The text has more than {selectors.MAX_TEXT_CHARS} characters.",
            limit_chars=selectors.MAX_TEXT_CHARS,
        )
    yield _admit(path, text, path)


def _decode(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark; a text never holds a NUL."""
    coding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(
            "The input is no text in UTF-8.",
            code="PXY-ENCODING",
            advice="Save it as UTF-8 text; give mails with --format eml.",
        )
    return text


def _read_jsonl(path: str) -> Iterator[_Document | _Refusal]:
    with _opened(path) as stream:
        number = 0
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            where = f"{path}:{number}"
            if len(line) > MAX_LINE_BYTES:
                # The rest of the line is left out in pieces, never held as a whole.
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_LINE_BYTES)
                yield _Refusal(where, "the line is too long.", "PXY-LIMIT")
            elif line.strip():
                yield _read_line(line, number, where)


def _read_line(line: bytes, number: int, where: str) -> _Document | _Refusal:
    try:
        item = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return _Refusal(where, "the line is no JSON in UTF-8.", "PXY-JSON")
    if not isinstance(item, dict):
        return _Refusal(where, "the line is no JSON object.", "PXY-JSON")
    text = next((item[name] for name in _TEXT_FIELDS if item.get(name)), None)
    if not isinstance(text, str):
        return _Refusal(where, "there is no `text` or `narrative`.", "PXY-JSON-TEXT")
    name = next((item[name] for name in _ID_FIELDS if item.get(name)), number)
    return _admit(str(name)[:MAX_ID_CHARS], text, where)


def _admit(name: str, text: str, where: str) -> _Document | _Refusal:
    if len(text) > selectors.MAX_TEXT_CHARS:
        return _Refusal(where, "the text is too long.", "PXY-LIMIT")
    # JSON and file names may hold half a character, which no output can carry.
    shown = "".join(char for char in name if char.isprintable())
    return _Document(shown, text.encode("utf-8", "replace").decode())


def _read_mail(path: str) -> Iterator[_Document | _Refusal]:
    if path != _STDIN:
        yield from _read_mail_files(Path(path), path)
        return
    from proxeny.formats.mail import MAX_MAIL_BYTES

    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "stdin.eml"
        # One byte over the limit is enough for the reader to refuse it by its name.
        spooled.write_bytes(sys.stdin.buffer.read(MAX_MAIL_BYTES + 1))
        yield from _read_mail_files(spooled, _STDIN)


def _read_mail_files(path: Path, name: str) -> Iterator[_Document | _Refusal]:
    from proxeny import formats

    for item in formats.read_reports([path], form="eml"):
        where = name if path.is_file() else item.where
        if isinstance(item, formats.Refused):
            yield _Refusal(where, item.why, item.code)
        else:
            report = item.report
            yield _admit(where, f"{report.title}\n\n{report.narrative}", where)
