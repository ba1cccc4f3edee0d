"""Writes what victims tell, in words that mean nothing but repeat as real ones do.

A narrative mixes four kinds of wording: phrases of the campaign's script, which change
along the campaign and are quoted with words lost and replaced; generic phrases of the
offence, the same for all its campaigns; popular texts (a bank's warning) copied word
for word; and the victim's own words, where a word often follows the one it usually
follows.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from worlds.dice import below, mix, share, zipf
from worlds.languages import WORDS, Vocabularies

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

MEAN_BYTES = 700  # Room made for each narrative; Cyrillic takes two bytes a letter.
_MAX_BYTES = 1_600  # Of one narrative.
_MAX_WORDS = 400
_MAX_WORD_BYTES = 64
# What keys of different things begin with.
_SCRIPT, _GENERIC, _POPULAR, _SYNONYM, _FOLLOW, _KIT = 11, 12, 13, 14, 15, 16
_TEMPLATES = 48  # Generic phrases of one offence in one language.
_VARIED = 0.2  # Words of a generic phrase that vary.
_ALTERNATIVES = 6
_POPULAR_TEXTS = 60
_FOLLOWERS = 24  # Words that usually follow a word.
_FOLLOWED = 0.6
_NUMBERS = 0.04  # Of the victim's own words.
_FULL_STOP = -1  # In place of a word; numbers count down from the next.
_FIRST_NUMBER = -2
_SPACE, _DOT, _ZERO = 32, 46, 48


class Wording(NamedTuple):
    """How much of each kind of wording a narrative holds; shares from 0 to 1."""

    missing: float  # Reports without a narrative.
    short: float  # Narratives of a few words.
    quoted: float  # Chance that a victim quotes one phrase more of the script.
    dropped: float  # Words of a quoted phrase that are lost.
    replaced: float  # Words of a quoted phrase that become a synonym.
    kits: float  # Campaigns that share a part of their script with a few others.
    mutated: float  # Words of a phrase that change with its next version.
    generic: int  # Generic phrases, at most.
    own: int  # Words of the victim's own, at most, before the script is quoted.
    popular: float  # Narratives that copy a popular text.


class Tellers(NamedTuple):
    """Who tells; arrays by report."""

    row: Ints
    campaign: Ints
    size: Ints  # Of the campaign.
    offence: Ints
    language: Ints
    when: npt.NDArray[np.float64]  # Place within the campaign, from 0 to 1.


class Voice(NamedTuple):
    """What one narrative's words are drawn from."""

    state: int  # Key of the report.
    tongue: int  # Key of the language.
    words: Ints  # What is said: ranks, full stops, numbers.


def narrate(
    tellers: Tellers, wording: Wording, words: Vocabularies, *, kits: int, seed: int
) -> tuple[Bytes, npt.NDArray[np.int32]]:
    """Write the narratives end to end in UTF-8; an empty one stands for none.

    Returns:
        The text, and where each narrative begins (and the last ends).
    """
    out = np.empty(len(tellers.row) * MEAN_BYTES + 2 * _MAX_BYTES, np.uint8)
    offsets = np.empty(len(tellers.row) + 1, np.int32)
    _write(tellers, wording, words.letters, words.ends, kits, seed, out, offsets)
    return out[: offsets[-1]], offsets


@numba.njit(cache=True)
def _write(
    tellers: Tellers,
    wording: Wording,
    letters: Bytes,
    ends: Ints,
    kits: int,
    seed: int,
    out: Bytes,
    offsets: npt.NDArray[np.int32],
) -> None:
    said = np.empty(_MAX_WORDS, np.int64)
    at = int(np.int64(0))
    for teller in range(len(tellers.row)):
        offsets[teller] = at
        state = mix(seed, tellers.row[teller])
        if share(mix(state, 1)) < wording.missing:
            continue
        language = tellers.language[teller]
        voice = Voice(state, mix(seed, 1_000 + language), said)
        if share(mix(state, 2)) < wording.short:
            count = 1 + below(mix(state, 3), 5)
            for word in range(count):
                said[word] = zipf(mix(state, 100 + word), WORDS)
        else:
            script = mix(mix(seed, _SCRIPT), tellers.campaign[teller])
            kit = -1
            if share(mix(script, 9)) < wording.kits:
                kit = below(mix(script, 8), kits)
            versions = 1 + int(np.log2(tellers.size[teller] + 1.0) / 2.0)
            count = _tell(
                voice,
                wording,
                mix(script, 20 + language),
                kit,
                versions,
                tellers.when[teller],
                tellers.offence[teller],
            )
        at = _spell(said, count, letters, ends, language * WORDS, out, at)
    offsets[len(tellers.row)] = at


@numba.njit(cache=True)
def _tell(
    voice: Voice,
    wording: Wording,
    script: int,
    kit: int,
    versions: int,
    when: float,
    offence: int,
) -> int:
    """Say a whole narrative; returns the number of words."""
    topic = mix(mix(voice.tongue, _GENERIC), offence)
    phrases = 1 + below(mix(voice.state, 4), wording.generic)
    count, step = int(np.int64(0)), int(np.int64(100))
    for _ in range(phrases // 2):
        count, step = _say_generic(voice, topic, count, step)
    count, step = _say_own(voice, wording.own, count, step)
    slots = 2 + below(mix(script, 1), 5)
    first = below(mix(voice.state, 5), slots)
    for turn in range(slots):
        step += 1
        if share(mix(voice.state, step)) < wording.quoted:
            slot = (first + turn) % slots
            key = mix(script, 2 + slot)
            if kit >= 0 and slot < 2:  # A kit holds two of a campaign's phrases.
                key = mix(mix(mix(voice.tongue, _KIT), kit), slot)
            version = int(when * (1 + below(mix(key, 3), versions)))
            count, step = _quote(voice, wording, key, version, count, step)
    for _ in range(phrases - phrases // 2):
        count, step = _say_generic(voice, topic, count, step)
    if share(mix(voice.state, 6)) < wording.popular:
        count = _copy_popular(voice, count)
    return _say_own(voice, wording.own // 2, count, step)[0]


@numba.njit(cache=True)
def _quote(
    voice: Voice, wording: Wording, phrase: int, version: int, count: int, step: int
) -> tuple[int, int]:
    """Quote a phrase of the script in one of its versions, not quite rightly."""
    for word in range(6 + below(mix(phrase, 4), 6)):
        step += 1
        luck = share(mix(voice.state, step))
        if luck < wording.dropped:
            continue
        age = version  # The word is as old as the last version that changed it.
        while (
            age > 0 and share(mix(mix(phrase, 50 + age), 100 + word)) >= wording.mutated
        ):
            age -= 1
        said = zipf(mix(mix(phrase, 50 + age), word), WORDS)
        if luck < wording.dropped + wording.replaced:
            other = below(mix(voice.state, step + 7_000), 3)
            said = zipf(mix(mix(voice.tongue, _SYNONYM), said * 3 + other), WORDS)
        voice.words[count] = said
        count += 1
    voice.words[count] = _FULL_STOP
    return count + 1, step


@numba.njit(cache=True)
def _say_generic(voice: Voice, topic: int, count: int, step: int) -> tuple[int, int]:
    """Say a phrase that victims of this offence use; some words vary."""
    template = mix(topic, zipf(mix(voice.state, step + 1), _TEMPLATES))
    step += 2
    for word in range(6 + below(mix(template, 0), 5)):
        place = mix(template, 1 + word)
        if share(mix(place, 0)) < _VARIED:
            step += 1
            place = mix(place, 1 + below(mix(voice.state, step), _ALTERNATIVES))
        voice.words[count] = zipf(place, WORDS)
        count += 1
    voice.words[count] = _FULL_STOP
    return count + 1, step


@numba.njit(cache=True)
def _say_own(voice: Voice, most: int, count: int, step: int) -> tuple[int, int]:
    """Say words of the victim's own; often one that usually follows the last."""
    step += 2
    total = below(mix(voice.state, step), most + 1)
    last = zipf(mix(voice.state, step + 1), WORDS)
    follow = mix(voice.tongue, _FOLLOW)
    for _ in range(total):
        step += 2
        luck = share(mix(voice.state, step))
        chosen = mix(voice.state, step + 1)
        if luck < _NUMBERS:
            last = _FIRST_NUMBER - below(chosen, 5_000)
        elif luck < _FOLLOWED and last >= 0:
            usual = last * _FOLLOWERS + zipf(chosen, _FOLLOWERS)
            last = zipf(mix(follow, usual), WORDS)
        else:
            last = zipf(chosen, WORDS)
        voice.words[count] = last
        count += 1
    return count, step + 2


@numba.njit(cache=True)
def _copy_popular(voice: Voice, count: int) -> int:
    """Copy one of the texts that many victims have seen."""
    which = zipf(mix(voice.state, 7), _POPULAR_TEXTS)
    text = mix(mix(voice.tongue, _POPULAR), which)
    for word in range(14 + below(mix(text, 0), 20)):
        voice.words[count] = zipf(mix(text, 1 + word), WORDS)
        count += 1
    return count


@numba.njit(cache=True)
def _spell(
    said: Ints,
    count: int,
    letters: Bytes,
    ends: Ints,
    first: int,
    out: Bytes,
    at: int,
) -> int:
    """Spell what is said; a narrative that grows too long ends early."""
    begin = at
    limit = min(begin + _MAX_BYTES, len(out)) - _MAX_WORD_BYTES
    for place in range(count):
        word = said[place]
        if at > limit:
            break
        if word == _FULL_STOP:
            out[at] = _DOT
            at += 1
            continue
        if at > begin:
            out[at] = _SPACE
            at += 1
        if word < 0:
            at = _spell_number(_FIRST_NUMBER - word, out, at)
            continue
        word += first
        for letter in range(ends[word - 1] if word else 0, ends[word]):
            out[at] = letters[letter]
            at += 1
    return at


@numba.njit(cache=True)
def _spell_number(number: int, out: Bytes, at: int) -> int:
    divisor = 1
    while divisor * 10 <= number:
        divisor *= 10
    while divisor:
        out[at] = _ZERO + number // divisor % 10
        at += 1
        divisor //= 10
    return at
