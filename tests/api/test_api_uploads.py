"""Reports over HTTP: one as JSON, or a file, each item answered for."""

import json
import tempfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.api.api_calls import send
from tests.node.node_world import REPORTS, World

from proxeny.node.audit.models import Entry
from proxeny.node.reports import api as reports_api
from proxeny.node.reports.models import Report

pytestmark = pytest.mark.django_db
Program = Callable[[str], Client]


def upload(client: Client, name: str, content: bytes, **fields: str):
    file = SimpleUploadedFile(name, content)
    return client.post("/api/v1/reports", {"file": file, **fields})


def test_a_report_is_taken_in_under_the_names_of_json_lines(
    world: World, program: Program
) -> None:
    client = program("intake")
    report = {
        "narrative": "I paid to RS35105008123123123173.",
        "title": "Shop",
        "loss": {"amount": "120.50", "currency": "EUR"},
        "country": "RS",
        "victim_phone": "+381641234567",
        "offender_email": ["boss@broker.example"],
        "colour": "red",
    }
    answer = send(client, "POST", "/reports", report)
    assert answer.status_code == 200, answer.content
    document = answer.json()
    (ref,) = document.pop("refs")
    assert document == {
        "read": 1,
        "accepted": 1,
        "repeats": 0,
        "refused": [],
        "dropped": [
            {"where": "upload.jsonl:1", "field": "colour", "why": "no known field"}
        ],
    }
    shown = send(client, "GET", f"/reports/{ref}").json()
    assert shown["origin"] == "upload.jsonl:1"
    assert shown["loss"] == {"amount": "120.50", "currency": "EUR"}
    roles = {(one["kind"], one["role"]) for one in shown["mentions"]}
    assert {("phone", "victim"), ("email", "offender")} <= roles
    assert "iban" in {kind for kind, _role in roles}


def test_layout_makes_no_other_report(program: Program) -> None:
    client = program("intake")
    report = {"narrative": "The same words."}
    first = send(client, "POST", "/reports", report).json()
    pretty = json.dumps(report).replace("{", "{\r\n").replace("}", "\n}\n")
    again = client.post(
        "/api/v1/reports", pretty.encode(), content_type="application/json"
    )
    assert again.status_code == 200, again.content
    twice = send(client, "POST", "/reports", report).json()
    assert twice["repeats"] == 1
    shown = send(client, "GET", f"/reports/{twice['refs'][0]}").json()
    assert shown["repeat_of"] == first["refs"][0]
    assert shown["ref"] != first["refs"][0]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"title": "No text"}', "PXY-NO-NARRATIVE"),
        (b"[]", "PXY-JSON-LINES"),
        (b"{", "PXY-JSON-LINES"),
        (b"\n", "PXY-EMPTY"),
        (b'{"narrative": NaN}', "PXY-JSON"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "PXY-JSON-DEPTH"),
    ],
)
def test_one_report_that_is_refused_is_a_problem(
    program: Program, body: bytes, code: str
) -> None:
    before = Report.objects.count(), Entry.objects.count()
    answer = program("intake").post(
        "/api/v1/reports", body, content_type="application/json"
    )
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert (Report.objects.count(), Entry.objects.count()) == before


def test_a_file_is_answered_for_item_by_item(program: Program) -> None:
    content = b'{"narrative": "One."}\n{"title": "none"}\n{"narrative": "One."}\n'
    before = Entry.objects.count()
    answer = upload(program("intake"), "../../etc/mine.jsonl", content)
    assert answer.status_code == 200, answer.content
    document = answer.json()
    assert (document["read"], document["accepted"], document["repeats"]) == (3, 1, 1)
    assert [one["where"] for one in document["refused"]] == ["upload.jsonl:2"]
    assert len(document["refs"]) == 2
    rows = list(Entry.objects.order_by("pk")[before:])
    assert [(row.action, row.refs, row.wrote) for row in rows] == [
        ("report.import", [ref], True) for ref in document["refs"]
    ]


def test_a_file_of_which_nothing_is_taken_leaves_one_row(program: Program) -> None:
    before = Entry.objects.count()
    answer = upload(program("intake"), "x.zip", b"PK\x03\x04 bomb")
    assert answer.status_code == 200
    assert answer.json()["refused"][0]["code"] == "PXY-FORMAT-ARCHIVE"
    rows = list(Entry.objects.order_by("pk")[before:])
    assert [(row.action, row.refs, row.wrote) for row in rows] == [
        ("report.import", [], False)
    ]


@pytest.mark.parametrize(
    "name", [path.name for path in sorted((REPORTS / "de").iterdir())][:6]
)
def test_every_demo_file_goes_over_http_as_by_command(
    program: Program, name: str
) -> None:
    content = (REPORTS / "de" / name).read_bytes()
    document = upload(program("intake"), name, content).json()
    assert document["read"] == document["accepted"] + document["repeats"] + len(
        document["refused"]
    )
    assert document["read"] > 0
    assert tempfile.gettempdir() not in json.dumps(document)


def test_the_format_may_be_named(program: Program) -> None:
    client = program("intake")
    named = upload(client, "export.txt", b'{"narrative": "Two."}', format="jsonl")
    assert named.json()["accepted"] == 1
    wrong = upload(client, "export.txt", b"x", format="pickle")
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "PXY-FORMAT"


def test_what_is_no_file_and_no_json_is_refused(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = program("intake")
    path = "/api/v1/reports"
    other = client.post(path, b"<x/>", content_type="application/xml")
    assert (other.status_code, other.json()["code"]) == (415, "PXY-API-MEDIA-TYPE")
    bare = client.post(path, {"file": "text"})
    assert (bare.status_code, bare.json()["code"]) == (422, "PXY-API-SHAPE")
    broken = client.post(path, b"--x", content_type="multipart/form-data; boundary=é")
    assert (broken.status_code, broken.json()["code"]) == (400, "PXY-API-BODY")
    monkeypatch.setattr(reports_api, "MAX_UPLOAD_BYTES", 10)
    large = upload(client, "a.jsonl", b'{"narrative": "Three."}')
    assert (large.status_code, large.json()["code"]) == (413, "PXY-API-SIZE")
