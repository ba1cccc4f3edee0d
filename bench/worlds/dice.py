"""Draws that depend on a key alone, so that nothing drawn has to be kept.

The words of a campaign's phrase or the digits of its hundredth telephone number come
from mixing the campaign's number with the position: ten million reports need no table
of phrases. The mixer is the finaliser of splitmix64 (public domain, S. Vigna).

numba keeps what it has compiled and doesn't see that another file has changed: after a
change here, delete ``__pycache__`` of this folder.
"""

import math

import numba
import numpy as np

UNIT = 1.0 / 2**53


@numba.njit("int64(int64, int64)", cache=True)
def mix(key: int, step: int) -> int:
    """Mix two integers into 64 well spread bits."""
    bits = np.uint64(key) + np.uint64(step + 1) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int(np.int64(bits ^ (bits >> np.uint64(31))))


@numba.njit("int64(int64, int64)", cache=True)
def below(bits: int, end: int) -> int:
    """Turn mixed bits into an integer from 0 to ``end`` - 1."""
    return int((np.uint64(bits) >> np.uint64(32)) % np.uint64(end))


@numba.njit("float64(int64)", cache=True)
def share(bits: int) -> float:
    """Turn mixed bits into a fraction from 0 to 1."""
    return float(np.uint64(bits) >> np.uint64(11)) * UNIT


@numba.njit("int64(int64, int64)", cache=True)
def zipf(bits: int, end: int) -> int:
    """Turn mixed bits into a rank from 0 to ``end`` - 1; frequency falls as 1/rank."""
    return int(math.exp(share(bits) * math.log(end)) - 0.999999)
