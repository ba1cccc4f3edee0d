"""The values of linking: who holds a selector, what two reports share, what follows.

A match is a value with its reasons: every bit of an `Evidence` stands in one of its
terms, in words, and the terms add up to the whole.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from proxeny.errors import InputError
from proxeny.selectors import Selector

MAX_HOLDERS_READ: Final = 20
"""Reports read for each selector, the newest first: bounds the work of one link."""

STOP_AFTER_HOLDERS: Final = 300
"""A selector that more reports than this mention is a hub: shown, never counted."""


class LinkingError(InputError):
    """A report can't be weighed as given."""

    code = "PXY-LINKING"
    advice = "Correct the fact that the message names and link the report again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A report that mentions a selector, with the facts that are compared.

    Attributes:
        ref: reference of the report.
        at: when the report was made, aware.
        country: ISO 3166 code, or None if unknown.
        offence: class of offence, or None if unknown.
        amount: loss as a magnitude for comparison only. Amounts are compared as
            they stand, so pass them in one currency, or None.
        series: the series that holds the report now, or None.

    """

    ref: str
    at: datetime
    country: str | None = None
    offence: str | None = None
    amount: float | None = None
    series: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time without a zone: gaps between reports would be guesses."""
        if self.at.utcoffset() is None:
            raise LinkingError("The time of a report has no time zone.", ref=self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A selector that two reports mention, neither of them as a victim's.

    Attributes:
        selector: what both mention.
        holders: how many reports mention it, these two among them.
        stop: why it doesn't count (see `find_stop_reason`); "" if it counts.

    """

    selector: Selector
    holders: int
    stop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One reason for or against a link, in words, with its bits (log2 odds).

    Attributes:
        name: shared, further, stopped, hub, time, offence, country or amount.
        text: the reason as an analyst reads it.
        bits: above 0 speaks for the link, below 0 against it, 0 doesn't count.
        kind: kind of the selector, if the term is about one.
        value: normal form of that selector.

    """

    name: str
    text: str
    bits: float
    kind: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How strongly a held report belongs with the new one, and every reason."""

    holder: Holder
    bits: float
    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        """Refuse a total that its reasons don't explain."""
        if self.bits != math.fsum(term.bits for term in self.terms):
            raise LinkingError(
                "The bits of a link differ from the sum of its terms.",
                ref=self.holder.ref,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a new report. Each accepted link stands in one list only.

    Attributes:
        join: the series that the report joins. None: it founds one together with
            the holders in `found`, or stays alone if there are none.
        merge: further series that become one with `join`.
        because: links into `join` and `merge`.
        related: links that are strong enough for a pair but not for joining what
            stands behind them, or that an officer has ruled out.
        found: links to reports in no series yet: they come into the same series.

    """

    join: str | None
    merge: tuple[str, ...]
    because: tuple[Evidence, ...]
    related: tuple[Evidence, ...]
    found: tuple[Evidence, ...]
