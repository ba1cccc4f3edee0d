"""Puts holders into a series and series under one another; sums and names follow."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from itertools import chain

from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from proxeny.node.linking.models import Apart, Decision, Link, Member, Series
from proxeny.node.linking.queries import find_standing, rows_of
from proxeny.node.selectors.models import Holder

ROWS_AT_ONCE = 500


def found_series(founder: Holder) -> Series:
    """A series without members yet, that one of them will name."""
    return Series.objects.create(
        organisation_id=founder.organisation_id,
        created_at=timezone.now(),
        founder=founder,
    )


def add_members(series: Series, newcomers: Collection[Holder]) -> None:
    """These are in the series from now on. The caller saves the series."""
    Member.objects.bulk_create(
        Member(holder=holder, series=series) for holder in newcomers
    )
    follow_members([holder.pk for holder in newcomers])
    series.size += len(newcomers)
    _add_sums(series, {holder.country for holder in newcomers}, _sum_losses(newcomers))


def put_under(series: Series, other: Series, *, by: str, reason: str) -> Decision:
    """`other` now stands under `series`; sums follow. The caller saves `series`."""
    other.parent = series
    other.save(update_fields=["parent"])
    series.size += other.size
    losses = {currency: Decimal(sum_) for currency, sum_ in other.losses.items()}
    _add_sums(series, set(other.countries), losses)
    return Decision.objects.create(
        organisation_id=series.organisation_id,
        verb=Decision.Verb.MERGE,
        series=series,
        other=other,
        reason=reason,
        by=by,
        at=timezone.now(),
    )


def follow_members(holder_ids: Collection[int]) -> None:
    """These came into a series or left one: what holds them apart goes with them."""
    now = Member.objects.filter(holder_id=OuterRef("holder_id")).values("series_id")
    Apart.objects.filter(holder_id__in=holder_ids).update(series_id=Subquery(now))


def keep_apart(
    decision: Decision,
    series: Sequence[Collection[int]],
    holders: Sequence[Collection[int]] = (),
) -> None:
    """The machine brings no two sides of this into one series.

    Args:
        decision: it holds as long as this.
        series: on each side, primary keys of rows of series.
        holders: on each further side, those of holders in none.
    """
    rows = (
        Apart(decision=decision, side=side, series_id=row)
        for side, listed in enumerate(series)
        for row in listed
    )
    alone = (
        Apart(decision=decision, side=side, holder_id=holder)
        for side, listed in enumerate(holders, start=len(series))
        for holder in listed
    )
    Apart.objects.bulk_create(chain(rows, alone), batch_size=ROWS_AT_ONCE)


def pass_sides(sources: Collection[int], targets: Collection[int]) -> None:
    """Members came from these rows into those: on their sides stand those now too."""
    own = Apart.objects.filter(holder=None)
    stand = own.filter(series_id__in=targets)
    known = set(stand.values_list("series_id", "decision_id", "side"))
    given = own.filter(series_id__in=sources).values_list("decision_id", "side")
    Apart.objects.bulk_create(
        (
            Apart(decision_id=decision, side=side, series_id=target)
            for decision, side in given.distinct()
            for target in targets
            if (target, decision, side) not in known
        ),
        batch_size=ROWS_AT_ONCE,
    )


def free_with_sides(addition: Decision, holder_ids: Collection[int]) -> None:
    """These leave a series: what it was taken apart from while they were in it holds.

    Args:
        addition: by which they had come.
        holder_ids: primary keys of holders that are in no series any more.
    """
    follow_members(holder_ids)
    later = Q(decision__gt=addition.pk) | Q(decision__undone_at__gt=addition.at)
    given = Apart.objects.filter(later, holder=None, series=addition.series_id)
    Apart.objects.bulk_create(
        (
            Apart(decision_id=decision, side=side, holder_id=holder)
            for decision, side in given.values_list("decision_id", "side").distinct()
            for holder in holder_ids
        ),
        batch_size=ROWS_AT_ONCE,
    )


def pass_links(series: Series, names: Collection[int]) -> None:
    """Links that waited for the clusters of these names now wait for the series.

    Few rows, and not the members: a merge of two large series costs as little.
    """
    if not names:
        return
    name = series.founder_id
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        for column in ("one", "other"):
            cursor.execute(
                f"UPDATE linking_link SET {column} = %s WHERE {column} IN ({marks})",  # noqa: S608 - one of two words and marks
                [name, *names],
            )
        cursor.execute(
            "UPDATE linking_link SET one = NULL, other = NULL"
            " WHERE one = %s AND other = %s",
            [name, name],
        )


def settle(series_ids: Iterable[int], freed: Collection[int] = ()) -> None:
    """Count standing series anew after members moved, and rename what waits.

    For officers' decisions, which are few: it reads every member.

    Args:
        series_ids: primary keys of the series.
        freed: those of holders that are in no series any more.
    """
    settled = list(Series.objects.filter(pk__in=set(series_ids)))
    touched: set[int] = set()
    for series in settled:
        rows = rows_of(series)
        touched.update(rows)
        holders = list(Holder.objects.filter(member__series_id__in=rows).order_by("pk"))
        series.size, series.countries, series.losses = 0, [], {}
        series.size = len(holders)
        _add_sums(series, {holder.country for holder in holders}, _sum_losses(holders))
        if holders:
            series.founder = holders[0]
    Series.objects.bulk_update(settled, ["size", "countries", "losses", "founder"])
    _name_links(touched, freed)


def _name_links(rows: Collection[int], freed: Collection[int]) -> None:
    touching = (
        Q(left__member__series_id__in=rows)
        | Q(right__member__series_id__in=rows)
        | Q(left_id__in=freed)
        | Q(right_id__in=freed)
    )
    links = Link.objects.filter(touching, kind=Link.Kind.RELATED)
    found = list(links.select_related("left__member", "right__member"))
    members = {
        holder.pk: getattr(holder, "member", None)
        for link in found
        for holder in (link.left, link.right)
    }
    standing = find_standing({m.series_id for m in members.values() if m is not None})
    names = {
        pk: pk if member is None else standing[member.series_id].founder_id
        for pk, member in members.items()
    }
    for link in found:
        link.one, link.other = names[link.left_id], names[link.right_id]
        if link.one == link.other:
            link.one = link.other = None
    Link.objects.bulk_update(found, ["one", "other"], batch_size=ROWS_AT_ONCE)


def _sum_losses(holders: Iterable[Holder]) -> dict[str, Decimal]:
    losses: dict[str, Decimal] = {}
    for holder in holders:
        if holder.amount is not None and holder.currency:
            own = losses.get(holder.currency, Decimal(0))
            losses[holder.currency] = own + holder.amount
    return losses


def _add_sums(series: Series, countries: set[str], losses: dict[str, Decimal]) -> None:
    series.countries = sorted({*series.countries, *countries} - {""})
    for currency, loss in losses.items():
        held = Decimal(series.losses.get(currency, "0"))
        series.losses[currency] = str(held + loss)
