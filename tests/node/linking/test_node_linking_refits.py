"""A refit learns from officers: what they undid weighs less from then on."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.node_world import Given, at_day, make_actor, mention, ours

from proxeny import linking
from proxeny.errors import ForbiddenError, StateError
from proxeny.linking import TEXT, Company, Comparison
from proxeny.node.accounts.actor import Actor
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
from proxeny.node.linking.learning.refitting import (
    refit_scorecard,
    use_packaged_scorecard,
)
from proxeny.node.linking.learning.scorecards import find_scorecard
from proxeny.node.linking.models import Link, OrganisationScorecard
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
    own = find_scorecard(officer.organisation_id)
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
    assert find_scorecard(officer.organisation_id) is linking.load_scorecard()
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
    assert find_scorecard(stranger.organisation_id) is linking.load_scorecard()
