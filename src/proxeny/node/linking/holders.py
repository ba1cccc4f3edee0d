"""Links a new holder in its own transaction: few statements, whatever is held."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from django.db import connection
from django.utils import timezone

from proxeny import linking
from proxeny.linking import Key
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE
from proxeny.node.linking.alerting import announce_account, announce_growth, sums_of
from proxeny.node.linking.learning.comparisons import pack_comparison
from proxeny.node.linking.learning.scorecards import Weights, find_weights
from proxeny.node.linking.models import Link, Series
from proxeny.node.linking.standing import (
    Candidate,
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

SAID_AT_ONCE: Final = 500

# Written out because every report with a source asks it. What the source had said is
# there already, and is not returned.
_SAY: Final = """
INSERT INTO linking_said (selector_id, source) VALUES {rows}
ON CONFLICT DO NOTHING
RETURNING selector_id
"""


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
    weights = find_weights(facts.organisation_id)
    sketch = linking.sketch_narrative(facts.narrative, weights.rarity)
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
    said = note_said(holder, [rows[key].pk for key in own])
    echoes = frozenset(key for key in own if rows[key].pk in said)
    held, candidates = _find_candidates(rows, own, stops, echoes)
    weighed = _weigh(weights, new, rows, held, candidates)
    scorecard = weights.scorecard
    linked = _decide(scorecard, holder, candidates, weighed.evidence, names or {})
    announce_account(holder, held, rows)
    judge_selectors(
        (
            rows[key].pk,
            rows[key].holders - (key in echoes),
            weighed.companies.get(key, rows[key].company),
        )
        for key in weighed.companies.keys() | echoes
    )
    add_postings(holder, [rows[key].pk for key in own if key not in echoes])
    return linked


def note_said(holder: Holder, selector_ids: Iterable[int]) -> Collection[int]:
    """The source of this holder has now said these selectors; primary keys.

    Returns:
        Those that it had said before; none if nobody knows the source.
    """
    if not holder.source:
        return ()
    said = set()
    left = iter(selector_ids)
    with connection.cursor() as cursor:
        while some := list(islice(left, SAID_AT_ONCE)):
            marks = ", ".join(["(%s, %s)"] * len(some))
            values: list[int | str] = []
            for pk in some:
                values += (pk, holder.source)
            cursor.execute(_SAY.format(rows=marks), values)
            said |= set(some) - {pk for (pk,) in cursor.fetchall()}
    return said


def _find_candidates(
    rows: Mapping[Key, Row],
    own: Sequence[Key],
    stops: Mapping[Key, str],
    echoes: Collection[Key],
) -> tuple[dict[Key, linking.Held], dict[str, Candidate]]:
    """What is known of each key, and the newest holders of those that count."""
    chosen = linking.choose_keys({key: rows[key].holders for key in own})
    holders = {key: rows[key].holders - (key in echoes) for key in chosen}
    asked = [
        rows[key].pk
        for key in chosen
        if rows[key].holders > 1 and holders[key] <= linking.STOP_AFTER_HOLDERS
    ]
    newest = list_newest(asked, at_most=linking.MAX_HOLDERS_READ) if asked else {}
    candidates = list_candidates(set(chain.from_iterable(newest.values())))
    held = {
        key: linking.Held(
            key=key,
            holders=holders[key],
            company=rows[key].company,
            newest=tuple(name_holder(pk) for pk in newest.get(rows[key].pk, ())),
            is_echo=key in echoes,
        )
        for key in chosen
    }
    for key in linking.choose_keys({key: rows[key].holders for key in stops}):
        held[key] = linking.Held(key=key, holders=rows[key].holders, stop=stops[key])
    return held, candidates


def _weigh(
    weights: Weights,
    new: linking.Holder,
    rows: Mapping[Key, Row],
    held: Mapping[Key, linking.Held],
    candidates: Mapping[str, Candidate],
) -> linking.Weighed:
    keys = {rows[key].pk: key for key in held}
    shared: dict[str, list[Key]] = {ref: [] for ref in candidates}
    for holder, selector in list_sharing([int(ref) for ref in candidates], list(keys)):
        shared[name_holder(holder)].append(keys[selector])
    return linking.weigh(
        weights.scorecard,
        new,
        [(candidates[ref].holder, found) for ref, found in shared.items()],
        held,
        rarity=weights.rarity,
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
                for vote in linking.list_kept_votes(item)
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
