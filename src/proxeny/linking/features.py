"""What is compared: the features of a pair of reports and one selector they share.

The one list from which the batch's SQL, the online weighing and the fitting are made,
so that they can't drift apart. Each feature is a number, or absent, that a curve of the
scorecard turns into bits.

The *company* of a selector is what its other holders are like: whether they follow each
other soon, name the same offence, tell the same story. It tells an offender's number
from a hub's, and it leaves the pair itself out. A mean over few pairs is drawn towards
`CompanyMeans`, as if one average pair had been seen before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxeny.selectors import Kind

TEXT: Final = "text"
"""The kind of a shingle's key: a narrative's, not a person's."""

MAX_OTHERS: Final = 3
"""More selectors shared than this count as this many."""

KIND_NUMBERS: Final = {TEXT: 0} | {
    kind.value: number for number, kind in enumerate(Kind, start=1)
}
"""Kinds as the batch's tables hold them; a kind that is none of ours is -1."""

_IS_TEXT: Final = f"kind = {KIND_NUMBERS[TEXT]}"
_IS_NO_TEXT: Final = f"kind <> {KIND_NUMBERS[TEXT]}"
_NONE_NAMED: Final = -1
_LIMITED: Final = f"COALESCE(others, {_NONE_NAMED})"

GAP_LEVELS: Final = (1, 6, 24, 72, 168, 336, 720, 2160, 4320)
"""Hours between two reports at which the level of their gap rises by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Sums over pairs of a selector's holders, each with the next two in time.

    Attributes:
        pairs: how many pairs.
        same_offence: pairs of one class of offence, of `known_offence` that name one.
        known_offence: pairs in which both name a class of offence.
        same_country: pairs from one country, of `known_country` that name one.
        known_country: pairs in which both name a country.
        gap_level: levels of the gaps (see `GAP_LEVELS`).
        known_gap: pairs of which both times are known.
        text_bits: bits of the phrases that their narratives share.
        known_text: pairs in which both have a narrative.
        others: further selectors that they share, at most `MAX_OTHERS` each.
        known_others: pairs in which both name a further selector.

    """

    pairs: int = 0
    same_offence: int = 0
    known_offence: int = 0
    same_country: int = 0
    known_country: int = 0
    gap_level: int = 0
    known_gap: int = 0
    text_bits: int = 0
    known_text: int = 0
    others: int = 0
    known_others: int = 0


NOBODY: Final = Company()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two reports and one selector that both mention.

    Attributes:
        kind: of the selector, or `TEXT`.
        holders: reports that mention it, these two among them.
        hours: between the two, whole; None if the time of one is not known.
        same_offence: None if one of them names no class of offence.
        same_country: None if one of them names no country.
        others: further selectors that both mention, shingles apart; None if one of
            them names no further selector.
        shingles: shingles that both narratives have.
        phrases: rare phrases that both narratives have; None if one has none.
        text_bits: bits of those phrases.
        company: of the selector, without this pair.

    """

    kind: str
    holders: int
    hours: int | None
    same_offence: bool | None = None
    same_country: bool | None = None
    others: int | None = None
    shingles: int = 0
    phrases: int | None = None
    text_bits: int | None = None
    company: Company = NOBODY


class Group(StrEnum):
    """What an analyst is told about together."""

    SELECTOR = "selector"
    COMPANY = "company"
    TIME = "time"
    OFFENCE = "offence"
    COUNTRY = "country"
    OTHERS = "others"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One number to compare: how to read it here and in SQL, and its curve's knots.

    Where reports may lack it, to lack it has bits of its own: otherwise what all the
    others have on average would be missing from the sum.
    """

    name: str
    group: Group
    read: Callable[[Comparison], float | None]
    sql: str
    knots: tuple[float, ...]
    may_lack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mean:
    """A mean over a selector's company: sum, count, and what few pairs are drawn to."""

    name: str
    total: str
    count: str
    usual: float
    column: str
    counted: str
    knots: tuple[float, ...]

    def read(self, comparison: Comparison) -> float:
        total: int = getattr(comparison.company, self.total)
        count: int = getattr(comparison.company, self.count)
        return (total + self.usual) / (count + 1.0)

    def read_of_selector(self, comparison: Comparison) -> float | None:
        return None if _of_text(comparison) else self.read(comparison)

    def read_of_text(self, comparison: Comparison) -> float | None:
        return self.read(comparison) if _of_text(comparison) else None

    @property
    def sql(self) -> str:
        return f"(({self.column} + {self.usual!r}e0) / ({self.counted} + 1e0))"


_HOLDERS: Final = (2, 3, 4, 6, 10, 20, 50, 150, 500, 3000)
_MEANS: Final = (
    _Mean(
        name="offence",
        total="same_offence",
        count="known_offence",
        usual=0.5,
        column="company_offence",
        counted="known_offence",
        knots=(0, 0.2, 0.4, 0.6, 0.8, 0.9, 1),
    ),
    _Mean(
        name="country",
        total="same_country",
        count="known_country",
        usual=0.3,
        column="company_country",
        counted="known_country",
        knots=(0, 0.1, 0.2, 0.4, 0.6, 0.8, 1),
    ),
    _Mean(
        name="gap",
        total="gap_level",
        count="known_gap",
        usual=5.0,
        column="company_gap",
        counted="known_gap",
        knots=(0, 2, 3, 4, 5, 6, 7, 8, 9),
    ),
    _Mean(
        name="text",
        total="text_bits",
        count="known_text",
        usual=10.0,
        column="company_text",
        counted="known_text",
        knots=(0, 5, 10, 20, 40, 80, 120),
    ),
    _Mean(
        name="others",
        total="others",
        count="known_others",
        usual=0.3,
        column="company_others",
        counted="known_others",
        knots=(0, 0.1, 0.2, 0.4, 0.8, 1.5, 3),
    ),
)
_GAP: Final = _MEANS[2]


def level_of_gap(hours: int) -> int:
    """Give the level of a gap: 0 within an hour, 9 from half a year on."""
    return sum(hours >= edge for edge in GAP_LEVELS)


def render_gap_level(hours: str) -> str:
    """Give SQL for the level of a gap."""
    cases = " ".join(
        f"WHEN {hours} < {edge} THEN {level}" for level, edge in enumerate(GAP_LEVELS)
    )
    return f"CASE WHEN {hours} IS NULL THEN NULL {cases} ELSE {len(GAP_LEVELS)} END"


def _limit(others: int | None) -> int:
    return _NONE_NAMED if others is None else min(others, MAX_OTHERS)


def _of_text(comparison: Comparison) -> bool:
    return comparison.kind == TEXT


def _company_features() -> list[Feature]:
    """Of a shingle, company means something else than of a number: its own curves."""
    features = []
    for mean in _MEANS:
        features += [
            Feature(
                name=f"company_{mean.name}",
                group=Group.COMPANY,
                read=mean.read_of_selector,
                sql=f"CASE WHEN {_IS_NO_TEXT} THEN {mean.sql} END",
                knots=mean.knots,
            ),
            Feature(
                name=f"text_company_{mean.name}",
                group=Group.COMPANY,
                read=mean.read_of_text,
                sql=f"CASE WHEN {_IS_TEXT} THEN {mean.sql} END",
                knots=mean.knots,
            ),
        ]
    return features


FEATURES: Final = (
    Feature(
        name="holders",
        group=Group.SELECTOR,
        read=lambda c: None if _of_text(c) else c.holders,
        sql=f"CASE WHEN {_IS_NO_TEXT} THEN holders END",
        knots=_HOLDERS,
    ),
    Feature(
        name="text_holders",
        group=Group.SELECTOR,
        read=lambda c: c.holders if _of_text(c) else None,
        sql=f"CASE WHEN {_IS_TEXT} THEN holders END",
        knots=_HOLDERS,
    ),
    Feature(
        name="hours",
        group=Group.TIME,
        read=lambda c: c.hours,
        sql="hours",
        knots=(0, 1, 6, 24, 72, 168, 336, 720, 2160, 4320, 8760),
        may_lack=True,
    ),
    Feature(
        name="relative_gap",
        group=Group.TIME,
        read=lambda c: (
            None if c.hours is None else level_of_gap(c.hours) - _GAP.read(c)
        ),
        sql=f"gap_level - {_GAP.sql}",
        knots=(-4, -2, -1, 0, 1, 2, 4),
    ),
    Feature(
        name="offence",
        group=Group.OFFENCE,
        read=lambda c: c.same_offence,
        sql="same_offence",
        knots=(0, 1),
        may_lack=True,
    ),
    Feature(
        name="country",
        group=Group.COUNTRY,
        read=lambda c: c.same_country,
        sql="same_country",
        knots=(0, 1),
        may_lack=True,
    ),
    Feature(
        name="others",
        group=Group.OTHERS,
        read=lambda c: None if _of_text(c) else _limit(c.others),
        sql=f"CASE WHEN {_IS_NO_TEXT} THEN {_LIMITED} END",
        knots=(_NONE_NAMED, 0, 1, 2, 3),
    ),
    Feature(
        name="text_others",
        group=Group.OTHERS,
        read=lambda c: _limit(c.others) if _of_text(c) else None,
        sql=f"CASE WHEN {_IS_TEXT} THEN {_LIMITED} END",
        knots=(_NONE_NAMED, 0, 1, 2, 3),
    ),
    Feature(
        name="shingles",
        group=Group.TEXT,
        read=lambda c: c.shingles,
        sql="shingles",
        knots=(0, 1, 2, 3, 4, 8, 16),
    ),
    Feature(
        name="text_bits",
        group=Group.TEXT,
        read=lambda c: c.text_bits,
        sql="text_bits",
        knots=(0, 5, 10, 20, 40, 80, 120, 160),
        may_lack=True,
    ),
    *_company_features(),
)
"""In the order in which their bits are added up, everywhere."""
