"""The scenarios of tests/lawbook, each a case that a jurist wrote."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from proxeny import law

FOLDER = Path(__file__).resolve().parent.parent / "lawbook"
COUNTRIES = frozenset(
    {
        *("AL", "BA", "BG", "HR", "HU", "MD", "ME", "MK", "RO", "RS", "SI", "TR"),
        *("DE", "FR", "GB", "US", "JP", "NL", "ES", "AT", "DK", "IE"),
    }
)
LEAST = 150
CITATION = re.compile(r"\w[\w/-]* (Art\. \d|recital \d|Constitution Art\. \d)|EGMONT")
KEYS = {
    "name",
    "cites",
    "custodian",
    "from",
    "to",
    "on",
    "data",
    "offence",
    "emergency",
    "expect",
    "because",
    "addressee",
    "absent",
}


def _read(path: Path) -> Any:
    # BaseLoader reads text only: Norway's NO must not become false.
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds text, lists and maps only


WRITTEN = [
    (path.stem, scenario)
    for path in sorted(FOLDER.glob("*.yaml"))
    for scenario in _read(path)
]
SCENARIOS = [
    pytest.param(scenario, id=f"{stem}: {scenario['name']}")
    for stem, scenario in WRITTEN
]


def test_there_are_enough_scenarios_and_each_has_a_name_of_its_own():
    assert len(SCENARIOS) >= LEAST
    names = [scenario["name"] for _, scenario in WRITTEN]
    assert len(set(names)) == len(names)


def test_a_third_of_the_scenarios_has_nothing_open():
    barred = [one for _, one in WRITTEN if "open" not in one["expect"].values()]
    assert 3 * len(barred) >= len(WRITTEN)
    seen = {state for _, one in WRITTEN for state in one["expect"].values()}
    assert seen == set(law.RouteState)


def test_every_country_of_the_region_and_its_partners_is_on_both_sides():
    assert COUNTRIES - {scenario["from"] for _, scenario in WRITTEN} == set()
    assert COUNTRIES - {scenario["to"] for _, scenario in WRITTEN} == set()


def test_every_scenario_cites_its_paragraph():
    for _, scenario in WRITTEN:
        assert CITATION.match(scenario["cites"]), scenario["name"]


def test_every_measure_is_in_a_scenario():
    expected = {route for _, scenario in WRITTEN for route in scenario["expect"]}
    assert {measure.id for measure in law.load_lawbook().measures} - expected == set()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario):
    assert set(scenario) <= KEYS
    routes = {
        route.id: route
        for route in law.list_routes(
            law.load_lawbook(),
            requesting=scenario["from"],
            requested=scenario["to"],
            data=law.parse_data_kind(scenario["data"]),
            on=date.fromisoformat(scenario["on"]),
            emergency="emergency" in scenario,
            offence=scenario.get("offence", "other"),
            custodian=scenario.get("custodian", ""),
        )
    }
    states = {route: routes[route].state.value for route in scenario["expect"]}
    assert states == scenario["expect"]
    for route, words in scenario.get("because", {}).items():
        reasons = " | ".join(why.text for why in routes[route].because)
        for word in words:
            assert word in reasons
    for route, words in scenario.get("addressee", {}).items():
        assert words in routes[route].addressee
    assert not set(scenario.get("absent", ())) & set(routes)
