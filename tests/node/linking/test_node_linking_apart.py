"""What officers took apart stays apart, online and in a relink, until they say else."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.node.node_world import (
    Given,
    iban,
    link_report,
    make_actor,
    name_report,
    ours,
    phone,
)

from proxeny import linking
from proxeny.errors import StateError
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.linking.access import access_series
from proxeny.node.linking.actions import (
    confirm_series,
    gather_reports,
    merge_series,
    split_series,
    undo_decision,
)
from proxeny.node.linking.models import Apart, Decision, Series
from proxeny.node.linking.queries import (
    list_holders,
    list_related,
    list_series,
    search_selector,
)
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.linking.standing import list_kept_apart, name_series
from proxeny.node.linking.uniting import keep_apart
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


def make_series(*numbers: int, shared: int) -> str:
    """Reports that share one account, and the reference of their series."""
    for number in numbers:
        linked = link_report(number, iban(shared))
    return linked.series.ref


def refs(*numbers: int) -> list[str]:
    return [name_report(number) for number in numbers]


def split(officer: Actor, ref: str, *numbers: int) -> str:
    return split_series(officer, ref, refs(*numbers), reason="").ref


def members(officer: Actor, ref: str) -> set[int]:
    found = list_holders(access_series(officer, ref))
    return {int(holder.ref[-6:]) for holder in found}


def require_apart(officer: Actor, *numbers: int, by: tuple[Given, ...]) -> None:
    """Whatever comes by these selectors, no two of the reports are in one series."""
    for number in range(100, 106):
        link_report(number, *by)
    for row in list_series(officer):
        assert len(members(officer, row.series.ref) & {*numbers}) < 2
    assert not Decision.objects.filter(by=MACHINE).exists()
    assert make_relink(officer).proposals == []


def test_what_is_split_off_a_part_stays_apart_from_all_that_the_part_was_apart_from(
    officer,
) -> None:
    one = make_series(1, 2, 3, 4, 5, shared=1)
    part = split(officer, one, 4, 5)
    split(officer, part, 5)
    require_apart(officer, 1, 4, 5, by=(iban(1),))


def test_what_is_split_off_the_rest_stays_apart_from_what_was_split_off_before(
    officer,
) -> None:
    one = make_series(1, 2, 3, 4, 5, shared=1)
    split(officer, one, 4)
    split(officer, one, 5)
    require_apart(officer, 1, 4, 5, by=(iban(1),))


def test_an_undone_split_holds_no_longer_apart_what_was_split_off_its_part(
    officer,
) -> None:
    """Undone, the first split's part is back; only what the second said still holds."""
    one = make_series(1, 2, 3, 4, 5, 6, shared=1)
    part = split(officer, one, 4, 5, 6)
    last = split(officer, part, 6)
    # The newest of the first series is the first split.
    assert undo_decision(officer, one).other.ref == part
    assert members(officer, one) == {1, 2, 3, 4, 5}
    # 4 and 5 are in the first series again, and an officer took 6 away from them.
    require_apart(officer, 1, 6, by=(iban(1),))
    assert undo_decision(officer, part).other.ref == last
    assert Apart.objects.count() == 0


def test_a_part_that_a_merge_brought_stays_apart_when_the_merge_is_undone(
    officer,
) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="")
    split(officer, one, 2)
    undo_decision(officer, two)
    require_apart(officer, 1, 2, 3, by=(iban(1), iban(2)))


def test_a_part_stays_apart_from_what_its_series_was_unmerged_from(officer) -> None:
    one, two = make_series(1, 2, 3, shared=1), make_series(4, 5, shared=2)
    merge_series(officer, one, two, reason="")
    undo_decision(officer, two)
    split(officer, one, 3)
    require_apart(officer, 1, 3, 4, by=(iban(1), iban(2)))


def test_reports_whose_gathering_was_undone_are_not_pulled_in_again(officer) -> None:
    link_report(1, iban(1), iban(2))
    one = link_report(2, iban(1), iban(2)).series.ref
    link_report(3, phone(1))
    gather_reports(officer, refs(3), into=one, reason="")
    undo_decision(officer, one)
    assert members(officer, one) == {1, 2}
    require_apart(officer, 1, 3, by=(iban(1), iban(2), phone(1)))


def test_it_holds_when_the_report_has_come_into_a_series_of_its_own(officer) -> None:
    one = make_series(1, 2, shared=1)
    link_report(3, phone(1))
    gather_reports(officer, refs(3), into=one, reason="")
    undo_decision(officer, one)
    link_report(4, phone(1))
    other = link_report(5, phone(1)).series.ref
    assert members(officer, other) == {3, 4, 5}
    require_apart(officer, 1, 3, by=(iban(1), phone(1)))


def test_a_report_stays_apart_from_what_was_unmerged_while_it_was_there(
    officer,
) -> None:
    one, two = make_series(1, 2, shared=1), make_series(4, 5, shared=2)
    link_report(3, phone(1))
    gather_reports(officer, refs(3), into=one, reason="")
    merge_series(officer, one, two, reason="")
    assert undo_decision(officer, one).verb == Decision.Verb.MERGE
    assert undo_decision(officer, one).verb == Decision.Verb.ADD
    require_apart(officer, 1, 3, 4, by=(iban(1), iban(2), phone(1)))


def test_a_report_that_was_freed_takes_its_own_word_along(officer) -> None:
    """What holds a report apart holds its series only while the report is in it."""
    one = make_series(1, 2, shared=1)
    link_report(3, phone(1))
    gather_reports(officer, refs(3), into=one, reason="")
    undo_decision(officer, one)
    other = make_series(4, 5, shared=2)
    gather_reports(officer, refs(3), into=other, reason="")
    pair = frozenset({name_series(key_of(one)), name_series(key_of(other))})
    assert list_kept_apart([key_of(one), key_of(other)], []) == {pair}
    part = split(officer, other, 3)
    third = frozenset({name_series(key_of(one)), name_series(key_of(part))})
    assert list_kept_apart([key_of(one), key_of(other)], []) == set()
    assert list_kept_apart([key_of(one), key_of(part)], []) == {third}
    undo_decision(officer, other)
    assert list_kept_apart([key_of(one), key_of(other)], []) == {pair}
    undo_decision(officer, other)
    assert list_kept_apart([key_of(one), key_of(other)], []) == set()


def key_of(ref: str) -> int:
    return int(ref[-6:])


def test_reports_whose_founding_was_undone_come_into_no_common_series(officer) -> None:
    for number in (1, 2, 3):
        link_report(number, phone(number))
    one = gather_reports(officer, refs(1, 2, 3), reason="").ref
    undo_decision(officer, one)
    require_apart(officer, 1, 2, 3, by=(phone(1), phone(2), phone(3)))


def test_reports_that_were_gathered_by_mistake_may_belong_together(officer) -> None:
    one = make_series(1, 2, shared=1)
    for number in (3, 4):
        link_report(number, phone(number))
    gather_reports(officer, refs(3, 4), into=one, reason="")
    undo_decision(officer, one)
    linked = link_report(5, phone(3), phone(4))
    assert members(officer, linked.series.ref) == {3, 4, 5}


@pytest.mark.parametrize("many", [0, 300])
def test_many_other_decisions_cost_a_report_nothing(officer, many) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="")
    undo_decision(officer, one)
    founder = holder_of(1)
    make = {"organisation": ours(), "founder": founder, "created_at": timezone.now()}
    rows = Series.objects.bulk_create([Series(**make) for _ in range(2 * many)])
    for left, right in zip(rows[::2], rows[1::2], strict=True):
        keep_apart(
            Decision.objects.create(
                organisation=ours(),
                verb=Decision.Verb.SPLIT,
                series=left,
                other=right,
                by="officer",
                at=timezone.now(),
            ),
            [[left.pk], [right.pk]],
        )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = list_kept_apart([key_of(one), key_of(two)], [])
    assert len(found) == 1
    (query,) = asked.captured_queries
    assert "linking_decision" not in query["sql"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [row[-1] for row in cursor.fetchall()]
            scanned = {step for step in plan if step.startswith("SCAN")}
            assert scanned <= {"SCAN below", "SCAN one", "SCAN other"}


def test_what_was_decided_before_this_was_kept_is_taken_over(officer) -> None:
    one, two = make_series(1, 2, 3, shared=1), make_series(4, 5, shared=2)
    part = split(officer, one, 3)
    merge_series(officer, one, two, reason="")
    undo_decision(officer, one)
    link_report(6, phone(1))
    gather_reports(officer, refs(6), into=one, reason="")
    undo_decision(officer, one)
    keys, alone = [key_of(ref) for ref in (one, two, part)], [holder_of(6).pk]
    before = list_kept_apart(keys, alone)
    Apart.objects.all().delete()
    migration = import_module("proxeny.node.linking.migrations.0003_apart")
    migration.keep_apart(apps, None)
    kept = list_kept_apart(keys, alone)
    assert len(kept) == 3
    assert kept <= before


def holder_of(number: int) -> Holder:
    return Holder.objects.get(ref=refs(number)[0])


def make_confirmed(officer: Actor) -> tuple[str, str]:
    """Two series that an officer stands behind, and that the machine then merges."""
    both = []
    for first, second, numbers in ((1, 11, (1, 2)), (2, 12, (3, 4))):
        for number in numbers:
            linked = link_report(number, iban(first), iban(second))
        both.append(linked.series.ref)
        confirm_series(officer, both[-1])
    for number in range(5, 40, 2):
        link_report(number, iban(1), iban(2))
        link_report(number + 1, iban(11), iban(12))
        if Decision.objects.filter(by=MACHINE).exists():
            break
    merge = Decision.objects.get(by=MACHINE)
    return merge.series.ref, merge.other.ref


def is_confirmed(officer: Actor, ref: str) -> bool:
    series = access_series(officer, ref)
    assert bool(series.confirmed_by) == bool(series.confirmed_at)
    return series.confirmed_by == officer.name


def test_a_confirmation_stands_again_when_the_machines_merge_is_undone(officer) -> None:
    one, two = make_confirmed(officer)
    assert access_series(officer, two).ref == one
    assert not is_confirmed(officer, one)
    assert undo_decision(officer, one).by == MACHINE
    assert is_confirmed(officer, one)
    assert is_confirmed(officer, two)


def test_a_confirmation_waits_until_every_later_merge_is_undone(officer) -> None:
    one, two = make_confirmed(officer)
    three = make_series(91, 92, shared=9)
    merge_series(officer, one, three, reason="")
    # The officer's own merge is undone first: the machine's still stands.
    assert undo_decision(officer, one).by == officer.name
    assert not is_confirmed(officer, one)
    undo_decision(officer, two)
    assert is_confirmed(officer, one)


def test_a_confirmation_of_the_whole_is_not_that_of_the_part(officer) -> None:
    one, two = make_confirmed(officer)
    confirm_series(officer, one)
    assert is_confirmed(officer, one)
    assert undo_decision(officer, one).verb == Decision.Verb.CONFIRM
    assert not is_confirmed(officer, one)
    undo_decision(officer, two)
    assert is_confirmed(officer, one)


def test_a_series_that_was_emptied_is_related_to_nothing(officer) -> None:
    one, three = make_series(1, 2, 3, shared=1), make_series(6, 7, shared=3)
    linked = link_report(8, iban(1), iban(3))
    joined = {one, three} & {linked.series.ref}
    (other,) = {one, three} - joined
    first = 1 if joined == {one} else 6
    emptied = split(officer, linked.series.ref, first)
    undo_decision(officer, linked.series.ref)
    assert members(officer, emptied) == set()
    related = {row.ref for row, _ in list_related(access_series(officer, other))}
    assert related == joined


def test_a_hub_says_why_it_links_nobody(officer, monkeypatch) -> None:
    make_series(1, 2, 3, shared=1)
    wanted = iban(1).selector
    assert search_selector(officer, wanted).stop == ""
    monkeypatch.setattr(linking, "STOP_AFTER_HOLDERS", 2)
    found = search_selector(officer, wanted)
    assert found.stop == "more than 2 reports hold it"


@pytest.mark.parametrize(
    "decide",
    [
        lambda who, full, empty: merge_series(who, full, empty, reason=""),
        lambda who, full, empty: merge_series(who, empty, full, reason=""),
        lambda who, _, empty: gather_reports(who, refs(9), into=empty, reason=""),
        lambda who, _, empty: confirm_series(who, empty),
    ],
    ids=["merge", "merge into", "gather", "confirm"],
)
def test_nothing_is_done_with_a_series_that_was_emptied(
    officer, decide: Callable[..., object]
) -> None:
    one, two = make_series(1, 2, 3, shared=1), make_series(4, 5, shared=2)
    three = make_series(6, 7, shared=3)
    link_report(8, iban(1), iban(3))
    link_report(9, phone(9))
    emptied = split(officer, one, 1)
    undo_decision(officer, one)
    before = {row.ref for row, _ in list_related(access_series(officer, one))}
    assert three in before or two in before
    with pytest.raises(StateError, match="no reports") as refused:
        decide(officer, two, emptied)
    assert refused.value.stable_code == "PXY-SERIES-EMPTY"
    after = {row.ref for row, _ in list_related(access_series(officer, one))}
    assert after == before
