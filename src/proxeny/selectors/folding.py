"""Undoes what hides a selector in its characters, and says where each one stood.

Full-width letters, full-width and Arabic digits become ASCII, characters of no width
disappear, and an ideographic full stop becomes a dot (RFC 3490, section 3.1) between
Latin letters and before a last Latin label: elsewhere it ends a sentence. Most texts
have none of these and come back as they are.
"""

import re
from bisect import bisect_right
from typing import NamedTuple

# Signs that a selector may hold; commas and brackets stay as they are and end it.
_WIDE = "．＠－＿＋／：０１２３４５６７８９" + "".join(
    chr(start + offset) for start in (0xFF21, 0xFF41) for offset in range(26)
)
_WIDE_DISTANCE = 0xFEE0
_NARROW = {char: chr(ord(char) - _WIDE_DISTANCE) for char in _WIDE} | {
    chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)
}
_TO_NARROW = re.compile("[\u0660-\u0669\u06f0-\u06f9\uff0b-\uff5a]")
_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_NO_WIDTH = re.compile(f"[{_ZERO_WIDTH}]")
_STOPS = re.compile(
    r"(?<=[A-Za-z0-9])[\u3002\uff61](?=[A-Za-z0-9])"
    r"|(?<=\w)[\u3002\uff61](?=[A-Za-z]{2,}(?![A-Za-z0-9.@_-]))"
)
_ODD = re.compile(f"[{_ZERO_WIDTH}\u0660-\u0669\u06f0-\u06f9\u3002\uff0b-\uff5a\uff61]")


class Folded(NamedTuple):
    """A text as it is searched, and where characters were left out before.

    ``gaps`` holds, for each character left out, the offset in ``text`` that follows it.
    """

    text: str
    gaps: tuple[int, ...]

    def original(self, offset: int) -> int:
        """The offset in the text as written of a character that is searched."""
        return offset + bisect_right(self.gaps, offset)

    def original_end(self, end: int) -> int:
        """The offset behind the character that ends at ``end``."""
        return self.original(end - 1) + 1 if end else 0


def fold(text: str) -> Folded:
    """Give the text that is to be searched."""
    if text.isascii() or _ODD.search(text) is None:
        return Folded(text, ())
    wide = _TO_NARROW.sub(lambda match: _NARROW.get(match[0], match[0]), text)
    gaps = tuple(
        match.start() - number for number, match in enumerate(_NO_WIDTH.finditer(wide))
    )
    if gaps:
        wide = _NO_WIDTH.sub("", wide)
    if "\u3002" in wide or "\uff61" in wide:
        wide = _STOPS.sub(".", wide)
    return Folded(wide, gaps)
