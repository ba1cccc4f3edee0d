"""Decides which series a new report joins: votes by series, checked by a guard.

Rented numbers and accounts link series that are not one, and whoever writes reports
can plant a stranger's number. So a pair's score alone never unites two clusters: the
larger they are, the more evidence their union needs. What the guard refuses becomes
*related*, shown with its reasons and left to an officer or to the batch relink, which
sees the evidence of all reports and not of one alone.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from proxeny.linking.scorecard import Scorecard
from proxeny.linking.values import Evidence, Term, Verdict
from proxeny.linking.weighing import bits_at_place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    """A series, or a report in none, with the accepted links into it."""

    series: str | None
    ref: str
    size: int
    votes: float
    links: tuple[Evidence, ...]


def decide(
    scorecard: Scorecard,
    evidence: Sequence[Evidence],
    *,
    sizes: Mapping[str, int],
    cannot: AbstractSet[str] = frozenset(),
    apart: AbstractSet[frozenset[str]] = frozenset(),
) -> Verdict:
    """Decide what becomes of a new report. The order of the evidence is immaterial.

    Links from the threshold on are accepted. They vote for the series of their
    holder: the strongest link in full, then each further selector that other links
    bring, at the scorecard's `further` bits. Clusters are then taken by falling
    votes; one is united with the report, and with what has been united before, if
    its votes pass `Scorecard.bits_to_unite`.

    Args:
        scorecard: threshold and guard.
        evidence: from `weigh`, one for each holder.
        sizes: reports of each series that the evidence names.
        cannot: series that an officer has ruled out for this report.
        apart: pairs of series that an officer holds apart (after a split, say): the
            report may join one of a pair, never pull the two together.

    Raises:
        KeyError: `sizes` lacks a series.

    """
    size = 1
    united: list[_Cluster] = []
    related: list[Evidence] = []
    for cluster in _list_clusters(scorecard, evidence, sizes):
        is_ruled_out = cluster.series in cannot or any(
            frozenset((cluster.series, other.series)) in apart for other in united
        )
        needed = scorecard.bits_to_unite(size, cluster.size)
        if is_ruled_out or cluster.votes < needed:
            related.extend(cluster.links)
        else:
            united.append(cluster)
            size += cluster.size
    series = [cluster.series for cluster in united if cluster.series is not None]
    return Verdict(
        join=series[0] if series else None,
        merge=tuple(series[1:]),
        because=_rank(e for c in united if c.series is not None for e in c.links),
        related=_rank(related),
        found=_rank(e for c in united if c.series is None for e in c.links),
    )


def _list_clusters(
    scorecard: Scorecard, evidence: Sequence[Evidence], sizes: Mapping[str, int]
) -> list[_Cluster]:
    links: dict[tuple[str | None, str], list[Evidence]] = {}
    for item in evidence:
        # A pair that shares stop values only isn't linked, whatever else agrees.
        if item.bits >= scorecard.threshold and any(map(_counts, item.terms)):
            series = item.holder.series
            ref = item.holder.ref if series is None else series
            links.setdefault((series, ref), []).append(item)
    clusters = [
        _Cluster(
            series=series,
            ref=ref,
            size=1 if series is None else sizes[series],
            votes=_count_votes(scorecard, _rank(group)),
            links=tuple(group),
        )
        for (series, ref), group in links.items()
    ]
    clusters.sort(key=lambda c: (-c.votes, -c.size, c.series is None, c.ref))
    return clusters


def _count_votes(scorecard: Scorecard, links: Sequence[Evidence]) -> float:
    strongest, *others = links
    counted = {(t.kind, t.value) for t in strongest.terms if _counts(t)}
    further: dict[tuple[str | None, str | None], float] = {}
    for term in (t for link in others for t in link.terms if _counts(t)):
        key = (term.kind, term.value)
        if key not in counted:
            further[key] = max(term.bits, further.get(key, 0.0))
    own = sorted(further.values(), reverse=True)
    return math.fsum(
        (
            strongest.bits,
            *(
                bits_at_place(scorecard, place, bits)
                for place, bits in enumerate(own, start=len(counted))
            ),
        )
    )


def _counts(term: Term) -> bool:
    return term.kind is not None and term.bits > 0


def _rank(links: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(links, key=lambda link: (-link.bits, link.holder.ref)))
