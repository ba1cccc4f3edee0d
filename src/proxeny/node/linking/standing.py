"""Reads what a new holder is weighed against: holders, their series, waiting links.

Written out in SQL because every new report asks it: the ORM takes longer to build a
query than the database to answer it. Marks for values are all that is put into it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final

from django.db import connection

from proxeny import linking

MOST_LINKS_READ: Final = 128
"""Of the links that wait between some clusters, so many of the newest count: between
two that are written after one template thousands may wait."""

_BYTES_A_PHRASE: Final = 4
_HOLDERS: Final = """
SELECT h.id, h.at, h.country, h.offence, h.named, h.phrases, h.source, m.series_id
FROM selectors_holder h LEFT JOIN linking_member m ON m.holder_id = h.id
WHERE h.id IN ({marks})
"""
_ROOTS: Final = """
WITH RECURSIVE above (low, id, parent_id, founder_id, size) AS (
    SELECT id, id, parent_id, founder_id, size FROM linking_series
    WHERE id IN ({marks})
    UNION ALL
    SELECT above.low, s.id, s.parent_id, s.founder_id, s.size
    FROM above INNER JOIN linking_series s ON s.id = above.parent_id
)
SELECT low, id, founder_id, size FROM above WHERE parent_id IS NULL
"""
_WAITING: Final = """
SELECT l.one, l.other, l.votes, l.left_id, h.source
FROM linking_link l INNER JOIN selectors_holder h ON h.id = l.left_id
WHERE l.one IN ({marks}) AND l.other IN ({marks}) AND l.votes <> '[]'
ORDER BY l.id DESC LIMIT {most}
"""
# Down from what is met: what was decided about other series costs nothing here. SQLite
# takes the sides of a CROSS JOIN in this order, and would read all of them otherwise.
_APART: Final = """
WITH RECURSIVE below (root, id) AS (
    SELECT id, id FROM linking_series WHERE id IN ({series})
    UNION ALL
    SELECT below.root, s.id
    FROM below INNER JOIN linking_series s ON s.parent_id = below.id
), met (unit, decision_id, side) AS (
    SELECT below.root, a.decision_id, a.side
    FROM below CROSS JOIN linking_apart a WHERE a.series_id = below.id
    UNION ALL
    SELECT -a.holder_id, a.decision_id, a.side
    FROM linking_apart a WHERE a.holder_id IN ({alone}) AND a.series_id IS NULL
)
SELECT DISTINCT one.unit, other.unit
FROM met one INNER JOIN met other ON other.decision_id = one.decision_id
WHERE one.side < other.side AND one.unit <> other.unit
"""
_SIDES: Final = """
SELECT a.decision_id, a.side, a.series_id, a.holder_id
FROM linking_apart a INNER JOIN linking_decision d ON d.id = a.decision_id
WHERE d.organisation_id = %s
ORDER BY a.decision_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A holder that a new one is weighed against, and what it belongs to.

    Attributes:
        holder: as linking weighs it.
        name: primary key of the holder that names its cluster.
        series_id: the series that stands, if it is in one.
        size: reports of that series, or 1.
    """

    holder: linking.Holder
    name: int
    series_id: int | None
    size: int


def name_holder(holder_id: int) -> str:
    """What linking calls a report: so that the older comes first in any order."""
    return f"{holder_id:018d}"


def name_series(series_id: int) -> str:
    """What linking calls a series."""
    return f"S{series_id:018d}"


def list_candidates(holder_ids: Collection[int]) -> dict[str, Candidate]:
    """Holders with what they belong to, by what linking calls them."""
    if not holder_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS.format(marks=_marks(holder_ids)), [*holder_ids])
        rows = cursor.fetchall()
        series = {row[-1] for row in rows if row[-1] is not None}
    roots = _find_roots(series)
    return {
        name_holder(pk): _candidate(pk, facts, roots.get(series))
        for pk, *facts, series in rows
    }


def _find_roots(series_ids: Collection[int]) -> dict[int, list[int]]:
    """For each series row the one that stands for it: key, founder and size."""
    if not series_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ROOTS.format(marks=_marks(series_ids)), [*series_ids])
        return {low: found for low, *found in cursor.fetchall()}


def _candidate(pk: int, facts: list[Any], root: list[int] | None) -> Candidate:
    at, country, offence, named, phrases, source = facts
    series_id, founder, size = (None, pk, 1) if root is None else root
    return Candidate(
        holder=linking.Holder(
            ref=name_holder(pk),
            at=_instant(at),
            country=country or None,
            offence=offence or None,
            named=named,
            phrases=_unpack_phrases(bytes(phrases)),
            source=source or None,
            series=None if series_id is None else name_series(series_id),
        ),
        name=founder,
        series_id=series_id,
        size=size,
    )


def list_ties(clusters: Mapping[int, str]) -> linking.Ties:
    """Evidence that waits between some of these clusters.

    Args:
        clusters: what linking calls each, by the holder that names it.
    """
    ties: defaultdict[frozenset[str], list[linking.Vote]] = defaultdict(list)
    if len(clusters) < 2:  # noqa: PLR2004 - a pair
        return ties
    with connection.cursor() as cursor:
        query = _WAITING.format(marks=_marks(clusters), most=MOST_LINKS_READ)
        cursor.execute(query, [*clusters, *clusters])
        for one, other, votes, by, source in cursor.fetchall():
            listed = json.loads(votes) if isinstance(votes, str) else votes
            ties[frozenset((clusters[one], clusters[other]))] += [
                linking.Vote(
                    key=key,
                    bits=bits,
                    by=name_holder(by),
                    source=source or None,
                    is_wording=any(is_wording),
                )
                # Before 0.1 what a vote is of was not kept.
                for key, bits, *is_wording in listed
            ]
    return ties


def list_kept_apart(
    standing: Collection[int], alone: Collection[int]
) -> frozenset[frozenset[str]]:
    """Which of these clusters officers hold apart, in pairs of what linking calls them.

    Args:
        standing: primary keys of series that stand.
        alone: primary keys of holders in no series.
    """
    if len(standing) + len(alone) < 2:  # noqa: PLR2004 - a pair
        return frozenset()
    query = _APART.format(series=_marks(standing), alone=_marks(alone))
    with connection.cursor() as cursor:
        cursor.execute(query, [*standing, *alone])
        return frozenset(
            frozenset({_name_unit(one), _name_unit(other)})
            for one, other in cursor.fetchall()
        )


def _name_unit(unit: int) -> str:
    return name_series(unit) if unit > 0 else name_holder(-unit)


def list_apart(organisation_id: int) -> list[frozenset[int]]:
    """All that officers took apart: of each group no two come into one series.

    In units: a series that stands, by its primary key, or a holder in none, by its own
    below zero.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, [organisation_id])
        rows = cursor.fetchall()
    roots = _find_roots({series for *_, series, _ in rows if series is not None})
    decisions: defaultdict[int, defaultdict[int, set[int]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for decision, side, series, holder in rows:
        unit = -holder if series is None else roots[series][0]
        decisions[decision][side].add(unit)
    groups: list[frozenset[int]] = []
    for sides in decisions.values():
        if len(sides) == 2:  # noqa: PLR2004 - of more each is one report
            groups += map(frozenset, product(*sides.values()))
        else:
            groups.append(frozenset().union(*sides.values()))
    # One alone: an officer united later what was taken apart.
    return [group for group in groups if len(group) > 1]


def _marks(values: Collection[int]) -> str:
    # PostgreSQL knows no empty list.
    return ", ".join(["%s"] * len(values)) or "NULL"


def _instant(value: datetime) -> datetime:
    # SQLite keeps instants in UTC without saying so.
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _unpack_phrases(packed: bytes) -> frozenset[int]:
    return frozenset(
        int.from_bytes(packed[first : first + _BYTES_A_PHRASE], "little")
        for first in range(0, len(packed), _BYTES_A_PHRASE)
    )
