"""The life of a request: no way round the check, nothing lost to a late receipt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxeny import requests
from proxeny.errors import ForbiddenError
from proxeny.requests import Event, RequestStateError, State


def run(events, start=requests.OUTGOING_START):
    state = start
    for event in events:
        state = requests.next_state(state, event)
    return state


def test_the_whole_thread_leads_from_draft_to_closed():
    events = [
        Event.EDITED, Event.CHECK_PASSED, Event.APPROVED, Event.SENT, Event.RECEIPT,
        Event.QUESTION, Event.ANSWERED, Event.CLOSED,
    ]  # fmt: skip
    assert run(events) is State.CLOSED


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_each_event_either_leads_on_or_is_refused(state, event):
    if event in requests.allowed_events(state):
        assert requests.next_state(state, event) in State
    else:
        with pytest.raises(RequestStateError) as refused:
            requests.next_state(state, event)
        assert refused.value.stable_code == "PXY-REQUEST-STATE"


def test_every_state_can_be_reached():
    reached = {requests.OUTGOING_START}
    for _ in State:
        reached |= {
            requests.next_state(state, event)
            for state in reached
            for event in requests.allowed_events(state)
        }
    assert reached == set(State)


@settings(max_examples=300, deadline=None)
@given(choices=st.lists(st.integers(min_value=0, max_value=50), max_size=25))
def test_nothing_is_approved_whose_present_text_was_not_checked(choices):
    state, checked = requests.OUTGOING_START, False
    for choice in choices:
        events = sorted(requests.allowed_events(state))
        event = events[choice % len(events)]
        if event in {Event.EDITED, Event.RETURNED}:
            checked = False
        elif event is Event.CHECK_PASSED:
            checked = True
        state = requests.next_state(state, event)
        if state in {State.APPROVED, State.SENT}:
            assert checked


@pytest.mark.parametrize("state", [State.CHECKED, State.APPROVED])
def test_an_edit_leads_back_to_the_draft(state):
    assert requests.next_state(state, Event.EDITED) is State.DRAFT


@pytest.mark.parametrize(
    "state", set(State) - {State.DRAFT, State.CHECKED, State.APPROVED, State.SENT}
)
def test_a_late_receipt_changes_nothing(state):
    assert requests.next_state(state, Event.RECEIPT) is state


def test_an_answer_may_overtake_the_receipt():
    assert run([Event.ANSWERED, Event.RECEIPT], State.SENT) is State.ANSWERED


def test_an_answer_may_be_corrected_until_the_request_is_closed():
    assert run([Event.REFUSED, Event.ANSWERED], State.ACCEPTED) is State.ANSWERED
    with pytest.raises(RequestStateError):
        run([Event.CLOSED, Event.ANSWERED], State.REFUSED)


def test_what_arrives_starts_as_accepted():
    assert run([Event.ANSWERED], requests.INCOMING_START) is State.ANSWERED


def test_a_second_person_may_approve():
    assert requests.require_second_person("marija", "jelena") is None


@pytest.mark.parametrize(
    ("drafter", "approver"),
    [("marija", "marija"), (7, "7"), ("Marija", " marija "), ("marija", ""), ("", "x")],
)
def test_the_drafter_does_not_approve(drafter, approver):
    with pytest.raises(ForbiddenError) as refused:
        requests.require_second_person(drafter, approver)
    assert refused.value.stable_code == "PXY-FOUR-EYES"
