"""The batch's SQL and the online weighing read one scorecard and say the same."""

import dataclasses

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxeny.linking import load_scorecard, sql
from proxeny.linking.features import (
    FEATURES,
    KIND_NUMBERS,
    TEXT,
    Company,
    Comparison,
    Group,
    level_of_gap,
    render_gap_level,
)
from proxeny.linking.fitting import FittingError, fit, list_numbers, render_scorecard
from proxeny.linking.scorecard import parse_scorecard

COUNTS = st.integers(0, 40)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    known = {name: draw(COUNTS) for name in ("offence", "country", "gap", "text")}
    pairs = draw(st.integers(0, 40))
    company = Company(
        pairs=pairs,
        same_offence=draw(st.integers(0, known["offence"])),
        known_offence=known["offence"],
        same_country=draw(st.integers(0, known["country"])),
        known_country=known["country"],
        gap_level=draw(st.integers(0, 9 * known["gap"])),
        known_gap=known["gap"],
        text_bits=draw(st.integers(0, 150 * known["text"])),
        known_text=known["text"],
        others=draw(st.integers(0, 3 * pairs)),
        known_others=pairs,
    )
    return Comparison(
        kind=draw(st.sampled_from(["iban", "phone", "hash", TEXT])),
        holders=draw(st.integers(2, 3000)),
        hours=draw(st.none() | st.integers(0, 20_000)),
        same_offence=draw(st.none() | st.booleans()),
        same_country=draw(st.none() | st.booleans()),
        others=draw(st.none() | st.integers(0, 3)),
        shingles=draw(st.integers(0, 16)),
        text_bits=draw(st.none() | st.integers(0, 250)),
        company=company,
    )


def _in_sql(rows: list[Comparison]) -> list[dict[Group, float]]:
    con = duckdb.connect()
    columns = {
        "kind": ("TINYINT", lambda c: KIND_NUMBERS[c.kind]),
        "holders": ("BIGINT", lambda c: c.holders),
        "hours": ("INTEGER", lambda c: c.hours),
        "gap_level": (
            "INTEGER",
            lambda c: None if c.hours is None else level_of_gap(c.hours),
        ),
        "same_offence": ("INTEGER", lambda c: c.same_offence),
        "same_country": ("INTEGER", lambda c: c.same_country),
        "others": ("BIGINT", lambda c: c.others),
        "shingles": ("BIGINT", lambda c: c.shingles),
        "text_bits": ("SMALLINT", lambda c: c.text_bits),
        "company": ("BIGINT", lambda c: c.company.pairs),
        "company_offence": ("BIGINT", lambda c: c.company.same_offence),
        "known_offence": ("BIGINT", lambda c: c.company.known_offence),
        "company_country": ("BIGINT", lambda c: c.company.same_country),
        "known_country": ("BIGINT", lambda c: c.company.known_country),
        "company_gap": ("BIGINT", lambda c: c.company.gap_level),
        "known_gap": ("BIGINT", lambda c: c.company.known_gap),
        "company_text": ("BIGINT", lambda c: c.company.text_bits),
        "known_text": ("BIGINT", lambda c: c.company.known_text),
        "company_others": ("BIGINT", lambda c: c.company.others),
        "known_others": ("BIGINT", lambda c: c.company.known_others),
    }
    told = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    con.execute(f"CREATE TABLE evidence (place INTEGER, {told})").fetchall()
    for place, row in enumerate(rows):
        values = [place, *(read(row) for _, read in columns.values())]
        marks = ", ".join("?" * len(values))
        con.execute(
            f"INSERT INTO evidence VALUES ({marks})",  # noqa: S608 - our own names
            values,
        ).fetchall()
    terms = ", ".join(
        f"{text} AS {group}" for group, text in load_scorecard().render_terms().items()
    )
    found = con.execute(
        f"""SELECT {terms} FROM (SELECT place, kind, {sql.render_features()}
        FROM evidence) ORDER BY place"""  # noqa: S608 - our own names
    ).fetchall()
    return [dict(zip(Group, row, strict=True)) for row in found]


@given(st.lists(comparisons(), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_sql_and_python_weigh_to_the_last_bit(rows: list[Comparison]) -> None:
    scorecard = load_scorecard()
    assert _in_sql(rows) == [scorecard.weigh(row) for row in rows]


@given(st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_sql_and_python_level_a_gap_alike(hours: int) -> None:
    [(level,)] = duckdb.sql(f"SELECT {render_gap_level(str(hours))}").fetchall()
    assert level == level_of_gap(hours)


def _labelled(count: int) -> tuple[list[Comparison], np.ndarray]:
    dice = np.random.default_rng(3)
    rows, labels = [], []
    for _ in range(count):
        is_one = bool(dice.random() < 0.5)
        close = dice.integers(0, 24) if is_one else dice.integers(500, 5000)
        rows.append(Comparison(kind="iban", holders=4, hours=int(close)))
        labels.append(is_one)
    return rows, np.array(labels)


def test_a_refit_learns_what_officers_say_and_keeps_the_rest() -> None:
    start = load_scorecard()
    rows, labels = _labelled(400)
    flipped = fit(start, ["iban"] * 400, list_numbers(rows), ~labels, strength=1.0)
    near = Comparison(kind="iban", holders=4, hours=2)
    assert sum(flipped.weigh(near).values()) < sum(start.weigh(near).values()) - 5
    assert flipped.curves["text_company_gap"] == start.curves["text_company_gap"]
    few = fit(start, ["iban"] * 4, list_numbers(rows[:4]), ~labels[:4], strength=50.0)
    moved = abs(sum(few.weigh(near).values()) - sum(start.weigh(near).values()))
    assert moved < 1


def test_a_refit_needs_confirmed_and_undone_links() -> None:
    rows, _ = _labelled(3)
    with pytest.raises(FittingError, match="one kind"):
        fit(
            load_scorecard(),
            ["iban"] * 3,
            list_numbers(rows),
            np.array([True] * 3),
            strength=1.0,
        )


def test_a_scorecard_is_written_as_it_is_read() -> None:
    card = load_scorecard()
    assert parse_scorecard(render_scorecard(card)) == card
    odd = dataclasses.replace(card, fitted_on='says "all" \\ of them')
    assert parse_scorecard(render_scorecard(odd)) == odd


def test_every_feature_has_its_curve_and_a_name_of_its_own() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(set(names)) == len(names)
    assert set(names) == set(load_scorecard().curves)
