"""Commands on a node: what they print for programs, how they end, what they leave."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from tests.node.node_world import REPORTS, World, make_partner, make_world
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import cli, exchange
from proxeny.errors import UnreachableError
from proxeny.node.accounts.models import Organisation, User
from proxeny.node.accounts.roles import list_roles
from proxeny.node.audit.models import Entry
from proxeny.node.cases.models import Case
from proxeny.node.exchange.secrets import FILE_NAME, write_keys
from proxeny.node.jobs.models import Job
from proxeny.node.linking.models import Decision
from proxeny.node.reports.models import Report
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
DONE, NEGATIVE, WRONG, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
ON_A_NODE = (
    ["series", "list"],
    ["series", "undo", "RS-S-000001"],
    ["case", "list"],
    ["request", "list"],
    ["report", "import", str(REPORTS)],
    ["partner", "list"],
    ["exchange", "status"],
    ["audit", "verify"],
    ["user", "list"],
    ["check"],
    ["worker", "--once"],
    ["serve", "--port", "1"],
)
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(list_roles())
        transaction.set_rollback(True)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command for programs; its exit code and its document."""

    def run(*words: str, who: str = "supervisor") -> tuple[int, dict[str, Any]]:
        names_person = words[0] in {"report", "series", "case", "request"}
        names_person = names_person or words[:2] == ("partner", "add")
        person = ["--as", who] if names_person else []
        capsys.readouterr()
        code = cli.run([*words, *person, "--json"])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        if code in {DONE, NEGATIVE}:
            assert printed.out.count("\n") == 1
            return code, json.loads(printed.out)
        assert printed.out == ""
        return code, error_of(printed.err)

    return run


def error_of(text: str) -> dict[str, Any]:
    """What is wrong, what to do, a stable code: one line each."""
    wrong, to_do, code = text.splitlines()
    assert wrong.startswith("proxeny: ")
    assert to_do.startswith("  ")
    assert code.startswith("  PXY-")
    return {"wrong": wrong, "to_do": to_do.strip(), "code": code.strip()}


@pytest.fixture
def keys() -> Iterator[exchange.NodeKeys]:
    """The node's own keys, for the commands that need them."""
    path = settings.CONFIG.keys_folder / FILE_NAME
    path.unlink(missing_ok=True)
    made = exchange.generate_keys(settings.CONFIG.authority.id)
    write_keys(settings.CONFIG.keys_folder, made)
    yield made
    path.unlink()


@pytest.mark.parametrize("words", ON_A_NODE, ids=" ".join)
def test_without_a_node_it_says_so(
    words, tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The option writes the variable, which is put back after the test.
    monkeypatch.setenv("PROXENY_HOME", os.environ["PROXENY_HOME"])
    assert cli.run([*words, "--home", str(tmp_path / "none")]) == WRONG
    printed = capsys.readouterr()
    assert printed.out == ""
    assert error_of(printed.err)["code"] == "PXY-NO-NODE"
    assert not (tmp_path / "none").exists()


def test_the_program_itself_ends_so(tmp_path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "proxeny.cli", "series", "list"],
        env={**os.environ, "PROXENY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (WRONG, "")
    assert error_of(ended.stderr)["code"] == "PXY-NO-NODE"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("[authority", "PXY-CONFIG"),
        ("[serve]\nport = 'x'\n", "PXY-CONFIG"),
        ("[serve]\nprot = 1\n", "PXY-CONFIG"),
        ("[elsewhere]\n", "PXY-CONFIG"),
        ("serve = 1\n", "PXY-CONFIG"),
        ("x" * 70_000, "PXY-CONFIG"),
    ],
)
def test_a_configuration_that_is_none_is_refused(
    tmp_path, monkeypatch, capsys, content, code
) -> None:
    monkeypatch.setenv("PROXENY_HOME", os.environ["PROXENY_HOME"])
    (tmp_path / "proxeny.toml").write_text(content, encoding="utf-8")
    assert cli.run(["series", "list", "--home", str(tmp_path)]) == WRONG
    assert error_of(capsys.readouterr().err)["code"] == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), INTERRUPTED),
        (RuntimeError("a victim's name"), WRONG),
        (UnreachableError("No answer."), UNREACHABLE),
    ],
)
def test_whatever_happens_ends_in_a_line(
    world, monkeypatch, capsys, error, code
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("proxeny.node.linking.queries.list_series", fail)
    monkeypatch.delenv("PROXENY_TRACEBACK", raising=False)
    assert cli.run(["series", "list"]) == code
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert "victim" not in printed.err


def test_init_makes_no_second_node(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PROXENY_HOME", os.environ["PROXENY_HOME"])
    words = ["init", "--authority", "A", "--country", "RS", "--home"]
    (tmp_path / "proxeny.toml").touch()
    assert cli.run([*words, str(tmp_path)]) == WRONG
    assert error_of(capsys.readouterr().err)["code"] == "PXY-NODE-EXISTS"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    assert cli.run([*words, str(tmp_path / "other")]) == WRONG
    assert error_of(capsys.readouterr().err)["code"] == "PXY-HOME-NOT-EMPTY"


@pytest.mark.parametrize(
    "wrong",
    [("--country", "XX"), ("--role", "king"), ("--authority", "")],
    ids=lambda pair: pair[0],
)
def test_init_refuses_before_it_writes(tmp_path, monkeypatch, capsys, wrong) -> None:
    monkeypatch.setenv("PROXENY_HOME", os.environ["PROXENY_HOME"])
    home = tmp_path / "new"
    words = ["init", "--authority", "A", "--country", "RS", *wrong]
    assert cli.run([*words, "--home", str(home)]) == WRONG
    assert error_of(capsys.readouterr().err)["code"].startswith("PXY-")
    assert not home.exists()


def test_import_says_of_each_item_what_became_of_it(world, ask, tmp_path) -> None:
    lines = [{"narrative": "One."}, {"narrative": "Two.", "country": "Atlantis"}]
    text = "\n".join(map(json.dumps, [*lines, lines[0]])) + "\nnot json\n"
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    code, told = ask("report", "import", str(tmp_path))
    assert code == NEGATIVE
    assert (told["read"], told["accepted"], told["repeats"]) == (4, 2, 1)
    assert [one.keys() >= {"where", "code", "why"} for one in told["refused"]] == [True]
    assert [one.keys() >= {"where", "field", "why"} for one in told["dropped"]] == [
        True
    ]
    (tmp_path / "a.jsonl").write_text(json.dumps(lines[0]), encoding="utf-8")
    assert ask("report", "import", str(tmp_path))[0] == DONE


def test_import_of_what_is_not_there_changes_nothing(world, ask, tmp_path) -> None:
    (tmp_path / "a.jsonl").write_text('{"narrative": "One."}', encoding="utf-8")
    before = Report.objects.count()
    code, error = ask("report", "import", str(tmp_path), str(tmp_path / "none"))
    assert (code, error["code"]) == (WRONG, "PXY-NO-SUCH-FILE")
    code, error = ask("report", "import", str(tmp_path), "--format", "pdf")
    assert (code, error["code"]) == (WRONG, "PXY-FORMAT")
    code, error = ask("report", "import", str(tmp_path), who="auditor")
    assert (code, error["code"]) == (WRONG, "PXY-FORBIDDEN")
    assert Report.objects.count() == before


def test_series_are_listed_shown_and_explained(world, ask) -> None:
    code, listed = ask("series", "list")
    assert code == DONE
    assert [one["series"] for one in listed["series"]] == list(world.series)
    ref = world.series[0]
    _, shown = ask("series", "show", ref)
    assert shown["reports"] == len(shown["members"]) == listed["series"][0]["reports"]
    _, explained = ask("series", "explain", ref)
    for member in explained["members"]:
        assert member.keys() >= {"report", "weight", "because"}
        assert member["because"][0]["terms"][0].keys() >= {"text", "bits"}
    rows = Entry.objects.order_by("-pk")[:3]
    assert [(row.action, row.door) for row in rows] == [
        ("series.explain", "cli"),
        ("series.show", "cli"),
        ("series.list", "cli"),
    ]
    assert ref in rows[0].refs


def test_members_are_shown_by_pages(world, ask) -> None:
    ref = world.series[0]
    whole = [member["report"] for member in ask("series", "show", ref)[1]["members"]]
    assert whole == sorted(whole, reverse=True)
    seen, after = [], []
    for _ in whole:
        _, page = ask("series", "explain", ref, "--limit", "1", *after)
        assert page["reports"] == len(whole)
        seen += [member["report"] for member in page["members"]]
        after = ["--after", page["next"]]
    assert (seen, page["next"]) == (whole, None)
    assert ask("series", "show", ref, "--after", "x")[0] == WRONG


def test_series_are_merged_split_confirmed_and_put_back(world, ask) -> None:
    one, two = world.series[:2]
    assert ask("series", "merge", one, two, "--reason", "x") == (DONE, {"series": one})
    assert ask("series", "undo", two)[0] == DONE
    _, shown = ask("series", "show", one)
    leaving = shown["members"][0]["report"]
    code, split = ask("series", "split", one, leaving)
    assert (code, split["series"] != one) == (DONE, True)
    assert ask("series", "undo", one)[0] == DONE
    assert ask("series", "confirm", one)[0] == DONE
    assert ask("series", "show", one)[1]["confirmed"] is True
    assert ask("series", "undo", one)[0] == DONE
    assert Decision.objects.filter(undone_at=None, by="supervisor").count() == 0


@pytest.mark.parametrize(
    ("words", "who", "code"),
    [
        (("series", "show", "RS-S-999999"), "supervisor", "PXY-NOT-FOUND"),
        (("series", "show", "{series}"), "stranger", "PXY-NOT-FOUND"),
        (("series", "list"), "auditor", "PXY-NOT-FOUND"),
        (("series", "confirm", "{series}"), "intake", "PXY-FORBIDDEN"),
        (("case", "show", "{case}"), "intake", "PXY-NOT-FOUND"),
        (("case", "export", "{case}"), "stranger", "PXY-NOT-FOUND"),
        (("request", "show", "{request}"), "auditor", "PXY-NOT-FOUND"),
        (("request", "approve", "{request}"), "investigator", "PXY-FORBIDDEN"),
        (("request", "send", "{request}"), "supervisor", "PXY-REQUEST-STATE"),
        (("request", "list"), "nobody", "PXY-ACCOUNT"),
        (("series", "show", "\x00"), "supervisor", "PXY-NOT-FOUND"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_not_ones_own_is_refused(world, ask, words, who, code) -> None:
    before = Entry.objects.count()
    named = [word.format(**world.refs()) for word in words]
    if named[1] == "export":
        assert cli.run([*named, "--as", who]) == WRONG
    else:
        assert ask(*named, who=who)[1]["code"] == code
    assert Entry.objects.count() == before


def test_a_case_is_opened_listed_shown_and_exported(world, ask, capsys) -> None:
    words = ("--series", world.series[1], "--title", "A second case")
    code, made = ask("case", "open", *words)
    assert (code, made["series"]) == (DONE, world.series[1])
    _, listed = ask("case", "list")
    assert [one["ref"] for one in listed["cases"]] == [made["ref"], world.case.ref]
    _, shown = ask("case", "show", made["ref"])
    assert shown.keys() >= {"ref", "series", "reports", "requests"}
    assert cli.run(["case", "export", made["ref"], "--as", "supervisor"]) == DONE
    assert json.loads(capsys.readouterr().out) == shown
    code, error = ask("case", "open", "--series", world.series[1], "--title", " ")
    assert (code, error["code"]) == (WRONG, "PXY-CASE-TITLE")
    assert Case.objects.count() == 2


def test_a_request_goes_from_draft_to_answer(world, ask, tmp_path) -> None:
    fields = tmp_path / "fields.json"
    fields.write_text(json.dumps(complete_request()), encoding="utf-8")
    words = ("--case", world.case.ref, "--to", world.partner.authority)
    code, draft = ask("request", "draft", *words, who="investigator")
    ref = draft["ref"]
    assert (code, draft["state"], draft["form"]) == (DONE, "draft", "ETS185-29")
    code, checked = ask("request", "check", ref, who="investigator")
    assert (code, checked["state"]) == (NEGATIVE, "draft")
    assert {"29(2)(d)", "29(2)(e)", "29(2)(f)"} <= {
        one["paragraph"] for one in checked["findings"]
    }
    edited = ask("request", "edit", ref, "--fields", str(fields), who="investigator")
    assert edited[0] == DONE
    assert ask("request", "check", ref, who="investigator")[0] == DONE
    assert ask("request", "approve", ref)[1]["state"] == "approved"
    code, sent = ask("request", "send", ref, who="investigator")
    assert (code, sent["state"]) == (DONE, "sent")
    assert Job.objects.filter(kind="exchange.deliver").count() == 1
    code, status = ask("exchange", "status")
    assert (code, status["delivered"]) == (NEGATIVE, 0)
    assert [one["to"] for one in status["waiting"]] == [world.partner.authority]
    _, shown = ask("request", "show", ref)
    assert shown.keys() >= {"ref", "form", "state", "findings", "deadlines"}
    assert [one["event"] for one in shown["events"]] == [
        *("drafted", "edited", "check_passed", "approved", "sent"),
    ]
    out = tmp_path / "request.pdf"
    assert ask("request", "pdf", ref, "--out", str(out))[0] == DONE
    assert out.read_bytes().startswith(b"%PDF-")
    _, listed = ask("request", "list", "--direction", "sent")
    assert ref in [one["ref"] for one in listed["requests"]]
    assert ask("request", "withdraw", ref)[1]["state"] == "withdrawn"


def test_a_received_request_is_answered(world, ask) -> None:
    sets = [f"--set={name}={value}" for name, value in complete_reply().items()]
    ref = world.received.ref
    code, told = ask("request", "answer", ref, sets[0], who="investigator")
    assert (code, told["state"]) == (NEGATIVE, "accepted")
    code, told = ask("request", "answer", ref, *sets, who="investigator")
    assert (code, told["state"]) == (DONE, "answered")


@pytest.mark.parametrize(
    "content", ["not json", "[]", '{"facts": "a\\u0000b"}', "{" * 99]
)
def test_a_draft_with_bad_fields_leaves_no_draft(world, ask, tmp_path, content) -> None:
    fields = tmp_path / "fields.json"
    fields.write_text(content, encoding="utf-8")
    before = Request.objects.count()
    words = ("--case", world.case.ref, "--to", world.partner.authority)
    code, error = ask("request", "draft", *words, "--fields", str(fields))
    assert (code, error["code"][:4]) == (WRONG, "PXY-")
    assert Request.objects.count() == before


@pytest.mark.parametrize("item", ["custodian", "=x", "no_such=x", "."])
def test_a_field_that_is_none_is_refused(world, ask, item) -> None:
    code, error = ask("request", "edit", world.sent.ref, "--set", item)
    assert (code, error["code"][:4]) == (WRONG, "PXY-")


def test_accounts_are_made_listed_and_given_tokens(world, ask) -> None:
    code, made = ask("user", "add", "ana", "--role", "intake")
    assert (code, made["account"], len(made["code"])) == (DONE, "ana", 23)
    _, listed = ask("user", "list")
    assert "ana" in [one["account"] for one in listed["users"]]
    assert ask("user", "token", "ana")[1]["token"].startswith("pxy_")


def test_an_account_that_cannot_be_leaves_nothing_behind(world, ask) -> None:
    before = (Organisation.objects.count(), User.objects.count())
    for words in (("eve", "--role", "king"), ("supervisor", "--role", "intake")):
        code, error = ask("user", "add", *words, "--organisation", "A new unit")
        assert (code, error["code"][:4]) == (WRONG, "PXY-")
    assert (Organisation.objects.count(), User.objects.count()) == before


def test_a_partner_is_added_when_its_fingerprint_agrees(
    world, ask, tmp_path, keys
) -> None:
    theirs = exchange.generate_keys("FR/24-7")
    card = exchange.make_card(
        theirs,
        name="Point de contact",
        country="FR",
        role="contact_point",
        endpoint="https://fr.example",
        issued_at=timezone.now(),
    )
    file = tmp_path / "fr.card"
    file.write_text(card, encoding="ascii")
    shown = exchange.render_fingerprint(theirs.public)
    wrong = shown[::-1]
    code, error = ask("partner", "add", str(file), "--fingerprint", wrong)
    assert (code, error["code"]) == (WRONG, "PXY-FINGERPRINT")
    code, error = ask("partner", "add", str(tmp_path / "none"), "--fingerprint", shown)
    assert (code, error["code"]) == (WRONG, "PXY-NO-SUCH-FILE")
    code, error = ask("partner", "show", "FR/24-7")
    assert (code, error["code"]) == (WRONG, "PXY-PARTNER")
    assert ask("partner", "add", str(file), "--fingerprint", shown)[0] == DONE
    assert ask("partner", "show", "FR/24-7")[1]["country"] == "FR"
    _, own = ask("partner", "card")
    assert exchange.read_card(own["card"]).authority == "RS/24-7"
    file.write_text(own["card"], encoding="ascii")
    code, error = ask("partner", "add", str(file), "--fingerprint", own["fingerprint"])
    assert (code, error["code"]) == (WRONG, "PXY-CARD-OWN")


def test_the_log_is_verified_and_a_change_in_it_ends_with_one(world, ask, keys) -> None:
    from proxeny.node import worker

    worker.fold_logs()
    code, found = ask("audit", "verify")
    assert (code, found["verified"], found["waiting"]) == (DONE, True, 0)
    assert found["entries"] == Entry.objects.count()
    Entry.objects.filter(leaf_index=1).update(actor="somebody")
    code, found = ask("audit", "verify")
    assert (code, found["verified"]) == (NEGATIVE, False)
    (settings.CONFIG.checkpoints_folder / "audit.checkpoints").unlink()


def test_without_keys_the_log_is_not_verified_and_it_is_said(world, ask) -> None:
    code, error = ask("audit", "verify")
    assert (code, error["code"]) == (WRONG, "PXY-KEYS")


def test_two_partners_of_one_country_are_listed(world, ask) -> None:
    from tests.node.node_world import make_actor

    make_partner(make_actor("supervisor"), "DE/court", role="court")
    _, listed = ask("partner", "list")
    assert [one["authority"] for one in listed["partners"]] == ["DE/24-7", "DE/court"]


def test_people_read_words(
    world, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROXENY_USER", "supervisor")
    for words in (
        ["series", "list"],
        ["series", "explain", world.series[0]],
        ["case", "show", world.case.ref],
        ["request", "show", world.sent.ref],
        ["request", "list"],
        ["partner", "list"],
        ["user", "list"],
        ["report", "import", str(Path(REPORTS) / "rs" / "reports.csv")],
    ):
        assert cli.run(words) in {DONE, NEGATIVE}
        printed = capsys.readouterr()
        assert printed.err == ""
        assert len(printed.out.splitlines()) >= 1
        assert not printed.out.startswith("{")
