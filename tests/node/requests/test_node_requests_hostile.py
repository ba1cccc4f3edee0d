"""What partners send: whatever it is, it is refused by name or shown as text."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.node_world import (
    World,
    make_actor,
    make_message,
    make_partner,
    receive_sound_request,
    wire_of,
)
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import requests as pure
from proxeny.errors import ProxenyError
from proxeny.node.audit.models import Entry
from proxeny.node.directory.models import Partner
from proxeny.node.exchange.models import Message
from proxeny.node.exchange.registry import find_kind
from proxeny.node.jobs.models import Job
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request, RequestEvent

pytestmark = pytest.mark.django_db
KINDS = (actions.REQUEST, actions.REPLY, actions.WITHDRAWAL)
FORM = pure.load_form("ETS185-29")


@pytest.fixture
def sent(world: World) -> Request:
    """A request that the partner has: it may answer it."""
    Request.objects.filter(pk=world.sent.pk).update(
        state=pure.State.ACCEPTED.value, body=complete_request()
    )
    return Request.objects.get(pk=world.sent.pk)


def receive(partner: Partner, kind: str, body: Any) -> str:
    """Take a message in as `exchange` does; the code it is rejected with, or ""."""
    message = make_message(partner, body, kind=kind)
    try:
        with transaction.atomic():
            find_kind(kind).receive(message)
    except ProxenyError as error:
        refusal = error
    else:
        return ""
    assert refusal.stable_code.startswith("PXY-")
    assert "\n" not in refusal.message
    return refusal.stable_code


def state() -> tuple[Any, ...]:
    return (
        list(Request.objects.order_by("pk").values_list()),
        RequestEvent.objects.count(),
        Entry.objects.count(),
        Job.objects.count(),
        Message.objects.filter(direction=Message.Direction.SENT).count(),
    )


def reply_of(ref: str, **changes: Any) -> dict[str, Any]:
    wire = pure.reply_to_wire(FORM, complete_reply(**changes))
    return {"asked_ref": ref, "wire": wire}


def bent(body: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """The body with one value replaced."""
    body = copy.deepcopy(body)
    place = body
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return body


DEEP: Any = []
for _ in range(25):
    DEEP = [DEEP]
WRONG: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**53, "", " ", "x" * 70, "../../etc/passwd"),
    *([], {}, [[]], {"a": {}}, [None] * 2000, {"ж": "😀"}, DEEP),
    *("RS-Q-000001'; DROP TABLE x; --", "\u202e<script>alert(1)</script>"),
)
PLACES = (("asked_ref",), ("wire",), ("wire", "form"), ("wire", "body"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_of_another_shape_changes_nothing(world, sent, kind) -> None:
    before = state()
    for body in WRONG[1:]:  # A payload without any body is refused by the envelope.
        assert receive(world.partner, kind, body)
    assert state() == before


@pytest.mark.parametrize("place", PLACES, ids=".".join)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_value_in_a_sound_body_changes_nothing(
    world, sent, kind, place
) -> None:
    sound = {
        actions.REQUEST: wire_of("DE-Q-000099"),
        actions.REPLY: reply_of(sent.asked_ref),
        actions.WITHDRAWAL: {"asked_ref": "DE-Q-000007", "note": "x", "wire": {}},
    }[kind]
    if kind == actions.WITHDRAWAL and place != ("asked_ref",):
        place = ("asked_ref",)
    before = state()
    for value in WRONG:
        if kind == actions.REQUEST and _may_be(place, value):
            continue
        assert receive(world.partner, kind, bent(sound, *place, to=value)), value
    assert state() == before


def _may_be(place: tuple[str, ...], value: Any) -> bool:
    """A partner may call its request what it likes, and leave out what it likes."""
    match place[-1]:
        case "asked_ref":
            return isinstance(value, str) and 0 < len(value) <= 64
        case "body":
            return isinstance(value, dict)
        case _:
            return False


@pytest.mark.parametrize(
    "field",
    [
        *("reference", "facts", "status", "date", "preserve_days", "intention"),
        *("selectors", "requesting_authority"),
    ],
)
def test_a_field_of_a_wrong_type_is_refused_or_shown(world, client, field) -> None:
    """A request is kept if its shape can be; then every page of it stands."""
    client.force_login(world.people["investigator"])
    for number, value in enumerate(WRONG):
        body = bent(wire_of(f"DE-Q-9{number:05d}"), "wire", "body", field, to=value)
        if not receive(world.partner, actions.REQUEST, body):
            require_pages(client, Request.objects.order_by("-pk")[0])


def require_pages(client: Client, row: Request) -> None:
    for page in ("", "answer/"):
        response = client.get(f"/desk/requests/{row.ref}/{page}")
        assert response.status_code == 200
        assert "<script>alert(1)" not in response.content.decode()
    assert client.get(f"/api/v1/requests/{row.ref}").status_code == 200


@pytest.mark.parametrize("field", sorted(complete_reply()))
def test_a_reply_with_a_wrong_field_is_refused_or_shown(
    world, sent, client, field
) -> None:
    client.force_login(world.people["investigator"])
    for value in WRONG:
        body = bent(reply_of(sent.asked_ref), "wire", "body", field, to=value)
        if not receive(world.partner, actions.REPLY, body):
            response = client.get(f"/desk/requests/{sent.ref}/")
            assert response.status_code == 200
            assert "<script>alert(1)" not in response.content.decode()


def test_markup_in_a_request_is_text_on_paper(world, client) -> None:
    client.force_login(world.people["investigator"])
    evil = '#eval("1") $ #sys.inputs `x` <label> @ref \\u{0} *b* </script> ' * 20
    body = wire_of("DE-Q-000098", facts=evil, offence=evil[:100])
    assert receive(world.partner, actions.REQUEST, body) == ""
    row = Request.objects.order_by("-pk")[0]
    response = client.get(f"/desk/requests/{row.ref}/paper.pdf")
    assert response.content.startswith(b"%PDF-")


def test_an_unknown_form_is_refused(world) -> None:
    for form in ("", "ETS185-99", "../ETS185-29", "ETS185-29.toml", "x" * 10_000):
        body = bent(wire_of("DE-Q-000099"), "wire", "form", to=form)
        assert receive(world.partner, actions.REQUEST, body) == "PXY-REQUEST-FORM"


def test_a_reply_on_another_form_is_refused(world, sent) -> None:
    body = bent(reply_of(sent.asked_ref), "wire", "form", to="ETS185-31")
    before = state()
    assert receive(world.partner, actions.REPLY, body)
    assert state() == before


def test_a_request_comes_once_under_its_reference(world) -> None:
    before = state()
    again = wire_of(world.received.asked_ref, facts="Quite another thing.")
    assert receive(world.partner, actions.REQUEST, again) == "PXY-REQUEST-TWICE"
    assert state() == before


def test_two_partners_may_use_one_reference(world) -> None:
    other, _ = make_partner(make_actor("supervisor"), "FR/24-7")
    row = receive_sound_request(other, world.received.asked_ref)
    assert (row.partner, row.pk != world.received.pk) == (other, True)
    # Each withdraws its own and no other's.
    withdrawal = {"asked_ref": row.asked_ref, "note": ""}
    assert receive(other, actions.WITHDRAWAL, withdrawal) == ""
    assert Request.objects.get(pk=row.pk).state == "withdrawn"
    assert Request.objects.get(pk=world.received.pk).state == "accepted"


def test_a_reply_for_another_partners_request_is_refused(world, sent) -> None:
    other, _ = make_partner(make_actor("supervisor"), "FR/24-7")
    before = state()
    body = reply_of(sent.asked_ref)
    assert receive(other, actions.REPLY, body) == "PXY-REQUEST-REFERENCE"
    assert receive(other, actions.WITHDRAWAL, body) == "PXY-REQUEST-REFERENCE"
    assert state() == before


def test_a_reply_to_what_was_never_sent_is_refused(world) -> None:
    before = state()
    body = reply_of(world.sent.asked_ref)
    assert receive(world.partner, actions.REPLY, body) == "PXY-REQUEST-STATE"
    received = reply_of(world.received.asked_ref)
    assert receive(world.partner, actions.REPLY, received) == "PXY-REQUEST-REFERENCE"
    assert state() == before


def test_a_partner_withdraws_only_what_it_asked(world, sent) -> None:
    before = state()
    body = {"asked_ref": sent.asked_ref, "note": "x"}
    assert receive(world.partner, actions.WITHDRAWAL, body) == "PXY-REQUEST-REFERENCE"
    assert state() == before


def test_a_second_reply_corrects_until_the_request_is_closed(world, sent) -> None:
    first = reply_of(sent.asked_ref)
    second = reply_of(sent.asked_ref, reference="DE-4712")
    assert receive(world.partner, actions.REPLY, first) == ""
    assert receive(world.partner, actions.REPLY, second) == ""
    sent.refresh_from_db()
    assert (sent.state, sent.reply["reference"]) == ("answered", "DE-4712")
    Request.objects.filter(pk=sent.pk).update(state=pure.State.CLOSED.value)
    before = state()
    assert receive(world.partner, actions.REPLY, first) == "PXY-REQUEST-STATE"
    assert state() == before


def test_a_withdrawn_request_is_not_withdrawn_or_answered_again(world) -> None:
    body = {"asked_ref": world.received.asked_ref, "note": ["no", "text"]}
    assert receive(world.partner, actions.WITHDRAWAL, body) == ""
    before = state()
    assert receive(world.partner, actions.WITHDRAWAL, body) == "PXY-REQUEST-STATE"
    with pytest.raises(ProxenyError):
        actions.answer_request(
            make_actor("investigator"), world.received.ref, complete_reply()
        )
    assert state() == before


@pytest.mark.parametrize(
    "big",
    [
        {"facts": "x" * 600_000},
        {"selectors": [{"kind": "ip", "value": "203.0.113.1"}] * 5_000},
        {f"field_{number}": "x" for number in range(100)},
    ],
    ids=["text", "list", "fields"],
)
def test_an_oversized_request_is_refused(world, big) -> None:
    body = wire_of("DE-Q-000099")
    body["wire"]["body"] |= big
    before = state()
    assert receive(world.partner, actions.REQUEST, body)
    assert state() == before


def test_a_partner_of_another_role_can_not_ask(world) -> None:
    csirt, _ = make_partner(make_actor("supervisor"), "DE/csirt", role="csirt")
    before = state()
    body = wire_of("DE-Q-000099")
    assert receive(csirt, actions.REQUEST, body) == "PXY-ROUTE-ROLE"
    assert state() == before


@pytest.mark.parametrize(
    "told", ["2999-01-01T00:00:00Z", "0001-01-01", "now", 5, None, [], "9" * 5000]
)
def test_the_senders_clock_is_not_trusted(world, told) -> None:
    body = wire_of("DE-Q-000099") | {"sent_at": told}
    assert receive(world.partner, actions.REQUEST, body) == ""
    row = Request.objects.order_by("-pk")[0]
    assert row.sent_at <= row.received_at <= datetime.now(UTC)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*complete_request(), *complete_reply(), "extra", "kind"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from(KINDS),
    fields=st.dictionaries(
        st.sampled_from([*complete_request(), *complete_reply(), "extra"]),
        JSON,
        max_size=5,
    ),
    told=JSON,
)
def test_any_json_is_answered(world, sent, client, kind, fields, told) -> None:
    """Nothing but an error of ours comes out, and what was kept can be shown."""
    client.force_login(world.people["investigator"])
    body = {
        actions.REQUEST: wire_of("DE-Q-000097"),
        actions.REPLY: reply_of(sent.asked_ref),
        actions.WITHDRAWAL: {"asked_ref": "DE-Q-000007", "wire": {"body": {}}},
    }[kind]
    body["wire"]["body"] |= fields
    body |= {"sent_at": told, "note": told}
    with transaction.atomic():
        last = Request.objects.order_by("-pk")[0]
        if not receive(world.partner, kind, body):
            newest = Request.objects.order_by("-pk")[0]
            row = sent if kind == actions.REPLY else newest
            assert client.get(f"/desk/requests/{row.ref}/").status_code == 200
            assert (newest.pk > last.pk) == (kind == actions.REQUEST)
        transaction.set_rollback(True)
