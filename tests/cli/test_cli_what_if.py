"""`proxeny what-if` on a node: its own sent requests, asked again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from tests.node.node_world import World, make_actor, make_partner, make_world

from proxeny import cli
from proxeny.node.accounts.roles import list_roles
from proxeny.node.audit.models import Entry
from proxeny.node.requests.models import Request

pytestmark = pytest.mark.django_db
SENT = datetime(2026, 10, 1, 12, tzinfo=UTC)
RATIFY = ("--ratify", "CETS224:TR", "--ratify", "CETS224:AL", "--on", "2026-02-10")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(list_roles())
        transaction.set_rollback(True)


@pytest.fixture
def sent(world):
    """Three requests that left: two to Hungary, one to Germany."""
    supervisor = make_actor("supervisor")
    rows = []
    for number, authority in enumerate(("HU/one", "HU/two", "DE/what-if")):
        partner, _ = make_partner(supervisor, authority)
        row = Request.objects.create(
            organisation_id=supervisor.organisation_id,
            created_at=SENT,
            direction=Request.Direction.SENT,
            form="ETS185-29",
            state="answered",
            partner=partner,
            asked_ref=f"what-if-{number}",
            sent_at=SENT + timedelta(days=number),
            answered_at=SENT + timedelta(days=number + 2),
        )
        rows.append(row.ref)
    return rows


@pytest.fixture
def ask(capsys):
    def run(*words):
        capsys.readouterr()
        code = cli.run(["what-if", *words, "--as", "supervisor"])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_figures_of_the_nodes_own_requests(sent, ask):
    code, out, _ = ask(*RATIFY, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["requests"], told["faster"], told["days_saved"]) == (3, 2, 300)
    assert told["in_force_on"] == "2026-06-01"
    assert {line["ref"] for line in told["lines"]} == set(sent[:2])


def test_period_bounds_the_requests(sent, ask):
    _, out, _ = ask(*RATIFY, "--from", "2026-10-02", "--until", "2026-10-02", "--json")
    told = json.loads(out)
    assert (told["requests"], told["faster"]) == (1, 1)


def test_without_a_day_the_ratification_comes_in_time(sent, ask):
    _, out, _ = ask("--ratify", "CETS224:TR", "--json")
    told = json.loads(out)
    # In force on 1 October would need a deposit by 30 June at the latest.
    assert told["ratified_on"] == "2026-06-30"
    assert told["in_force_on"] is None
    assert (told["faster"], told["days_saved"]) == (0, 0)


def test_people_read_the_consents_and_the_days(sent, ask):
    code, out, _ = ask(*RATIFY)
    assert code == 0
    assert "3 requests (subscriber), 2 with a channel more, 2 with a faster one" in out
    assert "not re-read" in out
    assert "CETS224:7" in out
    _, out, _ = ask("--ratify", "CETS224:TR")
    assert "still not in force: 4 of 5 consents." in out


def test_what_was_shown_is_in_the_audit_log(sent, ask):
    before = Entry.objects.count()
    ask(*RATIFY)
    assert Entry.objects.count() == before + 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--ratify", "CETS224"), "PXY-RATIFY"),
        (("--ratify", "CETS224:TR", "--ratify", "ETS189:TR"), "PXY-RATIFY"),
        (("--ratify", "CETS224:RS"), "PXY-RATIFIED"),
        (("--ratify", "EU-2023/1543:TR"), "PXY-INSTRUMENT"),
        (("--ratify", "CETS224:TR", "--from", "soon"), "PXY-DATE"),
        (("--ratify", "CETS224:TR", "--data", "gossip"), "PXY-DATA-KIND"),
    ],
)
def test_wrong_use_is_three_lines(world, ask, words, code):
    ended, out, err = ask(*words)
    assert (ended, out) == (2, "")
    assert code in err
    assert len(err.splitlines()) == 3
