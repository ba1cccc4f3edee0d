"""Files and folders read into reports, every file accounted for.

A folder is walked in the order of its names, files and folders mixed. Only regular
files are read. A symbolic link, a device and a hidden file or folder (a name that
begins with a point) in a folder are each refused with a code, so that nothing is
passed over in silence; a link that is named on the command line itself is followed.

With form `auto` the ending of the name decides (`.eml`; `.csv .tsv`; `.jsonl .ndjson
.json`), else the first bytes. Archives and compressed files are refused by their
first bytes whatever they are called: nothing is ever unpacked.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from proxeny.errors import InputError, LimitError
from proxeny.formats.csv_file import names_known_columns, read_rows
from proxeny.formats.eml import read_mail
from proxeny.formats.item import Accepted, Refused
from proxeny.formats.jsonl import read_lines
from proxeny.formats.mail import MAX_MAIL_BYTES, has_mail_headers

FORMS = ("auto", "eml", "csv", "jsonl")
MAX_FILE_BYTES = 1024**3
MAX_FOLDER_DEPTH = 32
MAX_REFUSED_PER_FILE = 10_000

_SNIFF_BYTES = 16 * 1024
_FORM_OF_ENDING = {
    ".eml": "eml",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
_ARCHIVE_STARTS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)
# Python offers these on POSIX only; elsewhere the check of the open file remains.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def read_reports(
    paths: Sequence[Path], *, form: str = "auto"
) -> Iterator[Accepted | Refused]:
    """Read reports from files and folders, one item at a time.

    Args:
        paths: files or folders, read in the order given.
        form: `auto`, `eml`, `csv` or `jsonl`.

    Returns:
        For each mail, row or line a report or why there is none, and at least one
        item for each file. What a file holds never raises.

    Raises:
        InputError: there is no such form (code `PXY-FORMAT`).
    """
    if form not in FORMS:
        raise InputError(
            f"There is no format '{form[:20]}'.",
            code="PXY-FORMAT",
            advice=f"Give one of: {', '.join(FORMS)}.",
        )
    return (item for path in paths for item in _read_path(path, form))


def _read_path(path: Path, form: str) -> Iterator[Accepted | Refused]:
    if path.is_dir():
        yield from _read_folder(path, form, depth=0)
    else:
        yield from _read_file(path, form, follow=0)


def _read_folder(
    folder: Path, form: str, *, depth: int
) -> Iterator[Accepted | Refused]:
    if depth > MAX_FOLDER_DEPTH:
        yield _refuse(
            folder,
            "PXY-FOLDER-DEPTH",
            f"Folders are nested deeper than {MAX_FOLDER_DEPTH} levels.",
        )
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield _refuse(folder, "PXY-FILE-UNREADABLE", "The folder can't be read.")
        return
    for entry in found:
        path = folder / entry.name
        if entry.name.startswith("."):
            yield _refuse(
                path, "PXY-FILE-HIDDEN", "Hidden files and folders aren't read."
            )
        elif entry.is_symlink():
            yield _refuse(
                path,
                "PXY-FILE-LINK",
                "Links in a folder aren't followed: name the file itself.",
            )
        elif entry.is_dir(follow_symlinks=False):
            yield from _read_folder(path, form, depth=depth + 1)
        else:
            yield from _read_file(path, form, follow=_NO_FOLLOW)


def _read_file(path: Path, form: str, *, follow: int) -> Iterator[Accepted | Refused]:
    try:
        handle = _open(path, follow)
    except FileNotFoundError:
        yield _refuse(path, "PXY-FILE-MISSING", "There is no such file.")
        return
    except (OSError, ValueError):
        yield _refuse(path, "PXY-FILE-UNREADABLE", "The file can't be opened.")
        return
    with handle:
        try:
            yield from _bound(path, _read_open_file(handle, path, form))
        except OSError:
            yield _refuse(
                path, "PXY-FILE-UNREADABLE", "The file can't be read to its end."
            )


def _open(path: Path, follow: int) -> BinaryIO:
    return os.fdopen(os.open(path, _OPEN_FLAGS | follow), "rb")


def _bound(
    path: Path, items: Iterator[Accepted | Refused]
) -> Iterator[Accepted | Refused]:
    refused = 0
    for item in items:
        refused += isinstance(item, Refused)
        if refused > MAX_REFUSED_PER_FILE:
            yield _refuse(
                path,
                "PXY-TOO-MANY-REFUSED",
                f"Over {MAX_REFUSED_PER_FILE:,} items were refused: "
                "the rest of the file wasn't read.",
            )
            return
        yield item


def _read_open_file(
    handle: BinaryIO, path: Path, form: str
) -> Iterator[Accepted | Refused]:
    try:
        _require_regular(handle)
        first = handle.read(_SNIFF_BYTES)
        handle.seek(0)
        chosen = _choose_form(path, first, form)
    except InputError as error:
        yield _refuse(path, error.stable_code, error.message)
        return
    where = _show(path)
    if chosen == "eml":
        # One byte over the limit is enough for the mail to be refused by it.
        yield read_mail(handle.read(MAX_MAIL_BYTES + 1), where=where)
    elif chosen == "csv":
        yield from read_rows(handle, where=where)
    else:
        yield from read_lines(handle, where=where)


def _require_regular(handle: BinaryIO) -> None:
    status = os.fstat(handle.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise InputError("It is no regular file.", code="PXY-FILE-KIND")
    if status.st_size == 0:
        raise InputError("The file is empty.", code="PXY-EMPTY")
    if status.st_size > MAX_FILE_BYTES:
        raise LimitError(
            f"The file is over {MAX_FILE_BYTES:,} bytes.", code="PXY-FILE-SIZE"
        )


def _choose_form(path: Path, first: bytes, form: str) -> str:
    if first.startswith(_ARCHIVE_STARTS):
        raise InputError(
            "Archives aren't unpacked: unpack it yourself and name the files.",
            code="PXY-FORMAT-ARCHIVE",
        )
    chosen = _FORM_OF_ENDING.get(path.suffix.lower()) if form == "auto" else form
    if chosen is not None:
        return chosen
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"'):
        return "jsonl"
    if names_known_columns(first):
        return "csv"
    if has_mail_headers(first):
        return "eml"
    raise InputError(
        "It is no mail, no CSV and no JSON Lines of reports: "
        "name the format if it is one.",
        code="PXY-FORMAT-UNKNOWN",
    )


def _refuse(path: Path, code: str, why: str) -> Refused:
    return Refused(where=_show(path), code=code, why=why)


def _show(path: Path) -> str:
    # A name may hold line feeds and bytes that are no text; a message may not.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(path))
