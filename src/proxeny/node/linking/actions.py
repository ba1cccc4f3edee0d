"""Merge, split, confirm and undo by an officer's hand; say what an alert was worth."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from proxeny.errors import InputError, StateError
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.access import (
    access_alert,
    access_series,
    access_series_row,
)
from proxeny.node.linking.alerting import announce_growth, sums_of
from proxeny.node.linking.decisions.queries import find_decisions, find_undoable
from proxeny.node.linking.models import Alert, Apart, Decision, Member, Series
from proxeny.node.linking.queries import find_roots, find_standing, rows_of
from proxeny.node.linking.uniting import (
    add_members,
    follow_members,
    found_series,
    free_with_sides,
    keep_apart,
    pass_links,
    pass_sides,
    put_under,
    settle,
)
from proxeny.node.selectors.models import Holder

MAX_SPLIT_REPORTS = 10_000


@transaction.atomic
def merge_series(actor: Actor, ref: str, other_ref: str, *, reason: str) -> Series:
    """Two series are one offender's.

    Raises:
        NotFoundError: one of them is not there for this actor.
        StateError: they are one series already, or one of them was emptied.
    """
    hold_organisation(actor.organisation_id)
    series, other = access_series(actor, ref), access_series(actor, other_ref)
    actor.require("series.write")
    if series.pk == other.pk:
        raise StateError("These are one series already.", code="PXY-SERIES-SAME")
    _require_members(series)
    _require_members(other)
    before = [sums_of(series), sums_of(other)]
    put_under(series, other, by=actor.name, reason=reason[:500])
    series.save()
    pass_links(series, [other.founder_id])
    announce_growth(series.founder, series, before)
    record_write(actor, "series.merge", [series.ref, other.ref])
    return series


def _require_members(series: Series) -> None:
    # Its founder is in another series by now, whose links would be taken for its own.
    if not series.size:
        raise StateError(
            "There are no reports in this series any more.",
            code="PXY-SERIES-EMPTY",
            advice="See what was decided with `proxeny series show`.",
        )


@transaction.atomic
def split_series(
    actor: Actor, ref: str, holder_refs: Sequence[str], *, reason: str
) -> Series:
    """These members are another offender's: they become a series of their own.

    Returns:
        The new series.

    Raises:
        InputError: a reference that is no member, all of the members, or too many.
    """
    hold_organisation(actor.organisation_id)
    series = access_series(actor, ref)
    actor.require("series.write")
    wanted = sorted(set(holder_refs))
    if len(wanted) > MAX_SPLIT_REPORTS:
        raise InputError(
            f"A split takes at most {MAX_SPLIT_REPORTS:,} reports.",
            code="PXY-SERIES-MANY",
            advice="Split in several steps, and merge the parts.",
        )
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
    split = found_series(members[0].holder)
    decision = Decision.objects.create(
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
    follow_members([member.holder_id for member in members])
    rows = rows_of(series)
    pass_sides(rows, [split.pk])
    keep_apart(decision, [rows, [split.pk]])
    settle([series.pk, split.pk])
    record_write(actor, "series.split", [series.ref, split.ref, *wanted])
    return split


@transaction.atomic
def gather_reports(
    actor: Actor, holder_refs: Sequence[str], *, into: str = "", reason: str
) -> Series:
    """Reports that stand alone join a series, or found one.

    Args:
        actor: who decides.
        holder_refs: of the reports.
        into: the series that they join; empty: they found one.
        reason: for those who read it later.

    Raises:
        InputError: a reference that is no report of this organisation, or one alone
            is to found a series.
        StateError: one of them is in a series already, or the series was emptied.
    """
    hold_organisation(actor.organisation_id)
    series = access_series(actor, into) if into else None
    actor.require("series.write")
    if series is not None:
        _require_members(series)
    wanted = sorted(set(holder_refs))
    holders = list(
        Holder.objects.filter(
            organisation_id=actor.organisation_id, ref__in=wanted
        ).order_by("pk")
    )
    if len(holders) != len(wanted) or not holders or (not into and len(holders) == 1):
        raise InputError(
            "Not every report named can be gathered.",
            code="PXY-SERIES-GATHER",
            advice="Name reports of your own, and two or more to found a series.",
        )
    if Member.objects.filter(holder__in=holders).exists():
        raise StateError(
            "One of the reports is in a series already.", code="PXY-SERIES-MEMBER"
        )
    before = [] if series is None else [sums_of(series)]
    series = series or found_series(holders[0])
    add_members(series, holders)
    series.save()
    pass_links(series, [holder.pk for holder in holders])
    members = Member.objects.filter(holder__in=holders)
    Decision.objects.create(
        organisation_id=series.organisation_id,
        verb=Decision.Verb.ADD,
        series=series,
        moved={str(pk): holder for pk, holder in members.values_list("pk", "holder")},
        reason=reason[:500],
        by=actor.name,
        at=timezone.now(),
    )
    announce_growth(holders[0], series, before)
    record_write(actor, "series.gather", [series.ref, *wanted])
    return series


@transaction.atomic
def confirm_series(actor: Actor, ref: str) -> Series:
    """An officer has looked and stands behind the series.

    Raises:
        NotFoundError: it is not there for this actor.
        StateError: it was emptied.
    """
    hold_organisation(actor.organisation_id)
    series = access_series(actor, ref)
    actor.require("series.write")
    _require_members(series)
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
    merges = find_decisions(standing).filter(other=series, undone_at=None)
    decision = merges.first() if series.pk != standing.pk else None
    decision = decision or find_undoable(standing)
    if decision is None:
        raise StateError(
            "There is no decision to undo.",
            code="PXY-SERIES-UNDO",
            advice="See what was decided with `proxeny series show`.",
        )
    decision.undone_at, decision.undone_by = timezone.now(), actor.name
    decision.save(update_fields=["undone_at", "undone_by"])
    match Decision.Verb(decision.verb):
        case Decision.Verb.MERGE:
            _undo_merge(decision)
        case Decision.Verb.SPLIT:
            _undo_split(decision)
        case Decision.Verb.CONFIRM:
            _settle_confirmation(decision.series_id)
        case Decision.Verb.ADD:
            _undo_addition(decision)
    refs = [row.ref for row in (decision.series, decision.other) if row is not None]
    record_write(actor, "series.undo", refs)
    return decision


def _settle_confirmation(series_id: int) -> None:
    """The newest confirmation counts, unless the machine merged something since."""
    own = Decision.objects.filter(series=series_id, undone_at=None)
    newest = own.filter(verb=Decision.Verb.CONFIRM).order_by("-pk").first()
    merged = own.filter(verb=Decision.Verb.MERGE, by=MACHINE)
    if newest and merged.filter(pk__gt=newest.pk).exists():
        newest = None
    Series.objects.filter(pk=series_id).update(
        confirmed_at=newest.at if newest else None,
        confirmed_by=newest.by if newest else "",
    )


def _undo_merge(decision: Decision) -> None:
    """The merged series stands again, with those under it, and apart from the rest."""
    other = decision.other
    if other is None or other.parent_id is None:
        raise StateError("That series was taken apart already.", code="PXY-SERIES-UNDO")
    root_id = find_roots([other.pk])[other.pk]
    other.parent = None
    other.save(update_fields=["parent"])
    rest = Series.objects.get(pk=root_id)
    keep_apart(decision, [rows_of(rest), rows_of(other)])
    _settle_confirmation(decision.series_id)
    settle([root_id, other.pk])


def _undo_split(decision: Decision) -> None:
    """Members that are still where the split put them go back where they were."""
    Apart.objects.filter(decision=decision).delete()
    members = Member.objects.filter(pk__in=decision.moved, series=decision.other_id)
    back: dict[int, list[int]] = defaultdict(list)
    holders = dict(members.values_list("pk", "holder_id"))
    for member in holders:
        back[decision.moved[str(member)]].append(member)
    for series, pks in back.items():
        Member.objects.filter(pk__in=pks).update(series_id=series)
    follow_members(list(holders.values()))
    if decision.other_id is not None:
        # What was taken apart from them since is apart from where they are now.
        pass_sides([decision.other_id], list(back))
    # A row that a merge had brought under the series may stand alone by now.
    touched = {decision.series_id, *decision.moved.values()}
    if decision.other_id is not None:
        touched.add(decision.other_id)
    settle(find_roots(touched).values())


def _undo_addition(decision: Decision) -> None:
    """Those that are still where they came to stand alone again."""
    members = Member.objects.filter(pk__in=decision.moved, series=decision.series_id)
    freed = list(members.values_list("holder_id", flat=True))
    members.delete()
    free_with_sides(decision, freed)
    series = find_standing([decision.series_id])[decision.series_id]
    if decision.series.founder_id in freed:
        # They founded it: none is the same offender's as another.
        holders = [[holder] for holder in freed]
    else:
        holders = [freed]
    keep_apart(decision, [rows_of(series)], holders)
    settle([series.pk], freed)


@transaction.atomic
def decide_alert(actor: Actor, ref: str, *, confirm: bool) -> Alert:
    """Say whether an alert was worth its while; a later word replaces an earlier one.

    Raises:
        NotFoundError: it is not there for this actor.
    """
    alert = access_alert(actor, ref)
    actor.require("series.write")
    alert.state = Alert.State.CONFIRMED if confirm else Alert.State.DISMISSED
    alert.by, alert.decided_at = actor.name, timezone.now()
    alert.save(update_fields=["state", "by", "decided_at"])
    record_write(actor, "alert.confirm" if confirm else "alert.dismiss", [alert.ref])
    return alert
