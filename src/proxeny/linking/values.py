"""The values of linking: who holds a key, what two reports share, what follows.

A link is a value with its reasons: every bit of an `Evidence` stands in one of its
groups, and the groups add up to the whole.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from proxeny.errors import InputError
from proxeny.linking.features import NOBODY, TEXT, Company, Comparison, Group
from proxeny.linking.narratives import Sketch
from proxeny.selectors import Selector

MAX_HOLDERS_READ: Final = 8
"""Reports read for each key, the newest first: bounds the work of one link."""

STOP_AFTER_HOLDERS: Final = 3_000
"""A key that more reports than this hold is a hub: shown, never counted."""

MAX_KEYS_WEIGHED: Final = 64
"""Keys of one report that are looked up, the rarest first; a list of thousands of
numbers is no narrative of one offence, and must not stop the others' linking."""

_TOP_BIT: Final = 1 << 63


class LinkingError(InputError):
    """A report can't be weighed as given."""

    code = "PXY-LINKING"
    advice = "Correct the fact that the message names and link the report again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What reports are joined by: a selector, or a shingle of their narratives.

    Attributes:
        kind: of the selector, or `TEXT`.
        value: its normal form, or 16 hexadecimal digits.

    """

    kind: str
    value: str

    @classmethod
    def of(cls, selector: Selector) -> Self:
        """Give the key of a selector."""
        return cls(kind=selector.kind.value, value=selector.value)

    @property
    def number(self) -> int:
        """The same signed 64-bit number as that of a `Selector`, in every engine."""
        digest = hashlib.sha256(f"{self.kind}|{self.value}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


def list_text_keys(sketch: Sketch) -> Iterator[Key]:
    """Give the keys of a narrative's shingles.

    The top bit is set, as in the batch: there it keeps shingles apart from selectors,
    and the smallest shingle that two reports share must be the same here and there.
    """
    for key in sketch.keys:
        yield Key(kind=TEXT, value=f"{key | _TOP_BIT:016x}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A report that holds keys, with the facts that are compared.

    Attributes:
        ref: reference of the report.
        at: when the report was made, aware.
        country: ISO 3166 code, or None if unknown.
        offence: class of offence, or None if unknown.
        named: how many selectors that may link the report names in all.
        phrases: telling phrases of its narrative (see `Sketch`).
        source: who reports, if the report says so: what one source reports again
            counts once.
        series: the series that holds the report now, or None.

    """

    ref: str
    at: datetime
    country: str | None = None
    offence: str | None = None
    named: int = 0
    phrases: frozenset[int] = frozenset()
    source: str | None = None
    series: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time without a zone: gaps between reports would be guesses."""
        if self.at.utcoffset() is None:
            raise LinkingError("The time of a report has no time zone.", ref=self.ref)

    @property
    def cluster(self) -> str:
        """What is joined as one: the series, or the report alone."""
        return self.ref if self.series is None else self.series


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is known of one key of the new report before it is linked.

    Attributes:
        key: what is held, by the new report not as a victim's.
        holders: how many reports hold it, the new one among them.
        company: sums over pairs of the holders without the new one.
        newest: references of the newest holders without the new one, newest first,
            at most `MAX_HOLDERS_READ`.
        is_echo: the new report's source holds it already: nothing is counted again.
        stop: why it doesn't count (see `find_stop_reason`); "" if it counts.

    """

    key: Key
    holders: int
    company: Company = NOBODY
    newest: tuple[str, ...] = ()
    is_echo: bool = False
    stop: str = ""

    @property
    def counts(self) -> bool:
        """Whether the key links: no stop value, no hub, not held for the first time."""
        if self.stop or not self.newest:
            return False
        return self.holders <= STOP_AFTER_HOLDERS


def choose_keys(holders: Mapping[Key, int]) -> list[Key]:
    """Choose the keys of one report that are looked up, by how many hold each.

    Those that others hold come first: a report that is padded with fresh ones would
    hide the account that it names.
    """
    ranked = sorted(
        holders,
        key=lambda key: (holders[key] <= 1, holders[key], key.kind, key.value),
    )
    return ranked[:MAX_KEYS_WEIGHED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One reason for or against a link, in words, with its bits (log2 odds).

    Attributes:
        name: a `Group`, or stopped or hub.
        text: the reason as an analyst reads it.
        bits: above 0 speaks for the link, below 0 against it, 0 doesn't count.
        kind: kind of the key, if the term is about one.
        value: value of that key.

    """

    name: str
    text: str
    bits: float
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How strongly a held report belongs with the new one, and what speaks for it.

    Attributes:
        new: the report that came in.
        holder: the report that is held.
        best: the key that speaks most for it.
        comparison: of the two by that key.
        groups: bits by what they speak of; `list_terms` puts them into words.
        votes: bits of each key that the two share, best first.
        shown: stop values and hubs that they share too.

    """

    new: Holder
    holder: Holder
    best: Held
    comparison: Comparison
    groups: Mapping[Group, float]
    votes: tuple[tuple[Key, float], ...]
    shown: tuple[Held, ...] = ()

    @property
    def bits(self) -> float:
        """Those of the best key."""
        return self.votes[0][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Evidence between two clusters: one key, brought by one report.

    Attributes:
        key: number of the key.
        bits: how much it speaks for one series.
        by: reference of the report that brought it.
        source: who made that report, if known.
        is_wording: the key is a shingle's.

    """

    key: int
    bits: float
    by: str
    source: str | None = None
    is_wording: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a new report. Each link stands in one list only.

    Attributes:
        join: the series that the report joins. None: it founds one together with
            the holders in `found`, or stays alone if there are none.
        merge: further series that become one with `join`.
        because: links into `join` and `merge`.
        found: links to reports in no series yet: they come into the same series.
        related: links to what more evidence is needed for, or what an officer has
            ruled out; their votes are kept and count the next time.

    """

    join: str | None
    merge: tuple[str, ...]
    because: tuple[Evidence, ...]
    found: tuple[Evidence, ...]
    related: tuple[Evidence, ...]
