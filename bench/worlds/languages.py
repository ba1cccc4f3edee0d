"""Makes the vocabularies of the worlds: invented words of syllables, no one's list.

Each language has its own letters and habits; the words mean nothing. The commonest
words are short, as in real languages.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

WORDS = 30_000
LANGUAGES = ("en", "de", "fr", "it", "ro", "sr", "uk", "el")
# Openings, vowels and closings of a syllable.
SYLLABLES = {
    "en": (
        "b c d f g h l m n p r s t w th sh st br tr ch",
        "a e i o u ea ou",
        "n r s t ll ng ck d",
    ),
    "de": (
        "b d f g h k l m n r s t w z sch st br pf",
        "a e i o u ei ie ä ü",
        "n r s t ch ck st nd",
    ),
    "fr": (
        "b c d f g j l m n p qu r s t v ch pl",
        "a e é i o u ou ai eau",
        "n r s t l x",
    ),
    "it": (
        "b c d f g l m n p r s t v z gl ch st pr",
        "a e i o u ia io",
        "n r l",
    ),
    "ro": (
        "b c d f g l m n p r s ș t ț v z st pr",
        "a ă e i o u â ea",
        "n r l t sc nd",
    ),
    "sr": (
        "б в г д ж з к л љ м н њ п р с т ц ч ш пр ст",
        "а е и о у",
        "н р м к ст",
    ),
    "uk": (
        "б в г д ж з к л м н п р с т х ц ч ш пр ст",
        "а е є и і ї о у ю я",
        "н р в к й ть",
    ),
    "el": (
        "β γ δ ζ θ κ λ μ ν π ρ σ τ φ χ ψ στ πρ",
        "α ε η ι ο υ ω ου ει αι",
        "ν ρ σ κ λ",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabularies:
    """All words in UTF-8, end to end; ``ends[w]`` is where word ``w`` ends.

    Word ``rank`` of language number ``n`` is word ``n * WORDS + rank``.
    """

    letters: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]


@cache
def make_vocabularies() -> Vocabularies:
    """Make the words of every language; always the same."""
    words = [
        word.encode()
        for number, language in enumerate(LANGUAGES)
        for word in _make_words(language, number)
    ]
    ends = np.cumsum([len(word) for word in words])
    return Vocabularies(
        letters=np.frombuffer(b"".join(words), np.uint8), ends=ends.astype(np.int64)
    )


def _make_words(language: str, seed: int) -> list[str]:
    """Make distinct words; the commoner, the shorter."""
    rng = np.random.default_rng(seed)
    openings, vowels, closings = (part.split() for part in SYLLABLES[language])
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = 1 + (len(words) > 60) + (len(words) > 2_000) + (rng.random() < 0.3)
        word = ""
        for _ in range(syllables):
            word += openings[rng.integers(len(openings))]
            word += vowels[rng.integers(len(vowels))]
        if rng.random() < 0.5:
            word += closings[rng.integers(len(closings))]
        words[word] = None
    return list(words)
