"""The scorecard: complete, and refused when it is not."""

from importlib import resources

import pytest

from proxeny.linking import (
    ScorecardError,
    load_scorecard,
    parse_scorecard,
    read_scorecard,
)
from proxeny.linking.features import FEATURES
from proxeny.selectors import Kind

PACKAGED = resources.files("proxeny.linking").joinpath("scorecard.toml").read_text()


def test_every_kind_of_selector_has_a_weight() -> None:
    assert set(Kind) <= set(load_scorecard().kinds)


@pytest.mark.parametrize("name", [f.name for f in FEATURES if f.may_lack])
def test_what_is_not_known_is_no_worse_than_the_worst_that_could_be(name: str) -> None:
    curve = load_scorecard().curves[name]
    assert min(curve.bits) < curve.lacking < max(curve.bits)


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
        ("prior = ", "prior = 1e308 # ", "prior"),
        ("floor = ", "floor = -1e300 # ", "floor"),
        ("rounds = [9, 7,", "rounds = [7, 9,", "fall"),
        ("rounds = ", "rounds = [] # ", "rounds"),
        ("sqrt_smaller = ", "sqrt_smaller = -", "sqrt_smaller"),
        ('name = "IBAN"', 'name = ""', "iban"),
        ('version = "', 'version = "a\\nb', "version"),
        ('version = "', 'version = "\\u001b[2J', "version"),
    ],
)
def test_a_wrong_scorecard_is_refused_by_name(old: str, new: str, where: str) -> None:
    assert old in PACKAGED
    with pytest.raises(ScorecardError, match=where) as caught:
        parse_scorecard(PACKAGED.replace(old, new, 1))
    assert caught.value.stable_code == "PXY-SCORECARD"
    assert "\n" not in caught.value.message


def test_a_scorecard_is_read_from_a_file(tmp_path) -> None:
    file = tmp_path / "card.toml"
    file.write_text(PACKAGED.replace("2026.11", "2026.11+rs.1", 1), "utf-8")
    assert read_scorecard(file).version == "2026.11+rs.1"


@pytest.mark.parametrize("content", [b"\xff", b"\x00", b"a" * 2_000_000, None])
def test_a_file_that_is_no_scorecard_is_refused(
    content: bytes | None, tmp_path
) -> None:
    file = tmp_path / "card.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ScorecardError) as caught:
        read_scorecard(file)
    assert caught.value.stable_code == "PXY-SCORECARD"
    assert str(tmp_path) not in caught.value.message


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
