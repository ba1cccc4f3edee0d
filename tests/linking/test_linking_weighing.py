"""Terms: in words, additive, strongest first, the same from either side."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linking.linking_facts import IBAN, OTHER_PHONE, PHONE, holder

from proxeny.linking import (
    STOP_AFTER_HOLDERS,
    Evidence,
    Holder,
    LinkingError,
    Shared,
    Term,
    load_scorecard,
    weigh,
)
from proxeny.selectors import Kind, Selector

SCORECARD = load_scorecard()
FEW = settings(max_examples=60)

holders = st.builds(
    Holder,
    ref=st.text(max_size=5),
    at=st.datetimes(
        min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        timezones=st.just(UTC),
    ),
    country=st.sampled_from([None, "RS", "DE"]),
    offence=st.sampled_from([None, "phishing", "{0.__class__}"]),
    amount=st.none() | st.floats(),
)
shared_lists = st.lists(
    st.builds(
        Shared,
        selector=st.builds(
            Selector, kind=st.sampled_from(Kind), value=st.text(max_size=200)
        ),
        holders=st.integers(0, 10_000_000),
        stop=st.sampled_from(["", "", "", "a free-mail provider"]),
    ),
    max_size=6,
    unique_by=lambda shared: shared.selector,
)


@FEW
@given(holders, holders, shared_lists)
def test_the_terms_add_up_to_the_bits(
    new: Holder, old: Holder, shared: list[Shared]
) -> None:
    evidence = weigh(SCORECARD, new, old, shared)

    assert evidence.bits == math.fsum(term.bits for term in evidence.terms)
    strengths = [abs(term.bits) for term in evidence.terms]
    assert strengths == sorted(strengths, reverse=True)
    assert all(term.text for term in evidence.terms)
    named = {(t.kind, t.value) for t in evidence.terms if t.kind is not None}
    assert named == {(s.selector.kind, s.selector.value) for s in shared}


@FEW
@given(holders, holders, shared_lists, st.randoms())
def test_swapping_the_reports_or_the_selectors_changes_nothing(
    new: Holder, old: Holder, shared: list[Shared], dice: object
) -> None:
    forth = weigh(SCORECARD, new, old, shared)
    dice.shuffle(shared)
    back = weigh(SCORECARD, old, new, shared)

    assert forth.terms == back.terms
    assert forth.bits == back.bits


@FEW
@given(holders, holders, shared_lists)
def test_stop_values_and_hubs_never_speak_for_a_link(
    new: Holder, old: Holder, shared: list[Shared]
) -> None:
    for term in weigh(SCORECARD, new, old, shared).terms:
        if term.name in ("stopped", "hub"):
            assert term.bits == 0
            assert "not counted" in term.text


@pytest.mark.parametrize("kind", Kind)
def test_more_holders_never_mean_more_bits(kind: Kind) -> None:
    counts = (1, 2, 3, 5, 6, 20, 21, 100, 101, STOP_AFTER_HOLDERS)
    bits = [SCORECARD.selector_bits(kind, count) for count in counts]
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > 0


@pytest.mark.parametrize(
    ("holders", "name"),
    [(STOP_AFTER_HOLDERS, "shared"), (STOP_AFTER_HOLDERS + 1, "hub")],
)
def test_a_selector_is_a_hub_above_the_limit_only(holders: int, name: str) -> None:
    shared = [Shared(selector=IBAN, holders=holders)]
    terms = weigh(SCORECARD, holder("A"), holder("B"), shared).terms
    assert name in {term.name for term in terms}


def test_further_selectors_add_a_bounded_bonus() -> None:
    shared = [
        Shared(selector=selector, holders=2) for selector in (IBAN, PHONE, OTHER_PHONE)
    ]
    extra = [
        Shared(selector=Selector(kind=Kind.PHONE, value=str(number)), holders=2)
        for number in range(50)
    ]
    three = weigh(SCORECARD, holder("A"), holder("B"), shared)
    many = weigh(SCORECARD, holder("A"), holder("B"), shared + extra)

    iban = SCORECARD.selector_bits(Kind.IBAN, 2)
    same_day = SCORECARD.time_bits(0)
    assert three.bits == iban + same_day + sum(SCORECARD.further[:2])
    assert many.bits == iban + same_day + sum(SCORECARD.further)


def test_every_compared_fact_is_named_in_words() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    new = Holder(ref="A", at=at, country="RS", offence="phishing", amount=1_000.0)
    old = Holder(
        ref="B",
        at=at.replace(day=5),
        country="DE",
        offence="phishing",
        amount=1_004.5,
    )
    evidence = weigh(SCORECARD, new, old, [Shared(selector=IBAN, holders=4)])

    assert [term.text for term in evidence.terms] == [
        "both mention the IBAN RS35105008123123123173; held by 4 reports",
        "same class of offence: phishing",
        "reported 3 days apart",
        "nearly the same loss: 1,000.00 and 1,004.50",
        "from different countries: DE, RS",
    ]


def test_different_offences_speak_against_a_link() -> None:
    new = Holder(ref="A", at=holder("A").at, offence="romance")
    old = Holder(ref="B", at=holder("B").at, offence="phishing")
    (term,) = (
        term for term in weigh(SCORECARD, new, old, []).terms if term.name == "offence"
    )
    assert term.bits < 0
    assert term.text == "different classes of offence: phishing, romance"


def test_unknown_facts_are_no_terms() -> None:
    terms = weigh(SCORECARD, holder("A"), holder("B"), []).terms
    assert [term.name for term in terms] == ["time"]


@pytest.mark.parametrize("amount", [0.0, -5.0, math.nan, math.inf])
def test_a_senseless_amount_is_no_term(amount: float) -> None:
    new = Holder(ref="A", at=holder("A").at, amount=amount)
    terms = weigh(SCORECARD, new, new, []).terms
    assert [term.name for term in terms] == ["time"]


def test_a_long_value_is_shortened_in_the_text_only() -> None:
    url = Selector(kind=Kind.URL, value="https://shop.example.org/" + "a" * 4_000)
    (term, _) = weigh(
        SCORECARD, holder("A"), holder("B"), [Shared(selector=url, holders=2)]
    ).terms
    assert len(term.text) < 150
    assert "…" in term.text
    assert term.value == url.value


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    url = Selector(kind=Kind.URL, value="https://a.example/{holders.__class__}")
    evidence = weigh(
        SCORECARD, holder("A"), holder("B"), [Shared(selector=url, holders=2)]
    )
    assert "{holders.__class__}" in evidence.terms[0].text


def test_evidence_whose_terms_do_not_explain_its_bits_is_refused() -> None:
    with pytest.raises(LinkingError, match="sum of its terms"):
        Evidence(
            holder=holder("A"),
            bits=9.0,
            terms=(Term(name="time", text="same day", bits=1.0),),
        )
