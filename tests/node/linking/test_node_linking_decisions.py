"""Merge, split, confirm, undo: nothing is lost, sizes hold, a split stays split."""

import random
import threading
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from tests.node.node_world import Given, at_day, make_actor, mention, ours
from tests.node.together import run_together

from proxeny.errors import (
    ForbiddenError,
    InputError,
    NotFoundError,
    ProxenyError,
    StateError,
)
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry
from proxeny.node.linking import actions
from proxeny.node.linking.access import access_series
from proxeny.node.linking.actions import (
    confirm_series,
    gather_reports,
    merge_series,
    split_series,
    undo_decision,
)
from proxeny.node.linking.holders import Linked, link_holder
from proxeny.node.linking.models import Decision, Member, Series
from proxeny.node.linking.queries import (
    count_series,
    explain_series,
    list_decisions,
    list_holders,
    list_related,
    list_series,
    rows_of,
)
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db
SEEDS = (1, 7, 20261121)
STEPS = 60


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


def iban(number: int) -> Given:
    return mention("iban", f"DE{number:020d}")


def link(number: int, *mentions: Given) -> Linked:
    facts = HolderFacts(
        organisation_id=ours().pk,
        ref=f"RS-R-{number:06d}",
        at=at_day(1),
        country=None,
        offence=None,
        amount=None,
        currency=None,
    )
    with transaction.atomic():
        return link_holder(facts, mentions)


def make_series(*numbers: int, shared: int) -> str:
    """Reports that share one account, and the reference of their series."""
    for number in numbers:
        linked = link(number, iban(shared))
    return linked.series.ref


def members(actor: Actor, ref: str) -> set[int]:
    series = access_series(actor, ref)
    found = {int(holder.ref[-6:]) for holder in list_holders(series)}
    assert series.size == len(found)
    return found


def test_a_merge_is_undone_with_those_that_joined_later_left_in_place(officer) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    assert merge_series(officer, one, two, reason="same voice").ref == one
    assert members(officer, two) == members(officer, one) == {1, 2, 3, 4}
    assert count_series(officer) == 1
    # A report that comes by the second's account joins what now stands for both.
    assert link(5, iban(2)).series.ref == one
    decision = undo_decision(officer, two)
    assert (decision.verb, decision.undone_by) == ("merge", officer.name)
    assert members(officer, one) == {1, 2, 5}
    assert members(officer, two) == {3, 4}


def test_an_undone_merge_takes_along_what_was_merged_into_it_before(officer) -> None:
    one = make_series(1, 2, shared=1)
    two = make_series(3, 4, shared=2)
    three = make_series(5, 6, shared=3)
    merge_series(officer, two, three, reason="")
    merge_series(officer, one, two, reason="")
    assert members(officer, three) == {1, 2, 3, 4, 5, 6}
    undo_decision(officer, one)
    assert members(officer, one) == {1, 2}
    assert members(officer, three) == members(officer, two) == {3, 4, 5, 6}


def test_a_split_is_undone_after_its_part_was_merged_elsewhere(officer) -> None:
    one, two = make_series(1, 2, 3, shared=1), make_series(4, 5, shared=2)
    part = split_series(officer, one, ["RS-R-000003"], reason="other wording").ref
    assert (members(officer, one), members(officer, part)) == ({1, 2}, {3})
    merge_series(officer, two, part, reason="")
    assert members(officer, two) == {3, 4, 5}
    assert undo_decision(officer, one).verb == "split"
    assert members(officer, one) == {1, 2, 3}
    assert members(officer, two) == {4, 5}


def test_members_go_back_to_a_series_that_stands_alone_again(officer) -> None:
    """Merge, split what the merge brought, undo the merge, undo the split."""
    one, two = make_series(1, 2, shared=1), make_series(3, 4, 5, shared=2)
    merge_series(officer, one, two, reason="")
    split_series(officer, one, ["RS-R-000004"], reason="")
    undo_decision(officer, two)
    assert members(officer, two) == {3, 5}
    undo_decision(officer, one)
    assert members(officer, one) == {1, 2}
    assert members(officer, two) == {3, 4, 5}


def test_a_split_of_a_merged_series_goes_back_to_both_parts(officer) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="")
    part = split_series(officer, one, ["RS-R-000002", "RS-R-000003"], reason="").ref
    assert members(officer, part) == {2, 3}
    undo_decision(officer, one)
    assert members(officer, one) == {1, 2, 3, 4}
    undo_decision(officer, one)
    assert (members(officer, one), members(officer, two)) == ({1, 2}, {3, 4})


def test_what_was_split_is_not_linked_together_again(officer) -> None:
    one = make_series(1, 2, 3, shared=1)
    part = split_series(officer, one, ["RS-R-000003"], reason="").ref
    for number in range(4, 10):
        link(number, iban(1))
    assert members(officer, one) & members(officer, part) == set()
    assert len(members(officer, one) | members(officer, part)) == 9
    assert not Decision.objects.filter(verb=Decision.Verb.MERGE).exists()
    # It is shown as related, so that an officer may think again.
    related = {other.ref for other, _ in list_related(access_series(officer, one))}
    assert related == {part}


def test_a_split_keeps_apart_until_it_is_undone(officer) -> None:
    one = make_series(1, 2, shared=1)
    part = split_series(officer, one, ["RS-R-000002"], reason="").ref
    link(3, iban(1), iban(7))
    assert members(officer, one).isdisjoint(members(officer, part))
    undo_decision(officer, one)
    link(4, iban(1), iban(7))
    assert members(officer, one) == {1, 2, 3, 4}


def test_an_officer_may_merge_what_was_split(officer) -> None:
    one = make_series(1, 2, 3, shared=1)
    part = split_series(officer, one, ["RS-R-000003"], reason="").ref
    merge_series(officer, one, part, reason="the same after all")
    assert members(officer, one) == {1, 2, 3}
    link(4, iban(1))
    assert members(officer, one) == {1, 2, 3, 4}


def test_what_an_officer_unmerged_is_not_merged_again_by_the_machine(officer) -> None:
    one = make_series(1, 2, shared=1)
    other = make_series(3, 4, shared=2)
    merge_series(officer, one, other, reason="")
    undo_decision(officer, one)
    for number in range(5, 12):
        link(number, iban(1), iban(2))
    assert members(officer, one).isdisjoint(members(officer, other))
    assert not Decision.objects.filter(
        verb=Decision.Verb.MERGE, undone_at=None
    ).exists()


def test_taking_back_a_second_confirmation_leaves_the_first(officer) -> None:
    one = make_series(1, 2, shared=1)
    confirm_series(make_actor("supervisor"), one)
    confirm_series(officer, one)
    undo_decision(officer, one)
    assert access_series(officer, one).confirmed_by == "supervisor"


def test_a_list_of_series_takes_the_same_statements_however_long(
    officer, django_assert_max_num_queries
) -> None:
    for number in range(0, 24, 2):
        make_series(number + 1, number + 2, shared=number + 100)
    with django_assert_max_num_queries(8):
        rows = list_series(officer)
    assert [row.reports for row in rows] == [2] * 12


def test_confirming_is_noted_and_undone(officer) -> None:
    one = make_series(1, 2, shared=1)
    assert confirm_series(officer, one).confirmed_by == officer.name
    assert undo_decision(officer, one).verb == "confirm"
    series = access_series(officer, one)
    assert (series.confirmed_at, series.confirmed_by) == (None, "")
    with pytest.raises(StateError, match="no decision to undo"):
        undo_decision(officer, one)


def test_every_decision_is_kept_with_its_reason_and_audited(officer) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="same voice")
    undo_decision(officer, one)
    decision = list_decisions(access_series(officer, one))[0]
    assert (decision.reason, decision.by) == ("same voice", officer.name)
    assert decision.undone_at is not None
    rows = Entry.objects.order_by("pk").values_list("action", "wrote", "refs")
    assert list(rows) == [
        ("series.merge", True, [one, two]),
        ("series.undo", True, [one, two]),
    ]


def test_explain_gives_each_member_the_links_that_hold_it(officer) -> None:
    one = make_series(1, 2, 3, shared=1)
    explained = explain_series(access_series(officer, one))
    assert [member.holder.ref[-1] for member in explained] == ["3", "2", "1"]
    for member in explained:
        assert member.bits == member.because[0].bits > 0
        names = {term["name"] for term in member.because[0].terms}
        assert names == {"selector", "time"}


@pytest.mark.parametrize(
    ("refs", "error"),
    [
        ([], InputError),
        (["RS-R-000001", "RS-R-000002"], InputError),
        (["RS-R-000003"], InputError),
        (["RS-R-000001", "nonsense"], InputError),
        (["RS-R-000001" * 50], InputError),
    ],
    ids=["none", "all", "stranger", "nonsense", "long"],
)
def test_a_split_that_makes_no_sense_is_refused(officer, refs, error) -> None:
    one = make_series(1, 2, shared=1)
    make_series(3, 4, shared=2)
    with pytest.raises(error):
        split_series(officer, one, refs, reason="")
    assert members(officer, one) == {1, 2}
    assert not Decision.objects.exists()


def test_a_series_is_not_merged_with_itself(officer) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="")
    for ref in (one, two):
        with pytest.raises(StateError, match="one series already"):
            merge_series(officer, one, ref, reason="")


def test_who_may_not_decide_is_refused() -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    for actor, error in (
        (make_actor("intake"), ForbiddenError),
        (make_actor("auditor"), NotFoundError),
        (stranger, NotFoundError),
    ):
        for decide in (
            lambda who: merge_series(who, one, two, reason=""),
            lambda who: split_series(who, one, ["RS-R-000001"], reason=""),
            lambda who: confirm_series(who, one),
            lambda who: undo_decision(who, one),
        ):
            with pytest.raises(error):
                decide(actor)
    assert not Decision.objects.exists()


@dataclass
class Naive:
    """Who is where, in sets and dictionaries: the slow and obvious way."""

    inside: dict[int, int] = field(default_factory=dict)
    parent: dict[int, int | None] = field(default_factory=dict)
    # Of each decision that took reports apart: those on both sides.
    apart: dict[int, tuple[set[int], set[int]]] = field(default_factory=dict)

    def root(self, row: int) -> int:
        while (above := self.parent[row]) is not None:
            row = above
        return row

    def groups(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for holder, row in self.inside.items():
            found.setdefault(self.root(row), set()).add(holder)
        return found

    def learn(self, since: int) -> None:
        """Newcomers join; the machine may have merged."""
        for member in Member.objects.exclude(holder_id__in=self.inside):
            self.parent.setdefault(member.series_id, None)
            self.inside[member.holder_id] = member.series_id
        for merge in Decision.objects.filter(pk__gt=since):
            self.parent[merge.other_id] = merge.series_id

    def place(self, holder: int) -> int:
        """The series that it is in, or itself below zero."""
        row = self.inside.get(holder)
        return -holder if row is None else self.root(row)

    def pairs_apart(self) -> set[tuple[int, int]]:
        """Reports that officers took apart and nobody united since."""
        return {
            (left, right)
            for one, other in self.apart.values()
            for left in one
            for right in other
            if self.place(left) != self.place(right)
        }

    def undo(self, decision: Decision) -> None:
        self.apart.pop(decision.pk, None)
        if decision.verb == Decision.Verb.ADD:
            row = decision.series_id
            freed = {h for h in decision.moved.values() if self.inside.get(h) == row}
            for holder in freed:
                del self.inside[holder]
            self.apart[decision.pk] = self.groups().get(self.root(row), set()), freed
            return
        if decision.verb == Decision.Verb.MERGE:
            above = self.root(decision.other_id)
            self.parent[decision.other_id] = None
            groups = self.groups()
            self.apart[decision.pk] = (
                groups.get(above, set()),
                groups.get(decision.other_id, set()),
            )
        for member, row in decision.moved.items():
            holder = Member.objects.get(pk=int(member)).holder_id
            if self.inside[holder] == decision.other_id:
                self.inside[holder] = row


def require_same(officer: Actor, naive: Naive) -> None:
    groups = naive.groups()
    standing = {row.series.pk: row for row in list_series(officer, limit=1000)}
    assert standing.keys() == groups.keys()
    for pk, row in standing.items():
        inside = {holder.pk for holder in list_holders(row.series)}
        assert inside == groups[pk]
        assert row.series.size == row.reports == len(inside)
    assert dict(Member.objects.values_list("holder_id", "series_id")) == naive.inside
    # A row below another counts what stands under it: an undo makes it stand again.
    for series in Series.objects.filter(parent=None):
        recount = Member.objects.filter(series_id__in=rows_of(series)).count()
        assert series.size == recount


@pytest.mark.parametrize("seed", SEEDS)
def test_any_sequence_of_decisions_agrees_with_a_naive_model(officer, seed) -> None:
    source = random.Random(seed)
    naive = Naive()
    done: dict[str, int] = {}
    for step in range(STEPS):
        groups = naive.groups()
        verbs = ["link", "link"]
        if groups:
            verbs += ["split", "confirm", "undo", "undo"]
            verbs += ["gather"] * Holder.objects.filter(member=None).exists()
        if len(groups) > 1:
            verbs += ["merge", "merge"]
        verb = source.choice(verbs)
        try:
            _take_step(verb, officer, naive, source, step)
        except (StateError, InputError):
            verb = "refused"
        done[verb] = done.get(verb, 0) + 1
        require_same(officer, naive)
    assert done["link"] > 10
    assert min(done[verb] for verb in ("merge", "split", "undo")) > 2


def _take_step(
    verb: str, officer: Actor, naive: Naive, source: random.Random, step: int
) -> None:
    groups = naive.groups()
    rows = sorted(naive.parent)
    any_row = f"RS-S-{source.choice(rows):06d}" if rows else ""
    match verb:
        case "link":
            apart = naive.pairs_apart()
            newest = Decision.objects.order_by("-pk").first()
            accounts = source.sample(range(7), source.choice((1, 1, 2)))
            link(step + 1, *map(iban, accounts))
            naive.learn(newest.pk if newest else 0)
            assert naive.pairs_apart() == apart
        case "merge":
            one, other = source.sample(sorted(groups), 2)
            merge_series(officer, f"RS-S-{one:06d}", f"RS-S-{other:06d}", reason="")
            naive.parent[other] = one
        case "split":
            row = source.choice(sorted(groups))
            leaving = source.sample(
                sorted(groups[row]), source.randint(1, len(groups[row]))
            )
            named = Member.objects.filter(holder_id__in=leaving)
            refs = list(named.values_list("holder__ref", flat=True))
            made = split_series(officer, f"RS-S-{row:06d}", refs, reason="")
            naive.parent[made.pk] = None
            newest = Decision.objects.latest("pk")
            naive.apart[newest.pk] = groups[row] - {*leaving}, {*leaving}
            naive.inside.update(dict.fromkeys(leaving, made.pk))
        case "gather":
            holder = source.choice(Holder.objects.filter(member=None).order_by("pk"))
            row = source.choice(sorted(groups))
            gather_reports(officer, [holder.ref], into=f"RS-S-{row:06d}", reason="")
            naive.inside[holder.pk] = row
        case "confirm":
            confirm_series(officer, any_row)
        case "undo":
            naive.undo(undo_decision(officer, any_row))


def test_hostile_references_are_answered(officer) -> None:
    one = make_series(1, 2, shared=1)
    for evil in ("", "RS-S-", "RS-S-" + "9" * 18, f"{one}\x00", "'; --", "РС-S-1"):
        for decide in (
            lambda ref: access_series(officer, ref),
            lambda ref: merge_series(officer, one, ref, reason=""),
            lambda ref: undo_decision(officer, ref),
        ):
            with pytest.raises(ProxenyError):
                decide(evil)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("several_writers")
@pytest.mark.parametrize("verb", ["merge", "split", "undo"])
def test_a_report_that_comes_during_a_decision_is_counted(monkeypatch, verb) -> None:
    """The officer's decision is halfway when an import links into the same series."""
    officer = make_actor("investigator")
    one, two = make_series(1, 2, 3, shared=1), make_series(4, 5, shared=2)
    merge_series(officer, one, make_series(6, 7, shared=3), reason="")
    halfway, linked = threading.Event(), threading.Event()
    real = actions.rows_of if verb != "merge" else actions.put_under

    def wait(*given, **named):
        halfway.set()
        # An import that has to wait for the decision is not done within this.
        linked.wait(0.7)
        return real(*given, **named)

    decide = {
        "merge": lambda: merge_series(officer, one, two, reason=""),
        "split": lambda: split_series(officer, one, ["RS-R-000003"], reason=""),
        "undo": lambda: undo_decision(officer, one),
    }[verb]

    def take() -> None:
        halfway.wait(5)
        link(8, iban(1))
        linked.set()

    with monkeypatch.context() as patched:
        patched.setattr(actions, real.__name__, wait)
        run_together([decide, take])
    for series in Series.objects.filter(parent=None):
        recount = Member.objects.filter(series_id__in=rows_of(series)).count()
        assert series.size == recount


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("several_writers")
def test_two_series_merged_into_each_other_at_once_make_no_circle() -> None:
    officer = make_actor("investigator")
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)

    def merge(ref: str, other: str) -> str:
        try:
            return merge_series(officer, ref, other, reason="").ref
        except StateError:
            return ""

    merged = run_together([lambda: merge(one, two), lambda: merge(two, one)])
    assert sorted(map(bool, merged)) == [False, True]
    assert members(officer, one) == members(officer, two) == {1, 2, 3, 4}
