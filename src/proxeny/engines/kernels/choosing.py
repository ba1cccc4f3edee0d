"""Chooses which links to keep: of each report its strongest, of two series theirs.

Of equally strong ones it is the first by reports and selector, in whatever order the
evidence comes: every engine and every run writes the same links.
"""

import numpy as np
import numpy.typing as npt

from proxeny.engines.kernels.compiling import compiled


def choose_accepted(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    selector: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float64],
    series: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Places of the evidence inside a series that is the strongest of a report."""
    best = np.full(len(series), -1, np.int64)
    _find_best(a, b, selector, bits, series, best)
    is_best = np.zeros(len(a), np.bool_)
    is_best[best[best >= 0]] = True
    return np.flatnonzero(is_best)


def choose_related(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    selector: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float64],
    series: npt.NDArray[np.int32],
    least: float,
) -> npt.NDArray[np.int64]:
    """Places of the strongest evidence between each two series, from `least` bits."""
    one, other = series[a], series[b]
    between = np.flatnonzero((one != other) & (bits >= least))
    lows = np.minimum(one[between], other[between]).astype(np.int64)
    highs = np.maximum(one[between], other[between])
    order = np.lexsort(
        (
            *(selector[between], b[between], a[between]),
            *(-bits[between], lows << 32 | highs),
        )
    )
    pairs = (lows << 32 | highs)[order]
    first = np.ones(len(pairs), np.bool_)
    first[1:] = pairs[1:] != pairs[:-1]
    return between[order[first]]


@compiled
def _find_best(
    a: npt.NDArray[np.int32],
    b: npt.NDArray[np.int32],
    selector: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float64],
    series: npt.NDArray[np.int32],
    best: npt.NDArray[np.int64],
) -> None:
    for place in range(len(a)):
        if series[a[place]] == series[b[place]]:
            for report in (a[place], b[place]):
                held = best[report]
                if held < 0 or (-bits[place], a[place], b[place], selector[place]) < (
                    -bits[held],
                    a[held],
                    b[held],
                    selector[held],
                ):
                    best[report] = place
