"""Whatever goes wrong is one problem document, holds no value, and changes nothing."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from tests.api.api_calls import absent_like, send
from tests.node.node_world import World

from proxeny.node.api import bodies
from proxeny.node.audit.models import Entry
from proxeny.node.cases import actions as case_actions
from proxeny.node.cases.models import Case
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
Program = Callable[[str], Client]
SECRET = "Petar.Petrovic-0641234567"
MIDDLEWARE = "proxeny.node.api.problems.ProblemAnswers"


def require_problem(answer, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert "no-store" in answer["Cache-Control"]
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["advice"]
    return problem


def post_raw(client: Client, path: str, body: bytes):
    return client.post(f"/api/v1{path}", body, content_type="application/json")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/cases", {"series": [SECRET], "title": {"x": SECRET}}),
        ("POST", "/cases", {"series": "RS-S-000001", "title": "T", SECRET: SECRET}),
        ("POST", "/cases", {"series": SECRET * 9, "title": SECRET * 99}),
        ("POST", "/cases", [SECRET]),
        ("POST", "/cases", SECRET),
        ("POST", "/cases", None),
        ("POST", "/series/RS-S-000001/split", {"reports": []}),
        ("POST", "/requests/RS-Q-000001/answer", {"reply": SECRET}),
        ("PATCH", "/requests/RS-Q-000001", {"body": {}}),
        ("POST", "/partners", {"card": SECRET * 2000, "fingerprint": SECRET}),
        ("GET", f"/reports?before={SECRET}", None),
        ("GET", "/reports?limit=201", None),
        ("GET", "/reports?limit=0", None),
        ("GET", f"/reports?limit={SECRET}", None),
        ("GET", "/reports?search=%00", None),
        ("GET", "/audit?search=%00", None),
        ("GET", f"/requests?state={SECRET}", None),
        ("GET", f"/requests?direction={SECRET}", None),
        ("GET", f"/routes?from={SECRET}&to=DE&data=any", None),
        ("GET", f"/routes?from=RS&to=DE&data={SECRET}", None),
        ("GET", f"/routes?from=RS&to=DE&data=any&on={SECRET}", None),
        ("GET", "/routes", None),
        ("GET", "/partners/DE%00", None),
    ],
)
def test_a_wrong_shape_is_named_without_its_value(
    world: World, program: Program, method: str, path: str, body: Any
) -> None:
    who = "auditor" if path.startswith("/audit") else "supervisor"
    before = Entry.objects.count()
    answer = send(program(who), method, path, body)
    problem = require_problem(answer, 422, "PXY-API-SHAPE")
    assert problem["errors"]
    assert all(set(one) == {"where", "why"} for one in problem["errors"])
    assert "Petar" not in answer.content.decode()
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "PXY-API-BODY"),
        (b"\xff\xfe{}", 400, "PXY-API-BODY"),
        (b'{"title": NaN}', 422, "PXY-API-TEXT"),
        (b'{"title": "a\\u0000b"}', 422, "PXY-API-TEXT"),
        (b'{"title": "\\ud800"}', 422, "PXY-API-TEXT"),
        (b'{"a\\u0000": 1}', 422, "PXY-API-TEXT"),
        (b"[" * 17 + b"]" * 17, 413, "PXY-API-DEPTH"),
        (b"[" * 200_000, 400, "PXY-API-BODY"),
        (b'"' + b"a" * bodies.MAX_BODY_BYTES + b'"', 413, "PXY-API-SIZE"),
        (b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), 413, "PXY-API-SIZE"),
        (b'{"n": ' + b"9" * 5000 + b"}", 400, "PXY-API-BODY"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_a_hostile_body_is_refused(
    program: Program, body: bytes, status: int, code: str
) -> None:
    require_problem(post_raw(program("supervisor"), "/cases", body), status, code)


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete", "put"])
@pytest.mark.parametrize("path", ["", "nothing", "reports/", "reports/a/b", "me/../x"])
def test_an_unknown_address_is_a_problem(
    settings, program: Program, path: str, method: str
) -> None:
    if MIDDLEWARE not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]
    answer = getattr(program("supervisor"), method)(f"/api/v1/{path}")
    require_problem(answer, 404, "PXY-API-ADDRESS")


def test_a_method_that_an_address_lacks_is_a_problem(
    settings, program: Program
) -> None:
    if MIDDLEWARE not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]
    answer = program("supervisor").delete("/api/v1/cases")
    require_problem(answer, 405, "PXY-API-METHOD")
    assert {part.strip() for part in answer["Allow"].split(",")} == {"GET", "POST"}


@pytest.mark.parametrize(
    "ref",
    ["RS-R-999999", "DE-R-000001", "RS-S-000001", "RS-R-" + "9" * 18, "x", "RS-R-1"],
)
def test_every_absent_reference_is_answered_alike(program: Program, ref: str) -> None:
    client = program("supervisor")
    answer = send(client, "GET", f"/reports/{ref}")
    require_problem(answer, 404, "PXY-NOT-FOUND")
    assert answer.content == send(client, "GET", "/reports/RS-R-888888").content


def test_a_fault_in_the_middle_leaves_nothing(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(case_actions, "record_write", fail)
    cases, rows = Case.objects.count(), Entry.objects.count()
    body = {"series": world.series[0], "title": "T"}
    answer = send(program("supervisor"), "POST", "/cases", body)
    require_problem(answer, 500, "PXY-API-FAULT")
    assert "Petar" not in answer.content.decode()
    assert Case.objects.count() == cases
    assert Entry.objects.count() == rows
    assert "RuntimeError" in caplog.text


def test_a_busy_database_asks_to_come_again(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(case_actions, "record_write", busy)
    body = {"series": world.series[0], "title": "T"}
    answer = send(program("supervisor"), "POST", "/cases", body)
    require_problem(answer, 503, "PXY-BUSY")
    assert int(answer["Retry-After"]) > 0
    assert not Case.objects.filter(title="T").exists()


def test_a_draft_whose_fields_are_refused_is_not_kept(
    world: World, program: Program
) -> None:
    """Draft and edit are one call, so that half of it never stands."""
    client = program("supervisor")
    before = Request.objects.count()
    body = {"case": world.case.ref, "to": "DE/24-7", "form": "ETS185-99"}
    answer = send(client, "POST", "/requests", body)
    assert answer.status_code == 422
    absent = {"case": absent_like(world.case.ref), "to": "DE/24-7"}
    assert send(client, "POST", "/requests", absent).status_code == 404
    assert Request.objects.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {"selectors": "text"},
        {"selectors": [1]},
        {"selectors": [{"kind": "ip"}]},
        {"selectors": {"kind": "ip"}},
        {"requested_authority": "text"},
        {"requested_authority": [1]},
        {"requested_authority": {"organisation": {"a": [1]}}},
        {"custodian": 5},
        {"custodian": {"a": 1}},
        {"date": [], "status": 1, "intention": "maybe", "preserve_days": "x" * 999},
        {"preserve_days": 10**30},
        {"wanted_by": "9999-12-31T23:59:59-23:59"},
        {"extra": {"a": 1}},
        {"extra": "text"},
        {"nobody knows this": [None, {"a": []}]},
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_draft_of_hostile_fields_can_be_read_checked_and_mended(
    world: World, program: Program, body: dict[str, Any]
) -> None:
    client = program("supervisor")
    path = f"/requests/{world.sent.ref}"
    assert send(client, "PATCH", path, {"body": body}).status_code == 200
    shown = send(client, "GET", path)
    assert shown.status_code == 200, shown.content
    findings = shown.json()["findings"]
    assert findings
    checked = send(client, "POST", f"{path}/check")
    assert checked.status_code == 200
    assert checked.json()["state"] == "draft"
    assert send(client, "GET", f"{path}/paper.pdf").status_code in {200, 422}
    assert client.get(f"/desk/requests/{world.sent.ref}/").status_code in {200, 302}
    mended = send(client, "PATCH", path, {"body": dict.fromkeys(body)})
    assert mended.status_code == 200


def test_an_answer_that_lacks_something_names_it_and_sends_nothing(
    world: World, program: Program
) -> None:
    client = program("supervisor")
    path = f"/requests/{world.received.ref}"
    before = Entry.objects.count()
    reply = {"outcome": "preserved", "reference": SECRET}
    answer = send(client, "POST", f"{path}/answer", {"reply": reply})
    problem = require_problem(answer, 422, "PXY-REPLY-FINDINGS")
    assert {"field", "paragraph", "text"} <= set(problem["errors"][0])
    assert "Petar" not in answer.content.decode()
    assert Entry.objects.count() == before
    assert send(client, "GET", path).json()["state"] == "accepted"


def test_a_step_out_of_turn_is_a_conflict(world: World, program: Program) -> None:
    path = f"/requests/{world.sent.ref}/send"
    answer = send(program("supervisor"), "POST", path)
    problem = require_problem(answer, 409, "PXY-REQUEST-STATE")
    assert re.search(r"draft", json.dumps(problem))
