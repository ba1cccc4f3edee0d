"""An officer and the worker change one request at the same moment (PostgreSQL)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from tests.federation.parties import make_peer
from tests.node.node_world import make_actor, make_message, receive_sound_request

from proxeny.errors import StateError
from proxeny.node.exchange.models import Message
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request

pytestmark = [
    pytest.mark.federation,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        reason="SQLite has one writer at a time: no such race there",
    ),
]
WAITS_S = 0.7  # Long enough to do it, were nothing in the way.


@pytest.fixture
def received() -> Request:
    make_actor("investigator")  # Makes the unit that takes what arrives, too.
    return receive_sound_request(make_peer("DE/24-7").row)


def meet(
    monkeypatch: pytest.MonkeyPatch, first: Callable[[], object], *others: object
) -> list[Exception]:
    """Let the other act as soon as the first has read the row that it will change."""
    (second,) = others
    load_form, errors = actions.pure.load_form, []

    def act() -> None:
        try:
            second()
        except StateError as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=act)

    def load_form_slowly(form_id: str) -> object:
        monkeypatch.setattr(actions.pure, "load_form", load_form)
        thread.start()
        thread.join(WAITS_S)
        return load_form(form_id)

    monkeypatch.setattr(actions.pure, "load_form", load_form_slowly)
    first()
    thread.join()
    return errors


def test_withdrawal_and_answer_at_one_moment_are_both_kept(
    received: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = make_actor("investigator")
    today = timezone.now().date()
    reply = {
        "outcome": "preserved",
        "reference": "file 1",
        "preserved_on": today.isoformat(),
        "preserved_until": (today + timedelta(days=90)).isoformat(),
    }

    def withdraw() -> None:
        body = {"asked_ref": received.asked_ref, "note": ""}
        message = make_message(received.partner, body, kind="withdrawal")
        with transaction.atomic():
            actions.receive_withdrawal(message)

    meet(
        monkeypatch,
        lambda: actions.answer_request(officer, received.ref, reply),
        withdraw,
    )
    kept = Request.objects.get(pk=received.pk)
    steps = list(kept.events.order_by("pk").values_list("event", "state"))
    assert [event for event, _ in steps] == ["received", "answered", "withdrawn"]
    assert kept.state == steps[-1][1] == "withdrawn"
    assert kept.reply is not None


def test_two_officers_send_one_request_once(
    received: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = make_actor("investigator")
    request = Request.objects.create(
        organisation_id=officer.organisation_id,
        created_at=timezone.now(),
        direction=Request.Direction.SENT,
        form=received.form,
        state="approved",
        partner=received.partner,
        body=received.body,
        asked_ref="RS-Q-000077",
    )

    def send() -> None:
        actions.send_request(officer, request.ref)

    errors = meet(monkeypatch, send, send)
    assert [error.stable_code for error in errors] == ["PXY-REQUEST-STATE"]
    assert Message.objects.filter(direction="sent", ref="RS-Q-000077").count() == 1
    assert request.events.filter(event="sent").count() == 1
