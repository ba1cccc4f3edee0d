"""The one pattern that finds candidates of every kind, and the pass over the text.

RE2 (https://github.com/google/re2) runs in linear time whatever the text. Two pitfalls
are met here. Repetitions of Unicode classes overflow its automaton, so it reads bytes,
and lengths are left to the validators. And a search may read far ahead for a long
alternative before it returns a short one, so that many short ones would make the pass
quadratic: each search therefore sees a bounded piece of the text.
"""

import re
from collections.abc import Callable
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
_IPV4_DOTS = 3
_NUMBER_HEADS = b"+("
_AT_SIGN = ord("@")
MIN_IBAN_BODY_CHARS = 11
_ANYWHERE = re2._Anchor.UNANCHORED  # noqa: SLF001 - see ``choose_search``


class Shape(StrEnum):
    """What a piece of text looks like, before any validator has read it.

    In order of preference where two begin at the same place.
    """

    URL = "url"
    EMAIL = "email"
    LINK = "link"
    NAME = "name"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    ASN = "asn"
    WORD = "word"
    IBAN = "iban"
    AT_NAME = "at_name"
    CALLED = "called"
    NUMBER = "number"


# In bytes of UTF-8: a letter is any character of two bytes but for signs (C2), or of
# three but for punctuation (E2), ideographic stops (E3 80) and private use. The classes
# of Unicode would make the automaton three times as large.
_TAIL = r"[\x80-\xbf]"
_LETTERS = (
    rf"[\xc3-\xdf]{_TAIL}|[\xe0\xe1\xe4-\xed]{_TAIL}{_TAIL}|\xe3[\x81-\xbf]{_TAIL}"
)
_ASCII_URL = r"!#-;=?-Z\[-_a-z~\\\]"
_IN_URL = (
    rf"[{_ASCII_URL}]|{_LETTERS}|\xc2[\xa1-\xaa\xac-\xba\xbc-\xbf]"
    rf"|\xe2[\x82-\xbf]{_TAIL}|[\xf0-\xf4]{_TAIL}{_TAIL}{_TAIL}"
)
_GAP = r"(?:[ ().\x2f-]|\xc2\xa0|\xe2\x80(?:\x89|[\x90-\x95]|\xaf))"
_WORD_CHAR = rf"(?:[A-Za-z0-9_]|{_LETTERS})"
_BYTE = r"[0-9]{1,3}"
_SCHEME = r"(?i:h(?:tt|xx|\*\*)ps?|f[tx]ps?)"
_ENTITY_DOT = r"&(?:#46|#x2e|period);"
_ENTITY_AT = r"&(?:#64|#x40|commat);"
_BRACKET_DOT = rf" ?[\[({{] ?(?:\.|(?i:{DOT_WORDS})) ?[\])}}] ?|\[\.|\.\]"
# What every disguised form has. Most texts have none, and an automaton that needn't
# look for them has a third of the states.
_MARKS = (
    rf"[\[({{] ?(?:[.@:]|(?i:{DOT_WORDS}|{AT_WORDS}))|\.\]| (?i:dot) "
    rf"|{_ENTITY_DOT}|{_ENTITY_AT}"
)
_CALLED_NOUN = (
    r"(?:user ?name|user|id|handle|nick(?:name)?|account|acc|profile?|kanal|channel"
    r"|nalog|konto|nutzername|utilisateur|usuario|utente|корисник|налог|профил|име)"
)
# RE2 knows word boundaries of ASCII only.
_WORDS = "|".join(
    rf"\b{re.escape(word)}" if word.isascii() else re.escape(word)
    for word in list_words()
)


class _Signs(NamedTuple):
    """How the signs inside an address may be written."""

    dot: str
    at: str
    colon: str
    after_scheme: str


_PLAIN = _Signs(dot=r"\.", at="@", colon=":", after_scheme=r":(?://|\\\\)")
_DISGUISED = _Signs(
    dot=rf"(?:\.|{_BRACKET_DOT}| DOT |{_ENTITY_DOT})",
    at=rf"(?:@| ?[\[({{] ?(?:@|(?i:{AT_WORDS})) ?[\])}}] ?|{_ENTITY_AT})",
    colon=r"(?::|\[:\])",
    after_scheme=r"(?:(?::|\[:\])(?://|\\\\)|\[://\]|\[:\]\[//\])",
)


def _list_bodies(*, disguised: bool) -> dict[Shape, str]:
    dot, at, colon, after_scheme = _DISGUISED if disguised else _PLAIN
    label = rf"{_WORD_CHAR}(?:[A-Za-z0-9_-]|{_LETTERS})*"
    top = rf"(?:[A-Za-z]|{_LETTERS})(?:[A-Za-z0-9-]|{_LETTERS})+"
    host = rf"(?:{label}{dot})+{top}"
    atom = rf"{_WORD_CHAR}(?:[A-Za-z0-9_.%+'-]|{_LETTERS})*"
    email = rf"{atom}@{host}"
    if disguised:
        local = rf"{atom}(?:(?:{_BRACKET_DOT}|{_ENTITY_DOT}){atom})*"
        spelled_local = rf"{atom}(?: (?:dot|DOT|Dot) {atom})*"
        spelled_host = rf"{label}(?: (?:dot|DOT|Dot) {label})+"
        email = rf"{local}{at}{host}|{spelled_local} (?:at|AT|At) {spelled_host}"
    ipv4 = rf"{_BYTE}(?:{dot}{_BYTE}){{3}}"
    return {
        Shape.URL: rf"{_SCHEME}{after_scheme}(?:{host})?(?:{_IN_URL})*",
        Shape.EMAIL: email,
        Shape.LINK: rf"(?:{host}|\b{ipv4})(?::[0-9]{{1,5}})?/(?:{_IN_URL})+",
        Shape.NAME: host,
        Shape.IPV4: rf"\b{ipv4}\b",
        Shape.IPV6: (
            rf"(?:\b[0-9A-Fa-f]{{1,4}}|:)(?:{colon}[0-9A-Fa-f]{{0,4}}){{2,8}}"
            rf"(?:\.{_BYTE}){{0,3}}(?:/[0-9]{{1,3}}\b)?"
        ),
        Shape.ASN: (
            r"\b(?i:as)[0-9]{1,10}(?:\.[0-9]{1,5})?\b"
            r"|\b(?:(?i:asn)[ :#]{0,2}|AS[ :#]{1,2})(?:AS)?[0-9]{1,10}\b"
        ),
        Shape.WORD: rf"\b[A-Za-z0-9]{{{_MIN_WORD_CHARS},}}\b",
        Shape.IBAN: (
            rf"\b(?:[A-Za-z]{{2}}|[A-Z]{{2}} )[0-9]{{2}}"
            rf"(?:{_GAP}?[A-Za-z0-9]){{{MIN_IBAN_BODY_CHARS}}}"
        ),
        Shape.AT_NAME: r"@[A-Za-z0-9_][A-Za-z0-9_.-]+(?:#[0-9]{4})?",
        Shape.CALLED: (
            rf"(?i:{_WORDS})(?:[ -](?i:{_CALLED_NOUN}))?"
            r"(?: ?[:=] ?| (?:is|je|ist) )[A-Za-z0-9_.#:-]{3,}"
        ),
        Shape.NUMBER: (
            rf"(?:\(?\+\(?[0-9]|\(?\b[0-9])(?:{_GAP}{{0,3}}[0-9]){{6,27}}\b"
        ),
    }


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MAX_AUTOMATON_BYTES
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1
    return options


@cache
def compiled(*, disguised: bool) -> "re2._Regexp":
    """The pattern that finds a piece of any shape."""
    bodies = _list_bodies(disguised=disguised)
    pattern = "|".join(f"(?:{bodies[shape]})" for shape in Shape)
    return re2.compile(pattern.encode(), _options())


@cache
def _marks() -> "re2._Regexp":
    return re2.compile(_MARKS.encode(), _options())


@cache
def _shapes() -> re2.Set:
    """The same bodies for one piece, because RE2 is slow where it gives groups."""
    shapes = re2.Set.FullMatchSet(_options())
    bodies = _list_bodies(disguised=True)
    for shape in Shape:
        shapes.Add(bodies[shape].encode())
    shapes.Compile()
    return shapes


_SHAPES = tuple(Shape)


def tell_shape(piece: bytes) -> Shape:
    """The shape of a piece that the pattern found: the first of those that fit."""
    if len(piece) >= _MIN_WORD_CHARS and piece.isalnum():
        return Shape.NUMBER if piece.isdigit() else Shape.WORD
    # Most pieces need not be asked for: numbers, pages, mailboxes.
    head = piece[0]
    if head in _NUMBER_HEADS or (
        # An address has three dots.
        not piece.strip(b"0123456789 /.-") and piece.count(b".") < _IPV4_DOTS
    ):
        return Shape.NUMBER
    if piece.startswith((b"https://", b"http://")):
        return Shape.URL
    if head != _AT_SIGN and b"@" in piece and b"/" not in piece and b"\\" not in piece:
        return Shape.EMAIL
    fitting: list[int] | None = _shapes().Match(piece)
    # Every piece fits one, but RE2 says none where its automaton runs out of memory.
    return Shape.WORD if fitting is None else _SHAPES[min(fitting)]


_Search = Callable[[object, bytes, int, int], list[tuple[int, int]]]


def choose_search(data: bytes) -> _Search:
    """The search through a text: with disguised forms where it has any."""
    # What RE2's face wraps around a match takes longer than to find one.
    disguised = _marks()._regexp.Match(_ANYWHERE, data, 0, len(data))[0][0] >= 0  # noqa: SLF001 - see above
    search: _Search = compiled(disguised=disguised)._regexp.Match  # noqa: SLF001 - see above
    return search


def find_piece(search: _Search, data: bytes, start: int) -> tuple[int, int] | None:
    """The span of the first piece from ``start`` on, in bytes."""
    size = len(data)
    while (stop := start + _LOOK_AHEAD_BYTES) < size:
        first, last = span = search(_ANYWHERE, data, start, stop)[0]
        if first < 0:
            start = stop - _OVERLAP_BYTES
        elif start < first and last >= stop - _OVERLAP_BYTES:
            # The piece may have ended inside the candidate: look again.
            start = min(first, stop - _OVERLAP_BYTES)
        else:
            return span
    span = search(_ANYWHERE, data, start, size)[0]
    return None if span[0] < 0 else span
