"""Verdicts: votes by series, the guard, what waits, officers' rulings."""

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linking.linking_facts import (
    IBAN,
    OTHER_PHONE,
    PHONE,
    SCORECARD,
    day,
    holder,
    link,
)

from proxeny.linking import (
    Evidence,
    Holder,
    Key,
    Ties,
    Verdict,
    Vote,
    count_keys,
    count_votes,
    decide,
    list_kept_votes,
    list_votes,
)
from proxeny.selectors import Kind, Selector

SERIES = ("S1", "S2", "S3")
GUARD = SCORECARD.guard
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
        shared = draw(st.lists(st.sampled_from(pool), unique=True, min_size=1))
        new = Holder(ref="new", at=day(0), offence="phishing")
        holders = draw(st.integers(2, 400))
        links.append(link(SCORECARD, old, *shared, holders=holders, new=new))
    return links


@st.composite
def tie_sets(draw: st.DrawFn) -> dict[frozenset[str], list[Vote]]:
    votes = st.builds(
        Vote,
        key=st.integers(1, 5),
        bits=st.floats(1, 12),
        by=st.sampled_from(["X", "Y"]),
        source=st.sampled_from([None, "a"]),
    )
    pairs = st.sampled_from([frozenset(("S1", "S2")), frozenset(("S2", "S3"))])
    return draw(st.dictionaries(pairs, st.lists(votes, max_size=4)))


sizes_of_series = st.fixed_dictionaries(
    {series: st.sampled_from([2, 3, 10, 200, 20_000]) for series in SERIES}
)
rulings = st.frozensets(st.sampled_from([frozenset(("S1", "S2"))]))


def rule(
    evidence: list[Evidence],
    sizes: Mapping[str, int],
    ties: Ties | None = None,
    apart: frozenset[frozenset[str]] = frozenset(),
) -> Verdict:
    return decide(SCORECARD, evidence, sizes=sizes, ties=ties or {}, apart=apart)


@settings(max_examples=60)
@given(evidence_lists(), sizes_of_series, tie_sets(), rulings, st.integers(0, 2**32))
def test_the_order_of_the_evidence_is_immaterial(
    evidence: list[Evidence],
    sizes: dict[str, int],
    ties: dict[frozenset[str], list[Vote]],
    apart: frozenset[frozenset[str]],
    seed: int,
) -> None:
    shuffled = list(evidence)
    random.Random(seed).shuffle(shuffled)
    forth = rule(evidence, sizes, ties, apart)
    assert forth == rule(shuffled, sizes, ties, apart)


@settings(max_examples=60)
@given(evidence_lists(), sizes_of_series, tie_sets(), rulings)
def test_each_link_stands_in_one_list_and_rulings_hold(
    evidence: list[Evidence],
    sizes: dict[str, int],
    ties: dict[frozenset[str], list[Vote]],
    apart: frozenset[frozenset[str]],
) -> None:
    verdict = rule(evidence, sizes, ties, apart)

    stands = [*verdict.because, *verdict.related, *verdict.found]
    refs = [item.holder.ref for item in stands]
    assert len(refs) == len(set(refs))
    assert all(item.bits >= SCORECARD.guard.floor for item in stands)
    united = {item.holder.series for item in verdict.because}
    assert united == {verdict.join, *verdict.merge} - {None}
    assert not any(pair <= united for pair in apart)
    assert all(item.holder.series is None for item in verdict.found)
    assert verdict.join is not None or verdict.merge == ()
    waiting = {item.holder.cluster for item in verdict.related}
    assert not waiting & (united | {item.holder.ref for item in verdict.found})


def test_no_evidence_gives_no_series() -> None:
    assert rule([], {}) == Verdict(
        join=None, merge=(), because=(), found=(), related=()
    )


def test_evidence_below_the_floor_is_not_kept() -> None:
    weak = link(SCORECARD, holder("A", at=LONG_AGO), PHONE, holders=300)
    assert weak.bits < SCORECARD.guard.floor
    assert rule([weak], {}).related == ()


def test_the_series_with_the_most_votes_is_joined() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), PHONE, holders=30),
        link(SCORECARD, holder("B", "S2"), OTHER_PHONE, holders=30),
        link(SCORECARD, holder("C", "S2"), IBAN, holders=30),
    ]
    verdict = rule(evidence, {"S1": 500, "S2": 500})
    assert verdict.join == "S2"
    assert {item.holder.ref for item in verdict.because} == {"B", "C"}
    assert [item.holder.ref for item in verdict.related] == ["A"]


def test_votes_count_distinct_keys_and_not_reports() -> None:
    by_one_number = [
        link(SCORECARD, holder(f"A{n}", "S1"), PHONE, holders=30) for n in range(19)
    ]
    by_two = [
        link(SCORECARD, holder("B1", "S2"), OTHER_PHONE, holders=30),
        link(SCORECARD, holder("B2", "S2"), IBAN, holders=30),
    ]
    verdict = rule([*by_one_number, *by_two], {"S1": 500, "S2": 500})
    assert verdict.join == "S2"


def test_only_links_that_bring_a_vote_are_kept() -> None:
    crowd = [link(SCORECARD, holder(f"A{n}", "S1", at=n), PHONE) for n in range(9)]
    verdict = rule(crowd, {"S1": 9})
    assert [item.holder.ref for item in verdict.because] == ["A0"]


def test_at_equal_votes_the_larger_series_is_joined() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), PHONE),
        link(SCORECARD, holder("B", "S2"), OTHER_PHONE),
    ]
    assert rule(evidence, {"S1": 3_000, "S2": 3_001}).join == "S2"


@pytest.mark.parametrize(("size", "merges"), [(3, True), (300, False)])
def test_the_guard_lets_small_series_merge_and_keeps_large_ones_apart(
    size: int,
    merges: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE, OTHER_PHONE),
    ]
    kept = [Vote(key=9, bits=8.0, by="earlier")]
    ties = {frozenset(("S1", "S2")): kept}
    verdict = rule(evidence, {"S1": size, "S2": size}, ties)
    assert bool(verdict.merge) is merges
    assert bool(verdict.related) is not merges


def test_one_report_alone_unites_no_two_series() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE, OTHER_PHONE),
    ]
    verdict = rule(evidence, {"S1": 2, "S2": 2})
    assert verdict.merge == ()
    assert len(verdict.related) == 1


def test_what_was_refused_counts_with_what_comes_later() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE),
    ]
    sizes = {"S1": 20, "S2": 20}
    assert rule(evidence, sizes).merge == ()

    kept = [Vote(key=n, bits=8.0, by=f"earlier-{n}") for n in range(3)]
    assert rule(evidence, sizes, {frozenset(("S1", "S2")): kept}).merge != ()


def test_the_same_key_again_adds_nothing() -> None:
    once = [Vote(key=1, bits=5.0, by="A")]
    again = [*once, Vote(key=1, bits=4.0, by="B"), Vote(key=1, bits=5.0, by="C")]
    assert count_votes(GUARD, again) == count_votes(GUARD, once) == 5.0


def test_of_one_source_only_the_strongest_report_votes() -> None:
    planted = [
        Vote(key=number, bits=5.0, by=f"R{number}", source="a") for number in range(9)
    ]
    assert count_votes(GUARD, planted) == 5.0
    others = [Vote(key=9 + n, bits=4.0, by=f"X{n}", source=f"s{n}") for n in range(2)]
    assert count_votes(GUARD, [*planted, *others]) == 13.0


def test_a_report_speaks_for_others_by_its_strongest_key_alone() -> None:
    listed = [Vote(key=number, bits=3.0 + number, by="R1") for number in range(9)]
    assert count_votes(GUARD, listed) == 11.0
    assert count_keys(GUARD, listed) == sum(3.0 + number for number in range(9))


def test_wording_counts_within_bounds_that_selectors_widen() -> None:
    template = [
        Vote(key=number, bits=9.0, by="R1", is_wording=True) for number in range(9)
    ]
    assert count_keys(GUARD, template) == GUARD.wording_bits
    account = Vote(key=1, bits=8.0, by="R1")
    assert count_keys(GUARD, [*template, account]) == 25.0 + 3 * 8.0 + 8.0


def test_votes_name_key_report_and_source() -> None:
    new = Holder(ref="new", at=day(0), source="a")
    evidence = link(SCORECARD, holder("A"), IBAN, PHONE, new=new)
    votes = list_votes(evidence, least=0.0)
    assert {vote.key for vote in votes} == {Key.of(IBAN).number, Key.of(PHONE).number}
    assert {(vote.by, vote.source) for vote in votes} == {("new", "a")}
    assert Key.of(IBAN).number == IBAN.key


def test_only_strong_votes_are_kept() -> None:
    strong = link(SCORECARD, holder("A"), IBAN)
    weak = link(SCORECARD, holder("A"), IBAN, holders=150)
    assert list_kept_votes(strong) != []
    assert weak.bits >= SCORECARD.guard.floor
    assert list_kept_votes(weak) == []


def test_a_weak_link_does_not_suffice_to_join_a_very_large_series() -> None:
    weak = link(SCORECARD, holder("A", "S1"), PHONE, holders=60)
    assert rule([weak], {"S1": 3}).join == "S1"

    verdict = rule([weak], {"S1": 20_000})
    assert verdict.join is None
    assert verdict.related == (weak,)


def test_a_key_held_in_several_series_speaks_for_each_by_its_share() -> None:
    held = [
        link(SCORECARD, holder(f"A{n}", f"S{n}"), PHONE, holders=60) for n in range(8)
    ]
    sizes = {f"S{n}": 3 for n in range(8)}
    assert rule(held[:1], sizes).join == "S0"
    assert rule(held, sizes).join is None


def test_series_that_an_officer_holds_apart_are_not_pulled_together() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B", "S2"), PHONE),
    ]
    sizes = {"S1": 3, "S2": 2}
    ties = {frozenset(("S1", "S2")): [Vote(key=9, bits=8.0, by="earlier")]}
    assert rule(evidence, sizes, ties).merge == ("S2",)

    apart = frozenset({frozenset(("S1", "S2"))})
    verdict = rule(evidence, sizes, ties, apart=apart)
    assert verdict.join == "S1"
    assert verdict.merge == ()
    assert [item.holder.ref for item in verdict.related] == ["B"]


def test_single_reports_come_into_the_joined_series() -> None:
    evidence = [
        link(SCORECARD, holder("A", "S1"), IBAN),
        link(SCORECARD, holder("B"), PHONE),
    ]
    verdict = rule(evidence, {"S1": 5})
    assert verdict.join == "S1"
    assert [item.holder.ref for item in verdict.found] == ["B"]


def test_a_series_without_a_size_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        rule([link(SCORECARD, holder("A", "S1"), IBAN)], {})
