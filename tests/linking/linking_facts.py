"""Selectors, a small scorecard and short cuts that the tests of linking share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from proxeny.linking import (
    NOBODY,
    TEXT,
    Company,
    Evidence,
    Guard,
    Held,
    Holder,
    Key,
    Rarity,
    Scorecard,
    weigh,
)
from proxeny.linking.features import FEATURES
from proxeny.linking.narratives import RARITY_BUCKETS
from proxeny.linking.scorecard import Curve, KindWeight
from proxeny.selectors import Kind, Role, Selector

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
IBAN = Selector(kind=Kind.IBAN, value="RS35105008123123123173")
PHONE = Selector(kind=Kind.PHONE, value="+381641234567")
OTHER_PHONE = Selector(kind=Kind.PHONE, value="+4915112345678")
GMAIL = Selector(kind=Kind.DOMAIN, value="gmail.com")
OFFENDER, VICTIM, UNKNOWN = Role.OFFENDER, Role.VICTIM, Role.UNKNOWN
STORY = (
    "They told me that my late uncle had left a parcel of silver spoons at the customs"
    " office in Trieste and that only a small fee was missing to set it free."
)

Knots = Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]
_CURVES: Final[Knots] = {
    "holders": ((2, 20, 200, 3_000), (7.0, 5.0, 1.0, 0.0)),
    "text_holders": ((2, 20, 200, 3_000), (3.0, 2.0, 0.0, -2.0)),
    "hours": ((0, 240, 2_400), (1.0, 0.0, -4.0)),
    "offence": ((0, 1), (-2.0, 1.0)),
    "country": ((0, 1), (0.0, 0.5)),
    "others": ((0, 3), (0.0, 3.0)),
    "text_bits": ((0, 100), (0.0, 5.0)),
    "company_offence": ((0, 0.5, 1), (-4.0, 0.0, 2.0)),
}

RARE = Rarity(levels=b"\x0a" * RARITY_BUCKETS)
"""Every phrase is one of about a thousand texts'."""


def make_scorecard(
    *,
    sqrt_smaller: float = 2.0,
    log2_larger: float = 0.2,
    last: float = 1.0,
    curves: Knots = _CURVES,
) -> Scorecard:
    """A scorecard whose figures the tests know, whatever the packaged one says."""
    return Scorecard(
        version="test",
        status="fitted",
        fitted_on="nothing",
        prior=0.0,
        kinds={
            kind: KindWeight(name=kind.replace("_", " "), bits=0.0)
            for kind in (*Kind, TEXT)
        },
        curves={
            feature.name: _curve(curves, feature.name, feature.knots)
            for feature in FEATURES
        },
        guard=Guard(
            rounds=(5.0, last),
            sqrt_smaller=sqrt_smaller,
            log2_larger=log2_larger,
            floor=1.0,
            wording_bits=25.0,
            wording_share=3.0,
        ),
    )


def _curve(curves: Knots, name: str, knots: tuple[float, ...]) -> Curve:
    own, bits = curves.get(name, (knots, (0.0,) * len(knots)))
    return Curve(knots=own, bits=bits)


SCORECARD: Final = make_scorecard()


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def holder(ref: str, series: str | None = None, at: float = 0) -> Holder:
    return Holder(ref=ref, at=day(at), series=series)


def link(
    scorecard: Scorecard,
    old: Holder,
    *selectors: Selector,
    holders: int = 2,
    company: Company = NOBODY,
    new: Holder | None = None,
) -> Evidence:
    """The evidence of a new report on the first day that shares these selectors."""
    held = {
        Key.of(selector): Held(
            key=Key.of(selector),
            holders=holders,
            company=company,
            newest=(old.ref,),
        )
        for selector in selectors
    }
    weighed = weigh(scorecard, new or holder("new"), [(old, held)], held, rarity=RARE)
    (evidence,) = weighed.evidence
    return evidence
