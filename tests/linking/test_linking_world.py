"""How well series find hidden campaigns, beside two peers in the same run.

The peers: connected components over every shared selector but victims' and stop
values (what exact matching gives), and an oracle that is told which selectors belong
to one campaign only (the most that exact selectors can give in this world).
"""

from collections import defaultdict
from collections.abc import Callable

import pytest
from tests.linking.linking_world import Quality, WorldReport, make_world, measure

from proxeny.linking import Linker, load_scorecard, select_linkable
from proxeny.selectors import Selector


@pytest.mark.parametrize("seed", [1, 2])
def test_series_find_hidden_campaigns_and_no_series_swallows_others(seed: int) -> None:
    world = make_world(seed, 2_000, largest=150)
    truth = {report.ref: report.campaign for report in world}
    owners: defaultdict[Selector, set[str]] = defaultdict(set)
    for report in world:
        for selector in select_linkable(report.mentions).selectors:
            owners[selector].add(report.campaign)

    found = measure(truth, link_all(world))
    plain = measure(truth, find_components(world, lambda _: True))
    oracle = measure(truth, find_components(world, lambda s: len(owners[s]) == 1))

    assert found.precision >= 0.95
    assert found.largest_ratio <= 1.2
    assert found.b3 >= 0.68
    assert found.b3 >= 0.8 * oracle.b3
    assert found.b3 >= plain.b3 + 0.25
    assert plain.largest_ratio > 5


def test_the_measure_knows_a_perfect_and_a_useless_answer() -> None:
    truth = {"A": "x", "B": "x", "C": "y", "D": "y"}
    assert measure(truth, truth) == Quality(
        precision=1, recall=1, b3=1, largest_ratio=1
    )
    all_one = measure(truth, dict.fromkeys(truth, "z"))
    assert (all_one.precision, all_one.recall) == (pytest.approx(1 / 3), 1)
    assert all_one.b3 == pytest.approx(2 / 3)
    assert all_one.largest_ratio == 2


def link_all(world: list[WorldReport]) -> dict[str, str]:
    linker = Linker(load_scorecard())
    for report in world:
        linker.add(
            report.ref,
            at=report.at,
            mentions=report.mentions,
            country=report.country,
            offence=report.offence,
            amount=report.amount,
        )
    return {r.ref: linker.find_series(r.ref) or r.ref for r in world}


def find_components(
    world: list[WorldReport], counts: Callable[[Selector], bool]
) -> dict[str, str]:
    parent: dict[object, object] = {}

    def find(thing: object) -> object:
        while (above := parent.setdefault(thing, thing)) != thing:
            thing = above
        return thing

    for report in world:
        find(report.ref)
        for selector in select_linkable(report.mentions).selectors:
            if counts(selector):
                parent[find(report.ref)] = find(selector)
    return {report.ref: str(find(report.ref)) for report in world}
