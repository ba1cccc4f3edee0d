"""The scenarios of tests/lawbook, each a case that a jurist wrote."""

import re

import pytest
from tests.law.scenarios import read_scenarios

from proxeny import law

COUNTRIES = frozenset(
    {
        *("AL", "BA", "BG", "HR", "HU", "MD", "ME", "MK", "RO", "RS", "SI", "TR"),
        *("DE", "FR", "GB", "US", "JP", "NL", "ES", "AT", "DK", "IE"),
    }
)
LEAST = 150
CITATION = re.compile(r"\w[\w/-]* (Art\. \d|recital \d|Constitution Art\. \d)|EGMONT")
SCENARIOS = read_scenarios()


def test_there_are_enough_scenarios_and_each_has_a_name_of_its_own():
    assert len(SCENARIOS) >= LEAST
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)


def test_a_third_of_the_scenarios_has_nothing_open():
    barred = [one for one in SCENARIOS if "open" not in one.expect.values()]
    assert 3 * len(barred) >= len(SCENARIOS)
    seen = {state for one in SCENARIOS for state in one.expect.values()}
    assert seen == set(law.RouteState)


def test_every_country_of_the_region_and_its_partners_is_on_both_sides():
    for side in ("requesting", "requested"):
        assert COUNTRIES - {one.question[side] for one in SCENARIOS} == set()


def test_every_scenario_cites_its_paragraph():
    for scenario in SCENARIOS:
        assert CITATION.match(scenario.cites), scenario.name


def test_every_measure_is_in_a_scenario():
    expected = {route for scenario in SCENARIOS for route in scenario.expect}
    assert {measure.id for measure in law.load_lawbook().measures} - expected == set()


@pytest.mark.parametrize(
    "scenario", [pytest.param(one, id=f"{one.stem}: {one.name}") for one in SCENARIOS]
)
def test_scenario(scenario):
    assert scenario.list_misses(scenario.ask(law.load_lawbook())) == []
