"""Tells the few pairs of reports that several selectors make from the many of one.

Only pairs that recur need to be brought together, which is most of the work at ten
million reports. Pairs are counted in buckets: a pair of one selector may be taken for
one that recurs, never the other way round.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from proxeny.engines.kernels.compiling import compiled
from proxeny.linking import narratives as spec

Buckets = npt.NDArray[np.uint8]

_BUCKETS_A_PAIR: Final = 4
_STEP, _MIX = np.uint64(spec.STEP), np.uint64(spec.MIX_1)
_HALF: Final = np.uint64(32)
_MANY: Final = np.uint8(2)


def make_buckets(pairs: int) -> Buckets:
    """Give empty buckets for so many pairs: one false alarm in four or fewer."""
    return np.zeros(1 << (_BUCKETS_A_PAIR * pairs).bit_length(), np.uint8)


def count_pairs(
    one: npt.NDArray[np.int32], other: npt.NDArray[np.int32], buckets: Buckets
) -> None:
    """Add pairs to the buckets."""
    _count(one, other, buckets, _shift(buckets))


def find_recurring(
    one: npt.NDArray[np.int32], other: npt.NDArray[np.int32], buckets: Buckets
) -> npt.NDArray[np.bool_]:
    """Mark the pairs that may have been added more than once."""
    return _find(one, other, buckets, _shift(buckets))


def _shift(buckets: Buckets) -> np.uint64:
    return np.uint64(65 - len(buckets).bit_length())


@compiled
def _place(one: np.int32, other: np.int32, shift: np.uint64) -> np.uint64:
    value = (np.uint64(one) << _HALF | np.uint64(other)) * _STEP
    return ((value ^ (value >> _HALF)) * _MIX) >> shift


@compiled
def _count(
    one: npt.NDArray[np.int32],
    other: npt.NDArray[np.int32],
    buckets: Buckets,
    shift: np.uint64,
) -> None:
    for pair in range(len(one)):
        place = _place(one[pair], other[pair], shift)
        if buckets[place] < _MANY:
            buckets[place] += np.uint8(1)


@compiled
def _find(
    one: npt.NDArray[np.int32],
    other: npt.NDArray[np.int32],
    buckets: Buckets,
    shift: np.uint64,
) -> npt.NDArray[np.bool_]:
    marks = np.empty(len(one), np.bool_)
    for pair in range(len(one)):
        marks[pair] = buckets[_place(one[pair], other[pair], shift)] == _MANY
    return marks
