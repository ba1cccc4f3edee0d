"""Read series: members, reasons, what is related, what was decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, Sum

from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.access import access_every_series
from proxeny.node.linking.models import Decision, Link, Member, Series
from proxeny.node.selectors.models import Holder

LINKS_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A series in one line."""

    series: Series
    reports: int
    countries: tuple[str, ...]
    losses: tuple[tuple[str, Decimal], ...]
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A member and why it is one, strongest reason first."""

    holder: Holder
    bits: float
    because: tuple[Link, ...]


def rows_of(series: Series) -> list[int]:
    """The series and every row that was merged into it, as primary keys."""
    known = {series.pk}
    front = [series.pk]
    while front:
        front = list(
            Series.objects.filter(parent_id__in=front)
            .exclude(pk__in=known)
            .values_list("pk", flat=True)
        )
        known.update(front)
    return sorted(known)


def find_roots(series_ids: Collection[int]) -> dict[int, int]:
    """For each series row the one that stands for it now."""
    parents: dict[int, int | None] = {}
    front = set(series_ids)
    while front:
        rows = dict(Series.objects.filter(pk__in=front).values_list("pk", "parent_id"))
        parents.update(rows)
        front = {parent for parent in rows.values() if parent} - set(parents)
    return {row: _root(parents, row) for row in series_ids}


def find_standing(series_ids: Collection[int]) -> dict[int, Series]:
    """For each series row the row that stands for it now."""
    rows: dict[int, Series] = {}
    front = set(series_ids)
    while front:
        found = Series.objects.in_bulk(front)
        rows.update(found)
        parents = {series.parent_id for series in found.values()}
        front = {parent for parent in parents if parent is not None} - rows.keys()
    parents_of = {pk: series.parent_id for pk, series in rows.items()}
    return {row: rows[_root(parents_of, row)] for row in series_ids}


def _root(parents: Mapping[int, int | None], row: int) -> int:
    while (parent := parents[row]) is not None:
        row = parent
    return row


def find_series_of(refs: Iterable[str]) -> dict[str, Series]:
    """For each holder in a series: that series, as it stands now."""
    pairs = list(
        Member.objects.filter(holder__ref__in=list(refs)).values_list(
            "holder__ref", "series_id"
        )
    )
    roots = find_roots({series for _, series in pairs})
    rows = Series.objects.in_bulk(set(roots.values()))
    return {ref: rows[roots[series]] for ref, series in pairs}


def list_holders(series: Series) -> list[Holder]:
    """Members of a series, oldest first."""
    return list(
        Holder.objects.filter(member__series_id__in=rows_of(series)).order_by(
            "at", "pk"
        )
    )


def list_series(actor: Actor, *, limit: int = 50, offset: int = 0) -> list[Headline]:
    """Series that stand, the largest first."""
    rows = access_every_series(actor).order_by("-size", "-pk")
    return [headline_of(row) for row in rows[offset : offset + limit]]


def count_series(actor: Actor) -> int:
    """How many series stand."""
    return access_every_series(actor).count()


def headline_of(series: Series) -> Headline:
    """Reports, countries, losses by currency, first and last day."""
    holders = Holder.objects.filter(member__series_id__in=rows_of(series))
    span = holders.aggregate(n=Count("pk"), first=Min("at"), last=Max("at"))
    countries = holders.exclude(country="").values_list("country", flat=True)
    losses = (
        holders.exclude(amount=None)
        .values("currency")
        .annotate(total=Sum("amount"))
        .order_by("-total")
    )
    return Headline(
        series=series,
        reports=span["n"],
        countries=tuple(sorted(set(countries))),
        losses=tuple((row["currency"], row["total"]) for row in losses),
        first_at=span["first"],
        last_at=span["last"],
    )


def explain_series(series: Series) -> list[Explained]:
    """Each member with the links that hold it, strongest first."""
    holders = list_holders(series)
    inside = {holder.pk for holder in holders}
    by_holder: dict[int, list[Link]] = defaultdict(list)
    for link in _links_between(inside):
        by_holder[link.left_id].append(link)
        by_holder[link.right_id].append(link)
    return [
        Explained(
            holder=holder,
            bits=max((link.bits for link in by_holder[holder.pk]), default=0.0),
            because=tuple(by_holder[holder.pk]),
        )
        for holder in holders
    ]


def _links_between(inside: Collection[int]) -> Iterator[Link]:
    links = (
        Link.objects.filter(kind=Link.Kind.ACCEPTED, left_id__in=inside)
        .select_related("left", "right")
        .order_by("-bits", "pk")
    )
    return (link for link in links if link.right_id in inside)


def list_related(series: Series) -> list[tuple[Series, Link]]:
    """Other series with a link that was not strong enough to merge on."""
    inside = {holder.pk for holder in list_holders(series)}
    links = list(
        Link.objects.filter(Q(left_id__in=inside) | Q(right_id__in=inside))
        .select_related("left", "right")
        .order_by("-bits")[:LINKS_SHOWN]
    )
    others = {
        ref: link
        for link in reversed(links)
        for ref, pk in ((link.left.ref, link.left_id), (link.right.ref, link.right_id))
        if pk not in inside
    }
    best: dict[int, tuple[Series, Link]] = {}
    for ref, other in find_series_of(others).items():
        link = others[ref]
        if other.pk != series.pk and (
            other.pk not in best or link.bits > best[other.pk][1].bits
        ):
            best[other.pk] = (other, link)
    return sorted(best.values(), key=lambda pair: -pair[1].bits)


def list_decisions(series: Series) -> list[Decision]:
    """What was decided on a series and on those merged into it, newest first."""
    rows = rows_of(series)
    return list(
        Decision.objects.filter(Q(series_id__in=rows) | Q(other_id__in=rows))
        .select_related("series", "other")
        .order_by("-pk")
    )
