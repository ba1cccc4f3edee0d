"""The scenarios of ``tests/lawbook`` as questions, with what a jurist expects."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from proxeny import law

FOLDER = Path(__file__).resolve().parent.parent / "lawbook"
KEYS = frozenset(
    {
        *("name", "cites", "from", "to", "on", "data", "offence", "emergency"),
        *("custodian", "expect", "because", "addressee", "absent"),
        *("demands", "limits", "days", "then"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question, the states expected by route, and words of the answer."""

    stem: str
    name: str
    cites: str
    question: dict[str, Any]
    expect: dict[str, str]
    because: dict[str, list[str]] = field(default_factory=dict)
    addressee: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    demands: dict[str, list[str]] = field(default_factory=dict)
    limits: dict[str, list[str]] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    then: dict[str, str] = field(default_factory=dict)

    def ask(self, book: law.Lawbook) -> dict[str, law.Route]:
        """The answer of an edition, by route."""
        return {route.id: route for route in law.list_routes(book, **self.question)}

    def list_misses(self, routes: dict[str, law.Route]) -> list[str]:
        """What the answer lacks of what is expected."""
        states = {
            route: routes[route].state.value if route in routes else "not offered"
            for route in self.expect
        }
        misses = [
            f"{route}: {states[route]}, expected {state}"
            for route, state in self.expect.items()
            if states[route] != state
        ]
        for route, words in self.because.items():
            reasons = " | ".join(
                why.text for why in (routes[route].because if route in routes else ())
            )
            misses += [
                f"{route}: {word!r} is in no reason: {reasons}"
                for word in words
                if word not in reasons
            ]
        for wanted, find in (
            (self.demands, _list_demands),
            (self.limits, _list_limits),
            (self.days, _list_days),
            (self.then, _list_followers),
        ):
            for route, words in wanted.items():
                held = find(routes[route]) if route in routes else []
                listed = [words] if isinstance(words, str) else words
                misses += [
                    f"{route}: {word} is not among {held}"
                    for word in listed
                    if word not in held
                ]
        misses += [
            f"{route}: {words!r} is not the addressee"
            for route, words in self.addressee.items()
            if route not in routes or words not in routes[route].addressee
        ]
        return misses + [
            f"{route} is offered" for route in self.absent if route in routes
        ]


def _list_demands(route: law.Route) -> list[str]:
    return [demand.code.value for demand in route.conditions]


def _list_limits(route: law.Route) -> list[str]:
    return [
        f"{limit.days} days" if limit.days is not None else f"{limit.hours} hours"
        for limit in route.time_limits
    ]


def _list_days(route: law.Route) -> list[str]:
    return [str(route.expected_days)]


def _list_followers(route: law.Route) -> list[str]:
    return [follower.route for follower in route.must_follow]


def read_scenarios() -> list[Scenario]:
    """Every scenario, in the order of the files."""
    return [
        _read(path.stem, entry)
        for path in sorted(FOLDER.glob("*.yaml"))
        # BaseLoader reads text only: Norway's NO must not become false.
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds text, lists and maps only
    ]


def _read(stem: str, entry: dict[str, Any]) -> Scenario:
    strangers = set(entry) - KEYS
    if strangers:
        raise ValueError(f"{stem}: {entry['name']}: {strangers} does not belong here")
    return Scenario(
        stem=stem,
        name=entry["name"],
        cites=entry["cites"],
        question={
            "requesting": entry["from"],
            "requested": entry["to"],
            "data": law.parse_data_kind(entry["data"]),
            "on": date.fromisoformat(entry["on"]),
            "emergency": "emergency" in entry,
            "offence": entry.get("offence", "other"),
            "custodian": entry.get("custodian", ""),
        },
        expect=entry["expect"],
        because=entry.get("because", {}),
        addressee=entry.get("addressee", {}),
        absent=entry.get("absent", []),
        demands=entry.get("demands", {}),
        limits=entry.get("limits", {}),
        days=entry.get("days", {}),
        then=entry.get("then", {}),
    )
