"""Verdicts: votes by series, the guard, officers' rulings, and no role for order."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linking.linking_facts import IBAN, OTHER_PHONE, PHONE, day, holder, link

from proxeny.linking import Evidence, Holder, Shared, decide, load_scorecard, weigh
from proxeny.selectors import Kind, Selector

SCORECARD = load_scorecard()
SERIES = ("S1", "S2", "S3")
LONG_AGO = -400


@st.composite
def evidence_lists(draw: st.DrawFn) -> list[Evidence]:
    pool = [Selector(kind=Kind.PHONE, value=str(n)) for n in range(6)]
    links = []
    for number in range(draw(st.integers(0, 8))):
        old = Holder(
            ref=f"R{number}",
            at=day(draw(st.sampled_from([0, 3, 20, 60, 300]))),
            offence=draw(st.sampled_from([None, "phishing", "romance"])),
            series=draw(st.sampled_from([None, *SERIES])),
        )
        shared = [
            Shared(selector=selector, holders=draw(st.integers(2, 400)))
            for selector in draw(st.lists(st.sampled_from(pool), unique=True))
        ]
        new = Holder(ref="new", at=day(0), offence="phishing")
        links.append(weigh(SCORECARD, new, old, shared))
    return links


sizes_of_series = st.fixed_dictionaries(
    {series: st.sampled_from([2, 3, 10, 200, 20_000]) for series in SERIES}
)
rulings = st.frozensets(st.sampled_from(SERIES))


@settings(max_examples=100)
@given(evidence_lists(), sizes_of_series, rulings, st.integers(0, 2**32))
def test_the_order_of_the_evidence_is_immaterial(
    evidence: list[Evidence],
    sizes: dict[str, int],
    cannot: frozenset[str],
    seed: int,
) -> None:
    shuffled = list(evidence)
    random.Random(seed).shuffle(shuffled)
    forth = decide(SCORECARD, evidence, sizes=sizes, cannot=cannot)
    assert forth == decide(SCORECARD, shuffled, sizes=sizes, cannot=cannot)


@settings(max_examples=100)
@given(evidence_lists(), sizes_of_series, rulings)
def test_each_accepted_link_stands_in_one_list_and_no_other_does(
    evidence: list[Evidence], sizes: dict[str, int], cannot: frozenset[str]
) -> None:
    verdict = decide(SCORECARD, evidence, sizes=sizes, cannot=cannot)

    stands = [*verdict.because, *verdict.related, *verdict.found]
    refs = [item.holder.ref for item in stands]
    assert len(refs) == len(set(refs))
    assert all(item.bits >= SCORECARD.threshold for item in stands)
    united = {item.holder.series for item in verdict.because}
    assert united == {verdict.join, *verdict.merge} - {None}
    assert not united & cannot
    assert all(item.holder.series is None for item in verdict.found)
    assert verdict.join is not None or verdict.merge == ()


def test_no_evidence_gives_no_series() -> None:
    verdict = decide(SCORECARD, [], sizes={})
    assert verdict.join is None
    assert verdict.found == ()


def test_a_link_below_the_threshold_is_not_accepted() -> None:
    weak = link(SCORECARD, holder("A", at=LONG_AGO), PHONE, holders=50)
    assert weak.bits < SCORECARD.threshold
    assert decide(SCORECARD, [weak], sizes={}).related == ()


def test_agreeing_facts_without_a_counting_selector_never_link() -> None:
    lenient = replace(SCORECARD, threshold=0.5)
    same_day = link(lenient, holder("A"))
    assert same_day.bits >= lenient.threshold
    assert decide(lenient, [same_day], sizes={}).found == ()


def test_the_series_with_the_most_votes_is_joined() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), PHONE),
        link(SCORECARD, holder("B", "S2"), OTHER_PHONE),
        link(SCORECARD, holder("C", "S2"), IBAN),
    ]
    verdict = decide(SCORECARD, evidence, sizes={"S1": 50, "S2": 50})
    assert verdict.join == "S2"
    assert {item.holder.ref for item in verdict.because} == {"B", "C"}
    assert [item.holder.ref for item in verdict.related] == ["A"]


def test_votes_count_distinct_selectors_and_not_reports() -> None:
    by_one_number = [
        link(SCORECARD, holder(f"A{n}", "S1"), PHONE, holders=20) for n in range(19)
    ]
    by_two = [
        link(SCORECARD, holder("B1", "S2"), OTHER_PHONE, holders=20),
        link(SCORECARD, holder("B2", "S2"), IBAN, holders=20),
    ]
    verdict = decide(SCORECARD, [*by_one_number, *by_two], sizes={"S1": 50, "S2": 50})
    assert verdict.join == "S2"


def test_at_equal_votes_the_larger_series_is_joined() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), PHONE),
        link(SCORECARD, holder("B", "S2"), OTHER_PHONE),
    ]
    verdict = decide(SCORECARD, evidence, sizes={"S1": 30, "S2": 31})
    assert verdict.join == "S2"


@pytest.mark.parametrize(("size", "merged"), [(3, ("S2",)), (300, ())])
def test_the_guard_lets_small_series_merge_and_keeps_large_ones_apart(
    size: int, merged: tuple[str, ...]
) -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE, OTHER_PHONE),
    ]
    verdict = decide(SCORECARD, evidence, sizes={"S1": size, "S2": size})
    if verdict.join == "S2":
        merged = tuple("S1" for _ in merged)
    assert verdict.merge == merged
    assert bool(verdict.related) is (merged == ())


def test_a_weak_link_does_not_suffice_to_join_a_very_large_series() -> None:
    weak = link(SCORECARD, holder("A", "S1"), PHONE, holders=30)
    assert decide(SCORECARD, [weak], sizes={"S1": 3}).join == "S1"

    verdict = decide(SCORECARD, [weak], sizes={"S1": 20_000})
    assert verdict.join is None
    assert verdict.related == (weak,)


def test_a_series_that_an_officer_ruled_out_is_not_joined() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN, PHONE),
        link(SCORECARD, holder("B", "S2"), OTHER_PHONE),
    ]
    verdict = decide(
        SCORECARD, evidence, sizes={"S1": 2, "S2": 2}, cannot=frozenset({"S1"})
    )
    assert verdict.join == "S2"
    assert [item.holder.ref for item in verdict.related] == ["A"]


def test_series_that_an_officer_holds_apart_are_not_pulled_together() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE),
    ]
    sizes = {"S1": 2, "S2": 2}
    assert decide(SCORECARD, evidence, sizes=sizes).merge == ("S2",)

    verdict = decide(
        SCORECARD, evidence, sizes=sizes, apart=frozenset({frozenset({"S1", "S2"})})
    )
    assert verdict.join == "S1"
    assert verdict.merge == ()
    assert [item.holder.ref for item in verdict.related] == ["B"]


def test_single_reports_come_into_the_joined_series() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B"), PHONE),
    ]
    verdict = decide(SCORECARD, evidence, sizes={"S1": 5})
    assert verdict.join == "S1"
    assert [item.holder.ref for item in verdict.found] == ["B"]


def test_a_series_without_a_size_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        decide(SCORECARD, [link(SCORECARD, holder("A", "S1"), IBAN)], sizes={})
