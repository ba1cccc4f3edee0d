"""The scenarios of tests/lawbook, each a case that a jurist wrote."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from proxeny import law

FOLDER = Path(__file__).resolve().parent.parent / "lawbook"
KEYS = {
    "name",
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


SCENARIOS = [
    pytest.param(scenario, id=f"{path.stem}: {scenario['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for scenario in _read(path)
]


def test_there_are_scenarios():
    assert len(SCENARIOS) >= 12


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
