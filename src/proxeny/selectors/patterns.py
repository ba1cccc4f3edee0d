"""The one pattern that finds candidates of every kind, and the pass over the text.

RE2 (https://github.com/google/re2) runs in linear time whatever the text. Two pitfalls
are met here. Counted repetitions of Unicode classes overflow its automaton, so ranges
are plain and lengths are left to the validators. And a search may read far ahead for
a long alternative before it returns a short one, so that many short ones would make
the pass quadratic: each search therefore sees a bounded piece of the text.
"""

from enum import StrEnum
from functools import cache
from typing import NamedTuple

import re2

_MAX_AUTOMATON_BYTES = 256 << 20
_LOOK_AHEAD_BYTES = 8_192
_OVERLAP_BYTES = 1_024


class Shape(StrEnum):
    """What a piece of text looks like, before any validator has read it."""

    URL = "url"
    EMAIL = "email"
    LINK = "link"
    NAME = "name"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    WORD = "word"
    IBAN = "iban"
    PHONE = "phone"


# Latin with marks, Greek, Cyrillic; then most other scripts that write domain names.
_EUROPEAN = r"\x{c0}-\x{24f}\x{370}-\x{52f}"
_LETTERS = _EUROPEAN + r"\x{590}-\x{1fff}\x{3040}-\x{d7ff}"
_LABEL = rf"[A-Za-z0-9_{_LETTERS}][A-Za-z0-9_{_LETTERS}-]*"
_TOP = rf"[A-Za-z{_LETTERS}][A-Za-z0-9{_LETTERS}-]+"
_DOT = r"(?:\.| ?[\[({](?:\.|[Dd][Oo][Tt])[\])}] ?|\[\.|\.\]| DOT )"
_HOST = rf"(?:{_LABEL}{_DOT})+{_TOP}"
_SPELLED_HOST = rf"{_LABEL}(?: (?:dot|DOT|Dot) {_LABEL})+"
_AT = r"(?:@| ?[\[({](?:@|[Aa][Tt])[\])}] ?)"
_LOCAL = rf"[A-Za-z0-9_{_EUROPEAN}][A-Za-z0-9_.%+'{_EUROPEAN}-]*"
# Controls, spaces of every width, quotation marks and brackets that end a URL.
_URL_CHAR = (
    r"[^\x00-\x20\x7f-\xa0<>\"`{|}\x{ab}\x{bb}\x{2000}-\x{200f}\x{2018}-\x{201f}"
    r"\x{2028}-\x{202f}\x{2060}-\x{206f}\x{2039}\x{203a}\x{3000}-\x{3002}\x{feff}\x{ff08}\x{ff09}]"
)
_SCHEME = r"(?i:h(?:tt|xx)ps?|f[tx]ps?)(?:(?::|\[:\])(?://|\\\\)|\[://\])"
_BYTE = r"[0-9]{1,3}"
_COLON = r"(?::|\[:\])"
_IBAN_GAP = r"[ .\x{a0}\x{202f}-]"
_PHONE_GAP = r"[ ().\x{a0}\x{2010}-\x{2015}\x{202f}/-]"
_PHONE_TAIL = rf"(?:{_PHONE_GAP}{{0,3}}[0-9]){{6,16}}\b"

# In order of preference where two begin at the same place.
_BODIES = {
    Shape.URL: rf"{_SCHEME}(?:{_HOST})?{_URL_CHAR}*",
    Shape.EMAIL: rf"{_LOCAL}(?:{_AT}{_HOST}| (?:at|AT|At) {_SPELLED_HOST})",
    Shape.LINK: rf"{_HOST}(?::[0-9]{{1,5}})?/{_URL_CHAR}+",
    Shape.NAME: _HOST,
    Shape.IPV4: rf"\b{_BYTE}(?:{_DOT}{_BYTE}){{3}}\b",
    Shape.IPV6: (
        rf"(?:\b[0-9A-Fa-f]{{1,4}}|:)(?:{_COLON}[0-9A-Fa-f]{{0,4}}){{2,8}}"
        rf"(?:\.{_BYTE}){{0,3}}"
    ),
    Shape.WORD: r"\b[A-Za-z0-9]{15,}\b",
    Shape.IBAN: (
        rf"\b(?:[A-Za-z]{{2}}|[A-Z]{{2}} )[0-9]{{2}}"
        rf"(?:{_IBAN_GAP}?[A-Za-z0-9]){{11,30}}"
    ),
}
_SHAPES = (*_BODIES, Shape.PHONE)
_PHONE = len(_BODIES)
_INTERNATIONAL = rf"(?:\(?\+\(?[0-9]|\(?\b00[ ]?[0-9]){_PHONE_TAIL}"
_NATIONAL = rf"(?:\(?\+\(?[0-9]|\(?\b[0-9]){_PHONE_TAIL}"


class Patterns(NamedTuple):
    """One pattern that finds pieces and, piece in hand, the shapes one by one.

    Asking the large pattern for its groups as well would take three times as long.
    """

    anything: "re2._Regexp"
    shapes: "re2.Set"


@cache
def compiled(*, national: bool) -> Patterns:
    """The patterns; phones in national format only where a country is known."""
    options = re2.Options()
    options.max_mem = _MAX_AUTOMATON_BYTES
    options.never_capture = True
    shapes = re2.Set.FullMatchSet(options)
    bodies = [*_BODIES.values(), _NATIONAL if national else _INTERNATIONAL]
    for body in bodies:
        shapes.Add(body)
    shapes.Compile()
    anything = re2.compile("|".join(f"(?:{body})" for body in bodies), options)
    return Patterns(anything, shapes)


def search(
    patterns: Patterns, data: bytes, start: int
) -> tuple[Shape, int, int] | None:
    """The next candidate from ``start``, as its shape and its span in bytes."""
    size = len(data)
    while start < size:
        stop = min(start + _LOOK_AHEAD_BYTES, size)
        match = patterns.anything.search(data, start, stop)
        if match is None:
            if stop == size:
                return None
            start = stop - _OVERLAP_BYTES
            continue
        first, last = match.span()
        if stop == size or first == start or last < stop - _OVERLAP_BYTES:
            # The pattern prefers its earlier alternatives, and so does this. There is
            # no shape only if RE2 gave up for memory: the phone reader then refuses.
            fitting = patterns.shapes.Match(data[first:last]) or (_PHONE,)
            return _SHAPES[min(fitting)], first, last
        # The piece may have ended inside the candidate: look again from its start.
        start = first
    return None
