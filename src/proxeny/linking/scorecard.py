"""The scorecard: the weights of linking as data, checked when they are read.

Additive log-odds: what an analyst is shown is exactly what was added up. Batch and
online linking read the same file, or the two would drift apart.
"""

import functools
import itertools
import math
import tomllib
from bisect import bisect_left
from importlib import resources
from string import Formatter
from typing import Final, Literal, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from proxeny.errors import ConfigError

MAX_SCORECARD_CHARS: Final = 200_000

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class ScorecardError(ConfigError):
    """The scorecard can't be used: nothing is linked by half a scorecard."""

    code = "PXY-SCORECARD"
    advice = "Mend the named line of the scorecard, or use the packaged one."


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class KindWeights:
    """Name of a kind in sentences and its bits for each band of holders."""

    name: str
    bits: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class TimeWeights:
    """Bits by the gap between two reports; the last bin has no upper edge."""

    within_days: tuple[float, ...]
    bits: tuple[float, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        _require_bands(self.within_days, self.bits)
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Guard:
    """Constants of the merge guard: larger clusters need more evidence."""

    base: float
    sqrt_smaller: float
    log2_larger: float


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Wording:
    """The sentence of each term, with its placeholders."""

    shared: str
    further: str
    stopped: str
    hub: str
    unweighed: str
    same_day: str
    days_apart: str
    same_offence: str
    other_offence: str
    same_country: str
    other_country: str
    amount: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, allowed in _PLACEHOLDERS.items():
            template: str = getattr(self, name)
            used = {field for _, field, _, _ in Formatter().parse(template)} - {None}
            # An attribute or index in a placeholder ("{value.x}") isn't in the
            # allowed set either, so a template can't reach into a value.
            if not used <= allowed:
                raise ValueError(f"wording.{name} has an unknown placeholder")
        return self


_SELECTOR: Final = frozenset({"kind", "value", "holders"})
_TWO: Final = frozenset({"first", "second"})
_PLACEHOLDERS: Final = {
    "shared": _SELECTOR,
    "further": _SELECTOR,
    "stopped": frozenset({"kind", "value", "reason"}),
    "hub": _SELECTOR | {"limit"},
    "unweighed": frozenset({"kind", "value", "version"}),
    "same_day": frozenset[str](),
    "days_apart": frozenset({"days"}),
    "same_offence": frozenset({"offence"}),
    "other_offence": _TWO,
    "same_country": frozenset({"country"}),
    "other_country": _TWO,
    "amount": _TWO,
}


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Scorecard:
    """Weights, bins, threshold, guard and wording; `scorecard.toml` explains each."""

    version: str
    status: Literal["defaults", "fitted"]
    threshold: float
    holders_up_to: tuple[int, ...]
    further: tuple[float, ...]
    same_offence: float
    other_offence: float
    same_country: float
    other_country: float
    amount: float
    amount_tolerance: float
    kinds: dict[str, KindWeights]
    time: TimeWeights
    guard: Guard
    wording: Wording

    @model_validator(mode="after")
    def _check(self) -> Self:
        for weights in self.kinds.values():
            _require_bands(self.holders_up_to, weights.bits)
        return self

    def selector_bits(self, kind: str, holders: int) -> float:
        """Bits of one shared selector of a kind that has a weight."""
        return self.kinds[kind].bits[bisect_left(self.holders_up_to, holders)]

    def time_bits(self, gap_days: float) -> float:
        """Bits of the time between two reports."""
        return self.time.bits[bisect_left(self.time.within_days, gap_days)]

    def bits_to_unite(self, one: int, other: int) -> float:
        """Bits needed to make one series of two clusters of these sizes.

        Args:
            one: reports in one cluster, 1 for a report in no series.
            other: reports in the other one.

        """
        smaller, larger = sorted((one, other))
        guarded = (
            self.threshold
            + self.guard.base
            + self.guard.sqrt_smaller * math.sqrt(smaller)
            + self.guard.log2_larger * math.log2(larger)
        )
        return max(self.threshold, guarded)


def parse_scorecard(text: str) -> Scorecard:
    """Read a scorecard.

    Args:
        text: TOML as in the packaged `scorecard.toml`.

    Raises:
        ScorecardError: it isn't TOML, a figure is missing, unknown or not finite,
            bins don't ascend or don't fit their weights.

    """
    if len(text) > MAX_SCORECARD_CHARS:
        raise ScorecardError(
            f"The scorecard is longer than {MAX_SCORECARD_CHARS:,} characters."
        )
    try:
        return TypeAdapter(Scorecard).validate_python(tomllib.loads(text))
    except ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ScorecardError(
            f"The scorecard is wrong at {where}: {first['msg']}."
        ) from err
    except (tomllib.TOMLDecodeError, RecursionError) as err:
        raise ScorecardError("The scorecard isn't readable as TOML.") from err


@functools.cache
def load_scorecard() -> Scorecard:
    """Return the packaged scorecard: hand-set defaults, not fitted."""
    return parse_scorecard(
        resources.files(__package__).joinpath("scorecard.toml").read_text("utf-8")
    )


def _require_bands(edges: tuple[float, ...], bits: tuple[float, ...]) -> None:
    if any(low >= high for low, high in itertools.pairwise(edges)):
        raise ValueError("the edges of bins must ascend")
    if len(bits) != len(edges) + 1:
        raise ValueError("there must be one weight more than edges")
