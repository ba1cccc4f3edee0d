"""Reads narratives as selectors: what two texts share, in keys and rare phrases.

A *phrase* is two words that follow each other. Of each text we keep its smallest
shingle keys (a shingle is five words in a row), four and one more for each 32 words:
they are mentions of the kind ``text`` and pass through the same linking as any other
selector. And we keep its sixteen most telling phrases: two texts are compared by the
rarity of the phrases that both keep. How rare a phrase is stands in a `Rarity`,
counted on the authority's own reports.

A word that touches a digit, an @, a slash or an inner full stop is left out: amounts,
dates and selectors are no narrative, and a victim's mailbox must not link by the back
door; for the same reason a spelt dot and the words on both sides. Letters are folded
(case and marks go), so that ``Überweisung`` meets ``UBERWEISUNG``.

Bit for bit the same as the kernel in `proxeny.engines.kernels.sketching`, which does
half a million texts a second; this is for one text at a time, and to be read.
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

SHINGLE_WORDS: Final = 5
KEYS_KEPT: Final = 4
WORDS_A_FURTHER_KEY: Final = 32
MOST_KEYS_KEPT: Final = 16
PHRASES_KEPT: Final = 16
MAX_WORDS: Final = 2_048
RARITY_BUCKETS: Final = 1 << 20
MAX_LEVEL: Final = 24
ALONE: Final = 255
"""The level of a phrase that one text alone has, where all texts were counted: it can
join nobody, so it is not kept, nor is a shingle with it."""

LEAST_SHINGLE_LEVEL: Final = 2
"""A shingle with a phrase that every third text has is a form's, not an offender's."""

FEW_TEXTS: Final = 100
"""Among fewer texts no phrase counts as a form's."""

PREFERRED_LEVEL: Final = 10
"""Rarer phrases are kept first, up to this rarity: unique ones would fill the room."""

FOLDED_BELOW: Final = 0x600
"""Code points of alphabets with capitals or marks: Latin, Greek, Cyrillic, Armenian."""

OFFSET: Final = 0xCBF29CE484222325
PRIME: Final = 0x100000001B3
STEP: Final = 0x9E3779B97F4A7C15
MIX_1: Final = 0xBF58476D1CE4E5B9
MIX_2: Final = 0x94D049BB133111EB
_MASK: Final = (1 << 64) - 1

FIRST_IDEOGRAPH: Final = 0x3040
"""From here on every code point counts as a letter."""

_SPACE = r"\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u3000"
_BREAK = (
    r"\x21-\x40\x5b-\x60\x7b-\xbf\u200b-\u2027\u202a-\u202e\u2030-\u206f\u3001-\u303f"
)
_SPACES = re.compile(f"[{_SPACE}]+")
_BREAKS = re.compile(f"[{_BREAK}]+")
_NO_WORD = re.compile(rf"[0-9@/_]|\.[^{_SPACE}{_BREAK}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What is kept of a narrative.

    Attributes:
        keys: unsigned 64-bit keys of shingles, ascending, at most `MOST_KEYS_KEPT`.
        phrases: unsigned 32-bit keys of phrases, the most telling first, at most
            `PHRASES_KEPT`.

    """

    keys: tuple[int, ...]
    phrases: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """How rare phrases are: bits by bucket, counted on a sample of narratives.

    Attributes:
        levels: `RARITY_BUCKETS` bytes, each log2 of how few of the texts have a phrase
            of that bucket; empty where nothing has been counted yet: then no
            wording is telling.

    """

    levels: bytes = b""

    def bits(self, phrase: int) -> int:
        """Bits of one phrase: 10 means that one text of about a thousand has it."""
        return self.levels[phrase % RARITY_BUCKETS] if self.levels else 0


def fold(code_point: int) -> int:
    """Give the plain lower-case letter of a code point, or itself."""
    if code_point >= FOLDED_BELOW:
        return code_point
    lowered = chr(code_point).lower()[0]
    plain = unicodedata.normalize("NFD", lowered)[0]
    return ord("σ" if plain == "ς" else plain)


class Sign(IntEnum):
    """What a character does to a word."""

    LETTER = 0
    SPACE = 1
    BREAK = 2
    REFUSED = 3


def classify(code_point: int) -> Sign:
    """Say whether a character belongs to a word, ends it or spoils its token."""
    char = chr(code_point)
    if _SPACES.match(char):
        return Sign.SPACE
    if char in "0123456789@/_":
        return Sign.REFUSED
    return Sign.BREAK if _BREAKS.match(char) else Sign.LETTER


FOLDS: Final = tuple(fold(code_point) for code_point in range(FOLDED_BELOW))
_FOLDING: Final = dict(enumerate(FOLDS))


def sketch_narrative(text: str, rarity: Rarity) -> Sketch:
    """Keep what is telling of one narrative.

    Args:
        text: of any length; the first `MAX_WORDS` words are read.
        rarity: of the authority's phrases.

    """
    if not rarity.levels:
        # Until somebody has counted, the most usual phrase would seem the rarest.
        return Sketch(keys=(), phrases=())
    words = _list_words(text)
    phrases = [
        _mix((one * STEP + other) & _MASK) & 0xFFFFFFFF
        for one, other in itertools.pairwise(words)
    ]
    told = {phrase for phrase in phrases if rarity.bits(phrase) != ALONE}
    rare = {phrase for phrase in told if rarity.bits(phrase) >= LEAST_SHINGLE_LEVEL}
    keys = {
        _hash_shingle(words[first : first + SHINGLE_WORDS])
        for first in range(len(words) - SHINGLE_WORDS + 1)
        if rare.issuperset(phrases[first : first + SHINGLE_WORDS - 1])
    }
    return Sketch(
        keys=tuple(sorted(keys)[: count_keys(len(words))]),
        phrases=tuple(
            sorted(told, key=lambda phrase: _rank(phrase, rarity))[:PHRASES_KEPT]
        ),
    )


def count_keys(words: int) -> int:
    """How many keys are kept of a text of so many words."""
    return min(MOST_KEYS_KEPT, KEYS_KEPT + words // WORDS_A_FURTHER_KEY)


def measure_overlap(
    one: Iterable[int], other: Iterable[int], rarity: Rarity
) -> tuple[int, int]:
    """Count the phrases that two sketches share, and add up their bits."""
    shared = frozenset(one) & frozenset(other)
    return len(shared), sum(rarity.bits(phrase) for phrase in shared)


def rate_rarity(texts_with: int, texts: int) -> int:
    """Bits of a phrase that so many of so many texts have.

    Of a few texts nobody can say what is usual: one campaign may be most of them.
    """
    level = round(math.log2((texts + 1) / (texts_with + 1)))
    least = LEAST_SHINGLE_LEVEL if texts < FEW_TEXTS else 0
    return max(least, min(MAX_LEVEL, level))


def _list_words(text: str) -> list[int]:
    words = _split_words(text)
    spelt = {
        at + near
        for at, word in enumerate(words)
        if word in SPELT_DOTS
        for near in (-1, 0, 1)
    }
    return [word for at, word in enumerate(words) if at not in spelt]


def _split_words(text: str) -> list[int]:
    words: list[int] = []
    for token in _SPACES.split(text):
        if _NO_WORD.search(token) is None:
            for word in _BREAKS.split(token):
                if word:
                    words.append(_hash_word(word))
                    if len(words) == MAX_WORDS:
                        return words
    return words


def _hash_word(word: str) -> int:
    value = OFFSET
    for char in word.translate(_FOLDING):
        value = ((value ^ ord(char)) * PRIME) & _MASK
    return value


def _hash_shingle(words: list[int]) -> int:
    value = 0
    for word in words:
        value = (value * STEP + word) & _MASK
    return _mix(value)


def _mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * MIX_1) & _MASK
    value = ((value ^ (value >> 27)) * MIX_2) & _MASK
    return value ^ (value >> 31)


def _rank(phrase: int, rarity: Rarity) -> tuple[int, int]:
    """Smallest first; each bit of rarity makes a phrase twice as likely to be kept."""
    return phrase >> min(rarity.bits(phrase), PREFERRED_LEVEL), phrase


SPELT_DOTS: Final = frozenset(
    map(_hash_word, ("dot", "punkt", "punto", "tacka", "tocka", "тачка", "точка"))
)
"""How an address is spelt out: ``sarah dot miller at example dot org``."""
