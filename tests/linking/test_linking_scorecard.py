"""The scorecard: honest about itself, complete, and refused when it is not."""

from importlib import resources

import pytest

from proxeny.linking import ScorecardError, load_scorecard, parse_scorecard
from proxeny.selectors import Kind

TEXT = resources.files("proxeny.linking").joinpath("scorecard.toml").read_text("utf-8")


def test_the_packaged_scorecard_says_that_it_is_not_fitted() -> None:
    assert load_scorecard().status == "defaults"
    assert "NOT FITTED" in TEXT


def test_every_kind_of_selector_has_a_weight() -> None:
    assert set(load_scorecard().kinds) == set(Kind)


def test_the_scorecard_is_read_once() -> None:
    assert load_scorecard() is load_scorecard()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("threshold = 4.0", "", "threshold"),
        ("threshold = 4.0", "threshold = nan", "threshold"),
        ("threshold = 4.0", 'threshold = "much"', "threshold"),
        ("threshold = 4.0", "threshold = 4.0\nsurprise = 1", "surprise"),
        ('status = "defaults"', 'status = "best"', "status"),
        ("holders_up_to = [2, 5,", "holders_up_to = [5, 2,", "ascend"),
        ("holders_up_to = [2, 5,", "holders_up_to = [5,", "one weight more"),
        ("within_days = [1,", "within_days = [", "one weight more"),
        ('"reported {days} days apart"', '"{weeks}"', "wording.days_apart"),
        ('"reported {days} days apart"', '"{days.real}"', "wording.days_apart"),
        ('"reported {days} days apart"', '"{days"', "wording"),
        ("threshold = 4.0", "threshold = ", "TOML"),
    ],
)
def test_a_wrong_scorecard_is_refused_by_name(old: str, new: str, where: str) -> None:
    assert old in TEXT
    with pytest.raises(ScorecardError, match=where) as caught:
        parse_scorecard(TEXT.replace(old, new, 1))
    assert caught.value.stable_code == "PXY-SCORECARD"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "a" * 300_000])
def test_a_hostile_scorecard_is_refused(text: str) -> None:
    with pytest.raises(ScorecardError):
        parse_scorecard(text)


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 5_000), (7, 7), (300, 20_000)])
def test_the_guard_asks_for_more_the_larger_the_clusters(one: int, other: int) -> None:
    scorecard = load_scorecard()
    needed = scorecard.bits_to_unite(one, other)
    assert needed == scorecard.bits_to_unite(other, one)
    assert needed >= scorecard.threshold
    assert scorecard.bits_to_unite(one + 1, other) > needed
    assert scorecard.bits_to_unite(one, other + 1) > needed
