"""Evidence: additive, in words, without the pair itself in a key's company."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linking.linking_facts import (
    IBAN,
    OTHER_PHONE,
    PHONE,
    RARE,
    SCORECARD,
    STORY,
    day,
    holder,
    link,
)

from proxeny.linking import (
    MAX_KEYS_WEIGHED,
    NOBODY,
    STOP_AFTER_HOLDERS,
    TEXT,
    Company,
    Held,
    Holder,
    Key,
    LinkingError,
    choose_keys,
    explain_reason,
    list_terms,
    list_text_keys,
    render_terms,
    sketch_narrative,
    weigh,
)
from proxeny.selectors import Kind, Selector

FEW = settings(max_examples=60)
KEYS = [
    *(Key(kind=kind, value=f"{kind}-{n}") for kind in Kind for n in range(2)),
    *(Key(kind=TEXT, value=f"{n:016x}") for n in range(4)),
]
companies = st.builds(
    lambda pairs, same: Company(
        pairs=pairs,
        same_offence=min(same, pairs),
        known_offence=pairs,
        gap_level=3 * pairs,
        known_gap=pairs,
    ),
    st.integers(1, 50),
    st.integers(0, 50),
)
holders = st.builds(
    Holder,
    ref=st.just("old"),
    at=st.datetimes(
        min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2190, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        timezones=st.just(UTC),
    ),
    country=st.sampled_from([None, "RS", "DE"]),
    offence=st.sampled_from([None, "phishing", "{0.__class__}"]),
    named=st.integers(0, 5),
    phrases=st.frozensets(st.integers(1, 9), max_size=5),
)
held_lists = st.lists(
    st.builds(
        Held,
        key=st.sampled_from(KEYS),
        holders=st.integers(2, 10_000_000),
        company=st.just(NOBODY) | companies,
        newest=st.just(("old",)),
        stop=st.sampled_from(["", "", "", "a free-mail provider"]),
    ),
    max_size=6,
    unique_by=lambda held: held.key,
)


@FEW
@given(holders, holders, held_lists)
def test_the_terms_add_up_to_the_bits(
    new: Holder, old: Holder, shared: list[Held]
) -> None:
    held = {item.key: item for item in shared}
    weighed = weigh(SCORECARD, new, [(old, held)], held, rarity=RARE)

    assert bool(weighed.evidence) is any(item.counts for item in shared)
    for evidence in weighed.evidence:
        terms = list_terms(SCORECARD, evidence)
        assert evidence.bits == math.fsum(term.bits for term in terms)
        assert evidence.bits == max(bits for _, bits in evidence.votes)
        assert all(term.text for term in terms)
        assert f"({evidence.bits:+.1f})" in render_terms(terms)


@FEW
@given(holders, holders, held_lists)
def test_swapping_the_reports_changes_no_bit(
    new: Holder, old: Holder, shared: list[Held]
) -> None:
    held = {item.key: item for item in shared}
    forth = weigh(SCORECARD, new, [(old, held)], held, rarity=RARE)
    back = weigh(SCORECARD, old, [(new, held)], held, rarity=RARE)
    assert [e.votes for e in forth.evidence] == [e.votes for e in back.evidence]


@pytest.mark.parametrize(
    ("holders", "counts"), [(STOP_AFTER_HOLDERS, True), (STOP_AFTER_HOLDERS + 1, False)]
)
def test_a_key_is_a_hub_above_the_limit_only(
    holders: int,
    counts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    held = Held(key=Key.of(IBAN), holders=holders, newest=("old",))
    assert held.counts is counts


def test_all_shingles_of_a_pair_are_one_key() -> None:
    keys = [Key(kind=TEXT, value=f"{n:016x}") for n in (3, 1, 2)]
    held = {key: Held(key=key, holders=5, newest=("old",)) for key in keys}
    weighed = weigh(
        SCORECARD, holder("new"), [(holder("old"), keys)], held, rarity=RARE
    )
    (evidence,) = weighed.evidence
    assert [key.value for key, _ in evidence.votes] == [f"{1:016x}"]
    assert evidence.comparison.shingles == 3


def test_the_pair_itself_is_left_out_of_the_company_that_judges_it() -> None:
    key = Key.of(IBAN)
    stored = Company(pairs=1, same_offence=0, known_offence=1)
    held = {key: Held(key=key, holders=3, company=stored, newest=("A", "B"))}
    candidates = [
        (Holder(ref="A", at=day(0), offence="phishing"), [key]),
        (Holder(ref="B", at=day(0), offence="romance"), [key]),
    ]
    new = Holder(ref="new", at=day(0), offence="phishing")
    weighed = weigh(SCORECARD, new, candidates, held, rarity=RARE)

    assert (weighed.companies[key].pairs, weighed.companies[key].same_offence) == (3, 1)
    company = {e.holder.ref: e.comparison.company for e in weighed.evidence}
    assert (company["A"].pairs, company["A"].same_offence) == (2, 0)
    assert (company["B"].pairs, company["B"].same_offence) == (2, 1)


def test_what_one_source_reports_again_adds_to_no_company() -> None:
    key = Key.of(IBAN)
    held = {key: Held(key=key, holders=2, newest=("A",), is_echo=True)}
    weighed = weigh(SCORECARD, holder("new"), [(holder("A"), [key])], held, rarity=RARE)
    assert weighed.companies[key] == NOBODY


def test_the_rarest_keys_of_a_long_list_are_weighed() -> None:
    holders = {Key(kind="phone", value=str(n)): 5_000 - n for n in range(5_000)}
    chosen = choose_keys(holders)
    assert len(chosen) == MAX_KEYS_WEIGHED
    assert {holders[key] for key in chosen} == set(range(2, MAX_KEYS_WEIGHED + 2))


def test_a_report_padded_with_fresh_keys_hides_no_account() -> None:
    padding = {Key(kind="url", value=str(n)): 1 for n in range(200)}
    account = Key.of(IBAN)
    assert choose_keys(padding | {account: 3})[0] == account


def test_a_link_reads_as_an_analyst_would_say_it() -> None:
    company = Company(
        pairs=4, same_offence=4, known_offence=4, gap_level=16, known_gap=4
    )
    new = Holder(
        ref="A", at=day(2.2), country="RS", offence="ETS185:8", phrases=frozenset({1})
    )
    old = Holder(
        ref="B", at=day(0), country="DE", offence="ETS185:8", phrases=frozenset({1, 2})
    )
    evidence = link(SCORECARD, old, IBAN, holders=3, company=company, new=new)
    names = {"ETS185:8": "computer fraud"}
    assert render_terms(list_terms(SCORECARD, evidence, names)).startswith(
        "same iban RS35105008123123123173, held by 3 reports, its other holders mostly"
        " name the same offence and follow within a week, both computer fraud,"
        " 2 days apart, texts share 1 rare phrase ("
    )


def test_stop_values_and_hubs_are_shown_with_no_bits() -> None:
    keys = [Key.of(IBAN), Key.of(PHONE), Key.of(OTHER_PHONE)]
    held = {
        keys[0]: Held(key=keys[0], holders=2, newest=("B",)),
        keys[1]: Held(key=keys[1], holders=9, stop="a number for films"),
        keys[2]: Held(key=keys[2], holders=4_200, newest=("B",)),
    }
    weighed = weigh(SCORECARD, holder("A"), [(holder("B"), keys)], held, rarity=RARE)
    *_, stopped, hub = list_terms(SCORECARD, weighed.evidence[0])
    assert (stopped.name, stopped.bits, hub.name, hub.bits) == ("stopped", 0, "hub", 0)
    assert stopped.text.endswith("held by 9 reports, not counted: a number for films")
    assert hub.text.endswith("held by 4,200 reports, not counted: more than 3,000")


def test_a_shingle_is_told_as_wording_and_never_as_its_number() -> None:
    sketch = sketch_narrative(STORY, RARE)
    held = {
        key: Held(key=key, holders=2, newest=("B",)) for key in list_text_keys(sketch)
    }
    both = frozenset(sketch.phrases)
    new = Holder(ref="A", at=day(0), phrases=both)
    old = Holder(ref="B", at=day(0), phrases=both)
    weighed = weigh(SCORECARD, new, [(old, held)], held, rarity=RARE)
    line = render_terms(list_terms(SCORECARD, weighed.evidence[0]))
    assert line.startswith("same text, held by 2 reports")
    assert "texts share 16 rare phrases" in line


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("iban", "RS35, held by 3", "same iban RS35, held by 3 reports"),
        ("url", "https://x/, held by 9, held by 12345", ""),
        ("text", "wording, held by 4", "same text, held by 4 reports"),
        ("offence", "same", "both the same offence"),
        ("offence", "not known", "not both name an offence"),
        ("country", "different", "from two countries"),
        ("country", "not known", "not both name a country"),
        ("time", "0 hours apart", "within an hour"),
        ("time", "50 hours apart", "2 days apart"),
        ("time", "a time is not known", "no two times to compare"),
        ("text", "1 rare phrases", "texts share 1 rare phrase"),
        ("text", "0 rare phrases", "texts share no rare phrase"),
        ("text", "no rare wording", "no rare wording to compare"),
        ("company", "its other holders", "what its other holders are like"),
        ("others", "further selectors", "how many further selectors both name"),
    ],
)
def test_a_reason_of_the_batch_is_told_in_the_same_words(
    kind: str, value: str, text: str
) -> None:
    text = text or "same url https://x/, held by 9, held by 12,345 reports"
    assert explain_reason(SCORECARD, kind, value) == text


def test_a_long_value_is_shortened_in_the_text_only() -> None:
    url = Selector(kind=Kind.URL, value="https://shop.example.org/" + "a" * 4_000)
    term = list_terms(SCORECARD, link(SCORECARD, holder("A"), url))[0]
    assert len(term.text) < 150
    assert "…" in term.text
    assert term.value == url.value


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    url = Selector(kind=Kind.URL, value="https://a.example/{holders.__class__}")
    term = list_terms(SCORECARD, link(SCORECARD, holder("A"), url))[0]
    assert "{holders.__class__}" in term.text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(LinkingError, match="no time zone") as caught:
        Holder(ref="A", at=day(0).replace(tzinfo=None))
    assert caught.value.stable_code == "PXY-LINKING"
