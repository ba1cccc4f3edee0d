"""A refit learns from officers: what they undid weighs less from then on."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.node_world import Given, at_day, make_actor, mention, ours

from proxeny import linking
from proxeny.errors import ForbiddenError, StateError
from proxeny.linking import TEXT, Company, Comparison
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.linking.actions import (
    confirm_series,
    merge_series,
    split_series,
    undo_decision,
)
from proxeny.node.linking.holders import Linked, link_holder
from proxeny.node.linking.learning.comparisons import (
    pack_comparison,
    unpack_comparison,
)
from proxeny.node.linking.learning.judged import list_judged
from proxeny.node.linking.learning.refitting import (
    refit_scorecard,
    use_packaged_scorecard,
)
from proxeny.node.linking.learning.scorecards import find_weights
from proxeny.node.linking.models import (
    Decision,
    Link,
    Member,
    OrganisationScorecard,
    Series,
)
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db
number = st.integers(0, 10**6)
perhaps = st.none() | number
fact = st.none() | st.booleans()


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


def iban(n: int) -> Given:
    return mention("iban", f"DE{n:020d}")


def phone(n: int) -> Given:
    return mention("phone", f"+38164123{n:04d}")


def link(n: int, *mentions: Given, **facts: Any) -> Linked:
    given_ = {"country": "RS", "offence": None, "amount": None, "currency": None}
    return link_holder(
        HolderFacts(
            organisation_id=ours().pk,
            ref=f"RS-R-{n:06d}",
            at=at_day(1),
            **(given_ | facts),
        ),
        mentions,
    )


def pair(n: int, shared: Given) -> str:
    """A series of two reports that share one thing."""
    link(2 * n, shared)
    return link(2 * n + 1, shared).series.ref


def judge(officer: Actor, *, wrong: int, right: int) -> None:
    for n in range(1, wrong + 1):
        series = pair(n, phone(n))
        split_series(officer, series, [f"RS-R-{2 * n:06d}"], reason="two offenders")
    for n in range(100, 100 + right):
        confirm_series(officer, pair(n, iban(n)))


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        Comparison,
        kind=st.sampled_from(["iban", TEXT]),
        holders=number,
        hours=perhaps,
        same_offence=fact,
        same_country=fact,
        others=perhaps,
        shingles=number,
        phrases=perhaps,
        text_bits=perhaps,
        company=st.builds(Company, pairs=number, gap_level=number, known_others=number),
    )
)
def test_what_was_compared_is_kept_whole(comparison: Comparison) -> None:
    assert unpack_comparison(pack_comparison(comparison)) == comparison


def test_every_link_keeps_what_it_was_weighed_by(officer) -> None:
    pair(1, phone(1))
    kept = Link.objects.get()
    comparison = unpack_comparison(kept.comparison)
    assert (comparison.kind, comparison.holders) == ("phone", 2)
    bits = sum(linking.load_scorecard().weigh(comparison).values())
    assert kept.bits == pytest.approx(bits, abs=0.001)


def test_a_refit_after_twenty_undone_links_lowers_their_bits(officer) -> None:
    judge(officer, wrong=20, right=3)
    before = {link_.pk: link_.bits for link_ in Link.objects.all()}
    fitted = refit_scorecard(officer)
    assert (fitted.right, fitted.wrong) == (3, 20)
    own = find_weights(officer.organisation_id).scorecard
    assert own.version == fitted.version == "test+rs.1"
    assert own.status == "refitted"
    undone = Link.objects.filter(terms__0__kind="phone")
    assert undone.count() == 20
    for held in undone:
        now = sum(own.weigh(unpack_comparison(held.comparison)).values())
        assert now < before[held.pk] - 0.5
    assert fitted.moves[0].now < fitted.moves[0].before
    assert "same phone" in {move.text for move in fitted.moves}
    # Online linking and the relink go by it from now on.
    pair(300, phone(300))
    assert Link.objects.latest("pk").bits < min(before.values()) - 0.5
    assert make_relink(officer).scorecard == "test+rs.1"


def test_it_goes_back_to_the_packaged_one_and_counts_on(officer) -> None:
    judge(officer, wrong=4, right=4)
    first = refit_scorecard(officer)
    assert use_packaged_scorecard(officer) == "test"
    assert find_weights(officer.organisation_id).scorecard is linking.load_scorecard()
    second = refit_scorecard(officer)
    assert second.version == "test+rs.2"
    # From the packaged weights each time: no decision counts twice.
    assert second.moves == first.moves
    assert OrganisationScorecard.objects.count() == 3


def test_a_link_across_a_merge_is_right_while_it_stands_and_wrong_undone(
    officer,
) -> None:
    one, two = pair(1, phone(1)), pair(2, phone(2))
    confirm_series(officer, pair(50, iban(50)))
    undone = pair(3, phone(3))
    split_series(officer, undone, ["RS-R-000006"], reason="")
    across = Link.objects.first()
    across.pk, across.kind = None, Link.Kind.RELATED
    across.left = Holder.objects.get(ref="RS-R-000004")
    across.right = Holder.objects.get(ref="RS-R-000002")
    across.save()
    merge_series(officer, one, two, reason="same voice")
    fitted = refit_scorecard(officer)
    assert (fitted.right, fitted.wrong) == (2, 1)
    undo_decision(officer, two)
    fitted = refit_scorecard(officer)
    assert (fitted.right, fitted.wrong) == (1, 2)


def split_one(officer: Actor, n: int) -> None:
    """A wrong link, for there must be one."""
    split_series(officer, pair(n, phone(n)), [f"RS-R-{2 * n:06d}"], reason="")


def count_judged_of(officer: Actor, kind: str) -> tuple[int, int]:
    """Links of one kind, right and wrong."""
    right, wrong = list_judged(officer.organisation_id)
    return tuple(sum(c.kind == kind for c in judged) for judged in (right, wrong))


def count_judged(officer: Actor) -> tuple[int, int]:
    fitted = refit_scorecard(officer)
    return fitted.right, fitted.wrong


def test_links_that_came_after_a_confirmation_are_not_confirmed(officer) -> None:
    split_one(officer, 50)
    series = pair(1, iban(1))
    confirm_series(officer, series)
    for n in range(10, 20):
        link(n, iban(1))
    assert count_judged(officer) == (1, 1)
    confirm_series(officer, series)
    assert count_judged(officer)[0] > 1


def test_a_series_merged_in_after_a_confirmation_is_not_confirmed(officer) -> None:
    split_one(officer, 50)
    one, two = pair(1, iban(1)), pair(2, iban(2))
    confirm_series(officer, one)
    merge_series(officer, one, two, reason="")
    Decision.objects.filter(verb="merge").update(by=MACHINE)
    assert count_judged(officer) == (1, 1)


def test_a_report_that_came_in_after_a_confirmation_is_not_confirmed(officer) -> None:
    split_one(officer, 50)
    series = pair(1, iban(1))
    link(9, iban(9))
    related = Link.objects.get(left__ref="RS-R-000003")
    related.pk, related.kind = None, Link.Kind.RELATED
    related.left = Holder.objects.get(ref="RS-R-000009")
    related.save()
    confirm_series(officer, series)
    # It stood alone then; a later report brought it in.
    row = Series.objects.get(pk=int(series[-6:]))
    Member.objects.create(holder=related.left, series=row)
    assert count_judged(officer) == (1, 1)


def test_what_was_split_and_merged_again_is_right(officer) -> None:
    split_one(officer, 50)
    for n in (1, 2, 3):
        linked = link(n, iban(1))
    series = linked.series.ref
    part = split_series(officer, series, ["RS-R-000003"], reason="oops").ref
    taken = Link.objects.filter(left__ref="RS-R-000003").count()
    assert count_judged_of(officer, "iban") == (0, taken)
    merge_series(officer, series, part, reason="no, the same")
    assert count_judged_of(officer, "iban") == (taken, 0)
    undo_decision(officer, part)
    assert count_judged_of(officer, "iban") == (0, taken)


def test_what_an_officer_confirmed_and_then_split_is_wrong(officer) -> None:
    confirm_series(officer, pair(50, iban(50)))
    for n in (1, 2, 3):
        linked = link(n, phone(1))
    series = linked.series.ref
    confirm_series(officer, series)
    split_series(officer, series, ["RS-R-000003"], reason="")
    taken = Link.objects.filter(left__ref="RS-R-000003").count()
    assert count_judged_of(officer, "phone") == (1, taken)


@pytest.mark.parametrize(("wrong", "right"), [(0, 0), (3, 0), (0, 3)])
def test_nothing_to_learn_from_is_said(officer, wrong: int, right: int) -> None:
    judge(officer, wrong=wrong, right=right)
    with pytest.raises(StateError) as refused:
        refit_scorecard(officer)
    assert refused.value.stable_code == "PXY-SCORECARD-FIT"
    assert f"confirmed {right} links and undid {wrong}" in refused.value.message
    assert OrganisationScorecard.objects.count() == 0


def test_who_may_not_change_series_may_not_refit() -> None:
    for step in (refit_scorecard, use_packaged_scorecard):
        with pytest.raises(ForbiddenError):
            step(make_actor("intake"))


def test_another_organisation_keeps_its_own(officer) -> None:
    judge(officer, wrong=4, right=4)
    refit_scorecard(officer)
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    assert find_weights(stranger.organisation_id).scorecard is linking.load_scorecard()
