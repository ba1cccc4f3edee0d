"""Reads decisions: what can be undone, and where they put reports."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from proxeny.node.linking.models import Decision, Link, Member, Series
from proxeny.node.linking.queries import Explained, find_standing, rows_of

DECISIONS_SHOWN = 200


def find_decisions(series: Series) -> QuerySet[Decision]:
    """Decisions on a series and on those merged into it, or that made one of them."""
    rows = rows_of(series)
    touching = Decision.objects.filter(Q(series_id__in=rows) | Q(other_id__in=rows))
    return touching.select_related("series", "other").order_by("-pk")


def list_decisions(series: Series) -> list[Decision]:
    """What was last decided on a series and on those merged into it, newest first."""
    return list(find_decisions(series)[:DECISIONS_SHOWN])


def find_undoable(series: Series) -> Decision | None:
    """The newest decision on a series that stands: what an undo takes back."""
    return find_decisions(series).filter(undone_at=None).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the reports of an emptied series are now.

    Attributes:
        series: those that hold some, with how many, the most first.
        alone: how many stand alone.
    """

    series: tuple[tuple[Series, int], ...]
    alone: int


def find_whereabouts(series: Series) -> Whereabouts:
    """Where those are now that decisions put into a series or took out of it.

    For a series that was emptied, which is rare: it reads every split, since one may
    have been of a series into which this was merged.
    """
    moved: set[int] = set()
    own = Decision.objects.filter(organisation_id=series.organisation_id)
    for decision in own.filter(verb=Decision.Verb.SPLIT):
        came = decision.other_id == series.pk
        left = decision.moved.items()
        moved.update(int(member) for member, row in left if came or row == series.pk)
    additions = own.filter(verb=Decision.Verb.ADD, series=series)
    freed = {holder for one in additions for holder in one.moved.values()}
    members = Member.objects.in_bulk(moved)
    joined = Member.objects.in_bulk(freed, field_name="holder_id")
    rows = {m.holder_id: m.series_id for m in (*members.values(), *joined.values())}
    standing = find_standing(set(rows.values()))
    counts = Counter(standing[row] for row in rows.values())
    return Whereabouts(series=tuple(counts.most_common()), alone=len(freed - {*rows}))


def explain_unheld(members: Sequence[Explained]) -> Mapping[int, str]:
    """Of each member that no link holds, by the holder's key: how that came about."""
    unheld = {member.holder.pk for member in members if not member.because}
    if not unheld:
        return {}
    partners: dict[int, set[int]] = {holder: set() for holder in unheld}
    linked = Q(left_id__in=unheld) | Q(right_id__in=unheld)
    links = Link.objects.filter(linked, kind=Link.Kind.ACCEPTED)
    for left, right in links.values_list("left_id", "right_id"):
        for holder, partner in ((left, right), (right, left)):
            if holder in unheld:
                partners[holder].add(partner)
    put = _find_put(unheld.union(*partners.values()))
    return {
        holder: _say_why(put.get(holder), {put.get(one) for one in partners[holder]})
        for holder in unheld
    }


def _say_why(put: str | None, partners: set[str | None]) -> str:
    """In words, from by what an officer put it there, and those that had held it."""
    if put:
        return gettext("An officer put it here; no link of the machine's holds it.")
    if Decision.Verb.SPLIT in partners:
        return gettext("The report that held it was taken off by an officer's split.")
    if partners:
        return gettext("The report that held it left when an officer undid a decision.")
    return gettext("No link of the machine's holds it.")


def _find_put(holder_ids: Iterable[int]) -> dict[int, str]:
    """Of holders that a decision which stands put where they are: its verb."""
    members = Member.objects.in_bulk(holder_ids, field_name="holder_id").values()
    rows = {member.series_id for member in members}
    by_split = Q(verb=Decision.Verb.SPLIT, other_id__in=rows)
    by_addition = Q(verb=Decision.Verb.ADD, series_id__in=rows)
    put = {
        (decision.other_id or decision.series_id, member): decision.verb
        for decision in Decision.objects.filter(by_split | by_addition, undone_at=None)
        for member in decision.moved
    }
    verbs = {m.holder_id: put.get((m.series_id, str(m.pk))) for m in members}
    return {holder: verb for holder, verb in verbs.items() if verb}
