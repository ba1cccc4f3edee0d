"""What the packaged fonts can show, and an honest stand-in for what they can't.

PDF/A forbids text without a glyph, so one emoji in a narrative would stop the whole
form. And a mark that turns the direction of writing could make the paper say another
thing than the data. Both are printed as their code point instead.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

MAX_MARKS = 30
"""Marks on one letter (Stream-Safe Text, UAX 15): 20,000 would cost a gigabyte."""

FONTS = ("NotoSans.ttf", "NotoSans-Italic.ttf")
_CMAP_FORMAT_SEGMENTED = 12
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def fonts_folder() -> Traversable:
    """Where the fonts of the package are."""
    return files("proxeny.formats.pdf") / "fonts"


def show(text: str) -> str:
    """The text with each character that can't be seen or set as ``[U+XXXX]``.

    Line ends stay; a tab becomes a space.
    """
    shown: list[str] = []
    marks = 0
    for char in text.replace("\t", " "):
        marks = marks + 1 if unicodedata.combining(char) else 0
        shown.append(
            char
            if char == "\n" or (_has_glyph(char) and marks <= MAX_MARKS)
            else f"[U+{ord(char):04X}]"
        )
    return "".join(shown)


def _has_glyph(char: str) -> bool:
    return unicodedata.category(char) not in _UNSHOWN and ord(char) in _coverage()


@cache
def _coverage() -> frozenset[int]:
    """Code points that every packaged font has."""
    tables = [(fonts_folder() / name).read_bytes() for name in FONTS]
    return frozenset.intersection(*(frozenset(_list_covered(font)) for font in tables))


def _list_covered(font: bytes) -> Iterator[int]:
    """Read the font's ``cmap`` table, subtable format 12 (OpenType 1.9)."""
    start = _find_table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    for place in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * place + 4)
        subtable = start + offset
        (kind,) = struct.unpack_from(">H", font, subtable)
        if kind == _CMAP_FORMAT_SEGMENTED:
            (groups,) = struct.unpack_from(">I", font, subtable + 12)
            for group in range(groups):
                first, last = struct.unpack_from(
                    ">II", font, subtable + 16 + 12 * group
                )
                yield from range(first, last + 1)


def _find_table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for place in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * place)
        if name == tag:
            return int(offset)
    raise ValueError("a packaged font has no character map")
