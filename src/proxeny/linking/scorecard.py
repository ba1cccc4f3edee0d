"""The scorecard: the weights of linking as data, checked when they are read.

Additive log-odds in bits: what an analyst is shown is exactly what was added up. The
batch and the online linking read this one file, or the two would drift apart.
"""

import functools
import itertools
import math
import tomllib
from bisect import bisect_right
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from proxeny.errors import ConfigError
from proxeny.linking.features import FEATURES, KIND_NUMBERS, TEXT, Comparison, Group

MAX_SCORECARD_CHARS: Final = 200_000
MAX_BITS: Final = 1_000.0
MAX_ROUNDS: Final = 32
_VERSION: Final = r"[0-9A-Za-z.+_-]{1,64}"

Bits = Annotated[float, Field(ge=-MAX_BITS, le=MAX_BITS)]
Share = Annotated[float, Field(ge=0, le=MAX_BITS)]
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class ScorecardError(ConfigError):
    """The scorecard can't be used: nothing is linked by half a scorecard."""

    code = "PXY-SCORECARD"
    advice = "Mend the named line of the scorecard, or use the packaged one."


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class KindWeight:
    """Name of a kind in sentences, and the bits that it brings by itself."""

    name: str = Field(min_length=1, max_length=40)
    bits: Bits


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Curve:
    """Bits by a number: straight between the knots, level beyond the outer ones.

    `lacking` are the bits where a number that could be there is not.
    """

    knots: tuple[float, ...]
    bits: tuple[Bits, ...]
    lacking: Bits = 0.0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(low >= high for low, high in itertools.pairwise(self.knots)):
            raise ValueError("the knots of a curve must ascend")
        if len(self.bits) != len(self.knots) or len(self.knots) <= 1:
            raise ValueError("a curve has two knots or more, and bits for each")
        return self

    def read(self, number: float | None) -> float:
        """Bits of a number, or of its lack."""
        if number is None:
            return self.lacking
        place = bisect_right(self.knots, number) - 1
        if place < 0:
            return self.bits[0]
        if place >= len(self.knots) - 1:
            return self.bits[-1]
        return self.bits[place] + (number - self.knots[place]) * self.slope(place)

    def slope(self, place: int) -> float:
        """Bits by unit after a knot."""
        rise = self.bits[place + 1] - self.bits[place]
        return rise / (self.knots[place + 1] - self.knots[place])

    def render(self, number: str) -> str:
        """Give the same as SQL over a column or expression."""
        cases = [f"WHEN {number} IS NULL THEN {_double(self.lacking)}"]
        cases.append(
            f"WHEN {number} < {_double(self.knots[0])} THEN {_double(self.bits[0])}"
        )
        for place, knot in enumerate(self.knots[1:]):
            since = f"({number} - {_double(self.knots[place])})"
            line = (
                f"{_double(self.bits[place])} + {since} * {_double(self.slope(place))}"
            )
            cases.append(f"WHEN {number} < {_double(knot)} THEN {line}")
        return f"CASE {' '.join(cases)} ELSE {_double(self.bits[-1])} END"


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Guard:
    """Constants of the merge guard: larger clusters need more evidence.

    Attributes:
        rounds: thresholds in bits, falling; the last one holds online.
        sqrt_smaller: bits more as the root of the smaller cluster's size grows by one.
        log2_larger: bits more for each doubling of the larger cluster.
        floor: evidence below these bits is left out.
        wording_bits: what wording alone counts for at most between two clusters.
        wording_share: more than that, it counts for each bit that selectors bring:
            two series that are written after one template share many shingles.

    """

    rounds: tuple[Bits, ...] = Field(min_length=1, max_length=MAX_ROUNDS)
    sqrt_smaller: Share
    log2_larger: Share
    floor: Bits
    wording_bits: Share
    wording_share: Share

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(high < low for high, low in itertools.pairwise(self.rounds)):
            raise ValueError("the rounds of the guard must fall")
        return self

    def add_up(self, selectors: float, wording: float) -> float:
        """Bits between two clusters, of what selectors and what wording bring."""
        most = self.wording_bits + self.wording_share * selectors
        return selectors + min(wording, most)

    def bits_to_unite(self, one: int, other: int) -> float:
        """Bits needed to make one series of two clusters of these sizes."""
        smaller, larger = sorted((one, other))
        return (
            self.rounds[-1]
            + self.sqrt_smaller * (math.sqrt(smaller) - 1)
            + self.log2_larger * math.log2(larger)
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Scorecard:
    """Weights, guard and where they come from; `scorecard.toml` explains each.

    Attributes:
        version: changes with any figure; stored with what was linked by it.
        status: fitted on data with truth, refitted on an authority's own decisions.
        fitted_on: which data, for people.
        prior: bits of any pair that shares a selector.
        kinds: bits by kind of the selector, `TEXT` among them.
        curves: bits by feature (see `FEATURES`).
        guard: of merges.

    """

    version: str = Field(pattern=f"^{_VERSION}$")
    status: Literal["fitted", "refitted"]
    fitted_on: str
    prior: Bits
    kinds: dict[str, KindWeight]
    curves: dict[str, Curve]
    guard: Guard

    @model_validator(mode="after")
    def _check(self) -> Self:
        if set(self.curves) != {feature.name for feature in FEATURES}:
            raise ValueError("curves must be those of the features, each once")
        if TEXT not in self.kinds:
            raise ValueError(f"kinds must have {TEXT}")
        if unknown := self.kinds.keys() - KIND_NUMBERS.keys():
            raise ValueError(f"there are no kinds {', '.join(sorted(unknown))}")
        return self

    def weigh(self, comparison: Comparison) -> dict[Group, float]:
        """Bits for and against one series, by what they speak of, in a fixed order."""
        bits = dict.fromkeys(Group, 0.0)
        weight = self.kinds.get(comparison.kind)
        bits[Group.SELECTOR] = self.prior + (0.0 if weight is None else weight.bits)
        for feature in FEATURES:
            bits[feature.group] += self.curves[feature.name].read(
                feature.read(comparison)
            )
        return bits

    def render_terms(self) -> dict[Group, str]:
        """Give `weigh` as SQL over columns named `f_` and the feature."""
        cases = " ".join(
            f"WHEN kind = {KIND_NUMBERS[kind]} THEN {_double(self.prior + weight.bits)}"
            for kind, weight in sorted(self.kinds.items())
        )
        parts = {group: ["0e0"] for group in Group}
        parts[Group.SELECTOR] = [f"CASE {cases} ELSE {_double(self.prior)} END"]
        for feature in FEATURES:
            parts[feature.group].append(
                self.curves[feature.name].render(f"f_{feature.name}")
            )
        return {group: " + ".join(terms) for group, terms in parts.items()}


def _double(number: float) -> str:
    """Give a literal that SQL reads as this very double, not as a decimal."""
    text = repr(float(number))
    return text if "e" in text else f"{text}e0"


def parse_scorecard(text: str) -> Scorecard:
    """Read a scorecard.

    Args:
        text: TOML as in the packaged `scorecard.toml`.

    Raises:
        ScorecardError: it isn't TOML, a figure is missing, unknown or not finite,
            knots don't ascend or don't fit their bits.

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


def read_scorecard(path: Path) -> Scorecard:
    """Read a scorecard from a file, as `proxeny series refit --out` writes one.

    Raises:
        ScorecardError: it can't be read, or as `parse_scorecard` says.

    """
    try:
        with path.open("rb") as file:
            # No character of ours takes more bytes; a longer file is refused below.
            content = file.read(4 * MAX_SCORECARD_CHARS + 4)
        text = content.decode("utf-8")
    except OSError as err:
        raise ScorecardError("The file of the scorecard can't be read.") from err
    except UnicodeDecodeError as err:
        raise ScorecardError("The scorecard isn't readable as TOML.") from err
    return parse_scorecard(text)


@functools.cache
def load_scorecard() -> Scorecard:
    """Return the packaged scorecard."""
    return parse_scorecard(
        resources.files(__package__).joinpath("scorecard.toml").read_text("utf-8")
    )
