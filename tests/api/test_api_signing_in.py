"""Who calls: a token, or the desk's session with its CSRF token; nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.api.api_calls import CALLS, Call, program_of, send
from tests.node.node_world import World

from proxeny.node.accounts.models import ApiToken
from proxeny.node.audit.models import Entry

pytestmark = pytest.mark.django_db
TOKEN_FIELD = 'name="csrfmiddlewaretoken" value="'
by_id = {"ids": lambda one: one.id}


def require_sign_in(answer) -> None:
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "PXY-API-SIGN-IN"


@pytest.mark.parametrize("call", CALLS, **by_id)
def test_without_a_token_every_operation_asks_for_one(call: Call) -> None:
    client = Client(enforce_csrf_checks=True)
    address = call.address("RS-R-000001")
    require_sign_in(send(client, call.method, address))
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer pxy_wrong", "Basic pxy", "pxy_wrong"]
)
def test_a_wrong_token_is_none(world: World, header: str) -> None:
    client = Client(headers={"Authorization": header})
    require_sign_in(send(client, "GET", "/me"))


def test_an_expired_token_is_none(world: World) -> None:
    client = program_of(world.people["supervisor"])
    assert send(client, "GET", "/me").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    require_sign_in(send(client, "GET", "/me"))
    require_sign_in(send(client, "POST", "/cases", {"series": "x", "title": "T"}))


def test_a_token_of_a_closed_account_is_none(world: World) -> None:
    client = program_of(world.people["supervisor"])
    world.people["supervisor"].is_active = False
    world.people["supervisor"].save()
    try:
        require_sign_in(send(client, "GET", "/me"))
    finally:
        world.people["supervisor"].is_active = True


def test_a_program_is_told_as_whom_it_acts(
    program: Callable[[str], Client],
) -> None:
    document = send(program("investigator"), "GET", "/me").json()
    assert (document["account"], document["role"]) == ("investigator", "investigator")
    assert "request.approve" not in document["permissions"]


def test_a_session_reads_but_changes_only_with_its_csrf_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["supervisor"])
    assert send(client, "GET", "/me").json()["account"] == "supervisor"
    case = {"series": world.series[0], "title": "From a page"}
    before = Entry.objects.count()
    refused = send(client, "POST", "/cases", case)
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "PXY-API-CSRF"
    assert Entry.objects.count() == before
    _, _, rest = client.get("/desk/").content.decode().partition(TOKEN_FIELD)
    done = client.post(
        "/api/v1/cases",
        data=case,
        content_type="application/json",
        headers={"X-CSRFToken": rest.partition('"')[0]},
    )
    assert done.status_code == 201, done.content


def test_a_call_that_shows_a_token_is_judged_by_it_alone(world: World) -> None:
    client = Client(headers={"Authorization": "Bearer pxy_wrong"})
    client.force_login(world.people["supervisor"])
    require_sign_in(send(client, "GET", "/me"))
