"""Sketches narratives by the million; the same, bit for bit, as `linking.narratives`.

Texts come as Arrow lays them out: one buffer of UTF-8 and the offsets of the texts.
Where a text keeps fewer keys or phrases than there is room, the rest of its row is 0.
"""

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from proxeny.engines.kernels.compiling import compiled, compiled_parallel
from proxeny.linking import narratives as spec

Keys = npt.NDArray[np.uint64]
Phrases = npt.NDArray[np.uint32]
Levels = npt.NDArray[np.uint8]

_FOLDS = np.array(spec.FOLDS, dtype=np.uint32)
_SIGNS = np.array(
    [spec.classify(code) for code in range(spec.FIRST_IDEOGRAPH)], dtype=np.uint8
)
_LETTER, _SPACE = np.uint8(spec.Sign.LETTER), np.uint8(spec.Sign.SPACE)
_REFUSED = np.uint8(spec.Sign.REFUSED)
_FOLDED_BELOW, _FIRST_IDEOGRAPH = spec.FOLDED_BELOW, spec.FIRST_IDEOGRAPH
_OFFSET, _PRIME = np.uint64(spec.OFFSET), np.uint64(spec.PRIME)
_STEP = np.uint64(spec.STEP)
_MIX_1, _MIX_2 = np.uint64(spec.MIX_1), np.uint64(spec.MIX_2)
_WORDS, _SHINGLE = spec.MAX_WORDS, spec.SHINGLE_WORDS
_FIRST_KEYS, _WORDS_A_KEY = spec.KEYS_KEPT, spec.WORDS_A_FURTHER_KEY
_KEYS, _PHRASES = spec.MOST_KEYS_KEPT, spec.PHRASES_KEPT
_ALONE = np.uint8(spec.ALONE)
_LEAST_SHINGLE = np.uint8(spec.LEAST_SHINGLE_LEVEL)
_BUCKETS = spec.RARITY_BUCKETS
_BUCKET_MASK = np.uint32(spec.RARITY_BUCKETS - 1)
_PREFERRED = np.uint8(spec.PREFERRED_LEVEL)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)
_FULL_STOP = np.uint32(46)
_ONE_BYTE, _TWO_BYTES, _THREE_BYTES = 0x80, 0xE0, 0xF0
_LOW = np.uint64(0xFFFFFFFF)
_SPELT_DOTS = np.array(sorted(spec.SPELT_DOTS), np.uint64)
# Leaves the word that is shifted out of a row of five.
_LEAVING = np.uint64(pow(spec.STEP, spec.SHINGLE_WORDS, 1 << 64))


def sketch(texts: pa.StringArray, levels: Levels) -> tuple[Keys, Phrases]:
    """Sketch texts; nulls have no keys.

    Args:
        texts: narratives.
        levels: bits of rarity by bucket (see `linking.narratives.Rarity`); where there
            are none, no text has keys.

    Returns:
        Keys, shape (texts, 16), and phrases, shape (texts, 16), the most
        telling first; what a row does not fill is 0.

    """
    offsets, data = _lay_out(texts)
    keys = np.zeros((len(texts), _KEYS), np.uint64)
    phrases = np.zeros((len(texts), _PHRASES), np.uint32)
    if len(levels):
        _sketch_all(offsets, data, levels, _FOLDS, _SIGNS, keys, phrases)
    return keys, phrases


def count_phrases(texts: pa.StringArray, counts: npt.NDArray[np.uint32]) -> None:
    """Add to the texts that hold a phrase of each bucket."""
    offsets, data = _lay_out(texts)
    _count_all(offsets, data, _FOLDS, _SIGNS, counts)


def rate_phrases(
    counts: npt.NDArray[np.uint32], texts: int, *, are_all: bool = False
) -> Levels:
    """Give the bits of rarity of each bucket (see `linking.narratives.rate_rarity`).

    Args:
        counts: texts with a phrase of each bucket.
        texts: how many were counted.
        are_all: there are no others, so that what one text alone has joins nobody.

    """
    most = int(counts.max(initial=0))
    by_count = np.array(
        [spec.rate_rarity(count, texts) for count in range(most + 1)], np.uint8
    )
    if are_all and most:
        by_count[1] = spec.ALONE
    return by_count[counts]


def measure_overlaps(
    one: npt.NDArray[np.int32],
    other: npt.NDArray[np.int32],
    phrases: Phrases,
    levels: Levels,
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Count shared phrases and their bits for pairs of rows of `phrases`.

    Both are -1 where one of the two rows has no phrases.
    """
    shared = np.empty(len(one), np.int16)
    bits = np.empty(len(one), np.int16)
    _measure_all(one, other, phrases, levels, shared, bits)
    return shared, bits


def find_repeated(keys: Keys, bits: int) -> npt.NDArray[np.bool_]:
    """Mark the keys whose first bits some other key has too; 0 is no key."""
    return _find_repeated(keys, bits)


def _lay_out(
    texts: pa.StringArray,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    texts = texts.cast(pa.large_string()) if pa.types.is_string(texts.type) else texts
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    content = np.zeros(1, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return bounds, content


@compiled
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> _S30)) * _MIX_1
    value = (value ^ (value >> _S27)) * _MIX_2
    return value ^ (value >> _S31)


@compiled
def _is_letter(
    data: npt.NDArray[np.uint8], at: int, stop: int, signs: npt.NDArray[np.uint8]
) -> bool:
    """Whether the character that begins here belongs to a word."""
    if at == stop:
        return False
    code = np.uint32(data[at])
    if code < _ONE_BYTE:
        return bool(signs[code] == _LETTER)
    if code < _TWO_BYTES:
        code = (code & np.uint32(0x1F)) << np.uint32(6)
        return bool(signs[code | np.uint32(data[at + 1]) & np.uint32(0x3F)] == _LETTER)
    if code >= _THREE_BYTES:
        return True
    code = (code & np.uint32(0x0F)) << np.uint32(6) | np.uint32(
        data[at + 1]
    ) & np.uint32(0x3F)
    code = code << np.uint32(6) | np.uint32(data[at + 2]) & np.uint32(0x3F)
    return bool(code >= _FIRST_IDEOGRAPH or signs[code] == _LETTER)


@compiled
def _read_words(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    folds: npt.NDArray[np.uint32],
    signs: npt.NDArray[np.uint8],
    words: npt.NDArray[np.uint64],
) -> int:
    """Hash the words of one text into `words`; return how many there are."""
    count = 0  # Words of the tokens that are finished.
    ahead = 0  # Words of this token.
    is_refused = False
    is_open = False
    value = _OFFSET
    at = start
    while at < stop:
        code = np.uint32(data[at])
        at += 1
        if code >= _ONE_BYTE:
            more = 1 + (code >= _TWO_BYTES) + (code >= _THREE_BYTES)
            code &= np.uint32(0x3F >> more)
            for _ in range(more):
                code = code << np.uint32(6) | np.uint32(data[at]) & np.uint32(0x3F)
                at += 1
        sign = signs[code] if code < _FIRST_IDEOGRAPH else _LETTER
        if sign == _LETTER:
            folded = folds[code] if code < _FOLDED_BELOW else code
            value = (value ^ np.uint64(folded)) * _PRIME
            is_open = True
            continue
        if is_open:
            if count + ahead < _WORDS:
                words[count + ahead] = value
                ahead += 1
            value = _OFFSET
            is_open = False
        if sign == _SPACE:
            count = count if is_refused else count + ahead
            ahead = 0
            is_refused = False
        elif sign == _REFUSED or (
            code == _FULL_STOP and _is_letter(data, at, stop, signs)
        ):
            is_refused = True
    if is_open and count + ahead < _WORDS:
        words[count + ahead] = value
        ahead += 1
    return _drop_spelt(words, count if is_refused else count + ahead)


@compiled
def _drop_spelt(words: npt.NDArray[np.uint64], count: int) -> int:
    """Leave out spelt dots and their neighbours; return how many words are left."""
    kept = 0
    before, word = False, False
    for index in range(count):
        after = index + 1 < count and _is_dot(words[index + 1])
        word = _is_dot(words[index])
        if not (before or word or after):
            words[kept] = words[index]
            kept += 1
        before = word
    return kept


@compiled
def _is_dot(word: np.uint64) -> bool:
    for dot in _SPELT_DOTS:  # noqa: SIM110 - numba compiles no generator
        if word == dot:
            return True
    return False


@compiled
def _keep_smallest(value: np.uint64, kept: npt.NDArray[np.uint64], count: int) -> int:
    """Insert into an ascending row without repeats; return how many it holds."""
    room = len(kept)
    if count == room and value >= kept[room - 1]:
        return count
    place = count
    while place > 0 and kept[place - 1] > value:
        place -= 1
    if place > 0 and kept[place - 1] == value:
        return count
    last = min(count, room - 1)
    for index in range(last, place, -1):
        kept[index] = kept[index - 1]
    kept[place] = value
    return min(count + 1, room)


@compiled
def _sketch_one(
    words: npt.NDArray[np.uint64],
    count: int,
    levels: Levels,
    keys: npt.NDArray[np.uint64],
    phrases: npt.NDArray[np.uint32],
    ranked: npt.NDArray[np.uint64],
) -> None:
    wanted = min(_KEYS, _FIRST_KEYS + count // _WORDS_A_KEY)
    value = np.uint64(0)
    kept_keys, kept, rare = 0, 0, 0
    for index in range(count):
        value = value * _STEP + words[index]
        if index >= _SHINGLE:
            value -= words[index - _SHINGLE] * _LEAVING
        if index == 0:
            continue
        phrase = _mix(words[index - 1] * _STEP + words[index]) & _LOW
        level = levels[phrase % np.uint64(_BUCKETS)]
        if level == _ALONE:
            rare = 0
            continue
        rare = rare + 1 if level >= _LEAST_SHINGLE else 0
        # The rank in front, the phrase itself behind it.
        rank = phrase >> np.uint64(min(level, _PREFERRED)) << np.uint64(32) | phrase
        kept = _keep_smallest(rank, ranked, kept)
        if rare >= _SHINGLE - 1:
            kept_keys = _keep_smallest(_mix(value), keys[:wanted], kept_keys)
    for index in range(kept):
        phrases[index] = np.uint32(ranked[index] & _LOW)


@compiled
def _find_repeated(keys: Keys, bits: int) -> npt.NDArray[np.bool_]:
    shift = np.uint64(64 - bits)
    seen = np.zeros(1 << bits, np.uint8)
    for key in keys:
        if key != 0 and seen[key >> shift] < 2:  # noqa: PLR2004 - twice is repeated
            seen[key >> shift] += np.uint8(1)
    marks = np.empty(len(keys), np.bool_)
    for index in range(len(keys)):
        marks[index] = keys[index] != 0 and seen[keys[index] >> shift] == 2  # noqa: PLR2004 - as above
    return marks


@compiled_parallel
def _sketch_all(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    levels: Levels,
    folds: npt.NDArray[np.uint32],
    signs: npt.NDArray[np.uint8],
    keys: Keys,
    phrases: Phrases,
) -> None:
    texts = len(offsets) - 1
    parts = 1 + texts // 4096
    for part in numba.prange(parts):
        words = np.empty(_WORDS, np.uint64)
        ranked = np.empty(_PHRASES, np.uint64)
        for text in range(texts * part // parts, texts * (part + 1) // parts):
            count = _read_words(
                data, offsets[text], offsets[text + 1], folds, signs, words
            )
            _sketch_one(words, count, levels, keys[text], phrases[text], ranked)


@compiled
def _count_all(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    folds: npt.NDArray[np.uint32],
    signs: npt.NDArray[np.uint8],
    counts: npt.NDArray[np.uint32],
) -> None:
    words = np.empty(_WORDS, np.uint64)
    seen = np.full(_BUCKETS, -1, np.int32)
    for text in range(len(offsets) - 1):
        count = _read_words(data, offsets[text], offsets[text + 1], folds, signs, words)
        for index in range(count - 1):
            phrase = _mix(words[index] * _STEP + words[index + 1]) & _LOW
            bucket = phrase % np.uint64(_BUCKETS)
            if seen[bucket] != text:
                seen[bucket] = text
                counts[bucket] += np.uint32(1)


@compiled_parallel
def _measure_all(
    one: npt.NDArray[np.int32],
    other: npt.NDArray[np.int32],
    phrases: Phrases,
    levels: Levels,
    shared: npt.NDArray[np.int16],
    bits: npt.NDArray[np.int16],
) -> None:
    flat = phrases.reshape(-1)
    for pair in numba.prange(len(one)):
        left, right = np.int64(one[pair]) * _PHRASES, np.int64(other[pair]) * _PHRASES
        count, total = 0, 0
        if flat[left] == 0 or flat[right] == 0:
            count, total = -1, -1
        for place in range(left, left + _PHRASES * (count == 0)):
            phrase = flat[place]
            if phrase == 0:
                break
            is_shared = np.uint32(0)
            for candidate in range(right, right + _PHRASES):  # All of them at once.
                is_shared |= np.uint32(flat[candidate] == phrase)
            if is_shared:
                count += 1
                total += int(levels[phrase & _BUCKET_MASK])
        shared[pair] = count
        bits[pair] = total
