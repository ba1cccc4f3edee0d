"""Facts that count are needed by a scenario; ``bench/routes.py --mutate`` asks of all.

And two properties of the law that no edition may break: a new ratification closes
nothing, and a day before the entry into force opens nothing.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.mutations import judge, list_mutants
from tests.law.scenarios import read_scenarios

from proxeny import law
from proxeny.law.facts import Party, Provenance, Standing

TAKEABLE = frozenset({law.RouteState.OPEN, law.RouteState.CONDITIONAL})
# Facts on which answers hang that officers act on: a change of each is caught.
NEEDED = {
    "body EU: complete_from removed",
    "instrument CETS224: entry rule removed",
    "instrument EU-2018/1805: in_force shifted",
    "instrument EU-2023/1543: in_force removed",
    "measure ETS185:29: custody removed",
    "measure ETS185:29: reservable 1 removed",
    "measure EU-2023/1543:EPOC: conditions 1 removed",
    "measure EU-2023/1543:EPOC: custody removed",
    "offence RSIT:fraud/phishing: maps_to removed",
    "offence rule ETS189 Art. 8(2): removed",
    "party CETS224 HU: removed",
    "party ETS185 CW: shifted",
    "party ETS185 DE: shifted",
    "party ETS185 FO: removed",
    "party ETS185 IE: removed",
    "party ETS189 HR: removed",
    "statements ('ETS185', 'AT') ('29(4)',): removed",
    "statements ('ETS185', 'BG') ('14(3)',): removed",
    "statements ('ETS185', 'MD') ('*', '38(1)'): removed",
    "statements ('ETS185', 'US') ('27(9)(e)',): removed",
}
SCENARIOS = read_scenarios()
COUNTRIES = sorted({one.question["requested"] for one in SCENARIOS})


@pytest.fixture(scope="module")
def book():
    return law.load_lawbook()


@pytest.fixture(scope="module")
def mutants(book):
    return {f"{one.fact}: {one.change}": one for one in list_mutants(book)}


@pytest.fixture(scope="module")
def answers(book):
    return [scenario.ask(book) for scenario in SCENARIOS]


def test_each_fact_is_changed_under_a_name_of_its_own(book, mutants):
    assert len(mutants) > 1_400
    facts = sum(len(held) for held in book.parties.values())
    shifted = [name for name in mutants if name.startswith("party ")]
    assert len(shifted) == 2 * facts


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_change_of_a_needed_fact_is_caught(mutants, answers, name):
    assert judge(mutants[name], SCENARIOS, answers).caught_by


def test_change_that_nobody_asks_about_is_not_seen(mutants, answers):
    unasked = mutants["memberships ('G7', 'CA') : removed"]
    assert not judge(unasked, SCENARIOS, answers).seen


def _ratify(book, instrument, country, day):
    """The edition with one more Party, bound from a day."""
    party = Party(
        instrument=instrument,
        country=country,
        standing=Standing.PARTY,
        signed=None,
        ratified=day,
        in_force=day,
        not_re_read=frozenset(),
        note="",
        provenance=Provenance(
            since=day,
            until=None,
            source="https://example.org/",
            as_of=day,
            reading=law.Reading.READ,
        ),
    )
    held = {**book.parties.get(instrument, {}), country: (party,)}
    return replace(book, parties={**book.parties, instrument: held})


def _states(book, scenario, on):
    routes = law.list_routes(book, **{**scenario.question, "on": on})
    return {route.id: route.state for route in routes}


TREATIES = ["ETS185", "ETS189", "CETS224", "CETS198", "ETS141", "UNCC", "EU-2023/1543"]


@settings(max_examples=60, deadline=None)
@given(
    scenario=st.sampled_from(SCENARIOS),
    instrument=st.sampled_from(TREATIES),
    country=st.sampled_from(COUNTRIES),
    on=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    day=st.dates(date(1995, 1, 1), date(2030, 1, 1)),
)
def test_new_ratification_never_closes_a_route(scenario, instrument, country, on, day):
    book = law.load_lawbook()
    known = book.parties.get(instrument, {}).get(country)
    if known is not None and known[0].standing in {Standing.PARTY, Standing.BOUND}:
        return
    before = _states(book, scenario, on)
    after = _states(_ratify(book, instrument, country, day), scenario, on)
    for route, state in before.items():
        assert state not in TAKEABLE or after[route] in TAKEABLE
        assert state is not law.RouteState.OPEN or after[route] is state


@settings(max_examples=100, deadline=None)
@given(
    sides=st.lists(st.sampled_from(COUNTRIES), min_size=2, max_size=2, unique=True),
    data=st.sampled_from(law.DataKind),
    back=st.integers(1, 20_000),
    emergency=st.booleans(),
)
def test_day_before_the_entry_into_force_never_opens_a_route(
    sides, data, back, emergency
):
    book = law.load_lawbook()
    for key, instrument in book.instruments.items():
        days = [instrument.in_force]
        for side in sides:
            held = book.parties.get(key, {}).get(side, ())
            days += [party.in_force for party in held[:1]]
        latest = max((day for day in days if day is not None), default=None)
        if latest is None:
            continue
        routes = law.list_routes(
            book,
            requesting=sides[0],
            requested=sides[1],
            data=data,
            on=latest - timedelta(days=min(back, latest.toordinal() - 1)),
            emergency=emergency,
        )
        for route in routes:
            assert route.instrument != key or route.state not in TAKEABLE
