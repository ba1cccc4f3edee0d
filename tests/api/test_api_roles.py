"""Each operation as each role and as another organisation, and the row it leaves."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.api.api_calls import (
    CALLS,
    OF_THE_NODE,
    Call,
    absent_like,
    name_in,
    send,
)
from tests.node.node_world import World

from proxeny.node.accounts.roles import list_roles, permissions_of
from proxeny.node.api.schema import api
from proxeny.node.audit.models import Entry

pytestmark = pytest.mark.django_db
Program = Callable[[str], Client]
by_id = {"ids": lambda one: one.id if isinstance(one, Call) else str(one)}


def expected(call: Call, role: str) -> int:
    """From the role's permissions alone: absent, forbidden or done."""
    may = permissions_of(role)
    if call.read not in may:
        return 404
    if call.write is not None and call.write not in may:
        return 403
    return call.made


def test_every_operation_is_walked() -> None:
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    operations = {
        (operation["operationId"], method.upper())
        for methods in document["paths"].values()
        for method, operation in methods.items()
    }
    assert operations == {(call.id, call.method) for call in CALLS}


@pytest.mark.parametrize("role", list_roles())
@pytest.mark.parametrize("call", CALLS, **by_id)
def test_each_role_may_what_its_permissions_say(
    world: World, program: Program, call: Call, role: str
) -> None:
    named = name_in(world, call.names) if call.names else None
    body = call.body(world) if call.body else None
    client = program(role)
    before = Entry.objects.count()
    answer = send(client, call.method, call.address(named), body)
    assert answer.status_code == expected(call, role), answer.content
    assert "no-store" in answer["Cache-Control"]
    rows = list(Entry.objects.order_by("pk")[before:])
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert rows == []
    elif call.method == "GET":
        assert [(row.action, row.actor, row.door, row.wrote) for row in rows] == [
            (call.id, role, "api", False)
        ]
        assert named is None or named in rows[0].refs
    else:
        assert {(row.actor, row.door, row.wrote) for row in rows} == {
            (role, "api", True)
        }
        assert call.id in {row.action for row in rows}


@pytest.mark.parametrize("who", ["stranger", "stranger-auditor"])
@pytest.mark.parametrize(
    "call",
    [call for call in CALLS if call.names and call.id not in OF_THE_NODE],
    **by_id,
)
def test_what_is_anothers_looks_as_if_it_were_not_there(
    world: World, program: Program, call: Call, who: str
) -> None:
    named = name_in(world, call.names or "")
    body = call.body(world) if call.body else None
    client = program(who)
    before = Entry.objects.count()
    theirs = send(client, call.method, call.address(named), body)
    nothing = send(client, call.method, call.address(absent_like(named)), body)
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.content == nothing.content
    assert dict(theirs.items()) | {"Expires": ""} == dict(nothing.items()) | {
        "Expires": ""
    }
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    "call",
    [call for call in CALLS if call.method == "GET" and not call.names],
    **by_id,
)
def test_lists_hold_nothing_of_another_organisation(
    world: World, program: Program, call: Call
) -> None:
    for who, role in (("stranger", "supervisor"), ("stranger-auditor", "auditor")):
        answer = send(program(who), "GET", call.address(None))
        assert answer.status_code == expected(call, role)
        text = answer.content.decode()
        assert not [ref for ref in (*world.reports, *world.series) if ref in text]
        assert world.sent.ref not in text
        assert world.case.ref not in text


@pytest.mark.parametrize(
    ("path", "field"),
    [("/cases", "series"), ("/series/{own}/merge", "other"), ("/requests", "case")],
)
def test_a_reference_in_a_body_is_judged_like_one_in_the_address(
    world: World, program: Program, path: str, field: str
) -> None:
    client = program("stranger")
    for text in ("They called.", "They called me too."):
        report = {"narrative": text, "offender_email": "boss@broker.example"}
        assert send(client, "POST", "/reports", report).status_code == 200
    (own,) = send(client, "GET", "/series").json()["series"]
    named = world.case.ref if field == "case" else world.series[0]
    path = path.format(own=own["series"])
    rest = {"title": "T"} if field == "series" else {}
    rest |= {"to": "DE/24-7"} if field == "case" else {}
    theirs = send(client, "POST", path, {field: named, **rest})
    nothing = send(client, "POST", path, {field: absent_like(named), **rest})
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.content == nothing.content
