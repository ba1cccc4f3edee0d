"""What a route demands, takes and leads to: conditions, days, burden, follow-ups."""

from datetime import date

import pytest

from proxeny import law
from proxeny.errors import InputError

TODAY = date(2026, 11, 21)


def _ask(requesting, requested, data=law.DataKind.SUBSCRIBER, **more):
    found = law.list_routes(
        law.load_lawbook(),
        requesting=requesting,
        requested=requested,
        data=data,
        on=TODAY,
        **more,
    )
    return {route.id: route for route in found}


def _codes(route):
    return {(demand.code.value, demand.decides) for demand in route.conditions}


def test_order_is_state_then_days_then_burden_then_id():
    states = list(law.RouteState)
    for pair in (("DE", "FR"), ("RS", "DE"), ("FR", "US"), ("DE", "IE")):
        for data in law.DataKind:
            ranks = [
                (
                    states.index(route.state),
                    route.expected_days is None,
                    route.expected_days or 0,
                    route.burden,
                    route.id,
                )
                for route in _ask(*pair, data, emergency=True).values()
            ]
            assert ranks == sorted(ranks)


def test_fastest_open_channel_between_members_comes_first():
    first = next(iter(_ask("DE", "FR").values()))
    assert (first.id, first.expected_days) == ("EU-2023/1543:EPOC", 10)
    assert first.burden == 1


def test_emergency_shortens_what_may_be_expected():
    route = _ask("DE", "FR", emergency=True)["EU-2023/1543:EPOC"]
    assert route.expected_days == 1
    assert "8 hours" in route.expected.text


def test_days_follow_one_another_to_the_answer():
    routes = _ask("DE", "FR")
    assert routes["EIO"].expected_days == 120
    assert routes["EIO"].expected.reading is law.Reading.NOT_RE_READ
    assert routes["EU-LEINFO"].expected_days == 7
    assert _ask("RS", "JP")["CETS224:8"].expected_days == 65


def test_what_no_source_tells_is_not_expected():
    routes = _ask("RS", "DE")
    assert routes["ETS185:29"].expected is None
    assert routes["ETS185:29"].expected_days is None


def test_published_figures_count_by_their_lower_end():
    expected = _ask("RS", "DE")["ETS185:31"].expected
    assert expected.days == 180
    assert "poorly evidenced" in expected.text
    assert expected.source


def test_preservation_names_the_request_that_must_follow_and_by_when():
    (follower,) = _ask("RS", "DE")["ETS185:29"].must_follow
    assert (follower.route, follower.days) == ("ETS185:31", 60)
    assert follower.citation == "ETS185 Art. 29(2)(f), 29(7)"
    assert follower.starts == "preservation"


def test_provisional_arrest_names_extradition_within_18_days():
    (follower,) = _ask("FR", "DE", law.DataKind.PERSON)["ETS024:16"].must_follow
    assert (follower.route, follower.days) == ("ETS024", 18)


def test_conditions_are_coded_and_say_whether_they_decide():
    extradition = _ask("FR", "DE", law.DataKind.PERSON)["ETS185:24"]
    assert {("dual_criminality", True), ("penalty_threshold", True)} <= _codes(
        extradition
    )
    order = _ask("DE", "FR", law.DataKind.CONTENT, emergency=True)["EU-2023/1543:EPOC"]
    assert {
        ("penalty_threshold", True),
        ("judicial_order", False),
        ("notification", False),
        ("emergency_definition", False),
        ("language", False),
        ("representative", False),
    } <= _codes(order)
    calm = _ask("DE", "FR", law.DataKind.CONTENT)["EU-2023/1543:EPOC"]
    assert ("emergency_definition", False) not in _codes(calm)


def test_reservation_that_bites_is_a_coded_condition():
    reserved = _ask("RS", "DE")["ETS185:29"]
    assert ("dual_criminality", True) in _codes(reserved)
    lifted = _ask("RS", "DE", offence="ETS185:8")["ETS185:29"]
    assert ("dual_criminality", True) not in _codes(lifted)
    insists = _ask("DE", "US")["ETS185:27"]
    assert ("central_authority", False) in _codes(insists)


def test_each_condition_cites_its_article_and_source():
    for pair in (("DE", "FR"), ("RS", "JP"), ("FR", "US")):
        for data in law.DataKind:
            for route in _ask(*pair, data, emergency=True).values():
                for fact in (*route.conditions, *route.must_follow):
                    assert (
                        " Art. " in fact.citation
                        or "Art." in fact.citation
                        or (" of " in fact.citation)
                    )
                    assert fact.source


def test_custodian_elsewhere_closes_what_needs_data_in_the_asked_territory():
    routes = _ask("RS", "DE", custodian="US")
    assert routes["ETS185:29"].state is law.RouteState.CLOSED
    assert routes["ETS185:31"].state is law.RouteState.CLOSED
    assert routes["ETS185:26"].state is law.RouteState.OPEN
    here = _ask("RS", "DE", custodian="de")
    assert here["ETS185:31"].state is law.RouteState.OPEN


def test_production_order_follows_the_provider_not_the_place_of_the_data():
    routes = _ask("DE", "IE", custodian="eu_provider")
    assert routes["EU-2023/1543:EPOC"].state is law.RouteState.OPEN
    closed = _ask("DE", "IE", custodian="provider")["EU-2023/1543:EPOC"]
    assert closed.state is law.RouteState.CLOSED
    assert "designated establishment" in " ".join(why.text for why in closed.because)


@pytest.mark.parametrize("custodian", ["someone", "Q9", "\x00", "x" * 9_999])
def test_unknown_custodian_is_refused(custodian):
    with pytest.raises(InputError) as caught:
        _ask("RS", "DE", custodian=custodian)
    assert caught.value.stable_code in {"PXY-CUSTODIAN", "PXY-COUNTRY"}
    assert len(caught.value.message) < 200


def test_document_of_a_route_names_days_and_burden():
    document = law.describe_route(_ask("DE", "FR")["EU-2023/1543:EPOC"])
    assert (document["expected_days"], document["burden"]) == (10, 1)
    assert document["conditions"][0]["code"]


def test_answer_reads_as_one_plain_paragraph():
    text = law.render_paragraph(tuple(_ask("DE", "FR").values()))
    assert "Best is European Production Order (EU-2023/1543:EPOC, Art. 4, 5" in text
    assert "about 10 days, which is no deadline" in text
    assert "EU-2023/1543:EPOC-PR has to be followed by EU-2023/1543:EPOC within" in text
    assert "\n" not in text


def test_paragraph_says_when_nothing_can_be_taken():
    text = law.render_paragraph(tuple(_ask("RS", "IN").values()))
    assert text.endswith("None can be taken.")
