"""Kernels: sketches equal their readable twin, the guard does what it promises."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxeny.engines.kernels import choosing, guarding, recurring, sketching
from proxeny.linking import Guard
from proxeny.linking import narratives as spec

RARE = spec.Rarity(levels=b"\x0a" * spec.RARITY_BUCKETS)
WORDS = st.text(
    alphabet="abcdeÄßéіжщΣώ.,@/1-’ \n\u3000\u200bم中\U0001f600",
    min_size=0,
    max_size=120,
)


@given(st.lists(st.none() | WORDS, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_kernel_sketches_as_the_readable_twin_does(texts: list[str | None]) -> None:
    counts = np.zeros(spec.RARITY_BUCKETS, np.uint32)
    column = pa.array(texts, pa.large_string())
    sketching.count_phrases(column, counts)
    levels = sketching.rate_phrases(counts, len(texts))
    keys, phrases = sketching.sketch(column, levels)
    rarity = spec.Rarity(levels=levels.tobytes())
    for row, text in enumerate(texts):
        sketch = spec.sketch_narrative(text or "", rarity)
        assert tuple(int(key) for key in keys[row] if key) == sketch.keys
        assert tuple(int(one) for one in phrases[row] if one) == sketch.phrases


def test_overlap_equals_the_twins_and_says_where_there_is_no_text() -> None:
    texts = [
        "they froze my savings and sent me to a vault of theirs",
        "then they froze my savings and sent nobody",
        "",
    ]
    column = pa.array(texts, pa.large_string())
    levels = np.full(spec.RARITY_BUCKETS, 10, np.uint8)
    _, phrases = sketching.sketch(column, levels)
    shared, bits = sketching.measure_overlaps(
        np.array([0, 0], np.int32), np.array([1, 2], np.int32), phrases, levels
    )
    sketches = [spec.sketch_narrative(text, RARE) for text in texts]
    assert (shared[0], bits[0]) == spec.measure_overlap(
        sketches[0].phrases, sketches[1].phrases, RARE
    )
    assert shared[0] == 5
    assert (shared[1], bits[1]) == (-1, -1)


@pytest.mark.parametrize(
    "spoilt",
    ["DE89370400440532013000", "someone@evil.example", "evil.example/login", "12.03."],
)
def test_selectors_and_figures_are_no_words_of_a_narrative(spoilt: str) -> None:
    plain = "please send the whole sum to my kind friend today"
    told = f"please send the whole sum to {spoilt} my kind friend today"
    assert spec.sketch_narrative(told, RARE) == spec.sketch_narrative(plain, RARE)


def test_letters_meet_whatever_their_case_and_marks() -> None:
    one = "ÜBERWEISUNG nach ČAČAK für Γιώργος и ЁЛКА"
    other = "uberweisung nach cacak fur γιωργοσ и елка"
    assert spec.sketch_narrative(one, RARE) == spec.sketch_narrative(other, RARE)
    assert spec.sketch_narrative(one, RARE).phrases


def test_until_phrases_are_counted_no_wording_is_telling() -> None:
    nothing = spec.Sketch(keys=(), phrases=())
    assert (
        spec.sketch_narrative("one two three four five six", spec.Rarity()) == nothing
    )


def _unite(
    edges: list[tuple[int, int, int, float]], reports: int, **guard: float
) -> list[int]:
    a, b, selector, bits = (np.array(column) for column in zip(*edges, strict=True))
    united = guarding.unite(
        a.astype(np.int32),
        b.astype(np.int32),
        selector.astype(np.int64),
        bits.astype(np.float64),
        reports=reports,
        guard=Guard(
            rounds=(9.0, 5.0, 2.0),
            sqrt_smaller=guard.get("sqrt_smaller", 2.0),
            log2_larger=guard.get("log2_larger", 0.0),
            floor=1.0,
            wording_bits=25.0,
            wording_share=3.0,
        ),
    )
    return [int(group) for group in united]


def _chain(first: int, size: int, selector: int) -> list[tuple[int, int, int, float]]:
    return [(n, n + 1, selector, 12.0) for n in range(first, first + size - 1)]


def test_one_rented_selector_does_not_fuse_two_series() -> None:
    edges = [*_chain(0, 50, 1), *_chain(50, 50, 2), (10, 60, 3, 8.0)]
    groups = _unite(edges, 100)
    assert len(set(groups)) == 2


@given(st.permutations(range(12)))
@settings(max_examples=20, deadline=None)
def test_the_holders_of_one_account_come_together_in_any_order(
    order: list[int],
) -> None:
    edges = [
        (n, n + step, 1, 9.0) for n in range(12) for step in (1, 2) if n + step < 12
    ]
    renamed = [(order[a], order[b], selector, bits) for a, b, selector, bits in edges]
    assert len(set(_unite(renamed, 12, sqrt_smaller=1.0))) == 1


def test_many_selectors_together_unite_two_series() -> None:
    between = [(n, 50 + n, 10 + n, 8.0) for n in range(6)]
    groups = _unite([*_chain(0, 50, 1), *_chain(50, 50, 2), *between], 100)
    assert len(set(groups)) == 1


def test_wording_alone_does_not_fuse_two_large_series() -> None:
    chains = [*_chain(0, 50, 1), *_chain(50, 50, 2)]
    template = [(n, 50 + n, -10 - n, 8.0) for n in range(40)]
    assert len(set(_unite([*chains, *template], 100, sqrt_smaller=6.0))) == 2
    accounts = [(n, 50 + n, 10 + n, 8.0) for n in range(3)]
    told = [*chains, *template, *accounts]
    assert len(set(_unite(told, 100, sqrt_smaller=6.0))) == 1


def test_the_same_selector_again_is_no_further_evidence() -> None:
    again = [(n, 50 + n, 3, 8.0) for n in range(40)]
    groups = _unite([*_chain(0, 50, 1), *_chain(50, 50, 2), *again], 100)
    assert len(set(groups)) == 2


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_evidence_is_immaterial(dice: object) -> None:
    rng = np.random.default_rng(7)
    edges = [
        (int(x), int(y), int(s), float(b))
        for x, y, s, b in zip(
            rng.integers(0, 40, 120),
            rng.integers(0, 40, 120),
            rng.integers(0, 30, 120),
            rng.permutation(120) / 10,
            strict=True,
        )
        if x != y
    ]
    shuffled = list(edges)
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a Random
    groups, again = _unite(edges, 40), _unite(shuffled, 40)
    assert [groups.index(g) for g in groups] == [again.index(g) for g in again]


def test_links_kept_are_the_strongest_of_each_report() -> None:
    a, b = np.array([0, 0, 1, 2], np.int32), np.array([1, 2, 2, 3], np.int32)
    selector = np.arange(4)
    bits = np.array([3.0, 9.0, 5.0, 4.0])
    series = np.array([0, 0, 0, 3], np.int32)
    assert choosing.choose_accepted(a, b, selector, bits, series).tolist() == [1, 2]
    assert choosing.choose_related(a, b, selector, bits, series, 2.0).tolist() == [3]
    assert choosing.choose_related(a, b, selector, bits, series, 5.0).tolist() == []


def test_a_pair_of_several_selectors_is_never_taken_for_one_of_one() -> None:
    dice = np.random.default_rng(5)
    one, other = (dice.integers(0, 60, 4_000, dtype=np.int32) for _ in range(2))
    buckets = recurring.make_buckets(len(one))
    recurring.count_pairs(one, other, buckets)
    marks = recurring.find_recurring(one, other, buckets)
    pairs, inverse, counts = np.unique(
        np.stack((one, other)), axis=1, return_inverse=True, return_counts=True
    )
    assert pairs.shape[1] < len(one)
    assert marks[counts[inverse.ravel()] > 1].all()


def test_most_pairs_of_one_selector_are_told_from_the_others() -> None:
    one = np.arange(10_000, dtype=np.int32)
    buckets = recurring.make_buckets(len(one))
    recurring.count_pairs(one, one + np.int32(1), buckets)
    assert recurring.find_recurring(one, one + np.int32(1), buckets).mean() < 0.3
