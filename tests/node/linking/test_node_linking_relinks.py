"""A relink proposes what online linking missed, and nothing that an officer undid."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.node.node_world import (
    Given,
    at_day,
    iban,
    link_report,
    make_actor,
    mention,
    ours,
    phone,
)

from proxeny import linking
from proxeny.errors import ForbiddenError, InputError, NotFoundError, StateError
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry
from proxeny.node.jobs.actions import lease_job, run_job
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done
from proxeny.node.linking.access import access_series
from proxeny.node.linking.actions import (
    confirm_series,
    gather_reports,
    merge_series,
    split_series,
    undo_decision,
)
from proxeny.node.linking.holders import Linked
from proxeny.node.linking.models import Decision, Member, PhraseRarity, Relink
from proxeny.node.linking.queries import explain_series, list_holders, list_series
from proxeny.node.linking.relinks import actions, exporting, relinking
from proxeny.node.linking.relinks.actions import apply_relink, dismiss_relink
from proxeny.node.linking.relinks.comparing import Change, find_changes
from proxeny.node.linking.relinks.decided import Decided, list_decided
from proxeny.node.linking.relinks.nightly import RELINK
from proxeny.node.linking.relinks.proposals import describe_proposal
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.linking.standing import list_kept_apart
from proxeny.node.selectors.models import Mention
from proxeny.node.worker import plan_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


def link(number: int, *mentions: Given, **facts: Any) -> Linked:
    given = {"country": "RS", "at": at_day(number % 5)}
    return link_report(number, *mentions, **(given | facts))


def members(actor: Actor, ref: str) -> set[int]:
    series = access_series(actor, ref)
    found = {int(holder.ref[-6:]) for holder in list_holders(series)}
    assert series.size == len(found)
    return found


def standing(actor: Actor) -> set[frozenset[int]]:
    return {frozenset(members(actor, row.series.ref)) for row in list_series(actor)}


def make_torn(officer: Actor) -> tuple[str, str]:
    """One account in six reports that the machine holds in two series."""
    for number in range(1, 7):
        link(number, iban(1))
    (row,) = list_series(officer)
    one = row.series.ref
    two = split_series(
        officer, one, [f"RS-R-{n:06d}" for n in (4, 5, 6)], reason=""
    ).ref
    # As if it had never been one: no officer is remembered.
    Decision.objects.all().delete()
    return one, two


def tell(monkeypatch: pytest.MonkeyPatch, told: Mapping[int, str]) -> list[str]:
    """Narratives by number; returns the references that are asked for."""
    asked: list[str] = []

    def read(refs: Sequence[str]) -> dict[str, str]:
        asked.extend(refs)
        return {ref: told.get(int(ref[-6:]), "") for ref in refs}

    monkeypatch.setattr(exporting, "_readers", [read])
    return asked


def words(relink: Relink) -> list[str]:
    return [describe_proposal(proposal) for proposal in relink.proposals]


def test_a_relink_proposes_the_union_that_online_missed(officer) -> None:
    one, two = make_torn(officer)
    before = standing(officer)
    relink = make_relink(officer)
    assert words(relink) == [f"Unite {one}, {two}"]
    (proposal,) = relink.proposals
    assert relink.scorecard == linking.load_scorecard().version
    assert relink.figures["reports"] == 6
    (best, *_) = proposal["because"]
    assert best["bits"] == proposal["bits"] > 0
    assert best["terms"][0]["text"] == (f"same iban DE{1:020d}, held by 6 reports")
    # It is read first: nothing has changed.
    assert standing(officer) == before
    assert Entry.objects.order_by("pk").last().refs == [relink.ref]


def test_applied_it_is_undone_by_undo(officer) -> None:
    one, two = make_torn(officer)
    relink = apply_relink(officer, make_relink(officer).ref)
    assert (relink.state, relink.by) == ("applied", officer.name)
    assert standing(officer) == {frozenset(range(1, 7))}
    decision = undo_decision(officer, one)
    assert (decision.verb, decision.reason) == ("merge", f"proposed by {relink.ref}")
    assert members(officer, one) == {1, 2, 3}
    assert members(officer, two) == {4, 5, 6}
    # What an officer undid is not proposed again.
    again = make_relink(officer)
    assert again.proposals == []
    assert again.figures["left_out"] == 1


def test_what_an_officer_split_is_not_proposed(officer) -> None:
    one, two = make_torn(officer)
    merge_series(officer, one, two, reason="")
    undo_decision(officer, one)
    assert make_relink(officer).proposals == []
    link(7, iban(2))
    link(8, iban(2))
    three = next(r.series.ref for r in list_series(officer) if r.reports == 2)
    split_series(officer, three, ["RS-R-000008"], reason="")
    relink = make_relink(officer)
    assert (relink.proposals, relink.figures["left_out"]) == ([], 2)


def test_what_an_officer_dismissed_is_not_proposed_again(officer) -> None:
    make_torn(officer)
    relink = dismiss_relink(officer, make_relink(officer).ref)
    assert relink.state == "dismissed"
    again = make_relink(officer)
    assert (again.proposals, again.figures["left_out"]) == ([], 1)


def test_what_was_dismissed_together_may_be_proposed_in_part() -> None:
    decided = Decided(
        apart=(),
        dismissed=(frozenset({1, 2, 3}), frozenset({5, -6})),
        kept=frozenset(),
        stay=frozenset(),
    )
    for series in ((1, 2), (2, 3), (1, 3), (1, 2, 4)):
        change = Change(verb="unite", series=series, reports=())
        assert decided.allow(change) == (change, False)
    same = Change(verb="unite", series=(3, 2, 1), reports=())
    assert decided.allow(same) == (None, True)
    # Of more than that, all but what would complete it.
    more = Change(verb="unite", series=(1, 2, 3, 4), reports=(9,))
    left = Change(verb="unite", series=(1, 2, 4), reports=(9,))
    assert decided.allow(more) == (left, True)
    grown = Change(verb="unite", series=(5,), reports=(6, 7))
    left = Change(verb="unite", series=(5,), reports=(7,))
    assert decided.allow(grown) == (left, True)


def test_of_three_dismissed_two_may_unite_later(officer) -> None:
    for number in range(1, 10):
        link(number, iban(1))
    (row,) = list_series(officer)
    one = row.series.ref
    two, three = (
        split_series(
            officer, one, [f"RS-R-{n:06d}" for n in range(first, first + 3)], reason=""
        ).ref
        for first in (4, 7)
    )
    Decision.objects.all().delete()
    relink = make_relink(officer)
    assert words(relink) == [f"Unite {one}, {two}, {three}"]
    dismiss_relink(officer, relink.ref)
    assert make_relink(officer).proposals == []
    # The third is no longer alike: what is proposed is another union.
    Mention.objects.filter(holder__member__series_id=int(three[-6:])).delete()
    assert words(make_relink(officer)) == [f"Unite {one}, {two}"]


def test_what_is_too_large_to_show_is_counted(officer, monkeypatch) -> None:
    monkeypatch.setattr(relinking, "MAX_REPORTS_MOVED", 2)
    for number in range(1, 4):
        link(number, iban(1))
    for number in range(11, 13):
        link(number, iban(2))
    Member.objects.all().delete()
    relink = make_relink(officer)
    assert words(relink) == ["Found a series of RS-R-000011, RS-R-000012"]
    assert relink.figures["too_large"] == 1
    assert relink.figures["left_out"] == 0


def test_reports_that_stand_alone_found_a_series_and_undo_frees_them(officer) -> None:
    link(1, iban(1))
    link(2, iban(1))
    Member.objects.all().delete()
    relink = make_relink(officer)
    assert words(relink) == ["Found a series of RS-R-000001, RS-R-000002"]
    apply_relink(officer, relink.ref, 1)
    made = Decision.objects.get(verb="add").series.ref
    assert members(officer, made) == {1, 2}
    # Its reasons are on the page of the series.
    explained = explain_series(access_series(officer, made))
    assert all(member.because for member in explained)
    undo_decision(officer, made)
    assert members(officer, made) == set()
    assert make_relink(officer).figures["left_out"] == 1


def test_a_report_that_stands_alone_is_added(officer) -> None:
    for number in (1, 2, 3):
        linked = link(number, iban(1))
    Member.objects.get(holder=linked.holder).delete()
    series = linked.series
    series.size = 2
    series.save()
    relink = make_relink(officer)
    assert words(relink) == [f"Add RS-R-000003 to {series.ref}"]
    apply_relink(officer, relink.ref, 1)
    assert members(officer, series.ref) == {1, 2, 3}
    undo_decision(officer, series.ref)
    assert members(officer, series.ref) == {1, 2}


def make_mixed(officer: Actor) -> tuple[str, str]:
    """Two offenders' reports, of which one stands in the wrong series."""
    for number in (1, 2, 3, 4):
        one = link(number, iban(1))
    for number in (11, 12, 13, 14):
        two = link(number, iban(2))
    one, two = one.series.ref, two.series.ref
    part = split_series(officer, two, ["RS-R-000014"], reason="").ref
    merge_series(officer, one, part, reason="")
    Decision.objects.all().delete()
    return one, two


def test_a_report_in_the_wrong_series_is_taken_to_the_right_one(officer) -> None:
    one, two = make_mixed(officer)
    relink = make_relink(officer)
    assert words(relink) == [f"Take RS-R-000014 out of {one} and into {two}"]
    apply_relink(officer, relink.ref, 1)
    assert members(officer, one) == {1, 2, 3, 4}
    assert members(officer, two) == {11, 12, 13, 14}
    undo_decision(officer, two)
    undo_decision(officer, one)
    assert members(officer, one) == {1, 2, 3, 4, 14}


@pytest.mark.parametrize("step", ["confirm", "merge", "dismiss"])
def test_nothing_is_taken_out_of_what_an_officer_stands_behind(officer, step) -> None:
    one, _ = make_mixed(officer)
    match step:
        case "confirm":
            confirm_series(officer, one)
        case "merge":
            link(21, iban(3))
            three = link(22, iban(3)).series.ref
            merge_series(officer, one, three, reason="")
        case _:
            dismiss_relink(officer, make_relink(officer).ref)
    relink = make_relink(officer)
    assert [p for p in relink.proposals if p["verb"] == "take_out"] == []
    assert relink.figures["left_out"] >= 1


def test_linking_goes_on_meanwhile_and_what_no_longer_fits_is_skipped(officer) -> None:
    one, two = make_torn(officer)
    relink = make_relink(officer)
    # Growth alone is no hindrance; that an officer decided is one.
    link(7, iban(1))
    confirm_series(officer, two)
    (proposal,) = apply_relink(officer, relink.ref).proposals
    assert proposal["state"] == "skipped"
    assert proposal["word"] == "an officer has decided on a series in it since"
    assert members(officer, two) == {4, 5, 6}
    assert one in {row.series.ref for row in list_series(officer)}


def test_a_report_that_was_taken_elsewhere_holds_nothing_else_apart(officer) -> None:
    one, two = make_mixed(officer)
    relink = make_relink(officer)
    apply_relink(officer, relink.ref)
    assert members(officer, two) == {11, 12, 13, 14}
    keys = [int(ref[-6:]) for ref in (one, two)]
    assert list_kept_apart(keys, []) == frozenset()
    assert list_decided(officer.organisation_id).apart == ()


def test_a_series_that_was_merged_meanwhile_is_skipped(officer) -> None:
    one, two = make_torn(officer)
    relink = make_relink(officer)
    merge_series(officer, one, two, reason="")
    (proposal,) = apply_relink(officer, relink.ref).proposals
    assert proposal["word"] == "a series in it is another by now"


def test_a_proposal_is_decided_once_and_a_later_relink_takes_the_place(officer) -> None:
    make_torn(officer)
    first, second = make_relink(officer), make_relink(officer)
    first.refresh_from_db()
    assert first.state == "replaced"
    with pytest.raises(StateError):
        apply_relink(officer, first.ref)
    with pytest.raises(InputError):
        apply_relink(officer, second.ref, 9)
    apply_relink(officer, second.ref, 1)
    for number in (1, None):
        with pytest.raises(StateError):
            apply_relink(officer, second.ref, number)


def test_who_may_not_change_series_is_refused(officer) -> None:
    make_torn(officer)
    ref = make_relink(officer).ref
    with pytest.raises(ForbiddenError):
        make_relink(make_actor("intake"))
    with pytest.raises(ForbiddenError):
        apply_relink(make_actor("intake"), ref)
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    with pytest.raises(NotFoundError):
        dismiss_relink(stranger, ref)
    assert make_relink(stranger).figures["reports"] == 0


def test_a_report_that_only_repeats_its_source_stays_where_it_is(officer) -> None:
    for number in (1, 2, 3):
        link(number, iban(1), phone(1), source="one")
    Member.objects.all().delete()
    assert make_relink(officer).proposals == []


def test_a_report_that_names_a_stop_value_is_linked_anew_whoever_tells(
    officer,
) -> None:
    stop = mention("domain", "facebook.com")
    for number in range(1, 7):
        link(number, iban(1), stop, source=f"source {number}")
    (row,) = list_series(officer)
    one = row.series.ref
    left = [f"RS-R-{n:06d}" for n in (4, 5, 6)]
    two = split_series(officer, one, left, reason="").ref
    Decision.objects.all().delete()
    assert words(make_relink(officer)) == [f"Unite {one}, {two}"]


def test_what_a_report_tells_is_read_though_it_names_a_stop_value_alone(
    officer, monkeypatch
) -> None:
    asked = tell(monkeypatch, {})
    link(1, mention("domain", "facebook.com"), source="one")
    link(2, iban(1), source="two")
    # The third says what its source had said before, and nothing else.
    link(3, iban(1), mention("domain", "facebook.com"), source="two")
    make_relink(officer)
    assert asked == ["RS-R-000001", "RS-R-000002"]


def test_the_wording_of_reports_unites_and_is_counted(officer, monkeypatch) -> None:
    told = {
        n: f"the parcel of silver spoons waits at the customs office, word{n} end"
        for n in (1, 2)
    }
    tell(monkeypatch, told)
    monkeypatch.setattr(relinking, "LEAST_TEXTS", 2)
    for number in range(1, 4):
        link(number)
    make_relink(officer)
    make_relink(officer)
    make_relink(officer)
    assert PhraseRarity.objects.count() == relinking.RARITIES_KEPT
    assert max(PhraseRarity.objects.first().levels) < 255


def test_gathering_refuses_what_is_in_a_series_and_strangers(officer) -> None:
    link(1, iban(1))
    link(2, iban(1))
    link(3, iban(3))
    with pytest.raises(StateError):
        gather_reports(officer, ["RS-R-000002", "RS-R-000003"], reason="")
    with pytest.raises(InputError):
        gather_reports(officer, ["RS-R-000003"], reason="")
    with pytest.raises(InputError):
        gather_reports(officer, ["RS-R-000009", "RS-R-000003"], reason="")


def test_the_relink_of_a_night_is_one_job_and_done_once(officer) -> None:
    make_torn(officer)
    Job.objects.all().delete()
    plan_jobs()
    plan_jobs()
    jobs = Job.objects.filter(kind=RELINK, payload__organisation=ours().pk)
    job = jobs.get()
    night = timezone.localtime(job.next_at)
    assert (night.hour, night.minute) == (2, 0)
    assert timezone.now() < job.next_at <= timezone.now() + timedelta(days=1)
    later = job.next_at + timedelta(seconds=1)
    leased = lease_job(later, timedelta(minutes=1))
    assert leased is not None
    # Another worker gets none while it is leased.
    assert lease_job(later, timedelta(minutes=1)) is None
    assert run_job(leased) == Done()
    assert leased.lease_until > timezone.now() + timedelta(hours=1)
    assert jobs.get().state == Job.State.DONE
    assert Relink.objects.count() == 1
    plan_jobs()
    assert jobs.count() == 1


def test_series_that_nothing_holds_together_are_told_and_left() -> None:
    compared = find_changes([(1, 10, 1), (2, 10, 2), (3, None, 3), (4, None, 3)])
    assert compared.not_held == 1
    assert compared.changes == (Change(verb="found", series=(), reports=(3, 4)),)


def test_many_proposals_are_applied_a_few_at_a_time(officer, monkeypatch) -> None:
    monkeypatch.setattr(actions, "APPLIED_AT_ONCE", 2)
    for number in range(5):
        link(2 * number + 1, iban(number))
        link(2 * number + 2, iban(number))
    Member.objects.all().delete()
    relink = apply_relink(officer, make_relink(officer).ref)
    assert [one["state"] for one in relink.proposals] == ["applied"] * 5
    assert relink.state == "applied"
    assert Entry.objects.filter(action="relink.apply").count() == 3


def test_nothing_of_the_export_is_left_on_disk(officer, settings) -> None:
    make_torn(officer)
    make_relink(officer)
    assert list((settings.CONFIG.home / "relink").iterdir()) == []


def test_units_that_an_officer_holds_apart_come_into_no_common_change() -> None:
    decided = Decided(
        apart=(frozenset({1, 2}), frozenset({3, -9})),
        dismissed=(),
        kept=frozenset({5}),
        stay=frozenset({(6, 7)}),
    )
    unite = Change(verb="unite", series=(1, 2, 3), reports=(8, 9))
    left = Change(verb="unite", series=(1, 3), reports=(8,))
    assert decided.allow(unite) == (left, True)
    assert decided.allow(left) == (left, False)
    alone = Change(verb="unite", series=(3,), reports=(9,))
    assert decided.allow(alone) == (None, True)
    for series, report, to in ((5, 8, None), (6, 7, None), (1, 8, 2)):
        change = Change(verb="take_out", series=(series,), reports=(report,), to=to)
        assert decided.allow(change) == (None, True)
    fine = Change(verb="take_out", series=(6,), reports=(8,), to=1)
    assert decided.allow(fine) == (fine, False)
