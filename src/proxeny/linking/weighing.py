"""Weighs a new report against those that hold one of its keys.

Of each key that two reports share there is one `Comparison`, and the scorecard turns it
into bits; all shingles of two texts count as one key, the smallest. The best key makes
the bits of the pair; the others vote beside it when series are decided.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Final

from proxeny.linking.features import (
    MAX_OTHERS,
    TEXT,
    Company,
    Comparison,
    level_of_gap,
)
from proxeny.linking.narratives import Rarity, measure_overlap
from proxeny.linking.scorecard import Scorecard
from proxeny.linking.values import Evidence, Held, Holder, Key

COMPANY_NEWEST: Final = 2
"""The company of a key is made of each holder with this many that came before it."""

MOST_COMPANY_PAIRS: Final = 32
"""A key is known by then: a thousand planted reports must not give it another name."""

_SECONDS_AN_HOUR: Final = 3_600
_SUMS: Final = tuple(field.name for field in fields(Company))
_list_sums = attrgetter(*_SUMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a new report shares with those that are held.

    Attributes:
        evidence: one for each candidate that shares a key that counts.
        companies: sums to store for each key that counts, the new report's pairs
            among them.

    """

    evidence: tuple[Evidence, ...]
    companies: Mapping[Key, Company]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What two reports have in common, whichever key brought them together."""

    hours: int
    same_offence: bool | None
    same_country: bool | None
    phrases: int | None
    text_bits: int | None
    keys: tuple[Held, ...]
    """Selectors that count, and of the shingles the smallest."""
    selectors: int
    shingles: int
    named: int
    shown: tuple[Held, ...]

    def others(self, key: Key) -> int | None:
        """Who names nothing else can't share anything else: that tells nothing."""
        itself = key.kind != TEXT
        return self.selectors - itself if self.named > itself else None


def weigh(
    scorecard: Scorecard,
    new: Holder,
    candidates: Iterable[tuple[Holder, Iterable[Key]]],
    held: Mapping[Key, Held],
    *,
    rarity: Rarity,
) -> Weighed:
    """Weigh how strongly held reports belong with a new one.

    Args:
        scorecard: weights.
        new: the report that comes in.
        candidates: each holder among the newest of a key, and what it holds, but not
            as a victim's; keys that the new report doesn't hold are passed over.
        held: each key of the new report. A stop value may be among them: it is shown
            with 0 bits, as is a hub.
        rarity: of the authority's phrases.

    Raises:
        KeyError: `held` names a newest holder that isn't among the candidates.

    """
    holders = {}
    pairs: dict[str, _Pair] = {}
    for old, keys in candidates:
        holders[old.ref] = old
        pairs[old.ref] = _compare(
            new, old, [held[k] for k in keys if k in held], rarity
        )
    counting = [item for item in held.values() if item.counts]
    added = {item.key: _list_company(item, pairs) for item in counting}
    companies = {
        item.key: add_up([item.company, *added[item.key].values()]) for item in counting
    }
    return Weighed(
        evidence=tuple(
            _weigh_pair(scorecard, new, holders[ref], pair, added, companies)
            for ref, pair in pairs.items()
            if pair.keys
        ),
        companies=companies,
    )


def add_up(companies: Iterable[Company]) -> Company:
    """Add the sums of several parts of one key's company."""
    sums = map(sum, zip(*map(_list_sums, companies), strict=True))
    return Company(**dict(zip(_SUMS, sums, strict=True)))


def _compare(new: Holder, old: Holder, shared: Sequence[Held], rarity: Rarity) -> _Pair:
    counting = [item for item in shared if item.counts]
    selectors = [item for item in counting if item.key.kind != TEXT]
    shingles = [item for item in counting if item.key.kind == TEXT]
    first = min(shingles, key=lambda item: item.key.value, default=None)
    phrases = text_bits = None
    if new.phrases and old.phrases:
        phrases, text_bits = measure_overlap(new.phrases, old.phrases, rarity)
    return _Pair(
        hours=abs(_hour(new.at) - _hour(old.at)),
        same_offence=_agree(new.offence, old.offence),
        same_country=_agree(new.country, old.country),
        phrases=phrases,
        text_bits=text_bits,
        keys=(*selectors, *(() if first is None else (first,))),
        selectors=len(selectors),
        shingles=len(shingles),
        named=min(new.named, old.named),
        shown=tuple(
            item for item in shared if not item.counts and item.key.kind != TEXT
        ),
    )


def _hour(at: datetime) -> int:
    return int(at.timestamp() // _SECONDS_AN_HOUR)


def _agree(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other


def _list_company(held: Held, pairs: Mapping[str, _Pair]) -> dict[str, Company]:
    """What the new report adds to the company of a key, by the other holder."""
    added: dict[str, Company] = {}
    if held.is_echo or held.company.pairs >= MOST_COMPANY_PAIRS:
        return added
    for ref in held.newest[:COMPANY_NEWEST]:
        pair = pairs[ref]
        others = pair.others(held.key)
        added[ref] = Company(
            pairs=1,
            same_offence=int(pair.same_offence is True),
            known_offence=int(pair.same_offence is not None),
            same_country=int(pair.same_country is True),
            known_country=int(pair.same_country is not None),
            gap_level=level_of_gap(pair.hours),
            known_gap=1,
            text_bits=pair.text_bits or 0,
            known_text=int(pair.text_bits is not None),
            others=min(others or 0, MAX_OTHERS),
            known_others=int(others is not None),
        )
    return added


def _weigh_pair(
    scorecard: Scorecard,
    new: Holder,
    old: Holder,
    pair: _Pair,
    added: Mapping[Key, Mapping[str, Company]],
    companies: Mapping[Key, Company],
) -> Evidence:
    weighed = []
    for item in pair.keys:
        company = companies[item.key]
        parts = added[item.key]
        if old.ref in parts:
            # The pair itself is left out of the company by which its key is judged.
            rest = (part for ref, part in parts.items() if ref != old.ref)
            company = add_up([item.company, *rest])
        comparison = Comparison(
            kind=item.key.kind,
            holders=max(item.holders, 2),
            hours=pair.hours,
            same_offence=pair.same_offence,
            same_country=pair.same_country,
            others=pair.others(item.key),
            shingles=pair.shingles,
            phrases=pair.phrases,
            text_bits=pair.text_bits,
            company=company,
        )
        groups = scorecard.weigh(comparison)
        weighed.append((math.fsum(groups.values()), item, comparison, groups))
    weighed.sort(key=lambda w: (-w[0], w[1].key.kind, w[1].key.value))
    _, best, comparison, groups = weighed[0]
    return Evidence(
        new=new,
        holder=old,
        best=best,
        comparison=comparison,
        groups=groups,
        votes=tuple((item.key, vote) for vote, item, _, _ in weighed),
        shown=pair.shown,
    )
