"""What another ratification would have changed: consents, entry into force, days."""

from datetime import date

import pytest

from proxeny import law
from proxeny.errors import InputError

IN_TIME = date(2026, 2, 10)
LATER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def book():
    return law.load_lawbook()


def _request(ref="RS-Q-000001", requested="HU", on=LATER, days=None, **more):
    given = {"data": law.DataKind.SUBSCRIBER, "offence": "other", "emergency": False}
    return law.PastRequest(
        ref=ref, requesting="RS", requested=requested, on=on, days=days,
        **{**given, **more},
    )  # fmt: skip


def test_one_more_consent_is_not_enough_and_that_is_said(book):
    found = law.compare_ratification(book, "CETS224", ["TR"], [_request()], on=IN_TIME)
    assert (found.consents, found.consents_needed) == (4, 5)
    assert found.in_force_on is None
    assert (found.requests, found.opened, found.faster, found.days_saved) == (
        1,
        0,
        0,
        0,
    )


def test_two_more_bring_the_protocol_into_force_by_its_own_rule(book):
    requests = [_request(), _request(ref="RS-Q-000002", requested="DE")]
    found = law.compare_ratification(
        book, "CETS224", ["TR", "AL"], requests, on=IN_TIME
    )
    # The fifth consent on 10 February: three months, then the first of the next.
    assert found.in_force_on == date(2026, 6, 1)
    assert (found.requests, found.opened, found.faster) == (2, 1, 1)
    (line,) = found.lines
    assert line.ref == "RS-Q-000001"
    assert set(line.opened) == {"CETS224:7", "CETS224:8"}
    assert (line.fastest_before, line.fastest_after) == ("ETS185:31", "CETS224:7")
    # 180 days by published figures, 30 by Art. 7(7), which was not re-read.
    assert (line.days_before, line.days_after, line.days_saved) == (180, 30, 150)
    assert found.days_saved == 150
    assert not found.read


def test_days_that_an_answer_took_count_instead_of_published_ones(book):
    requests = [_request(days=100), _request(days=10), _request(days=None)]
    found = law.compare_ratification(
        book, "CETS224", ["TR", "AL"], requests, on=IN_TIME
    )
    assert [line.days_saved for line in found.lines] == [70, 0, 150]
    assert found.days_saved == 220


def test_request_before_the_entry_into_force_gains_nothing(book):
    found = law.compare_ratification(
        book, "CETS224", ["TR", "AL"], [_request(on=date(2026, 5, 31))], on=IN_TIME
    )
    assert (found.opened, found.faster) == (0, 0)


def test_reservation_of_the_asked_side_still_closes_the_channel(book):
    found = law.compare_ratification(
        book, "CETS224", ["TR", "AL"], [_request(requested="JP")], on=IN_TIME
    )
    (line,) = found.lines
    # Japan does not apply Art. 7, and its Art. 8 goes through central authorities.
    assert line.opened == ("CETS224:8",)
    assert line.days_after == 65


def test_emergency_channel_without_a_figure_is_opened_but_not_faster(book):
    found = law.compare_ratification(
        book,
        "CETS224",
        ["TR", "AL"],
        [_request(data=law.DataKind.CONTENT, emergency=True)],
        on=IN_TIME,
    )
    assert (found.opened, found.faster, found.days_saved) == (1, 0, 0)
    assert set(found.lines[0].opened) == {"CETS224:9", "CETS224:10"}


def test_accession_to_a_treaty_in_force_binds_the_new_party_alone(book):
    after = law.add_ratification(book, "ETS185", "IE", date(2025, 1, 15))
    asked = {"requesting": "RS", "data": law.DataKind.SUBSCRIBER, "on": LATER}
    states = {
        route.id: route.state
        for route in law.list_routes(after, requested="IE", **asked)
    }
    assert states["ETS185:31"] is law.RouteState.OPEN
    assert law.list_routes(after, requested="DE", **asked) == law.list_routes(
        book, requested="DE", **asked
    )


def test_default_day_is_the_last_one_that_binds_in_time(book):
    assert law.find_ratification_day(book, "ETS185", date(2026, 3, 1)) == date(
        2025, 11, 30
    )
    # Nobody ratifies before the treaty is open.
    opened = book.instruments["CETS224"].opened
    assert law.find_ratification_day(book, "CETS224", date(2000, 1, 1)) == opened


@pytest.mark.parametrize(
    ("instrument", "country", "code"),
    [
        ("CETS999", "TR", "PXY-INSTRUMENT"),
        ("EU-2023/1543", "TR", "PXY-INSTRUMENT"),
        ("x" * 9_999, "TR", "PXY-INSTRUMENT"),
        ("CETS224", "RS", "PXY-RATIFIED"),
        ("ETS185", "DE", "PXY-RATIFIED"),
        ("CETS224", "Q9", "PXY-COUNTRY"),
    ],
)
def test_ratification_that_can_not_be_supposed_is_refused(
    book, instrument, country, code
):
    with pytest.raises(InputError) as caught:
        law.compare_ratification(book, instrument, [country], [], on=IN_TIME)
    assert caught.value.stable_code == code
    assert len(caught.value.message) < 200


def test_edition_itself_is_not_changed(book):
    before = law.list_routes(
        book, requesting="RS", requested="HU", data=law.DataKind.SUBSCRIBER, on=LATER
    )
    law.compare_ratification(book, "CETS224", ["TR", "AL"], [_request()], on=IN_TIME)
    after = law.list_routes(
        book, requesting="RS", requested="HU", data=law.DataKind.SUBSCRIBER, on=LATER
    )
    assert before == after
