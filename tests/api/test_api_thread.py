"""From reports to a request on its way, by the API alone; documents as by command."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.api.api_calls import program_of, send
from tests.node.node_world import (
    REPORTS,
    World,
    make_actor,
    make_message,
    make_partner,
    make_person,
)
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import exchange
from proxeny.cli import run
from proxeny.node.exchange.models import Message
from proxeny.node.jobs.models import Job

pytestmark = pytest.mark.django_db


def done(answer, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(answer, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] == code


def test_the_whole_thread(db) -> None:
    investigator, supervisor, drafter = (
        program_of(make_person(role, name=name))
        for role, name in (
            ("investigator", "ana"),
            ("supervisor", "sava"),
            ("supervisor", "dana"),
        )
    )
    for path in sorted((REPORTS / "rs").iterdir()):
        file = SimpleUploadedFile(path.name, path.read_bytes())
        done(investigator.post("/api/v1/reports", {"file": file}))
    series = done(send(investigator, "GET", "/series?limit=200"))["series"]
    assert len(series) >= 4
    largest = max(series, key=lambda one: one["reports"])["series"]
    explained = done(send(investigator, "GET", f"/series/{largest}"))
    assert all(member["because"] for member in explained["members"])
    case = done(
        send(investigator, "POST", "/cases", {"series": largest, "title": "Broker"}),
        201,
    )
    routes = done(
        send(investigator, "GET", "/routes?from=RS&to=DE&data=traffic"),
    )["routes"]
    (route,) = [one for one in routes if one["id"] == "ETS185:29"]
    assert route["state"] in {"open", "conditional"}
    assert route["because"]
    keys = exchange.generate_keys("DE/24-7")
    card = exchange.make_card(
        keys,
        name="Kontaktstelle",
        country="DE",
        role="contact_point",
        endpoint="http://127.0.0.1:1",
        issued_at=timezone.now(),
    )
    partner = {"card": card, "fingerprint": "0" * 32}
    refused(send(supervisor, "POST", "/partners", partner), 422, "PXY-FINGERPRINT")
    refused(send(investigator, "POST", "/partners", partner), 403, "PXY-FORBIDDEN")
    partner["fingerprint"] = exchange.render_fingerprint(keys.public)
    done(send(supervisor, "POST", "/partners", partner), 201)

    draft = {"case": case["ref"], "to": "DE/24-7", "form": route["form"]}
    request = done(send(drafter, "POST", "/requests", draft), 201)
    path = f"/requests/{request['ref']}"
    checked = done(send(drafter, "POST", f"{path}/check"))
    assert checked["state"] == "draft"
    assert "29(2)(e)" in {one["paragraph"] for one in checked["findings"]}
    body = complete_request(reference=request["ref"])
    edited = done(send(drafter, "PATCH", path, {"body": body}))
    assert edited["state"] == "draft"
    assert done(send(drafter, "POST", f"{path}/check"))["state"] == "checked"
    refused(send(drafter, "POST", f"{path}/approve"), 403, "PXY-FOUR-EYES")
    refused(send(investigator, "POST", f"{path}/approve"), 403, "PXY-FORBIDDEN")
    note = {"note": "Name the provider."}
    assert done(send(supervisor, "POST", f"{path}/return", note))["state"] == "draft"
    assert done(send(drafter, "POST", f"{path}/check"))["state"] == "checked"
    assert done(send(supervisor, "POST", f"{path}/approve"))["state"] == "approved"
    assert done(send(investigator, "POST", f"{path}/send"))["state"] == "sent"
    refused(send(drafter, "PATCH", path, {"body": body}), 409, "PXY-REQUEST-STATE")

    message = Message.objects.get()
    assert message.state == Message.State.WAITING
    assert message.body["wire"]["body"]["custodian"] == body["custodian"]
    assert Job.objects.filter(key=f"deliver:{message.jti}").count() == 1
    shown = done(send(investigator, "GET", path))
    assert [one["event"] for one in shown["events"]] == [
        "drafted",
        "edited",
        "check_passed",
        "returned",
        "check_passed",
        "approved",
        "sent",
    ]
    assert [(one["kind"], one["state"]) for one in shown["messages"]] == [
        ("request", "waiting")
    ]
    paper = send(investigator, "GET", f"{path}/paper.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    timeline = done(send(investigator, "GET", f"/cases/{case['ref']}"))
    assert timeline["requests"] == [
        {"ref": request["ref"], "form": route["form"], "state": "sent"}
    ]
    assert done(send(supervisor, "POST", f"{path}/withdraw", {}))["state"] == (
        "withdrawn"
    )


def test_a_partners_request_is_answered(
    world: World, program: Callable[[str], Client]
) -> None:
    client = program("investigator")
    path = f"/requests/{world.received.ref}"
    shown = done(send(client, "GET", path))
    assert shown["direction"] == "received"
    answered = done(send(client, "POST", f"{path}/answer", {"reply": complete_reply()}))
    assert (answered["state"], answered["findings"]) == ("answered", [])
    assert done(send(client, "GET", path))["reply"]["outcome"] == "preserved"
    assert Message.objects.get(kind="reply").partner == world.partner


def test_an_officers_decisions_on_a_series_can_be_undone(
    world: World, program: Callable[[str], Client]
) -> None:
    client = program("investigator")
    one, other = world.series[:2]
    before = done(send(client, "GET", f"/series/{one}"))
    merge = {"other": other, "reason": "same voice"}
    assert done(send(client, "POST", f"/series/{one}/merge", merge))["series"] == one
    refused(send(client, "POST", f"/series/{one}/merge", merge), 409, "PXY-SERIES-SAME")
    assert done(send(client, "GET", f"/series/{other}"))["series"] == one
    assert done(send(client, "POST", f"/series/{other}/undo"))["series"] == one
    after = done(send(client, "GET", f"/series/{one}"))
    assert after["members"] == before["members"]
    assert after["decisions"][0]["undone_at"] is not None


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/series/{series}", "series show {series}"),
        ("/cases/{case}", "case show {case}"),
        ("/requests/{sent}", "request show {sent}"),
        ("/requests/{received}", "request show {received}"),
        ("/partners/DE/24-7", "partner show DE/24-7"),
        (
            "/routes?from=RS&to=DE&data=traffic",
            "routes --from RS --to DE --data traffic",
        ),
    ],
)
def test_the_documents_are_those_of_the_command(
    world: World,
    program: Callable[[str], Client],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    command: str,
) -> None:
    names = {
        "series": world.series[0],
        "case": world.case.ref,
        "sent": world.sent.ref,
        "received": world.received.ref,
    }
    by_program = done(send(program("supervisor"), "GET", path.format(**names)))
    words = [*command.format(**names).split(), "--json"]
    if words[0] not in {"routes", "partner"}:
        words += ["--as", "supervisor"]
    # The node is set up already; its log must not be led into what is captured here.
    monkeypatch.setattr("django.setup", lambda: None)
    assert run(words) == 0
    by_command = json.loads(capsys.readouterr().out)
    assert _names_of(by_program) == _names_of(by_command)
    assert _without_times(by_program) == _without_times(by_command)


def _names_of(value: Any) -> Any:
    match value:
        case dict():
            return {name: _names_of(inner) for name, inner in value.items()}
        case list():
            return [_names_of(inner) for inner in value]
        case _:
            return None


def _without_times(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: None
                if name == "at" or name.endswith("_at")
                else _without_times(inner)
                for name, inner in value.items()
            }
        case list():
            return [_without_times(inner) for inner in value]
        case _:
            return value


def test_anothers_message_under_the_same_reference_is_not_shown(
    world: World, program: Callable[[str], Client]
) -> None:
    """The reference is the asking side's choice, so a partner may reuse ours."""
    other, _ = make_partner(make_actor("supervisor"), "AT/24-7")
    message = make_message(other, {})
    Message.objects.filter(pk=message.pk).update(ref=world.sent.asked_ref)
    client = program("supervisor")
    shown = done(send(client, "GET", f"/requests/{world.sent.ref}"))
    assert shown["messages"] == []
