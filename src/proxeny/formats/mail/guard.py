"""Cheap limits on the bytes of a mail, checked before any parser sees it.

Python's `email` package builds an object for each part, nests a generator for each
level and copies a parameter list for each semicolon, so time and memory of an attack
are bounded here by counting. Each count is at least what the parser will meet.
"""

import re

from proxeny.errors import InputError, LimitError

MAX_MAIL_BYTES = 10 * 1024 * 1024
MAX_MAIL_LINES = 250_000
MAX_HEADER_LINES = 4_000
MAX_HEADER_BYTES = 512 * 1024
MAX_MIME_CONTAINERS = 60
MAX_MIME_DEPTH = 20
MAX_BOUNDARY_LINES = 5_000
MAX_PARTS = 1_000
MAX_PARAMETERS = 60
MAX_PARAMETER_BYTES = 8 * 1024
MAX_NULS = 100

_FIRST_LINES_BYTES = 16 * 1024
_END_OF_HEADERS = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_HEADER = re.compile(rb"(?:From |[!-9;-~]{1,80}[ \t]*:)")
# A mail has at least one of these; RFC 5322 demands Date and From.
_TELLING = re.compile(
    rb"^(?:from|to|subject|date|received|message-id|return-path|reply-to|"
    rb"delivered-to|mime-version|content-type)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_CONTAINER = re.compile(
    rb"content-type:[\s\x1c-\x1f]*+(?:multipart|message)/", re.IGNORECASE
)
_BOUNDARY_LINE = re.compile(rb"[\r\n]--")
_PARAMETERS = re.compile(
    rb"content-(?:type|disposition):[^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+",
    re.IGNORECASE,
)


def has_mail_headers(raw: bytes) -> bool:
    """Whether the bytes begin as a mail does: header lines, one of them telling."""
    first = raw[:_FIRST_LINES_BYTES].lstrip(b"\xef\xbb\xbf\r\n")
    return _HEADER.match(first) is not None and _TELLING.search(first) is not None


def require_mail_within_limits(raw: bytes) -> None:
    """Refuse what isn't one mail, or could tie up the parser.

    Raises:
        LimitError: a limit of this module is passed; the message names it.
        InputError: it is no mail, or several in one file.
    """
    if len(raw) > MAX_MAIL_BYTES:
        raise LimitError(
            f"The mail is over {MAX_MAIL_BYTES:,} bytes.", code="PXY-MAIL-SIZE"
        )
    if not has_mail_headers(raw):
        raise InputError(
            "The file doesn't begin with mail headers.", code="PXY-MAIL-HEADERS"
        )
    if raw.startswith(b"From ") and re.search(rb"\n\r?\nFrom ", raw):
        raise InputError(
            "The file is a mailbox of several mails: save each as a file of its own.",
            code="PXY-MAIL-MBOX",
        )
    for count, most, what, code in (
        (raw.count(b"\0"), MAX_NULS, "NUL bytes", "PXY-MAIL-NUL"),
        (_count_lines(raw), MAX_MAIL_LINES, "lines", ""),
        (_count_lines(_headers(raw)), MAX_HEADER_LINES, "lines of headers", ""),
        (len(_headers(raw)), MAX_HEADER_BYTES, "bytes of headers", ""),
        (_count(_CONTAINER, raw), MAX_MIME_CONTAINERS, "nested MIME parts", ""),
        (_count(_BOUNDARY_LINE, raw), MAX_BOUNDARY_LINES, "boundary lines", ""),
        (_longest_parameters(raw), MAX_PARAMETER_BYTES, "bytes in one header", ""),
        (_most_parameters(raw), MAX_PARAMETERS, "parameters in one header", ""),
    ):
        if count > most:
            raise LimitError(
                f"The mail has more than {most:,} {what}.",
                code=code or "PXY-MAIL-LIMIT",
            )


def _headers(raw: bytes) -> bytes:
    return _END_OF_HEADERS.split(raw, maxsplit=1)[0]


def _count_lines(raw: bytes) -> int:
    # The parser reads with universal newlines, so CR alone ends a line as well.
    return raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")


def _count(pattern: re.Pattern[bytes], raw: bytes) -> int:
    return sum(1 for _ in pattern.finditer(raw))


def _longest_parameters(raw: bytes) -> int:
    return max((len(found[0]) for found in _PARAMETERS.finditer(raw)), default=0)


def _most_parameters(raw: bytes) -> int:
    return max((found[0].count(b";") for found in _PARAMETERS.finditer(raw)), default=0)
