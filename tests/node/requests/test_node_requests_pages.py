"""Whatever an officer or a program puts into a draft, its pages stand."""

import json

import pytest
from django.test import Client
from tests.node.node_world import World, make_actor
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import cli
from proxeny import requests as pure
from proxeny.errors import ProxenyError
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
FORM = pure.load_form("ETS185-29")
WRONG = (
    *(None, True, 0, -1, 1.5, 2**70, "", "x" * 9_000, [], {}, [[]], {"a": {}}),
    *([None], [{"kind": "ip"}], [{"kind": 5, "value": {}}], "\u202e<script>alert(1)"),
)


# One field of each kind: text, long text, choice, day, number, tick, and the compound.
KINDS = (
    *("reference", "facts", "status", "date", "preserve_days", "intention"),
    *("selectors", "requesting_authority"),
)


@pytest.mark.parametrize("value", WRONG, ids=lambda value: str(value)[:30])
def test_a_draft_of_wrong_values_can_be_seen_and_mended(
    world: World, client: Client, value: object
) -> None:
    client.force_login(world.people["investigator"])
    actor = make_actor("investigator")
    wrong = dict.fromkeys(KINDS, value)
    actions.edit_request(actor, world.sent.ref, complete_request() | wrong)
    actions.check_request(actor, world.sent.ref)
    for page in ("", "edit/"):
        response = client.get(f"/desk/requests/{world.sent.ref}/{page}")
        assert response.status_code == 200
        assert "<script>alert(1)" not in response.content.decode()
    shown = client.get(f"/api/v1/requests/{world.sent.ref}")
    assert (shown.status_code, shown.json()["state"]) == (200, "draft")
    paper = client.get(f"/desk/requests/{world.sent.ref}/paper.pdf")
    assert paper.status_code in {200, 422}
    mended = actions.edit_request(actor, world.sent.ref, complete_request())
    assert not pure.has_errors(pure.check_request(FORM, mended.body))


@pytest.mark.parametrize("field", sorted(complete_reply()))
def test_an_answer_with_a_wrong_value_is_sent_or_refused(
    world: World, field: str
) -> None:
    actor = make_actor("investigator")
    for value in WRONG:
        Request.objects.filter(pk=world.received.pk).update(
            state="accepted", reply=None
        )
        try:
            _, findings = actions.answer_request(
                actor, world.received.ref, complete_reply() | {field: value}
            )
        except ProxenyError:
            continue
        has_left = Request.objects.get(pk=world.received.pk).state != "accepted"
        assert has_left is not pure.has_errors(findings)


@pytest.mark.parametrize("text", ["a\u0000b", "a\ud800b"], ids=["nul", "surrogate"])
@pytest.mark.parametrize("word", ["draft", "edit"])
def test_text_that_no_database_holds_is_refused_by_name(
    world: World, tmp_path, capsys, text: str, word: str
) -> None:
    fields = tmp_path / "fields.json"
    fields.write_text(json.dumps({"facts": text}), encoding="utf-8")
    before = list(Request.objects.order_by("pk").values_list())
    words = {
        "draft": ["draft", "--case", world.case.ref, "--to", world.partner.authority],
        "edit": ["edit", world.sent.ref],
    }[word]
    person = ["--as", "supervisor"]
    assert cli.run(["request", *words, "--fields", str(fields), *person]) == 2
    assert "PXY-UNEXPECTED" not in capsys.readouterr().err
    assert list(Request.objects.order_by("pk").values_list()) == before
