"""Walks every address as everybody: roles, signed out, another organisation.

What is expected follows from what each page declares and from ``roles.toml``. A page
that declares nothing fails here, so a new page can't be forgotten.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from tests.node.desk.routes import (
    OF_THE_NODE,
    OPEN,
    OWN_ACCOUNT,
    Route,
    absent_like,
    fill,
    list_guarded,
    list_named,
    list_routes,
    list_undeclared,
)
from tests.node.node_world import World, make_actor
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny.node.accounts.models import User
from proxeny.node.accounts.roles import list_roles, permissions_of
from proxeny.node.audit.models import Entry
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
ROLES = list_roles()
STRANGERS = {"stranger": "supervisor", "stranger-auditor": "auditor"}
PEOPLE = (*ROLES, *STRANGERS)
ROUTES = list_guarded()
READS = [route for route in ROUTES if route.method == "GET"]
PAGES = [route for route in ROUTES if not route.is_api]
WRITES = [route for route in ROUTES if route.method != "GET"]
OK, FOUND, SIGN_IN, FORBIDDEN, ABSENT, WRONG_METHOD = 200, 302, 401, 403, 404, 405
# What a page declares opens it; these steps of one page each need more.
STEPS = {
    "check": "request.draft",
    "approve": "request.approve",
    "return": "request.approve",
    "send": "request.send",
    "withdraw": "request.send",
    "close": "request.send",
}
# An operation declares who may know of the thing; to change it needs more.
TO_CHANGE = {
    "relink.apply": "series.write",
    "relink.dismiss": "series.write",
    "report.import": "report.write",
    "series.merge": "series.write",
    "series.split": "series.write",
    "series.confirm": "series.write",
    "series.undo": "series.write",
    "alert.confirm": "series.write",
    "alert.dismiss": "series.write",
    "case.open": "case.write",
    "request.draft": "request.draft",
    "request.edit": "request.draft",
    "request.answer": "request.answer",
    "partner.add": "directory.write",
    **{f"request.{step}": permission for step, permission in STEPS.items()},
}
# In a query these are needed by an operation before it looks at anything.
QUERY = {
    "routes": {"from": "RS", "to": "DE", "data": "subscriber"},
    "selector.search": {"kind": "domain", "value": "shop.example"},
}
_NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|<time .*?</time>'
)
_REF = re.compile(r"\b[A-Z]{2}-[A-Z]-[0-9]{6,}\b")


def each(routes: list[Route]) -> Any:
    return pytest.mark.parametrize("route", routes, ids=lambda route: route.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The seeded node and everybody's browser."""

    world: World
    browsers: dict[str, Client]


@pytest.fixture(scope="module")
def desk(world: World, django_db_blocker) -> Desk:
    """Everybody signed in, once for all tests."""
    people = {
        **world.people,
        "stranger": world.stranger,
        "stranger-auditor": world.stranger_auditor,
    }
    browsers = {who: Client() for who in PEOPLE}
    with django_db_blocker.unblock():
        for who, client in browsers.items():
            client.force_login(people[who])
    return Desk(world=world, browsers=browsers)


def rights_of(who: str) -> frozenset[str]:
    return permissions_of(STRANGERS.get(who, who))


def is_allowed(route: Route, who: str) -> bool:
    """The whole rule, from declared data alone."""
    is_strange = who in STRANGERS and route.subject not in OF_THE_NODE
    if is_strange and route.names_one:
        return False
    return route.permission in rights_of(who)


def bare(response: HttpResponse) -> tuple[int, bytes]:
    """Status and body without what differs from one page to the next for no reason."""
    return response.status_code, _NOISE.sub(b"", response.content)


def get(
    client: Client, route: Route, named: str | None, *, follow: bool = False
) -> HttpResponse:
    query = QUERY.get(route.action or "") if route.is_api else None
    return client.get(fill(route, named), query, follow=follow)


def state_of_database() -> str:
    """One digest over every row but those of sessions."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model is not Session:
            rows = model.objects.order_by("pk").values_list()
            digest.update(repr((model.__name__, list(rows))).encode())
    return digest.hexdigest()


def test_every_address_declares_who_may_open_it() -> None:
    assert list_undeclared(list_routes()) == []
    names = {route.name for route in list_routes()}
    # Gone from the resolver, gone from the list of exceptions.
    assert {*OPEN, *OWN_ACCOUNT} - names == set()


def test_a_new_page_without_permission_is_caught() -> None:
    def forgotten(request):
        return HttpResponse("a report")

    pages = [path("forgotten/<str:ref>/", forgotten, name="forgotten")]
    inner = [path("desk/", include(pages))]
    assert list_undeclared(list_routes(inner)) == [
        "GET /desk/forgotten/<str:ref>/ (forgotten)"
    ]


def test_every_declared_permission_is_somebodys() -> None:
    granted = set().union(*map(permissions_of, ROLES))
    assert {route.permission for route in ROUTES} <= granted
    assert {route.action for route in WRITES} == set(TO_CHANGE)
    assert len(PAGES) > 20 < len(ROUTES)


@each(ROUTES)
def test_signed_out_is_asked_to_sign_in(world: World, route: Route) -> None:
    named = list_named(route, world)
    assert named, f"tell the walk what {route.title} names"
    before = state_of_database()
    for method in ("GET", "POST") if not route.is_api else (route.method,):
        response = Client().generic(method, fill(route, named[0]))
        if route.is_api:
            assert response.status_code == SIGN_IN
        else:
            assert response.status_code == FOUND
            assert response["Location"].startswith("/desk/account/login/?next=/desk/")
    assert state_of_database() == before


@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_own_account_pages_ask_for_a_sign_in(name: str) -> None:
    route = next(route for route in list_routes() if route.name == name)
    response = Client().get(route.path)
    assert response.status_code == FOUND
    assert response["Location"].startswith("/desk/account/login/")


@each(READS)
def test_it_is_shown_to_whom_it_is_for(desk: Desk, route: Route) -> None:
    for who, client in desk.browsers.items():
        for named in list_named(route, desk.world):
            last = Entry.objects.order_by("pk").last()
            response = get(client, route, named)
            rows = Entry.objects.order_by("pk")
            rows = list(rows.filter(pk__gt=last.pk) if last else rows)
            if is_allowed(route, who):
                assert response.status_code in {OK, FOUND}, who
                assert [(row.action, row.actor) for row in rows] == [
                    (route.action, who)
                ]
                assert not rows[0].wrote
                if response.status_code == OK and named is not None:
                    assert named in rows[0].refs
            else:
                assert named not in [ref for row in rows for ref in row.refs]
                require_absent(client, route, named)


def require_absent(client: Client, route: Route, named: str | None) -> None:
    """Nothing tells a page that isn't yours from one that isn't there."""
    response = get(client, route, named, follow=True)
    assert response.status_code == ABSENT
    if named is not None:
        twin = get(client, route, absent_like(named), follow=True)
        assert bare(response) == bare(twin)
        assert len(response.redirect_chain) == len(twin.redirect_chain)
        assert named not in response.content.decode()


@each([route for route in READS if route.path.endswith("/<str:ref>/")])
def test_whatever_is_not_there_looks_alike(desk: Desk, route: Route) -> None:
    named = list_named(route, desk.world)[0]
    wrong = (
        absent_like(named),
        named.replace("RS-", "DE-"),
        named.replace("-R-", "-S-") if "-R-" in named else f"RS-R-{named[-6:]}",
        named.lower(),
        f"{named[:-6]}{'9' * 18}",
        f"{named} ",
        "nonsense",
    )
    for client in desk.browsers.values():
        answers = {bare(get(client, route, one)) for one in wrong}
        assert [status for status, _ in answers] == [ABSENT]


@each([route for route in READS if not route.params])
def test_lists_show_another_organisation_nothing_of_ours(
    desk: Desk, route: Route
) -> None:
    for who in STRANGERS:
        text = get(desk.browsers[who], route, None).content.decode()
        assert _REF.findall(text) == []


@each([route for route in READS if route.permission in rights_of("supervisor")])
def test_each_request_that_is_shown_stands_in_the_audit_row(
    desk: Desk, route: Route
) -> None:
    for named in list_named(route, desk.world):
        response = get(desk.browsers["supervisor"], route, named)
        main = response.content.decode("utf-8", "replace").partition("<main")[2]
        shown = {ref for ref in _REF.findall(main) if ref.startswith("RS-Q-")}
        assert shown <= set(Entry.objects.order_by("pk").last().refs)


@each(PAGES)
def test_a_post_without_the_right_changes_nothing(desk: Desk, route: Route) -> None:
    before = state_of_database()
    for who, client in desk.browsers.items():
        if is_allowed(route, who):
            continue
        for named in list_named(route, desk.world):
            response = client.post(fill(route, named))
            assert response.status_code == ABSENT
            if named is not None:
                twin = client.post(fill(route, absent_like(named)))
                assert bare(response) == bare(twin)
    assert state_of_database() == before


@each(WRITES)
def test_an_operation_without_the_right_changes_nothing(
    desk: Desk, route: Route
) -> None:
    body = body_of(route, desk.world)
    before = state_of_database()
    for who, client in desk.browsers.items():
        may = TO_CHANGE[route.action] in rights_of(who)
        if may and (is_allowed(route, who) or not route.names_one):
            continue
        for named in list_named(route, desk.world):
            response = call(client, route, named, body)
            if is_allowed(route, who):
                assert response.status_code == FORBIDDEN, who
            else:
                assert response.status_code == ABSENT, who
                if named is not None:
                    twin = call(client, route, absent_like(named), body)
                    assert bare(response) == bare(twin)
    assert state_of_database() == before
    # The body is one that reaches the action: it is refused for no other reason.
    response = call(
        desk.browsers["supervisor"], route, list_named(route, desk.world)[0], body
    )
    assert b"PXY-API-SHAPE" not in response.content


def call(
    client: Client, route: Route, named: str | None, body: dict[str, Any]
) -> HttpResponse:
    return client.generic(
        route.method,
        fill(route, named),
        json.dumps(body),
        content_type="application/json",
    )


def body_of(route: Route, world: World) -> dict[str, Any]:
    """A body that the operation can read, about what is ours."""
    bodies: dict[str, dict[str, Any]] = {
        "report.import": {"narrative": "Pay to DE89 3704 0044 0532 0130 00."},
        "series.merge": {"other": world.series[2]},
        "series.split": {"reports": [world.reports[0]]},
        "case.open": {"series": world.series[0], "title": "A case"},
        "request.draft": {"case": world.case.ref, "to": world.partner.authority},
        "request.edit": {"body": {"facts": "Other facts."}},
        "request.answer": {"reply": complete_reply()},
        "partner.add": {"card": "x", "fingerprint": "x"},
    }
    return bodies.get(route.action or "", {})


@pytest.fixture
def ready(world: World) -> dict[str, Request]:
    """For each step a request that is in the state in which it can be taken."""
    drafter = make_actor("supervisor", name="drafter")
    made = {}
    for step in STEPS:
        row = actions.draft_request(
            drafter,
            case_ref=world.case.ref,
            form_id=world.sent.form,
            partner_id=world.partner.authority,
        )
        actions.edit_request(drafter, row.ref, complete_request(reference=row.ref))
        if step != "check":
            actions.check_request(drafter, row.ref)
        if step in {"send", "withdraw"}:
            actions.approve_request(make_actor("supervisor"), row.ref)
        if step == "close":
            actions.withdraw_request(drafter, row.ref, note="solved")
        made[step] = Request.objects.get(pk=row.pk)
    return made


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_a_request_needs_its_right(
    desk: Desk, ready: dict[str, Request], step: str
) -> None:
    route = next(route for route in PAGES if route.name == "request-step")
    row = ready[step]
    address = fill(route, row.ref, step=step)
    before = state_of_database()
    for who, client in desk.browsers.items():
        if who not in STRANGERS and STEPS[step] in rights_of(who):
            continue
        expected = FORBIDDEN if is_allowed(route, who) else ABSENT
        assert client.post(address).status_code == expected, who
    assert state_of_database() == before
    assert desk.browsers["supervisor"].post(address).status_code == FOUND
    assert Request.objects.get(pk=row.pk).state != row.state


@each(PAGES)
def test_a_form_needs_a_known_method_and_its_token(desk: Desk, route: Route) -> None:
    address = fill(route, list_named(route, desk.world)[0])
    before = state_of_database()
    for method in ("put", "patch", "delete"):
        response = getattr(desk.browsers["supervisor"], method)(address)
        assert response.status_code == WRONG_METHOD
    client = Client(enforce_csrf_checks=True)
    client.cookies = desk.browsers["supervisor"].cookies
    assert client.post(address).status_code == FORBIDDEN
    assert state_of_database() == before


FIELDS = (
    *("search", "before", "page", "series", "case", "requested", "requesting"),
    *("other", "reason", "member", "note", "form", "partner", "title", "limit"),
)


HOSTILE = ("a\x00b", "\x1f" * 4000, "9" * 5000, "٣", "-1")


@each(ROUTES)
def test_hostile_text_is_answered(desk: Desk, route: Route) -> None:
    """PostgreSQL can't hold U+0000, for one: it must not get as far as that."""
    who = "supervisor" if route.permission in rights_of("supervisor") else "auditor"
    client = desk.browsers[who]
    named = list_named(route, desk.world)[0]
    answers = [client.get(fill(route, "%00"))] if named is not None else []
    for evil in HOSTILE:
        fields = dict.fromkeys(FIELDS, evil)
        if route.is_api:
            answers.append(call(client, route, named, fields))
        else:
            answers.append(client.post(fill(route, named), fields))
        answers.append(client.get(fill(route, named), fields))
    assert {answer.status_code for answer in answers} <= {
        *(OK, FOUND, 400, FORBIDDEN, ABSENT, WRONG_METHOD, 409, 413, 422)
    }
    assert not connection.needs_rollback


def test_a_signed_in_person_is_known_by_role(desk: Desk) -> None:
    """The walk walks as whom it says."""
    roles = dict(User.objects.values_list("username", "role"))
    for who, client in desk.browsers.items():
        seen = client.get("/desk/").content.decode()
        assert who in seen
        assert roles[who] == STRANGERS.get(who, who)
