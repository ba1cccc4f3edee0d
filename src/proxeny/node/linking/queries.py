"""Read series: members, reasons, what is related, what was decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Count, Max, Min, Q, Sum, When

from proxeny import linking, selectors
from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.access import access_every_alert, access_every_series
from proxeny.node.linking.models import Alert, Decision, Link, Member, Series
from proxeny.node.selectors.models import Holder, Mention, Selector
from proxeny.node.selectors.stoplists import find_warning_lists

BEARERS_SHOWN = 50
MEMBERS_SHOWN = 50
DECISIONS_SHOWN = 200
LINKS_SHOWN = 500
# The strongest that hold a member: enough to judge it by.
LINKS_EACH = 5


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
    return list_headlines(rows[offset : offset + limit])


def count_series(actor: Actor) -> int:
    """How many series stand."""
    return access_every_series(actor).count()


def headline_of(series: Series) -> Headline:
    """Reports, countries, losses by currency, first and last day."""
    return list_headlines([series])[0]


def list_headlines(standing: Iterable[Series]) -> list[Headline]:
    """The headlines of series that stand, in few statements however many they are."""
    listed = list(standing)
    root_of = _list_merged({series.pk for series in listed})
    holders = Holder.objects.filter(member__series_id__in=root_of)
    by_row = holders.values_list("member__series_id")
    reports: dict[int, int] = defaultdict(int)
    days: dict[int, list[datetime]] = defaultdict(list)
    for row, count, first, last in by_row.annotate(Count("pk"), Min("at"), Max("at")):
        reports[root_of[row]] += count
        days[root_of[row]] += [first, last]
    countries: dict[int, set[str]] = defaultdict(set)
    named = holders.exclude(country="").values_list("member__series_id", "country")
    for row, country in named.distinct():
        countries[root_of[row]].add(country)
    losses: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    lost = holders.exclude(amount=None).values_list("member__series_id", "currency")
    for row, currency, total in lost.annotate(Sum("amount")):
        losses[root_of[row]][currency] += total
    return [
        Headline(
            series=series,
            reports=reports[series.pk],
            countries=tuple(sorted(countries[series.pk])),
            losses=tuple(
                sorted(losses[series.pk].items(), key=lambda loss: (-loss[1], loss[0]))
            ),
            first_at=min(days[series.pk], default=None),
            last_at=max(days[series.pk], default=None),
        )
        for series in listed
    ]


def _list_merged(roots: Collection[int]) -> dict[int, int]:
    """Each row that was merged into one of these, and they themselves, to its root."""
    root_of = {root: root for root in roots}
    front = set(roots)
    while front:
        merged = Series.objects.filter(parent_id__in=front).exclude(pk__in=root_of)
        found = dict(merged.values_list("pk", "parent_id"))
        root_of |= {row: root_of[parent] for row, parent in found.items()}
        front = set(found)
    return root_of


def explain_series(
    series: Series,
    *,
    limit: int = MEMBERS_SHOWN,
    before: int | None = None,
    offset: int = 0,
) -> list[Explained]:
    """Members, the newest first, each with the strongest links that hold it.

    Args:
        series: one that stands.
        limit: how many members at most.
        before: the primary key of the holder that ended the page before, if any.
        offset: how many are passed over.
    """
    rows = rows_of(series)
    holders = Holder.objects.filter(member__series_id__in=rows).order_by("-pk")
    older = holders if before is None else holders.filter(pk__lt=before)
    shown = list(older[offset : offset + limit])
    by_holder: dict[int, list[Link]] = {holder.pk: [] for holder in shown}
    links = Link.objects.filter(
        Q(left_id__in=by_holder) | Q(right_id__in=by_holder),
        kind=Link.Kind.ACCEPTED,
        left__member__series_id__in=rows,
        right__member__series_id__in=rows,
    ).select_related("left", "right")
    for link in links.order_by("-bits", "pk").iterator(chunk_size=500):
        for holder in (link.left_id, link.right_id):
            held = by_holder.get(holder)
            if held is not None and len(held) < LINKS_EACH:
                held.append(link)
    return [
        Explained(
            holder=holder,
            bits=max((link.bits for link in by_holder[holder.pk]), default=0.0),
            because=tuple(by_holder[holder.pk]),
        )
        for holder in shown
    ]


def list_related(series: Series) -> list[tuple[Series, Link]]:
    """Other series with a link that was not strong enough to merge on."""
    name = series.founder_id
    waiting = Link.objects.filter(Q(one=name) | Q(other=name))
    best: dict[int, Link] = {}
    for link in waiting.order_by("-bits", "pk")[:LINKS_SHOWN]:
        other = link.other if link.one == name else link.one
        best.setdefault(other or 0, link)
    # One that was emptied names a founder that is in another.
    standing = Series.objects.filter(founder_id__in=best, parent=None, size__gt=0)
    pairs = [(other, best[other.founder_id]) for other in standing]
    return sorted(pairs, key=lambda pair: (-pair[1].bits, pair[0].pk))


def list_decisions(series: Series) -> list[Decision]:
    """What was last decided on a series and on those merged into it, newest first."""
    rows = rows_of(series)
    return list(
        Decision.objects.filter(Q(series_id__in=rows) | Q(other_id__in=rows))
        .select_related("series", "other")
        .order_by("-pk")[:DECISIONS_SHOWN]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Alerts, and what officers said they were worth."""

    alerts: tuple[Alert, ...]
    confirmed: int
    dismissed: int
    open: int

    @property
    def precision(self) -> float | None:
        """Confirmed of those decided; None while none is."""
        decided = self.confirmed + self.dismissed
        return self.confirmed / decided if decided else None


def list_alerts(actor: Actor, *, limit: int = 50, offset: int = 0) -> Told:
    """Alerts, the open ones first, the newest first; and how good they have been."""
    rows = access_every_alert(actor)
    by_state = dict(rows.values_list("state").annotate(Count("pk")))
    first = Case(When(state=Alert.State.OPEN, then=0), default=1)
    shown = rows.select_related("holder", "series").order_by(first, "-pk")
    return Told(
        alerts=tuple(shown[offset : offset + limit]),
        confirmed=by_state.get(Alert.State.CONFIRMED, 0),
        dismissed=by_state.get(Alert.State.DISMISSED, 0),
        open=by_state.get(Alert.State.OPEN, 0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A report that mentions a selector, in which role, and its series."""

    mention: Mention
    series: Series | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A selector, who mentions it, and why it links nobody if it doesn't.

    Attributes:
        selector: what was looked for.
        holders: how many hold it other than as a victim's, each source once.
        mentions: how many reports mention it.
        bearers: one page of them, newest first.
        stop: why it links nobody; empty if it may.
        following: where the next page goes on, if there is one.
    """

    selector: selectors.Selector
    holders: int
    mentions: int
    bearers: tuple[Bearer, ...]
    stop: str
    following: int | None


def search_selector(
    actor: Actor,
    wanted: selectors.Selector,
    *,
    limit: int = BEARERS_SHOWN,
    before: int | None = None,
    offset: int = 0,
) -> Search:
    """The reports of the actor's organisation that mention a selector, by pages.

    Args:
        actor: who asks.
        wanted: the selector.
        limit: how many reports at most.
        before: the `following` of the page before, if there is one.
        offset: how many reports are passed over.

    Raises:
        NotFoundError: the role may not see reports.
    """
    actor.require_read("report.read")
    own = Selector.objects.filter(organisation_id=actor.organisation_id)
    row = own.filter(key=wanted.key, kind=wanted.kind, value=wanted.value).first()
    holders = row.holders if row else 0
    mentions = Mention.objects.filter(selector=row) if row else Mention.objects.none()
    older = mentions if before is None else mentions.filter(holder_id__lt=before)
    rows = older.select_related("holder").order_by("-holder_id")
    found = list(rows[offset : offset + limit + 1])
    shown = found[:limit]
    series = find_series_of(mention.holder.ref for mention in shown)
    return Search(
        selector=wanted,
        holders=holders,
        mentions=mentions.count(),
        bearers=tuple(
            Bearer(mention=mention, series=series.get(mention.holder.ref))
            for mention in shown
        ),
        stop=linking.find_stop_reason(wanted, find_warning_lists())
        or _find_hub(holders),
        following=shown[-1].holder_id if len(found) > limit else None,
    )


def _find_hub(holders: int) -> str:
    most = linking.STOP_AFTER_HOLDERS
    return f"more than {most:,} reports hold it" if holders > most else ""
