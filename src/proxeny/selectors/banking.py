"""Reads a piece that may be an IBAN: in groups, out of a table, broken at a line's end.

Its country says how far it goes, its check digits whether it is one.
"""

import re
from functools import cache

from proxeny.selectors.kinds import ibans
from proxeny.selectors.pieces import Piece, Reading, read_as, skip
from proxeny.selectors.values import Kind

_IBAN_HEAD_CHARS = 4
_IBAN_WORD = "IBAN"
_BREAK = re.compile(r"[\t\n]")
_GAPS = r" \t()./\u00a0\u2009\u2010-\u2015\u202f-"
# The pattern goes only so far that it must be one: it would count each letter after it.
_IBAN = re.compile(rf"[A-Za-z]{{2}} ?[0-9]{{2}}(?:[{_GAPS}]?[A-Za-z0-9]){{11,30}}")
_BROKEN_IBAN = re.compile(
    rf"[A-Za-z]{{2}} ?[0-9]{{2}}(?:(?:[{_GAPS}]| ?\r?\n ?)?[A-Za-z0-9]){{11,30}}"
)


def read_iban_word(piece: Piece) -> Reading:
    """An IBAN without spaces, or one that only begins with so many characters."""
    head = piece.raw[: len(_IBAN_WORD)]
    if not head[2:].isdigit() and head.upper() != _IBAN_WORD:
        return skip(len(piece.raw))
    whole = _read_compact(piece.raw)
    if whole.found:
        return whole
    reading = read_iban(piece)
    return reading if reading.found else skip(len(piece.raw))


def _read_compact(raw: str) -> Reading:
    number = ibans.compact(raw)
    if not ibans.has_structure(number):
        return skip(len(raw))
    return read_as(Kind.IBAN, lambda _: ibans.require_check_digits(number), raw)


def read_iban(piece: Piece) -> Reading:
    """An IBAN of which the pattern found the beginning."""
    if piece.raw[: len(_IBAN_WORD)].upper() == _IBAN_WORD:
        return _read_called_iban(piece)
    whole = _IBAN.match(piece.text, piece.start)
    reading = read_spaced_iban(piece if whole is None else piece._replace(raw=whole[0]))
    if reading.found:
        return reading
    broken = _BROKEN_IBAN.match(piece.text, piece.start)
    if broken is None or (whole is not None and broken.end() == whole.end()):
        return reading
    return read_spaced_iban(piece._replace(raw=broken[0]))


def _read_called_iban(piece: Piece) -> Reading:
    """``IBANDE89370400440532013000``: what it is, and no space behind that."""
    at = len(_IBAN_WORD)
    reading = read_iban(piece._replace(raw=piece.raw[at:], start=piece.start + at))
    found = (
        one._replace(start=one.start + at, end=one.end + at) for one in reading.found
    )
    return Reading(tuple(found), reading.resume + at)


def read_spaced_iban(piece: Piece) -> Reading:
    """An IBAN in groups: its country says how far it goes."""
    wanted = ibans.length(piece.raw[:2].upper())
    whole = None if wanted is None else _characters(wanted).match(piece.raw)
    if whole is not None:
        number = piece.shortened(whole.end())
        reading = _read_compact(number.raw)
        if reading.found and not number.after(1).isalnum():
            if not reading.found[0].value and _BREAK.search(number.raw) is not None:
                # What comes in the next cell or line is about something else.
                return skip(_IBAN_HEAD_CHARS)
            if number.raw.count("\n") <= 1:
                return reading
    return skip(_IBAN_HEAD_CHARS)


@cache
def _characters(wanted: int) -> re.Pattern[str]:
    """So many letters and digits, with any signs between them."""
    return re.compile(rf"(?:[^A-Za-z0-9]*[A-Za-z0-9]){{{wanted}}}")
