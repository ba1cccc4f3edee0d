"""Walks every address as everybody: roles, signed out, another organisation.

What is expected follows from what each page declares and from ``roles.toml``. A page
that declares nothing fails here, so a new page can't be forgotten.
"""

import hashlib
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from proxeny.node.accounts.models import User
from proxeny.node.accounts.roles import list_roles, permissions_of
from proxeny.node.audit.models import Entry
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request
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
from tests.node.node_world import World, make_actor, make_world
from tests.requests.request_bodies import complete_request

pytestmark = pytest.mark.django_db
ROLES = list_roles()
STRANGERS = {"stranger": "supervisor", "stranger-auditor": "auditor"}
PEOPLE = (*ROLES, *STRANGERS)
ROUTES = list_guarded()
PAGES = [route for route in ROUTES if not route.api]
OK, FOUND, SIGN_IN, FORBIDDEN, ABSENT = 200, 302, 401, 403, 404
# What a page declares opens it; these steps of one page each need more.
STEPS = {
    "check": "request.draft",
    "approve": "request.approve",
    "return": "request.approve",
    "send": "request.send",
    "withdraw": "request.send",
}
_NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|<time .*?</time>'
)
_REF = re.compile(r"\b[A-Z]{2}-[A-Z]-[0-9]{6,}\b")
by_name = {"ids": lambda one: one.name if isinstance(one, Route) else str(one)}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Seeded once; each test rolls back what it did, this the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(ROLES)
        transaction.set_rollback(True)


def person(world: World, who: str) -> User:
    return {
        **world.people,
        "stranger": world.stranger,
        "stranger-auditor": world.stranger_auditor,
    }[who]


def sign_in(world: World, who: str) -> Client:
    client = Client()
    client.force_login(person(world, who))
    return client


def role_of(who: str) -> str:
    return STRANGERS.get(who, who)


def is_allowed(route: Route, who: str, named: str | None) -> bool:
    """The whole rule, from declared data alone."""
    if who in STRANGERS and named is not None and route.name not in OF_THE_NODE:
        return False
    return route.permission in permissions_of(role_of(who))


def bare(response: HttpResponse) -> bytes:
    """The body without what differs from one page to the next for no reason."""
    return _NOISE.sub(b"", response.content)


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
    assert names >= {*OPEN, *OWN_ACCOUNT}


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
    assert len(ROUTES) > 20


def test_every_address_with_a_reference_is_filled(world: World) -> None:
    for route in ROUTES:
        assert list_named(route, world), f"tell the walk what {route.name} names"


@pytest.mark.parametrize("route", ROUTES, **by_name)
def test_signed_out_is_asked_to_sign_in(world: World, route: Route) -> None:
    before = state_of_database()
    for method in ("get", "post"):
        named = list_named(route, world)[0]
        response = getattr(Client(), method)(fill(route, named))
        if route.api:
            assert response.status_code in {SIGN_IN, 405}
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


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", ROUTES, **by_name)
def test_get_is_answered_to_whom_it_is_for(
    world: World, route: Route, who: str
) -> None:
    if route.method != "GET":
        pytest.skip("an operation that writes is walked by its own test")
    client = sign_in(world, who)
    for named in list_named(route, world):
        seen = Entry.objects.count()
        response = client.get(fill(route, named))
        if is_allowed(route, who, named):
            assert response.status_code in {OK, FOUND}
            _require_audited(route, who, named, response, since=seen)
        else:
            _require_absent(client, route, named, response)
            assert Entry.objects.count() == seen


def _require_audited(
    route: Route, who: str, named: str | None, response: HttpResponse, *, since: int
) -> None:
    rows = list(Entry.objects.order_by("pk")[since:])
    assert [(row.action, row.actor) for row in rows] == [(route.action, who)]
    assert not rows[0].wrote
    if response.status_code == OK and named is not None:
        assert named in rows[0].refs


def _require_absent(
    client: Client, route: Route, named: str | None, response: HttpResponse
) -> None:
    """Nothing tells a page that isn't yours from one that isn't there."""
    assert response.status_code == ABSENT
    if named is not None:
        twin = client.get(fill(route, absent_like(named)))
        assert twin.status_code == ABSENT
        assert bare(response) == bare(twin)
        assert named not in response.content.decode()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", PAGES, **by_name)
def test_absent_references_look_alike(world: World, route: Route, who: str) -> None:
    client = sign_in(world, who)
    if "ref" not in route.params:
        pytest.skip("the address names no reference")
    named = list_named(route, world)[0]
    answers = {
        bare(client.get(fill(route, wrong)))
        for wrong in (
            absent_like(named),
            named.replace("RS-", "DE-"),
            named.replace("-R-", "-S-") if "-R-" in named else f"RS-R-{named[-6:]}",
            "nonsense",
            named.lower(),
            "RS-C-" + "9" * 18,
        )
        if route.path.endswith("<str:ref>/")
    }
    assert len(answers) <= 1


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("route", PAGES, **by_name)
def test_lists_show_another_organisation_nothing_of_ours(
    world: World, route: Route, who: str
) -> None:
    if route.params or route.permission not in permissions_of(role_of(who)):
        pytest.skip("names a reference, or is closed to this role")
    text = sign_in(world, who).get(route.path).content.decode()
    assert _REF.findall(text) == []


@pytest.mark.parametrize("route", PAGES, **by_name)
def test_what_a_page_shows_its_audit_row_names(world: World, route: Route) -> None:
    """Each case and request whose contents a supervisor sees stands in the row."""
    if route.permission not in permissions_of("supervisor"):
        pytest.skip("closed to supervisors")
    client = sign_in(world, "supervisor")
    for named in list_named(route, world):
        response = client.get(fill(route, named))
        if response.status_code != OK or "html" not in response["Content-Type"]:
            continue
        main = response.content.decode().partition("<main")[2]
        requests = {ref for ref in _REF.findall(main) if ref.startswith("RS-Q-")}
        row = Entry.objects.order_by("-pk")[0]
        assert requests <= set(row.refs)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", PAGES, **by_name)
def test_post_without_the_right_changes_nothing(
    world: World, route: Route, who: str
) -> None:
    client = sign_in(world, who)
    before = state_of_database()
    for named in list_named(route, world):
        if is_allowed(route, who, named):
            continue
        response = client.post(fill(route, named), {"other": world.series[1]})
        _require_absent(client, route, named, response)
    assert state_of_database() == before


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
        made[step] = Request.objects.get(pk=row.pk)
    return made


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_a_request_needs_its_right(
    world: World, ready: dict[str, Request], step: str
) -> None:
    route = next(route for route in PAGES if route.name == "request-step")
    row = ready[step]
    address = fill(route, row.ref, step=step)
    refused = [
        who
        for who in PEOPLE
        if who in STRANGERS or STEPS[step] not in permissions_of(who)
    ]
    before = state_of_database()
    for who in refused:
        response = sign_in(world, who).post(address)
        readable = is_allowed(route, who, row.ref)
        assert response.status_code == (FORBIDDEN if readable else ABSENT)
        # Signing in notes when: that is the account's own row.
        User.objects.filter(pk=person(world, who).pk).update(last_login=None)
    assert state_of_database() == before
    response = sign_in(world, "supervisor").post(address)
    assert response.status_code == FOUND
    assert Request.objects.get(pk=row.pk).state != row.state


@pytest.mark.parametrize("route", PAGES, **by_name)
def test_other_methods_are_refused(world: World, route: Route) -> None:
    client = sign_in(world, "supervisor")
    before = state_of_database()
    for method in ("put", "patch", "delete"):
        named = list_named(route, world)[0]
        assert getattr(client, method)(fill(route, named)).status_code == 405
    assert state_of_database() == before


@pytest.mark.parametrize("route", PAGES, **by_name)
def test_post_without_a_csrf_token_is_refused(world: World, route: Route) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(world, "supervisor"))
    before = state_of_database()
    assert client.post(fill(route, list_named(route, world)[0])).status_code == 403
    assert state_of_database() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", PAGES, **by_name)
def test_a_nul_anywhere_is_answered(world: World, route: Route, role: str) -> None:
    """PostgreSQL can't hold U+0000, so it must not get as far as the database."""
    if route.permission not in permissions_of(role):
        pytest.skip("closed to this role")
    client = sign_in(world, role)
    evil = "a\x00b"
    fields = ("search", "before", "page", "series", "case", "requested", "requesting")
    named = list_named(route, world)[0]
    answers = [client.get(fill(route, named), dict.fromkeys(fields, evil))]
    posted = ("other", "reason", "member", "note", "case", "form", "partner", "title")
    answers.append(client.post(fill(route, named), dict.fromkeys(posted, evil)))
    if named is not None:
        answers.append(client.get(fill(route, "%00")))
    assert {answer.status_code for answer in answers} <= {200, 302, 403, 404, 422}
