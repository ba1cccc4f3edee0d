"""Fits the weights of a scorecard to pairs of which somebody knows the truth.

Logistic regression with every weight drawn towards the scorecard it starts from: a
few decisions of officers move it a little, many move it far. Needs numpy alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from proxeny.errors import InputError
from proxeny.linking.features import FEATURES, Comparison, Group
from proxeny.linking.scorecard import Curve, Guard, KindWeight, Scorecard

Numbers = npt.NDArray[np.float64]

_STEPS: Final = 60
_LONGEST_STEP_BITS: Final = 3.0
_STILL_BITS: Final = 0.001
_FIRM: Final = 1e12
_ROWS_AT_ONCE: Final = 65_536
_BITS_A_NAT: Final = 1 / np.log(2)


class FittingError(InputError):
    """The pairs given can't teach anything."""

    code = "PXY-SCORECARD-FIT"
    advice = "Confirm some series and undo some wrong links first."


def list_numbers(comparisons: Sequence[Comparison]) -> Numbers:
    """Give the numbers of each comparison: one row each, NaN where there is none."""
    return np.array(
        [
            [np.nan if number is None else float(number) for number in row]
            for row in (
                [feature.read(comparison) for feature in FEATURES]
                for comparison in comparisons
            )
        ]
    ).reshape(len(comparisons), len(FEATURES))


def fit(
    start: Scorecard,
    kinds: Sequence[str] | npt.NDArray[np.object_],
    numbers: Numbers,
    labels: npt.NDArray[np.bool_],
    *,
    strength: float,
    only_lacking: bool = False,
) -> Scorecard:
    """Fit the weights to labelled pairs; version, guard and words stay.

    Args:
        start: towards which the weights are drawn.
        kinds: kind of the selector of each pair.
        numbers: shape (pairs, features), as `list_numbers` gives them.
        labels: whether the two are of one series.
        strength: how many pairs' worth the start counts for each weight.
        only_lacking: move the bits of missing numbers alone.

    Raises:
        FittingError: there is no pair of one kind or of the other.

    """
    if labels.all() or not labels.any():
        raise FittingError("All pairs are of one kind: confirmed, or all undone.")
    kinds = np.asarray(kinds, dtype=object)
    weights = _list_weights(start)
    towards = weights.copy()
    held = np.full(len(weights), strength)
    if only_lacking:
        held[~_mark_lacking(start)] = _FIRM
    for _ in range(_STEPS):
        slope = np.zeros(len(weights))
        bend = np.zeros((len(weights), len(weights)))
        for first in range(0, len(labels), _ROWS_AT_ONCE):
            rows = slice(first, first + _ROWS_AT_ONCE)
            shape = _list_shares(start, kinds[rows], numbers[rows])
            chance = 1 / (1 + np.exp2(-np.clip(shape @ weights, -60, 60)))
            slope += shape.T @ (labels[rows] - chance)
            spread = np.maximum(chance * (1 - chance), 1e-6)[:, None]
            bend += (shape * spread).T @ shape
        # In bits, not in nats: the slope's unit is that of the labels.
        bend = bend / _BITS_A_NAT + np.diag(held)
        step = np.linalg.solve(bend, slope - held * (weights - towards))
        longest = float(np.abs(step).max())
        # Where the start is far off, a whole step of Newton's would overshoot.
        weights += step * min(1.0, _LONGEST_STEP_BITS / max(longest, _STILL_BITS))
        if longest < _STILL_BITS:
            break
    return _with_weights(start, weights)


def render_scorecard(scorecard: Scorecard) -> str:
    """Give the text that `parse_scorecard` reads."""
    lines = [
        f"version = {_quoted(scorecard.version)}",
        f"status = {_quoted(scorecard.status)}",
        f"fitted_on = {_quoted(scorecard.fitted_on)}",
        f"prior = {scorecard.prior:.3f}",
        "",
        "[kinds]",
    ]
    lines += [
        f"{kind} = {{ name = {_quoted(weight.name)}, bits = {weight.bits:.3f} }}"
        for kind, weight in scorecard.kinds.items()
    ]
    for name, curve in scorecard.curves.items():
        lines += [
            "",
            f"[curves.{name}]",
            f"knots = [{', '.join(f'{knot:g}' for knot in curve.knots)}]",
            f"bits = [{', '.join(f'{bits:.3f}' for bits in curve.bits)}]",
            *([f"lacking = {curve.lacking:.3f}"] if curve.lacking else []),
        ]
    guard = scorecard.guard
    lines += [
        "",
        "[guard]",
        f"rounds = [{', '.join(f'{bits:g}' for bits in guard.rounds)}]",
        f"sqrt_smaller = {guard.sqrt_smaller:g}",
        f"log2_larger = {guard.log2_larger:g}",
        f"floor = {guard.floor:g}",
        f"wording_bits = {guard.wording_bits:g}",
        f"wording_share = {guard.wording_share:g}",
    ]
    return "\n".join(lines) + "\n"


def make_blank(names: dict[str, str], *, guard: Guard) -> Scorecard:
    """Give a scorecard that knows nothing, to fit one from the beginning."""
    return Scorecard(
        version="0",
        status="fitted",
        fitted_on="nothing",
        prior=0.0,
        kinds={kind: KindWeight(name=name, bits=0.0) for kind, name in names.items()},
        curves={
            feature.name: Curve(
                knots=feature.knots, bits=tuple(0.0 for _ in feature.knots)
            )
            for feature in FEATURES
        },
        guard=guard,
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list_weights(scorecard: Scorecard) -> Numbers:
    curves = [scorecard.curves[feature.name] for feature in FEATURES]
    return np.array(
        [
            scorecard.prior,
            *(weight.bits for weight in scorecard.kinds.values()),
            *(bits for curve in curves for bits in (*curve.bits, curve.lacking)),
        ]
    )


def _mark_lacking(scorecard: Scorecard) -> npt.NDArray[np.bool_]:
    """Mark the weights that stand for a number that is not there."""
    marks = [False] * (1 + len(scorecard.kinds))
    for feature in FEATURES:
        knots = scorecard.curves[feature.name].knots
        marks += [knot < 0 and feature.group is Group.OTHERS for knot in knots]
        marks.append(True)
    return np.array(marks)


def _with_weights(scorecard: Scorecard, weights: Numbers) -> Scorecard:
    left = iter(float(weight) for weight in weights)
    prior = next(left)
    kinds = {
        kind: replace(weight, bits=next(left))
        for kind, weight in scorecard.kinds.items()
    }
    curves = {}
    for feature in FEATURES:
        curve = scorecard.curves[feature.name]
        bits = tuple(next(left) for _ in curve.knots)
        curves[feature.name] = Curve(knots=curve.knots, bits=bits, lacking=next(left))
    return replace(scorecard, prior=prior, kinds=kinds, curves=curves)


def _list_shares(
    scorecard: Scorecard, kinds: npt.NDArray[np.object_], numbers: Numbers
) -> Numbers:
    """How much of each weight each pair takes: between two knots, some of both."""
    parts = [np.ones((len(kinds), 1))]
    parts += [(kinds == kind)[:, None].astype(float) for kind in scorecard.kinds]
    for place, feature in enumerate(FEATURES):
        knots = np.array(scorecard.curves[feature.name].knots)
        number = numbers[:, place]
        inside = np.clip(np.nan_to_num(number), knots[0], knots[-1])
        left = np.clip(
            np.searchsorted(knots, inside, side="right") - 1, 0, len(knots) - 2
        )
        share = (inside - knots[left]) / (knots[left + 1] - knots[left])
        part = np.zeros((len(kinds), len(knots) + 1))
        rows = np.arange(len(kinds))
        part[rows, left] = 1 - share
        part[rows, left + 1] = share
        part[np.isnan(number)] = 0
        if feature.may_lack:
            part[np.isnan(number), -1] = 1
        parts.append(part)
    return np.concatenate(parts, axis=1)
