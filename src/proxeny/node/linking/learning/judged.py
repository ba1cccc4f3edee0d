"""Which links officers judged, and how: of each the latest decision rules."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from proxeny.linking import Comparison
from proxeny.node.accounts.actor import MACHINE
from proxeny.node.linking.learning.comparisons import unpack_comparison
from proxeny.node.linking.models import Decision, Link

Verb = Decision.Verb


def list_judged(organisation_id: int) -> tuple[list[Comparison], list[Comparison]]:
    """Links that officers stand behind, and links that they took apart.

    A decision judges what was there when it was made: no link, report or series that
    came in later.
    """
    own = Decision.objects.filter(organisation_id=organisation_id)
    merges = _list_merges(own)
    latest: dict[int, tuple[str, bool]] = {}
    judgements = sorted(_list_judgements(own), key=lambda one: (one[0], one[1].pk))
    for at, decision, is_right in judgements:
        ours = theirs = _list_rows(decision.series_id, at, merges)
        if decision.other_id is not None:
            theirs = _list_rows(decision.other_id, at, merges)
            ours -= theirs
        for pk, packed in _list_links(ours, theirs, at):
            latest[pk] = (packed, is_right)
    judged = [(unpack_comparison(packed), right) for packed, right in latest.values()]
    return (
        [comparison for comparison, is_right in judged if is_right],
        [comparison for comparison, is_right in judged if not is_right],
    )


def _list_judgements(
    own: QuerySet[Decision],
) -> Iterator[tuple[datetime, Decision, bool]]:
    """When an officer judged, what, and whether it held together."""
    for decision in own.filter(undone_at=None):
        match decision.verb:
            case Verb.CONFIRM:
                yield decision.at, decision, True
            case Verb.MERGE if decision.by != MACHINE:
                yield decision.at, decision, True
            case Verb.SPLIT:
                yield decision.at, decision, False
    for decision in own.filter(verb=Verb.MERGE, undone_at__isnull=False):
        if decision.undone_at is not None:
            yield decision.undone_at, decision, False


Merges = dict[int, list[tuple[int, datetime, datetime | None]]]


def _list_merges(own: QuerySet[Decision]) -> Merges:
    """For each series row those that came under it: from when, and until when."""
    merges: Merges = defaultdict(list)
    for decision in own.filter(verb=Verb.MERGE):
        if decision.other_id is not None:
            merges[decision.series_id].append(
                (decision.other_id, decision.at, decision.undone_at)
            )
    return merges


def _list_rows(series_id: int, at: datetime, merges: Merges) -> set[int]:
    """The row and every row that stood under it at that instant."""
    rows, front = {series_id}, [series_id]
    while front:
        under = merges.get(front.pop(), ())
        found = {
            row
            for row, since, until in under
            if since <= at and (until is None or until > at)
        }
        front += found - rows
        rows |= found
    return rows


def _list_links(
    one: Collection[int], other: Collection[int], at: datetime
) -> Iterator[tuple[int, str]]:
    """Links between two sides that were there, of reports that were in a series."""
    there = Q(left__member__series_id__in=one, right__member__series_id__in=other)
    back = Q(left__member__series_id__in=other, right__member__series_id__in=one)
    earlier = Link.objects.filter(created_at__lte=at)
    accepted = earlier.filter(kind=Link.Kind.ACCEPTED)
    # What stood alone then has no accepted link of that time.
    were_in = [
        Exists(accepted.filter(Q(left=OuterRef(end)) | Q(right=OuterRef(end))))
        for end in ("left_id", "right_id")
    ]
    links = earlier.filter(there | back, *were_in).exclude(comparison="")
    yield from links.values_list("pk", "comparison")
