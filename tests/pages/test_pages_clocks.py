"""Words of a clock: rounded down, overdue said in words, no naive instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny.node.pages.clocks import Urgency, find_urgency, time_left

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(0), "due now"),
        (timedelta(seconds=59), "due now"),
        (timedelta(minutes=1), "1 min left"),
        (timedelta(minutes=59, seconds=59), "59 min left"),
        (timedelta(hours=1), "1 h left"),
        (timedelta(hours=14, minutes=59), "14 h left"),
        (timedelta(hours=47, minutes=59), "47 h left"),
        (timedelta(days=2), "2 days left"),
        (timedelta(days=90), "90 days left"),
        (-timedelta(seconds=30), "due now"),
        (-timedelta(hours=2), "overdue by 2 h"),
        (-timedelta(days=3), "overdue by 3 days"),
    ],
)
def test_time_left_is_said_in_words(ahead: timedelta, words: str) -> None:
    assert time_left(NOW + ahead, NOW) == words


def test_other_time_zones_count_the_same_time() -> None:
    belgrade = timezone(timedelta(hours=1))
    due = datetime(2026, 11, 22, 11, 45, tzinfo=belgrade)
    assert time_left(due, NOW) == "14 h left"


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        time_left(NOW.replace(tzinfo=None), NOW)


@pytest.mark.parametrize(
    ("ahead", "urgency"),
    [
        (-timedelta(seconds=1), Urgency.OVERDUE),
        (timedelta(0), Urgency.SOON),
        (timedelta(hours=24), Urgency.SOON),
        (timedelta(hours=24, seconds=1), Urgency.LATER),
    ],
)
def test_urgency_follows_the_time_left(ahead: timedelta, urgency: Urgency) -> None:
    assert find_urgency(NOW + ahead, NOW) is urgency


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=3650)))
def test_a_clock_never_promises_more_than_there_is(ahead: timedelta) -> None:
    count, unit, left = time_left(NOW + ahead, NOW).split()
    span = {"min": 60, "h": 3600, "day": 86_400, "days": 86_400}[unit]
    assert left == "left"
    assert timedelta(seconds=int(count) * span) <= ahead
