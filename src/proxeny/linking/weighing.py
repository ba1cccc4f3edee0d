"""Weighs two reports: each compared fact becomes a term in words with its bits."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from proxeny.linking.scorecard import Scorecard
from proxeny.linking.values import STOP_AFTER_HOLDERS, Evidence, Holder, Shared, Term

MAX_VALUE_SHOWN_CHARS: Final = 80
"""A URL may have thousands; the whole value stands in `Term.value`."""

_SECONDS_A_DAY: Final = 86_400


def weigh(
    scorecard: Scorecard, new: Holder, old: Holder, shared: Sequence[Shared]
) -> Evidence:
    """Weigh how strongly two reports belong together.

    The strongest shared selector counts by its kind and its holders, further ones
    add the scorecard's `further` bits, and time, offence, country and amount speak
    for or against. An unknown fact is no term. Swapping the reports changes nothing.

    Refuses nothing and asks no role: pass only selectors that neither report
    mentions as a victim's (`select_linkable` is the one place of that rule), each
    selector once. A stop value may be passed with its reason; it is then shown with
    0 bits, as is a hub with more than `STOP_AFTER_HOLDERS` holders.

    Args:
        scorecard: weights and wording.
        new: the report that comes in.
        old: a report that is held.
        shared: what both mention.

    Returns:
        The evidence, strongest term first (for or against); its terms add up to its
        bits.

    """
    terms = [*_selector_terms(scorecard, shared), *_fact_terms(scorecard, new, old)]
    terms.sort(key=lambda t: (-abs(t.bits), t.name, t.kind or "", t.value or ""))
    return Evidence(
        holder=old, bits=math.fsum(term.bits for term in terms), terms=tuple(terms)
    )


def _selector_terms(scorecard: Scorecard, shared: Sequence[Shared]) -> Iterator[Term]:
    counting: list[tuple[float, Shared]] = []
    for item in shared:
        kind = item.selector.kind
        if item.stop:
            yield _selector_term(scorecard, "stopped", item, 0.0)
        elif item.holders > STOP_AFTER_HOLDERS:
            yield _selector_term(scorecard, "hub", item, 0.0)
        elif kind not in scorecard.kinds:
            yield _selector_term(scorecard, "unweighed", item, 0.0)
        else:
            counting.append((scorecard.selector_bits(kind, item.holders), item))
    counting.sort(key=lambda c: (-c[0], c[1].selector.kind, c[1].selector.value))
    for place, (own, item) in enumerate(counting):
        name = "further" if place else "shared"
        yield _selector_term(
            scorecard, name, item, bits_at_place(scorecard, place, own)
        )


def bits_at_place(scorecard: Scorecard, place: int, own: float) -> float:
    """Bits that a selector adds when `place` stronger ones count already."""
    if place == 0:
        return own
    if place > len(scorecard.further):
        return 0.0
    return min(own, scorecard.further[place - 1])


def _selector_term(scorecard: Scorecard, name: str, item: Shared, bits: float) -> Term:
    kind, value = item.selector.kind, item.selector.value
    weights = scorecard.kinds.get(kind)
    template: str = getattr(scorecard.wording, name)
    if len(value) > MAX_VALUE_SHOWN_CHARS:
        shown = value[: MAX_VALUE_SHOWN_CHARS - 1] + "…"
    else:
        shown = value
    text = template.format(
        kind=kind if weights is None else weights.name,
        value=shown,
        holders=item.holders,
        limit=STOP_AFTER_HOLDERS,
        reason=item.stop,
        version=scorecard.version,
    )
    return Term(name=name, text=text, bits=bits, kind=str(kind), value=value)


def _fact_terms(scorecard: Scorecard, new: Holder, old: Holder) -> Iterator[Term]:
    wording = scorecard.wording
    gap = abs(new.at - old.at)
    yield Term(
        name="time",
        text=wording.days_apart.format(days=gap.days) if gap.days else wording.same_day,
        bits=scorecard.time_bits(gap.total_seconds() / _SECONDS_A_DAY),
    )
    if new.offence is not None and old.offence is not None:
        if new.offence == old.offence:
            text = wording.same_offence.format(offence=new.offence)
            bits = scorecard.same_offence
        else:
            first, second = sorted((new.offence, old.offence))
            text = wording.other_offence.format(first=first, second=second)
            bits = scorecard.other_offence
        yield Term(name="offence", text=text, bits=bits)
    if new.country is not None and old.country is not None:
        if new.country == old.country:
            text = wording.same_country.format(country=new.country)
            bits = scorecard.same_country
        else:
            first, second = sorted((new.country, old.country))
            text = wording.other_country.format(first=first, second=second)
            bits = scorecard.other_country
        yield Term(name="country", text=text, bits=bits)
    if new.amount is not None and old.amount is not None:
        less, more = sorted((new.amount, old.amount))
        if less > 0 and more - less <= scorecard.amount_tolerance * more < math.inf:
            text = wording.amount.format(first=f"{less:,.2f}", second=f"{more:,.2f}")
            yield Term(name="amount", text=text, bits=scorecard.amount)
