"""Link a new holder online; merge, split, confirm and undo by an officer's hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from proxeny import linking
from proxeny.errors import InputError, StateError
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.access import access_series, access_series_row
from proxeny.node.linking.models import Decision, Link, Member, Series
from proxeny.node.linking.queries import find_roots, find_standing, rows_of
from proxeny.node.selectors.actions import (
    Added,
    HolderFacts,
    MentionLike,
    add_holder,
)
from proxeny.node.selectors.models import Holder
from proxeny.node.selectors.queries import list_sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking made of a new holder."""

    holder: Holder
    series: Series | None
    links: int


def link_holder(facts: HolderFacts, mentions: Sequence[MentionLike]) -> Linked:
    """Add a holder and link it to what is held, inside the caller's transaction.

    One organisation links one holder at a time, so that two imports can't each found
    a series for the same selector.
    """
    hold_organisation(facts.organisation_id)
    added = add_holder(facts, mentions)
    holder = added.holder
    shared = _find_shared(added, mentions)
    if not shared:
        return Linked(holder=holder, series=None, links=0)
    candidates = list(
        Holder.objects.filter(pk__in=shared).annotate(row=F("member__series_id"))
    )
    stands_for = find_standing({old.row for old in candidates if old.row is not None})
    standing = {series.pk: series for series in stands_for.values()}
    scorecard = linking.load_scorecard()
    new = _value(holder, None, currency=holder.currency)
    evidence = [
        linking.weigh(
            scorecard,
            new,
            _value(old, stands_for.get(old.row), currency=holder.currency),
            shared[old.pk],
        )
        for old in candidates
    ]
    verdict = linking.decide(
        scorecard,
        evidence,
        sizes={str(pk): series.size for pk, series in standing.items()},
        apart=_kept_apart(standing),
    )
    by_ref = {old.ref: old for old in candidates}
    _write_links(holder, by_ref, verdict)
    joins = verdict.join is not None or bool(verdict.found)
    if not joins:
        return Linked(holder=holder, series=None, links=0)
    series = (
        standing[int(verdict.join)]
        if verdict.join is not None
        else Series.objects.create(
            organisation_id=facts.organisation_id, created_at=timezone.now()
        )
    )
    newcomers = [holder, *(by_ref[item.holder.ref] for item in verdict.found)]
    Member.objects.bulk_create(
        Member(holder=member, series=series) for member in newcomers
    )
    series.size += len(newcomers)
    for further in verdict.merge:
        _merge(series, standing[int(further)], by=MACHINE, reason="")
        # What the officer stood behind was another series than this.
        series.confirmed_at, series.confirmed_by = None, ""
    series.save(update_fields=["size", "confirmed_at", "confirmed_by"])
    return Linked(
        holder=holder, series=series, links=len(verdict.because) + len(verdict.found)
    )


def _find_shared(
    added: Added, mentions: Sequence[MentionLike]
) -> dict[int, list[linking.Shared]]:
    """What each earlier holder shares, if it is a candidate; by primary key."""
    linkable = linking.select_linkable(
        (mention.selector, mention.role) for mention in mentions
    )
    stops = dict.fromkeys(linkable.selectors, "") | {
        left_out.selector: left_out.why for left_out in linkable.stopped
    }
    by_row: dict[int, linking.Shared] = {}
    asked: list[int] = []
    for selector, stop in stops.items():
        held = added.held[selector.key]
        by_row[held.pk] = linking.Shared(
            selector=selector, holders=held.holders, stop=stop
        )
        if not stop and 1 < held.holders <= linking.STOP_AFTER_HOLDERS:
            asked.append(held.pk)
    shared: dict[int, list[linking.Shared]] = defaultdict(list)
    for holder, row in list_sharing(
        asked,
        list(by_row),
        other_than=added.holder.pk,
        at_most=linking.MAX_HOLDERS_READ,
    ):
        shared[holder].append(by_row[row])
    return shared


def _value(holder: Holder, series: Series | None, *, currency: str) -> linking.Holder:
    # Amounts are compared as they stand, so only those of one currency are.
    amount = holder.amount if holder.currency == currency else None
    return linking.Holder(
        ref=holder.ref,
        at=holder.at,
        country=holder.country or None,
        offence=holder.offence or None,
        amount=None if amount is None else float(amount),
        series=None if series is None else str(series.pk),
    )


def _kept_apart(standing: dict[int, Series]) -> frozenset[frozenset[str]]:
    """Pairs of standing series that an officer split, or whose merge one undid."""
    if len(standing) < 2:  # noqa: PLR2004 - a pair
        return frozenset()
    split = Q(verb=Decision.Verb.SPLIT, undone_at=None)
    unmerged = Q(verb=Decision.Verb.MERGE, undone_at__isnull=False)
    decided = Decision.objects.filter(
        split | unmerged,
        other__isnull=False,
        organisation_id=next(iter(standing.values())).organisation_id,
    )
    pairs = list(decided.values_list("series_id", "other_id"))
    roots = find_roots({row for pair in pairs for row in pair})
    return frozenset(
        frozenset({str(roots[one]), str(roots[other])})
        for one, other in pairs
        if roots[one] != roots[other]
    )


def _write_links(
    holder: Holder, by_ref: Mapping[str, Holder], verdict: linking.Verdict
) -> None:
    now = timezone.now()
    Link.objects.bulk_create(
        Link(
            left=holder,
            right=by_ref[item.holder.ref],
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
                for term in item.terms
            ],
            created_at=now,
        )
        for kind, items in (
            (Link.Kind.ACCEPTED, (*verdict.because, *verdict.found)),
            (Link.Kind.RELATED, verdict.related),
        )
        for item in items
    )


def _merge(series: Series, other: Series, *, by: str, reason: str) -> Decision:
    """`other` now stands under `series`; sizes follow. The caller saves `series`."""
    other.parent = series
    other.save(update_fields=["parent"])
    series.size += other.size
    return Decision.objects.create(
        organisation_id=series.organisation_id,
        verb=Decision.Verb.MERGE,
        series=series,
        other=other,
        reason=reason,
        by=by,
        at=timezone.now(),
    )


@transaction.atomic
def merge_series(actor: Actor, ref: str, other_ref: str, *, reason: str) -> Series:
    """Two series are one offender's.

    Raises:
        NotFoundError: one of them is not there for this actor.
        StateError: they are one series already.
    """
    hold_organisation(actor.organisation_id)
    series, other = access_series(actor, ref), access_series(actor, other_ref)
    actor.require("series.write")
    if series.pk == other.pk:
        raise StateError("These are one series already.", code="PXY-SERIES-SAME")
    _merge(series, other, by=actor.name, reason=reason[:500])
    series.save(update_fields=["size"])
    record_write(actor, "series.merge", [series.ref, other.ref])
    return series


@transaction.atomic
def split_series(
    actor: Actor, ref: str, holder_refs: Sequence[str], *, reason: str
) -> Series:
    """These members are another offender's: they become a series of their own.

    Returns:
        The new series.

    Raises:
        InputError: a reference that is no member, or all of the members.
    """
    hold_organisation(actor.organisation_id)
    series = access_series(actor, ref)
    actor.require("series.write")
    wanted = sorted(set(holder_refs))
    members = list(
        Member.objects.filter(
            series_id__in=rows_of(series), holder__ref__in=wanted
        ).select_related("holder")
    )
    if len(members) != len(wanted) or not members:
        raise InputError(
            "Not every report named is a member of this series.",
            code="PXY-SERIES-MEMBER",
            advice="See the members with `proxeny series show`.",
        )
    if len(members) >= series.size:
        raise InputError(
            "A split must leave at least one report behind.", code="PXY-SERIES-ALL"
        )
    now = timezone.now()
    split = Series.objects.create(
        organisation_id=series.organisation_id, created_at=now, size=len(members)
    )
    Decision.objects.create(
        organisation_id=series.organisation_id,
        verb=Decision.Verb.SPLIT,
        series=series,
        other=split,
        moved={str(member.pk): member.series_id for member in members},
        reason=reason[:500],
        by=actor.name,
        at=now,
    )
    Member.objects.filter(pk__in=[member.pk for member in members]).update(series=split)
    series.size -= len(members)
    series.save(update_fields=["size"])
    record_write(actor, "series.split", [series.ref, split.ref, *wanted])
    return split


@transaction.atomic
def confirm_series(actor: Actor, ref: str) -> Series:
    """An officer has looked and stands behind the series."""
    hold_organisation(actor.organisation_id)
    series = access_series(actor, ref)
    actor.require("series.write")
    now = timezone.now()
    series.confirmed_at, series.confirmed_by = now, actor.name
    series.save(update_fields=["confirmed_at", "confirmed_by"])
    Decision.objects.create(
        organisation_id=series.organisation_id,
        verb=Decision.Verb.CONFIRM,
        series=series,
        by=actor.name,
        at=now,
    )
    record_write(actor, "series.confirm", [series.ref])
    return series


@transaction.atomic
def undo_decision(actor: Actor, ref: str) -> Decision:
    """Take back the newest decision on a series that is not undone yet.

    Raises:
        StateError: there is nothing to undo.
    """
    hold_organisation(actor.organisation_id)
    series = access_series_row(actor, ref)
    actor.require("series.write")
    standing = access_series(actor, ref)
    rows = rows_of(standing)
    open_ = Decision.objects.filter(series_id__in=rows, undone_at=None)
    decision = (
        open_.filter(other=series).order_by("-pk").first()
        if series.pk != standing.pk
        else None
    ) or open_.order_by("-pk").first()
    if decision is None:
        raise StateError(
            "There is no decision to undo.",
            code="PXY-SERIES-UNDO",
            advice="See what was decided with `proxeny series show`.",
        )
    match Decision.Verb(decision.verb):
        case Decision.Verb.MERGE:
            _undo_merge(decision)
        case Decision.Verb.SPLIT:
            _undo_split(decision)
        case Decision.Verb.CONFIRM:
            _undo_confirmation(decision)
    decision.undone_at, decision.undone_by = timezone.now(), actor.name
    decision.save(update_fields=["undone_at", "undone_by"])
    refs = [row.ref for row in (decision.series, decision.other) if row is not None]
    record_write(actor, "series.undo", refs)
    return decision


def _undo_confirmation(decision: Decision) -> None:
    """An earlier confirmation that nobody took back stands again."""
    earlier = (
        Decision.objects.filter(
            verb=Decision.Verb.CONFIRM, series=decision.series_id, undone_at=None
        )
        .exclude(pk=decision.pk)
        .order_by("-pk")
        .first()
    )
    Series.objects.filter(pk=decision.series_id).update(
        confirmed_at=earlier.at if earlier else None,
        confirmed_by=earlier.by if earlier else "",
    )


def _undo_merge(decision: Decision) -> None:
    """The merged series stands again, with those under it."""
    other = decision.other
    if other is None or other.parent_id is None:
        raise StateError("That series was taken apart already.", code="PXY-SERIES-UNDO")
    root_id = find_roots([other.pk])[other.pk]
    other.parent = None
    other.save(update_fields=["parent"])
    _count_again(root_id)
    _count_again(other.pk)


def _undo_split(decision: Decision) -> None:
    """Members that are still where the split put them go back where they were."""
    back: dict[int, list[int]] = defaultdict(list)
    for member, series in decision.moved.items():
        back[series].append(int(member))
    for series, members in back.items():
        Member.objects.filter(pk__in=members, series=decision.other).update(
            series_id=series
        )
    # A row that a merge had brought under the series may stand alone by now.
    touched = {decision.series_id, *decision.moved.values()}
    if decision.other_id is not None:
        touched.add(decision.other_id)
    for root in set(find_roots(touched).values()):
        _count_again(root)


def _count_again(series_id: int) -> None:
    series = Series.objects.get(pk=series_id)
    series.size = Member.objects.filter(series_id__in=rows_of(series)).count()
    series.save(update_fields=["size"])
