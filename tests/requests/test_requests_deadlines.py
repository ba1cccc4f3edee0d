"""Clocks: only the treaty binds, a wish is shown as a wish."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.requests.request_bodies import FORM, NOW, complete_reply, complete_request

from proxeny import requests

SENT = {"sent": NOW}


def deadlines(facts, reply=None, now=NOW, **wishes):
    return requests.list_deadlines(
        FORM, facts=facts, reply=reply, now=now, body=complete_request(**wishes)
    )


def test_no_clock_runs_on_a_draft():
    assert deadlines({}, reply_wanted_by="2026-11-22T12:00Z") == ()


def test_without_a_wish_nobody_invents_a_time_for_the_answer():
    assert deadlines(SENT) == ()


def test_the_answer_that_is_wanted_is_a_wish_and_not_law():
    (clock,) = deadlines(SENT, reply_wanted_by="2026-11-22T12:00Z")
    assert clock.due_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (clock.binding, clock.article, clock.whose) == (False, "", "requested")
    assert not clock.overdue


def test_the_wish_is_overdue_from_its_very_instant():
    wish = NOW + timedelta(hours=2)
    for late, overdue in ((timedelta(seconds=-1), False), (timedelta(0), True)):
        (clock,) = deadlines(SENT, reply_wanted_by=wish.isoformat(), now=wish + late)
        assert clock.overdue is overdue


@pytest.mark.parametrize("fact", ["answered", "refused", "withdrawn", "closed"])
def test_an_answer_or_an_end_stops_the_wish(fact):
    assert deadlines(SENT | {fact: NOW}, reply_wanted_by="2026-11-22T12:00Z") == ()


def test_preservation_binds_the_requesting_side_to_file_in_time():
    (clock,) = deadlines(SENT | {"answered": NOW}, complete_reply())
    assert clock.due_at == datetime(2027, 1, 21, tzinfo=UTC)
    assert (clock.article, clock.binding) == ("ETS 185 Art. 29(7)", True)
    assert clock.whose == "requesting"


def test_without_an_end_the_treatys_sixty_days_count():
    (clock,) = deadlines(SENT, complete_reply(preserved_until=None))
    assert clock.due_at == datetime(2027, 1, 21, tzinfo=UTC)


def test_the_request_for_mutual_assistance_stops_the_clock():
    assert deadlines({"assistance_requested": NOW}, complete_reply()) == ()


@pytest.mark.parametrize(
    "outcome", ["refused", "more_information", ["preserved"], None]
)
def test_what_is_not_preserved_has_no_clock(outcome):
    assert deadlines(SENT, complete_reply(outcome=outcome)) == ()


def test_what_can_not_be_read_gives_no_clock():
    reply = complete_reply(preserved_until="soon", preserved_on="later")
    assert deadlines(SENT, reply, reply_wanted_by="tomorrow") == ()


def test_the_nearest_clock_comes_first():
    clocks = deadlines(
        SENT,
        complete_reply(outcome="preserved_in_part"),
        reply_wanted_by="2027-12-01T12:00Z",
    )
    assert [clock.id for clock in clocks] == ["file_assistance", "answer_wanted"]
