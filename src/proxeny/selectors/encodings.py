"""Passes over what a link's percent-encoding (RFC 3986) leaves before a name.

In ``account%20evil.example`` nobody wrote ``20evil.example``.
"""

import re

from proxeny.selectors.pieces import Piece, Reading, skip

# "%2520" is "%20", encoded once more.
_ENCODED = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_ENCODED_BEFORE = re.compile(r"%[0-9A-Fa-f]{2}%\Z")
_CHARS_BEFORE = 4
# Spaces, brackets and signs of a link, of which no mailbox is made.
_BREAK = re.compile(r"%(?:25)*(?:0[9AaDd]|2[0236789CcFf]|3[A-Fa-f]|5[BbCcDd]|40)")
_ASCII_END = 0x80


def skip_encoded(piece: Piece) -> Reading | None:
    """Where to go on if a piece behind a "%" begins inside a percent-encoding.

    Where that stands for a letter or a dot, the piece is only the end of a name.
    """
    encoded = _ENCODED.match(f"%{piece.raw}")
    if encoded is None:
        return None
    code = int(encoded[1], 16)
    # A letter outside ASCII takes two of them or more: "20%be.example" has none.
    if code >= _ASCII_END and not _ENCODED_BEFORE.search(piece.before(_CHARS_BEFORE)):
        return None
    is_in_name = code >= _ASCII_END or chr(code).isalnum() or chr(code) in "-._"
    return skip(len(piece.raw) if is_in_name else encoded.end() - 1)


def skip_to_mailbox(piece: Piece) -> Reading | None:
    """Where a mailbox begins if something encoded stands before it."""
    local = piece.raw.rpartition("@" if "@" in piece.raw else "%40")[0]
    ends = [broken.end() for broken in _BREAK.finditer(local)]
    return skip(ends[-1]) if ends else None
