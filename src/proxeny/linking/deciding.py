"""Decides which series a new report joins: votes by series, checked by a guard.

Rented numbers and accounts link series that are not one, and whoever writes reports
can plant a stranger's number. So a pair's score alone never unites two clusters: the
larger they are, the more evidence their union needs. What the guard refuses becomes
*related*: it is shown with its reasons, and if it is strong it is kept and counts
together with what later reports bring.

The batch sees all reports at once; here the company of a key is still growing when it
is judged, and an early mistake stays until the next batch. So unions ask for more
evidence here, those of large series the more; a key whose newest holders stand in
several clusters speaks for each of them only by its share; and a report speaks for the
union of two *other* clusters by its strongest key alone. Measured in
docs/bench/online.md.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from proxeny.linking.features import TEXT
from proxeny.linking.scorecard import Guard, Scorecard
from proxeny.linking.values import Evidence, Verdict, Vote

CAUTION_BITS: Final = 2.0
CAUTION_BITS_A_DOUBLING: Final = 0.1
"""More evidence than the batch asks for: for any union, and for each doubling of the
larger cluster."""

KEPT_BITS: Final = 6.0
"""A vote as strong as this is kept where a union was refused."""

Ties = Mapping[frozenset[str], Sequence[Vote]]
"""Evidence between pairs of clusters (see `Holder.cluster`) that was kept so far."""


@dataclass(slots=True, kw_only=True)
class _Cluster:
    """A series, or a report in none, with the evidence that binds it to the new one."""

    name: str
    series: str | None
    size: int
    links: list[Evidence] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)


def decide(
    scorecard: Scorecard,
    evidence: Iterable[Evidence],
    *,
    sizes: Mapping[str, int],
    ties: Ties,
    apart: AbstractSet[frozenset[str]] = frozenset(),
) -> Verdict:
    """Decide what becomes of a new report. The order of the evidence is immaterial.

    The cluster with the most votes for the new report is taken first and united with it
    if the votes pass the guard. Then the next is weighed against all that has been
    united so far: by the new report's strongest key, and by the votes that were kept
    between the clusters before. One key alone never unites two series.

    Args:
        scorecard: holds the guard.
        evidence: from `weigh`.
        sizes: reports of each series that the evidence names.
        ties: evidence kept between the clusters that the evidence names.
        apart: pairs of clusters that an officer holds apart (after a split, say): the
            report may join one of a pair, never pull the two together.

    Raises:
        KeyError: `sizes` lacks a series.

    """
    waiting = _list_clusters(scorecard, evidence, sizes)
    united: list[_Cluster] = []
    size = 1
    while True:
        passing = []
        for cluster in waiting:
            count = count_votes if united else count_keys
            bits = count(scorecard.guard, cluster.votes)
            needed = _bits_to_unite(scorecard, size, cluster.size)
            ruled_out = any(frozenset((cluster.name, u.name)) in apart for u in united)
            is_alone = bool(united) and cluster.size > 1 and _count_voices(cluster) == 1
            if bits >= needed and not ruled_out and not is_alone:
                passing.append((-bits, -cluster.size, cluster.name, cluster))
        if not passing:
            break
        *_, best = min(passing, key=lambda ranked: ranked[:3])
        waiting.remove(best)
        united.append(best)
        size += best.size
        for cluster in waiting:
            cluster.votes += ties.get(frozenset((cluster.name, best.name)), ())
    series = [cluster.series for cluster in united if cluster.series is not None]
    return Verdict(
        join=series[0] if series else None,
        merge=tuple(series[1:]),
        because=_rank(e for c in united if c.series is not None for e in c.links),
        found=_rank(e for c in united if c.series is None for e in c.links),
        related=_rank(e for c in waiting for e in c.links),
    )


def _bits_to_unite(scorecard: Scorecard, one: int, other: int) -> float:
    caution = CAUTION_BITS + CAUTION_BITS_A_DOUBLING * math.log2(max(one, other))
    return scorecard.guard.bits_to_unite(one, other) + caution


def _count_voices(cluster: _Cluster) -> int:
    """How many keys speak for a union, each brought by a report of its own."""
    return len({vote.key for vote in _list_strongest(cluster.votes)})


def list_votes(evidence: Evidence, *, least: float) -> list[Vote]:
    """Give the votes of one piece of evidence that have at least so many bits."""
    return [
        Vote(
            key=key.number,
            bits=bits,
            by=evidence.new.ref,
            source=evidence.new.source,
            is_wording=key.kind == TEXT,
        )
        for key, bits in evidence.votes
        if bits >= least
    ]


def list_kept_votes(evidence: Evidence) -> list[Vote]:
    """Give the votes that are kept where a union was refused: the strong ones.

    Weak evidence of many reports adds up to wrong unions.
    """
    return list_votes(evidence, least=KEPT_BITS)


def count_keys(guard: Guard, votes: Iterable[Vote]) -> float:
    """Add up what one report brings: of each key the best."""
    best: dict[tuple[bool, int], float] = {}
    for vote in votes:
        key = vote.is_wording, vote.key
        best[key] = max(vote.bits, best.get(key, 0.0))
    return guard.add_up(
        math.fsum(bits for (is_wording, _), bits in best.items() if not is_wording),
        math.fsum(bits for (is_wording, _), bits in best.items() if is_wording),
    )


def count_votes(guard: Guard, votes: Iterable[Vote]) -> float:
    """Add up what several reports bring between two clusters.

    Each report counts by its strongest key, each source by its strongest report, and
    each key once, however many reports bring it.
    """
    return count_keys(guard, _list_strongest(votes))


def _list_strongest(votes: Iterable[Vote]) -> list[Vote]:
    """Of each source, or of each report without one, the strongest vote."""
    strongest: dict[tuple[bool, str], Vote] = {}
    for vote in votes:
        voter = (False, vote.by) if vote.source is None else (True, vote.source)
        held = strongest.get(voter)
        if held is None or (vote.bits, -vote.key) > (held.bits, -held.key):
            strongest[voter] = vote
    return list(strongest.values())


def _list_clusters(
    scorecard: Scorecard, evidence: Iterable[Evidence], sizes: Mapping[str, int]
) -> list[_Cluster]:
    """Clusters with the links that bring a vote, of each key the best."""
    clusters: dict[str, _Cluster] = {}
    voted: dict[tuple[str, int], float] = {}
    floor = scorecard.guard.floor
    ranked = [(item, list_votes(item, least=floor)) for item in _rank(evidence)]
    shares = _share_keys(ranked)
    for item, raw in ranked:
        series = item.holder.series
        name = item.holder.cluster
        votes = [
            replace(vote, bits=bits)
            for vote in raw
            if (bits := vote.bits + shares[name, vote.key]) >= floor
        ]
        if votes and name not in clusters:
            size = 1 if series is None else sizes[series]
            clusters[name] = _Cluster(name=name, series=series, size=size)
        better = [v for v in votes if v.bits > voted.get((name, v.key), 0.0)]
        if better:
            clusters[name].links.append(item)
            clusters[name].votes += better
            voted.update({(name, vote.key): vote.bits for vote in better})
    return list(clusters.values())


def _share_keys(
    ranked: Iterable[tuple[Evidence, Sequence[Vote]]],
) -> dict[tuple[str, int], float]:
    """For each cluster and key, log2 of how many of the key's holders stand in it."""
    inside: Counter[tuple[str, int]] = Counter()
    holders: Counter[int] = Counter()
    for item, votes in ranked:
        keys = [vote.key for vote in votes]
        holders.update(keys)
        inside.update((item.holder.cluster, key) for key in keys)
    return {
        (name, key): math.log2(count / holders[key])
        for (name, key), count in inside.items()
    }


def _rank(links: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(links, key=lambda link: (-link.bits, link.holder.ref)))
