"""What officers learn when a message does not arrive, and what they never see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.node_world import World, make_actor, make_person
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny.node.accounts.actions import add_organisation
from proxeny.node.accounts.desk import list_recorders
from proxeny.node.exchange import actions as exchange_actions
from proxeny.node.exchange.models import Message
from proxeny.node.jobs.models import Job
from proxeny.node.pages.registry import list_home
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
State = Message.State


def answer(world: World) -> Message:
    actor = make_actor("investigator")
    _request, findings = actions.answer_request(
        actor, world.received.ref, complete_reply()
    )
    assert not [one for one in findings if one.level == "error"]
    return Message.objects.get(kind="reply", direction="sent")


@pytest.mark.parametrize("state", [State.REJECTED, State.UNDELIVERABLE])
def test_an_answer_that_did_not_arrive_stands_on_the_home_page(
    world: World, state: str
) -> None:
    reply = answer(world)
    exchange_actions._settle(reply, state, receipt=None, reason="PXY-REQUEST-STATE")
    titles = [
        item.title for item in list_home(make_actor("investigator"), timezone.now())
    ]
    assert f"{world.received.ref}: the reply did not arrive" in titles


def test_an_answer_that_was_mended_leaves_the_home_page(world: World) -> None:
    exchange_actions._settle(answer(world), State.REJECTED, receipt=None, reason="x")
    actor = make_actor("investigator")
    actions.answer_request(actor, world.received.ref, complete_reply())
    second = Message.objects.filter(kind="reply", direction="sent").latest("seq")
    exchange_actions._settle(second, State.ACCEPTED, receipt=b"r", reason="")
    titles = [item.title for item in list_home(actor, timezone.now())]
    assert not [title for title in titles if "did not arrive" in title]


def test_a_request_that_came_back_is_a_draft_that_nobody_approved(
    world: World,
) -> None:
    approver, drafter = make_actor("supervisor"), make_actor("investigator")
    actions.edit_request(drafter, world.sent.ref, complete_request())
    actions.check_request(drafter, world.sent.ref)
    actions.approve_request(approver, world.sent.ref)
    actions.send_request(drafter, world.sent.ref)
    message = Message.objects.get(kind="request", direction="sent")
    exchange_actions._settle(message, State.REJECTED, receipt=None, reason="PXY-X")
    request = Request.objects.get(pk=world.sent.pk)
    assert (request.state, request.approved_by) == ("draft", "")
    assert (request.sent_at, request.approved_at) == (None, None)


def test_messages_of_another_organisation_are_not_on_the_page(
    world: World, client: Client
) -> None:
    other = add_organisation("Another unit")
    Message.objects.create(
        direction=Message.Direction.SENT,
        state=State.WAITING,
        organisation=other,
        partner=world.sent.partner,
        kind="request",
        ref=world.sent.asked_ref,
        inner_digest="feedface" * 8,
        created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )
    client.force_login(world.people["investigator"])
    page = client.get(f"/desk/requests/{world.sent.ref}/")
    assert page.status_code == 200
    assert b"feedface" not in page.content


def test_the_partner_is_asked_once_more_before_a_message_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = answer(world)
    long_ago = timezone.now() - timedelta(days=30)
    Message.objects.filter(pk=reply.pk).update(expires_at=long_ago)
    asked = []

    def post(message: Message, job: Job) -> exchange_actions.Outcome:
        asked.append(message.pk)
        return exchange_actions.Retry(timedelta(seconds=1), "no answer")

    monkeypatch.setattr(exchange_actions, "_post", post)
    monkeypatch.setattr(exchange_actions, "_seal", lambda message: message)
    outcome = exchange_actions.deliver_message(Job.objects.get(key__contains=reply.jti))
    assert asked == [reply.pk]
    assert isinstance(outcome, exchange_actions.Failed)
    assert Message.objects.get(pk=reply.pk).state == State.UNDELIVERABLE


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "٣"])
def test_the_door_refuses_a_length_that_is_no_number(client: Client, length) -> None:
    answer_ = client.generic(
        "POST", "/exchange/v1/messages", b"x", CONTENT_LENGTH=length
    )
    assert answer_.status_code == 400
    assert answer_.json()["code"].startswith("PXY-")


def test_a_full_inbox_takes_no_second_look_either(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_actions, "MAX_STORED", 0)
    known = Message.objects.create(
        direction=Message.Direction.RECEIVED,
        state=State.REJECTED,
        organisation=add_organisation("Test contact point"),
        outer_digest="0" * 64,
        created_at=timezone.now(),
        expires_at=timezone.now(),
    )
    monkeypatch.setattr(
        exchange_actions.hashlib, "sha256", lambda _outer: _Digest("0" * 64)
    )
    monkeypatch.setattr(
        exchange_actions.exchange, "read_header", lambda _outer: _Header("RS/24-7")
    )
    with pytest.raises(exchange_actions.UnreachableError):
        exchange_actions.store_envelope(b"anything")
    known.refresh_from_db()
    assert known.state == State.REJECTED


class _Digest:
    def __init__(self, text: str) -> None:
        self._text = text

    def hexdigest(self) -> str:
        return self._text


class _Header:
    def __init__(self, to: str) -> None:
        self.to = to


def test_recorder_is_the_audit_app(world: World) -> None:
    assert len(list_recorders()) == 1
    assert make_person("auditor", name="second-auditor").pk
