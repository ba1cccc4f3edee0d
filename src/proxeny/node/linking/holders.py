"""Links a new holder in its own transaction: few statements, whatever is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from django.utils import timezone

from proxeny import linking
from proxeny.linking import Key
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE
from proxeny.node.linking.alerting import announce_account, announce_growth, sums_of
from proxeny.node.linking.learning.comparisons import pack_comparison
from proxeny.node.linking.learning.scorecards import find_scorecard
from proxeny.node.linking.models import Link, PhraseRarity, Series
from proxeny.node.linking.standing import (
    Candidate,
    find_newest_rarity,
    list_candidates,
    list_kept_apart,
    list_ties,
    name_holder,
)
from proxeny.node.linking.uniting import (
    add_members,
    found_series,
    pass_links,
    put_under,
)
from proxeny.node.selectors.actions import (
    HolderFacts,
    MentionLike,
    Row,
    add_holder,
    add_mentions,
    add_postings,
    judge_selectors,
)
from proxeny.node.selectors.models import Holder
from proxeny.node.selectors.queries import list_newest, list_sharing
from proxeny.node.selectors.stoplists import find_warning_lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking made of a new holder."""

    holder: Holder
    series: Series | None
    links: int


def link_holder(
    facts: HolderFacts,
    mentions: Sequence[MentionLike],
    names: Mapping[str, str] | None = None,
) -> Linked:
    """Add a holder and link it to what is held, inside the caller's transaction.

    One organisation links one holder at a time, so that two imports can't each found
    a series for the same selector.

    Args:
        facts: of the report.
        mentions: its selectors, each once.
        names: of classes of offence, for the words of the reasons.
    """
    hold_organisation(facts.organisation_id)
    rarity = _read_rarity(facts.organisation_id)
    sketch = linking.sketch_narrative(facts.narrative, rarity)
    scorecard = find_scorecard(facts.organisation_id)
    linkable = linking.select_linkable(
        ((m.selector, m.role) for m in mentions), find_warning_lists()
    )
    holder = add_holder(facts, sketch.phrases, len(linkable.selectors))
    new = linking.Holder(
        ref=name_holder(holder.pk),
        at=holder.at,
        country=holder.country or None,
        offence=holder.offence or None,
        named=holder.named,
        phrases=frozenset(sketch.phrases),
        source=holder.source or None,
    )
    texts = list(linking.list_text_keys(sketch))
    own = [*(Key.of(selector) for selector in linkable.selectors), *texts]
    stops = {Key.of(left.selector): left.why for left in linkable.stopped}
    rows = add_mentions(holder, mentions, texts)
    held, candidates = _find_candidates(new, rows, own, stops)
    weighed = _weigh(scorecard, new, rows, held, candidates, rarity)
    linked = _decide(scorecard, holder, candidates, weighed.evidence, names or {})
    announce_account(holder, held, rows)
    judge_selectors(
        (rows[key].pk, held[key].holders, company)
        for key, company in weighed.companies.items()
    )
    echoed = {key for key, item in held.items() if item.is_echo}
    add_postings(holder, [rows[key].pk for key in own if key not in echoed])
    return linked


def _read_rarity(organisation_id: int) -> linking.Rarity:
    newest = find_newest_rarity(organisation_id)
    return linking.Rarity() if newest is None else _load_rarity(newest)


@lru_cache(maxsize=4)
def _load_rarity(pk: int) -> linking.Rarity:
    # A row is never changed, only followed by another; it is a megabyte.
    return linking.Rarity(levels=bytes(PhraseRarity.objects.get(pk=pk).levels))


def _find_candidates(
    new: linking.Holder,
    rows: Mapping[Key, Row],
    own: Sequence[Key],
    stops: Mapping[Key, str],
) -> tuple[dict[Key, linking.Held], dict[str, Candidate]]:
    """What is known of each key, and the newest holders of those that count."""
    chosen = linking.choose_keys({key: rows[key].holders for key in own})
    asked = [
        rows[key].pk
        for key in chosen
        if 1 < rows[key].holders <= linking.STOP_AFTER_HOLDERS
    ]
    newest = list_newest(asked, at_most=linking.MAX_HOLDERS_READ) if asked else {}
    candidates = list_candidates(set(chain.from_iterable(newest.values())))
    held = {}
    for key in chosen:
        row = rows[key]
        refs = tuple(name_holder(pk) for pk in newest.get(row.pk, ()))
        is_echo = new.source is not None and any(
            candidates[ref].holder.source == new.source for ref in refs
        )
        held[key] = linking.Held(
            key=key,
            holders=row.holders - is_echo,
            company=row.company,
            newest=refs,
            is_echo=is_echo,
        )
    for key in linking.choose_keys({key: rows[key].holders for key in stops}):
        held[key] = linking.Held(key=key, holders=rows[key].holders, stop=stops[key])
    return held, candidates


def _weigh(
    scorecard: linking.Scorecard,
    new: linking.Holder,
    rows: Mapping[Key, Row],
    held: Mapping[Key, linking.Held],
    candidates: Mapping[str, Candidate],
    rarity: linking.Rarity,
) -> linking.Weighed:
    keys = {rows[key].pk: key for key in held}
    shared: dict[str, list[Key]] = {ref: [] for ref in candidates}
    for holder, selector in list_sharing([int(ref) for ref in candidates], list(keys)):
        shared[name_holder(holder)].append(keys[selector])
    return linking.weigh(
        scorecard,
        new,
        [(candidates[ref].holder, found) for ref, found in shared.items()],
        held,
        rarity=rarity,
    )


def _decide(
    scorecard: linking.Scorecard,
    holder: Holder,
    candidates: Mapping[str, Candidate],
    evidence: Sequence[linking.Evidence],
    names: Mapping[str, str],
) -> Linked:
    met = {e.holder.cluster: candidates[e.holder.ref] for e in evidence}
    standing = {one.series_id for one in met.values() if one.series_id is not None}
    alone = {one.name for one in met.values() if one.series_id is None}
    verdict = linking.decide(
        scorecard,
        evidence,
        sizes={cluster: one.size for cluster, one in met.items()},
        ties=list_ties({one.name: cluster for cluster, one in met.items()}),
        apart=list_kept_apart(standing, alone),
    )
    accepted = (*verdict.because, *verdict.found)
    series = None
    if accepted:
        series = _unite(holder, verdict)
    name = holder.pk if series is None else series.founder_id
    now = timezone.now()
    Link.objects.bulk_create(
        Link(
            left=holder,
            right_id=int(item.holder.ref),
            kind=kind,
            bits=round(item.bits, 3),
            terms=[
                {
                    "name": term.name,
                    "text": term.text,
                    "bits": round(term.bits, 3),
                    "kind": term.kind,
                    "value": term.value,
                }
                for term in linking.list_terms(scorecard, item, names)
            ],
            votes=[
                (vote.key, vote.bits, vote.is_wording)
                for vote in linking.list_kept_votes(scorecard, item)
                if waits
            ],
            one=name if waits else None,
            other=candidates[item.holder.ref].name if waits else None,
            comparison=pack_comparison(item.comparison),
            created_at=now,
        )
        for kind, waits, items in (
            (Link.Kind.ACCEPTED, False, accepted),
            (Link.Kind.RELATED, True, verdict.related),
        )
        for item in items
    )
    return Linked(holder=holder, series=series, links=len(accepted))


def _unite(holder: Holder, verdict: linking.Verdict) -> Series:
    """Carry out a verdict: the series that the holder is in now."""
    merged = [int(name[1:]) for name in verdict.merge]
    rows = Series.objects.in_bulk(
        [*merged, *([] if verdict.join is None else [int(verdict.join[1:])])]
    )
    found = list(
        Holder.objects.filter(pk__in={int(link.holder.ref) for link in verdict.found})
        if verdict.found
        else ()
    )
    before = [sums_of(series) for series in rows.values()]
    if verdict.join is None:
        series = found_series(holder)
    else:
        series = rows[int(verdict.join[1:])]
    absorbed = [one.pk for one in found]
    for pk in merged:
        absorbed.append(rows[pk].founder_id)
        put_under(series, rows[pk], by=MACHINE, reason="")
        # What the officer stood behind was another series than this.
        series.confirmed_at, series.confirmed_by = None, ""
    add_members(series, [holder, *found])
    series.save()
    pass_links(series, absorbed)
    announce_growth(holder, series, before)
    return series
