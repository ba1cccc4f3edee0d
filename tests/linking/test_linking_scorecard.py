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
        ("prior = ", "prior = true # ", "prior"),
        ("prior = ", 'prior = "2.2" # ', "prior"),
        ("prior = ", f"prior = {'1' * 900} # ", "prior"),
        ("prior = ", f"prior = 0x{'f' * 900} # ", "prior"),
        ("prior = ", f"{'1' * 900} = 1\nprior = ", "1111"),
        ("prior = ", '"a\\nb\\u001b[2J" = 1\nprior = ', "a.b"),
        ("[kinds]", '[kinds]\n"a\\nb" = { name = "x", bits = 1 }', "a.b"),
        ("iban = ", "# iban = ", "iban"),
        ("text = ", "# text = ", "text"),
        ('name = "IBAN"', "name = 3", "iban"),
        ('name = "IBAN"', 'name = "IBAN, held by 3"', "iban"),
        ('name = "IBAN"', 'name = "I\\nBAN"', "iban"),
        ('name = "IBAN"', 'name = "\\u202eNABI"', "iban"),
        ('name = "IBAN"', 'name = " "', "iban"),
        ('name = "IBAN"', f'name = "{"I" * 41}"', "iban"),
        ('fitted_on = "', 'fitted_on = "\\u001b[2J', "fitted_on"),
        ("knots = [2, 3,", "knots = [0, 1e-320,", "apart"),
        ("knots = [2, 3,", "knots = [-inf, 3,", "knots"),
        ("knots = [2, 3,", "knots = [-1e300, 3,", "knots"),
        ("knots = [0, 1]", "knots = [false, true]", "knots"),
        ("bits = [2.931,", 'bits = ["2.931",', "bits"),
        ("knots = [2, 3,", f"knots = [{'1,' * 200} 3,", "knots"),
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
    file.write_text(PACKAGED.replace("2026.11.2", "2026.11.2+rs.1", 1), "utf-8")
    assert read_scorecard(file).version == "2026.11.2+rs.1"


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


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = [\n" + "[\n" * 20_000,
        "a" * 300_000,
        # Such a key would take the memory of its length squared.
        "a" + ".a" * 20_000 + " = 1",
        "prior = " + "1" * 5_000,
        "prior = " + "[\n" + "1" * 5_000,
    ],
)
def test_a_hostile_scorecard_is_refused(text: str) -> None:
    with pytest.raises(ScorecardError):
        parse_scorecard(text)


def test_no_figure_that_is_accepted_comes_to_infinity() -> None:
    steep = PACKAGED.replace("knots = [2, 3,", "knots = [2, 2.002,", 1)
    card = parse_scorecard(steep.replace("bits = [2.931,", "bits = [-1000,", 1))
    assert card.curves["holders"].slope(0) == pytest.approx(502_146.5)
    for term in card.render_terms().values():
        assert "inf" not in term
        assert "nan" not in term


@pytest.mark.parametrize(("one", "other"), [(1, 1), (1, 5_000), (7, 7), (300, 20_000)])
def test_the_guard_asks_for_more_the_larger_the_clusters(one: int, other: int) -> None:
    guard = load_scorecard().guard
    needed = guard.bits_to_unite(one, other)
    assert needed == guard.bits_to_unite(other, one)
    assert guard.bits_to_unite(one + 1, other) > needed
    assert guard.bits_to_unite(one, other + 1) > needed
