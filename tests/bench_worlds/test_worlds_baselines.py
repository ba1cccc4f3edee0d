"""The measure of a grouping, and the plain groupings that an engine has to beat."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.baselines import (
    Mentions,
    group_by_selectors,
    group_by_two_selectors,
    score,
)


def list_pairs(labels: list[int]) -> set[tuple[int, int]]:
    return {
        pair
        for pair in combinations(range(len(labels)), 2)
        if labels[pair[0]] == labels[pair[1]]
    }


def make_mentions(*held: str) -> Mentions:
    """One report for each string; each letter is a selector."""
    pairs = [(row, ord(sign) - 97) for row, signs in enumerate(held) for sign in signs]
    report, selector = np.array(pairs, np.int64).reshape(-1, 2).T
    return Mentions(report=report, selector=selector, reports=len(held), selectors=26)


def same_groups(found: np.ndarray, expected: list[int]) -> bool:
    return list_pairs(found.tolist()) == list_pairs(expected)


def test_the_truth_scores_one_whatever_its_labels() -> None:
    quality = score(np.array(["b", "a", "b"]), np.array([7, 3, 7]))
    assert quality.f1 == quality.b3_f == 1.0
    assert quality.largest == quality.largest_true == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_score_agrees_with_counting_by_hand(labels: list[tuple[int, int]]) -> None:
    series, truth = (list(column) for column in zip(*labels, strict=True))
    found, true = list_pairs(series), list_pairs(truth)
    quality = score(np.array(series), np.array(truth))
    assert quality.precision == pytest.approx(
        len(found & true) / len(found) if found else 1
    )
    assert quality.recall == pytest.approx(len(found & true) / len(true) if true else 1)
    b3 = [labels.count(label) / series.count(label[0]) for label in labels]
    assert quality.b3_precision == pytest.approx(sum(b3) / len(labels))


def test_nothing_to_group_scores_one() -> None:
    assert score(np.array([], int), np.array([], int)).b3_f == 1.0


def test_a_grouping_of_other_reports_is_refused() -> None:
    with pytest.raises(ValueError, match="2 series but 1"):
        score(np.array([1, 2]), np.array([1]))


def test_chains_of_selectors_are_followed() -> None:
    mentions = make_mentions("a", "ab", "bc", "c", "d", "")
    assert same_groups(group_by_selectors(mentions), [0, 0, 0, 0, 1, 2])


def test_selectors_of_many_holders_do_not_join() -> None:
    mentions = make_mentions("ax", "ay", "ax", "by")
    assert same_groups(group_by_selectors(mentions, max_holders=2), [0, 1, 0, 1])


def test_two_shared_selectors_join_and_one_does_not() -> None:
    mentions = make_mentions("abc", "bcd", "cd", "ae", "xyab")
    assert same_groups(group_by_two_selectors(mentions), [0, 0, 0, 1, 0])
    assert same_groups(group_by_two_selectors(make_mentions("ab", "bc")), [0, 1])


def test_reports_without_mentions_stay_alone() -> None:
    mentions = make_mentions("", "", "")
    assert same_groups(group_by_selectors(mentions), [0, 1, 2])
    assert same_groups(group_by_two_selectors(mentions), [0, 1, 2])
