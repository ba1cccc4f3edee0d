"""That series find hidden campaigns, beside two peers in the same run.

The peers: connected components over every shared selector but victims' and stop
values (what exact matching gives), and an oracle that is told which selectors belong
to one campaign only (the most that exact selectors can give in this world).
"""

from collections import defaultdict
from collections.abc import Set as AbstractSet

import pytest
from tests.linking.linking_facts import SCORECARD
from tests.linking.linking_world import Quality, WorldReport, make_world, measure

from proxeny.linking import Linker, select_linkable
from proxeny.selectors import Selector


def test_series_find_hidden_campaigns_and_no_series_swallows_others() -> None:
    world = make_world(1, 1_500, largest=150)
    truth = {report.ref: report.campaign for report in world}
    owners: defaultdict[Selector, set[str]] = defaultdict(set)
    for report in world:
        for selector in select_linkable(report.mentions).selectors:
            owners[selector].add(report.campaign)
    own = {selector for selector, names in owners.items() if len(names) == 1}
    found = measure(truth, link_all(world))
    plain = measure(truth, find_components(world, set(owners)))
    oracle = measure(truth, find_components(world, own))

    assert found.precision >= 0.6
    assert found.largest_ratio <= 1.2 < plain.largest_ratio
    assert plain.b3 + 0.2 <= found.b3
    assert found.b3 >= 0.8 * oracle.b3


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
    linker = Linker(SCORECARD)
    for report in world:
        linker.add(
            report.ref,
            at=report.at,
            mentions=report.mentions,
            country=report.country,
            offence=report.offence,
        )
    return {r.ref: linker.find_series(r.ref) or r.ref for r in world}


def find_components(
    world: list[WorldReport], counting: AbstractSet[Selector]
) -> dict[str, str]:
    parent: dict[object, object] = {}

    def find(thing: object) -> object:
        while (above := parent.setdefault(thing, thing)) != thing:
            thing = above
        return thing

    for report in world:
        find(report.ref)
        for selector in select_linkable(report.mentions).selectors:
            if selector in counting:
                parent[find(report.ref)] = find(selector)
    return {report.ref: str(find(report.ref)) for report in world}
