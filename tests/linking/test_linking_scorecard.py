"""The scorecard: complete, and refused when it is not."""

from importlib import resources

import pytest

from proxeny.linking import ScorecardError, load_scorecard, parse_scorecard
from proxeny.selectors import Kind

PACKAGED = resources.files("proxeny.linking").joinpath("scorecard.toml").read_text()


def test_every_kind_of_selector_has_a_weight() -> None:
    assert set(Kind) <= set(load_scorecard().kinds)


def test_the_scorecard_is_read_once() -> None:
    assert load_scorecard() is load_scorecard()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("prior = ", "prio = ", "prior"),
        ("prior = ", "surprise = 1\nprior = ", "surprise"),
        ("prior = ", "prior = nan # ", "prior"),
        ('status = "fitted"', 'status = "best"', "status"),
        ("knots = [2, 3,", "knots = [3, 2,", "ascend"),
        ("knots = [2, 3,", "knots = [3,", "bits for each"),
        ("[curves.hours]", "[curves.days]", "curves"),
        ("floor = ", "ground = ", "floor"),
        ("prior = ", "prior = = ", "TOML"),
    ],
)
def test_a_wrong_scorecard_is_refused_by_name(old: str, new: str, where: str) -> None:
    assert old in PACKAGED
    with pytest.raises(ScorecardError, match=where) as caught:
        parse_scorecard(PACKAGED.replace(old, new, 1))
    assert caught.value.stable_code == "PXY-SCORECARD"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "a" * 300_000])
def test_a_hostile_scorecard_is_refused(text: str) -> None:
    with pytest.raises(ScorecardError):
        parse_scorecard(text)


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 5_000), (7, 7), (300, 20_000)])
def test_the_guard_asks_for_more_the_larger_the_clusters(one: int, other: int) -> None:
    guard = load_scorecard().guard
    needed = guard.bits_to_unite(one, other)
    assert needed == guard.bits_to_unite(other, one)
    assert guard.bits_to_unite(one + 1, other) > needed
    assert guard.bits_to_unite(one, other + 1) > needed
