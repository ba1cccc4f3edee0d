"""Words around a selector that say what it is and whose: one data file a language.

Each list holds beginnings of words, but for these: ``own``, ``owned``, ``to``,
``from``, ``me``, ``i``, ``link`` and ``number`` are whole words unless a ``~`` stands
behind them, and a ``noun`` may stand anywhere in a word ("Telefonnummer").

- ``own``, ``owned``: possessives before and behind a noun; ``noun``: what is owned;
  ``mine``: noun and possession in one word; ``link``: what may stand between it and
  the selector;
- ``contact`` with ``me``, ``i`` with ``reachable``: invitations to be reached there;
- ``paid`` with ``from``: money that left from there; ``pay`` with ``to``: an order to
  pay there; ``back``: money that shall come back;
- ``phone``, ``account``, ``coded``, ``network``: what a number is called, with the
  words of ``number`` behind it.

Words of a phrase come from one language, because "a" is a direction in Spanish only.
All languages are asked at once, because nobody says which one a report uses: each list
is a set of bits, one a language.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

_LANGUAGES = ("en", "de", "sr", "el", "tr", "ro", "fr", "it", "es", "others")
_CACHED_WORDS = 16_384
_MAX_WORD_CHARS = 30
_AROUND = ".,:;!?()[]{}<>\"'„“”»«=#*_–—-"
_HAS_DIGIT = re.compile("[0-9]")
_WHOLE = frozenset({"own", "owned", "to", "from", "me", "i", "link", "number"})
_MAX_LINKS = 4
_MAX_BETWEEN = 2
_MAX_AFTER = 4
_MAX_PHRASE = 7


class Word(NamedTuple):
    """In which languages, as bits, a word is on which list."""

    own: int
    owned: int
    noun: int
    mine: int
    link: int
    contact: int
    me: int
    i: int
    reachable: int
    paid: int
    from_: int
    pay: int
    to: int
    back: int
    phone: int
    account: int
    coded: int
    network: int
    number: int


def read_words(before: str) -> Iterator[Word]:
    """The words of a text as the lists know them, the last word first."""
    return filter(None, map(_look_up, reversed(before.lower().split())))


@lru_cache(maxsize=_CACHED_WORDS)
def _look_up(written: str) -> Word | None:
    """What the lists say of a word between spaces; None where it is all signs."""
    word = written.strip(_AROUND)[:_MAX_WORD_CHARS]
    if not word:
        return None
    if _HAS_DIGIT.search(word) is not None:
        return _UNKNOWN
    bits = [0] * len(Word._fields)
    index = _index()
    for size in range(1, len(word) + 1):
        for field, language, is_whole in index.beginnings.get(word[:size], ()):
            if not is_whole or size == len(word):
                bits[field] |= language
    for noun, language in index.nouns.items():
        if noun in word:
            bits[_NOUN] |= language
    return Word(*bits)


_NOUN = Word._fields.index("noun")
_UNKNOWN = Word(*(0 for _ in Word._fields))


class _Index(NamedTuple):
    """The lists turned round: from a beginning to its lists, from a noun to bits."""

    beginnings: dict[str, list[tuple[int, int, bool]]]
    nouns: dict[str, int]


@cache
def _index() -> _Index:
    index = _Index({}, {})
    folder = files("proxeny.selectors.cues")
    for number, language in enumerate(_LANGUAGES):
        text = folder.joinpath(f"{language}.toml").read_text("utf-8")
        for name, stems in tomllib.loads(text).items():
            for stem in stems:
                if name == "noun":
                    index.nouns[stem] = index.nouns.get(stem, 0) | 1 << number
                    continue
                field = Word._fields.index("from_" if name == "from" else name)
                is_whole = name in _WHOLE and not stem.endswith("~")
                entry = (field, 1 << number, is_whole)
                index.beginnings.setdefault(stem.rstrip("~"), []).append(entry)
    return index


def is_called(name: str, before: str) -> bool:
    """The words before a number end by calling it so (``phone``, ``account``, ...)."""
    for word in _read_last_words(before):
        if getattr(word, name):
            return True
        if not word.number:
            return False
    return False


# A number's words are asked for several times, once for each thing it may be called.
@lru_cache(maxsize=8)
def _read_last_words(before: str) -> tuple[Word, ...]:
    return tuple(islice(read_words(before), _MAX_LINKS))


def says_mine(words: list[Word]) -> bool:
    """Ends by calling what follows one's own, or by asking to be reached there."""
    return _says_owned(words) or _says_reach_me(words)


def _says_owned(words: list[Word]) -> bool:
    for at, word in enumerate(words[: 1 + _MAX_LINKS]):
        if word.mine:
            return True
        if word.noun:
            before, after = words[at + 1 : at + 2 + _MAX_BETWEEN], words[:at][-2:]
            if any(other.own & word.noun for other in before):
                return True
            if any(other.owned & word.noun for other in after):
                return True
        if not (word.link or word.owned or word.noun):
            return False
    return False


def _says_reach_me(words: list[Word]) -> bool:
    for at, word in enumerate(words[: 1 + _MAX_BETWEEN]):
        if word.me and any(other.contact & word.me for other in words[at + 1 : at + 3]):
            return True
        if word.reachable and any(
            other.i & word.reachable for other in words[at + 1 : at + 1 + _MAX_AFTER]
        ):
            return True
    return False


def says_paid_from(words: list[Word]) -> bool:
    """Ends by saying that money left from what follows."""
    for at, word in enumerate(words[: 1 + _MAX_AFTER]):
        languages = word.from_
        if not languages:
            continue
        for other in words[at + 1 : at + 1 + _MAX_PHRASE]:
            if other.paid & languages:
                return True
    return False


def says_pay_to(words: list[Word]) -> bool:
    """Ends by an order to pay there, and not to give back or to the writer's own."""
    for at, word in enumerate(words[: 1 + _MAX_AFTER]):
        languages = word.to
        if not languages or any(other.own & languages for other in words[:at]):
            continue
        for other in words[at + 1 : at + 1 + _MAX_PHRASE]:
            if other.pay & languages:
                return not any(word.back for word in words)
    return False
