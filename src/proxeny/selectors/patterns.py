"""The one pattern that finds candidates of every kind, and the pass over the text.

RE2 (https://github.com/google/re2) runs in linear time whatever the text. Two pitfalls
are met here. Repetitions of Unicode classes overflow its automaton, so it reads bytes,
and lengths are left to the validators. And a search may read far ahead for a long
alternative before it returns a short one, so that many short ones would make the pass
quadratic: each search therefore sees a bounded piece of the text.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import re2

from proxeny.selectors.kinds.defanging import AT_WORDS, DOT_WORDS
from proxeny.selectors.kinds.handles import list_words

_MAX_AUTOMATON_BYTES = 256 << 20
_LOOK_AHEAD_BYTES = 8_192
_OVERLAP_BYTES = 1_024
_MIN_WORD_CHARS = 14


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
    AT_NAME = "at_name"
    CALLED = "called"
    ASN = "asn"
    NUMBER = "number"


class _Alphabet(NamedTuple):
    """The characters of the shapes, for a pattern of bytes or one of characters."""

    letter: str
    url: str
    gap: str


# In bytes of UTF-8: a letter is any character of two bytes but for signs (C2), or of
# three but for punctuation (E2), ideographic stops (E3 80) and private use. The classes
# of Unicode would make the automaton three times as large.
_TAIL = r"[\x80-\xbf]"
_LETTERS = (
    rf"[\xc3-\xdf]{_TAIL}|[\xe0\xe1\xe4-\xed]{_TAIL}{_TAIL}|\xe3[\x81-\xbf]{_TAIL}"
)
_ASCII_URL = r"!#-;=?-Z\[-_a-z~\\\]"
_BYTES = _Alphabet(
    letter=_LETTERS,
    url=(
        rf"[{_ASCII_URL}]|{_LETTERS}|\xc2[\xa1-\xaa\xac-\xba\xbc-\xbf]"
        rf"|\xe2[\x82-\xbf]{_TAIL}|[\xf0-\xf4]{_TAIL}{_TAIL}{_TAIL}"
    ),
    gap=r"[ ().\x2f-]|\xc2\xa0|\xe2\x80(?:\x89|[\x90-\x95]|\xaf)",
)
_CHARACTERS = _Alphabet(
    letter="[\u00c0-\u07ff\u0800-\u1fff\u3040-\ud7ff]",
    url=r"[^\x00-\x20\x7f-\xa0<>\"`{|}]",
    gap="[ ().\u00a0\u2009\u2010-\u2015\u202f/-]",
)
_BYTE = r"[0-9]{1,3}"
_COLON = r"(?::|\[:\])"
_SCHEME = (
    r"(?i:h(?:tt|xx|\*\*)ps?|f[tx]ps?)"
    r"(?:(?::|\[:\])(?://|\\\\)|\[://\]|\[:\]\[//\])"
)
_ENTITY_DOT = r"&(?:#46|#x2e|period);"
_BRACKET_DOT = rf" ?[\[({{] ?(?:\.|(?i:{DOT_WORDS})) ?[\])}}] ?|\[\.|\.\]"
_DOT = rf"(?:\.|{_BRACKET_DOT}| DOT |{_ENTITY_DOT})"
_AT = (
    rf"(?:@| ?[\[({{] ?(?:@|(?i:{AT_WORDS})) ?[\])}}] ?"
    r"|&(?:#64|#x40|commat);)"
)
_IPV4 = rf"{_BYTE}(?:{_DOT}{_BYTE}){{3}}"
_CALLED_NOUN = (
    r"(?:user ?name|user|id|handle|nick(?:name)?|account|acc|profile?|kanal|channel"
    r"|nalog|konto|nutzername|utilisateur|usuario|utente|корисник|налог|профил|име)"
)
# RE2 knows word boundaries of ASCII only.
_WORDS = "|".join(
    rf"\b{re.escape(word)}" if word.isascii() else re.escape(word)
    for word in list_words()
)


def _list_bodies(alphabet: _Alphabet) -> dict[Shape, str]:
    """The shapes in order of preference where two begin at the same place."""
    letter = alphabet.letter
    label = rf"(?:[A-Za-z0-9_]|{letter})(?:[A-Za-z0-9_-]|{letter})*"
    top = rf"(?:[A-Za-z]|{letter})(?:[A-Za-z0-9-]|{letter})+"
    host = rf"(?:{label}{_DOT})+{top}"
    atom = rf"(?:[A-Za-z0-9_]|{letter})(?:[A-Za-z0-9_.%+'-]|{letter})*"
    local = rf"{atom}(?:(?:{_BRACKET_DOT}|{_ENTITY_DOT}){atom})*"
    spelled_local = rf"{atom}(?: (?:dot|DOT|Dot) {atom})*"
    spelled_host = rf"{label}(?: (?:dot|DOT|Dot) {label})+"
    iban_gap = rf"(?:{alphabet.gap})"
    return {
        Shape.URL: rf"{_SCHEME}(?:{host})?(?:{alphabet.url})*",
        Shape.EMAIL: (
            rf"{local}{_AT}{host}|{spelled_local} (?:at|AT|At) {spelled_host}"
        ),
        Shape.LINK: rf"(?:{host}|\b{_IPV4})(?::[0-9]{{1,5}})?/(?:{alphabet.url})+",
        Shape.NAME: host,
        Shape.IPV4: rf"\b{_IPV4}\b",
        Shape.IPV6: (
            rf"(?:\b[0-9A-Fa-f]{{1,4}}|:)(?:{_COLON}[0-9A-Fa-f]{{0,4}}){{2,8}}"
            rf"(?:\.{_BYTE}){{0,3}}(?:/[0-9]{{1,3}}\b)?"
        ),
        Shape.ASN: (
            r"\b(?i:as)[0-9]{1,10}(?:\.[0-9]{1,5})?\b"
            r"|\b(?:(?i:asn)[ :#]{0,2}|AS[ :#]{1,2})(?:AS)?[0-9]{1,10}\b"
        ),
        Shape.WORD: rf"\b[A-Za-z0-9]{{{_MIN_WORD_CHARS},}}\b",
        Shape.IBAN: (
            rf"\b(?:[A-Za-z]{{2}}|[A-Z]{{2}} )[0-9]{{2}}"
            rf"(?:{iban_gap}?[A-Za-z0-9]){{11,30}}"
        ),
        Shape.AT_NAME: r"@[A-Za-z0-9_][A-Za-z0-9_.-]+(?:#[0-9]{4})?",
        Shape.CALLED: (
            rf"(?i:{_WORDS})(?:[ -](?i:{_CALLED_NOUN}))?"
            r"(?: ?[:=] ?| (?:is|je|ist) )[A-Za-z0-9_.#:-]{3,}"
        ),
        Shape.NUMBER: (
            rf"(?:\(?\+\(?[0-9]|\(?\b[0-9])"
            rf"(?:(?:{alphabet.gap}){{0,3}}[0-9]){{6,27}}\b"
        ),
    }


@cache
def compiled() -> "re2._Regexp":
    """The pattern that finds a piece of any shape."""
    options = re2.Options()
    options.max_mem = _MAX_AUTOMATON_BYTES
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1
    bodies = _list_bodies(_BYTES).values()
    return re2.compile("|".join(f"(?:{body})" for body in bodies).encode(), options)


@cache
def _shapes() -> re.Pattern[str]:
    """The same bodies for one piece: asking RE2 for groups takes three times as long.

    They run on a piece that is known to fit and is at most ``_LOOK_AHEAD_BYTES`` long.
    """
    bodies = _list_bodies(_CHARACTERS)
    return re.compile(
        "|".join(f"(?P<{shape}>{body})" for shape, body in bodies.items())
    )


_SHAPES = {str(shape): shape for shape in Shape}
# The commonest shapes by signs that no other shape has: this saves most of the time.
_QUICK = re.compile(
    rf"(?P<{Shape.NAME}>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.[A-Za-z][A-Za-z0-9-]+\Z)"
    rf"|(?P<{Shape.IPV4}>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}\Z)"
    rf"|(?P<{Shape.NUMBER}>[+(]|[0-9 .-]+\Z)"
    rf"|(?P<{Shape.URL}>[HhFf][A-Za-z]{{2,4}}://)"
    rf"|(?P<{Shape.EMAIL}>[^@:/ =]+@)"
    rf"|(?P<{Shape.AT_NAME}>@)"
)


def tell_shape(raw: str) -> Shape:
    """The shape of a piece that the pattern found."""
    if len(raw) >= _MIN_WORD_CHARS and raw.isalnum() and raw.isascii():
        return Shape.NUMBER if raw.isdigit() else Shape.WORD
    match = _QUICK.match(raw) or _shapes().fullmatch(raw)
    # A piece fits none of them by itself where the letter after it was decisive.
    return Shape.WORD if match is None else _SHAPES[match.lastgroup or ""]


def find_pieces(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The spans of pieces from ``start`` on, in bytes, none inside another."""
    size = len(data)
    while start < size:
        stop = min(start + _LOOK_AHEAD_BYTES, size)
        done = start
        for match in compiled().finditer(data, start, stop):
            first, last = match.span()
            if stop < size and start < first and last >= stop - _OVERLAP_BYTES:
                # The piece may have ended inside the candidate: look again.
                start = max(done, min(first, stop - _OVERLAP_BYTES))
                break
            yield first, last
            done = last
        else:
            start = stop if stop == size else max(done, stop - _OVERLAP_BYTES)
