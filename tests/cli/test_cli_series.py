"""Commands on series: search, alerts, relink and refit, and the pages behind them."""

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from tests.node.node_world import World, make_world

from proxeny import cli, exchange
from proxeny.linking import read_scorecard
from proxeny.node.accounts.actor import Actor, actor_of
from proxeny.node.accounts.roles import list_roles
from proxeny.node.audit.models import Entry
from proxeny.node.exchange.secrets import FILE_NAME, write_keys
from proxeny.node.jobs.models import Job
from proxeny.node.linking import views
from proxeny.node.linking.learning import scorecards
from proxeny.node.linking.models import (
    Alert,
    Decision,
    OrganisationScorecard,
    Relink,
    Series,
)
from proxeny.node.linking.queries import list_holders, list_series
from proxeny.node.selectors.models import Selector
from proxeny.node.worker import run_forever

pytestmark = pytest.mark.django_db
DONE, WRONG = 0, 2
LONGEST_S = 20
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(list_roles())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _nothing_kept_of_other_tests() -> None:
    scorecards._load_text.cache_clear()
    scorecards._load_rarity.cache_clear()


@pytest.fixture
def run(world, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as a person; its exit code and what it printed."""

    def one(*words: str, who: str = "supervisor") -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.run(["series", *words, "--as", who])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return one


@pytest.fixture
def desk(world: World) -> Client:
    client = Client()
    client.force_login(world.people["supervisor"])
    return client


def document(printed: str) -> dict[str, Any]:
    assert printed.count("\n") == 1
    return json.loads(printed)


def pick_selector(world: World) -> Selector:
    """One that several reports mention."""
    return Selector.objects.filter(kind="iban", holders__gt=1).first()


def test_a_search_finds_every_report_in_whatever_form_it_is_typed(world, run) -> None:
    row = pick_selector(world)
    spaced = " ".join(row.value[n : n + 4] for n in range(0, len(row.value), 4))
    code, out, _ = run("search", "iban", spaced.lower(), "--json")
    found = document(out)
    refs = set(row.mentions.values_list("holder__ref", flat=True))
    assert code == DONE
    assert (found["value"], found["mentions"]) == (row.value, len(refs))
    assert {one["report"] for one in found["reports"]} == refs
    assert all(one["series"] for one in found["reports"] if one["role"] != "victim")
    last = Entry.objects.order_by("pk").last()
    assert last.action == "selector.search"
    assert set(last.refs) >= refs


def test_a_search_in_words_and_on_the_desk(world, run, desk) -> None:
    row = pick_selector(world)
    code, out, _ = run("search", "iban", row.value)
    assert code == DONE
    assert out.startswith(f"{row.value}: {row.mentions.count()} reports mention it")
    page = desk.get("/desk/selectors/", {"q": f"money to {row.value}"}).content.decode()
    for ref in row.mentions.values_list("holder__ref", flat=True):
        assert ref in out
        assert ref in page


def test_a_search_goes_on_page_by_page(world, run, desk, monkeypatch) -> None:
    row = max(
        Selector.objects.filter(kind="iban"), key=lambda one: one.mentions.count()
    )
    refs = list(
        row.mentions.order_by("-holder_id").values_list("holder__ref", flat=True)
    )
    assert len(refs) > 2
    seen: list[str] = []
    more: list[str] = []
    while True:
        out = run("search", "iban", row.value, "--limit", "2", *more, "--json")[1]
        page = document(out)
        seen += [one["report"] for one in page["reports"]]
        if page["next"] is None:
            break
        more = ["--after", page["next"]]
    assert seen == refs
    out = run("search", "iban", row.value, "--limit", "1")[1]
    assert "\nMore: add --after " in out
    code, _, err = run("search", "iban", row.value, "--after", "x")
    assert code == WRONG
    assert "PXY-USAGE" in err
    monkeypatch.setattr(views, "PAGE", 2)
    address = f"?q=ana%40example.com+{row.value}"
    seen = []
    while address:
        page = desk.get(f"/desk/selectors/{address}").content.decode()
        seen += [ref for ref in refs if f"/{ref}/" in page]
        assert ('rel="prev"' in page) is (len(seen) > 2)
        found = re.search('href="([^"]+)" rel="next"', page)
        address = html.unescape(found[1]) if found else ""
    assert seen == refs


def test_a_stop_value_says_why_it_links_nobody(world, run, desk) -> None:
    _, out, _ = run("search", "domain", "gmail.com")
    assert "\n  links nobody: a free-mail provider" in out
    page = desk.get("/desk/selectors/", {"q": "gmail.com"}).content.decode()
    assert "links nobody: " in page


def test_what_is_no_selector_is_refused_and_who_may_not_search_too(world, run) -> None:
    code, out, err = run("search", "iban", "DE00 1234")
    assert (code, out) == (WRONG, "")
    assert "PXY-" in err
    code, _, err = run("search", "iban", pick_selector(world).value, who="auditor")
    assert code == WRONG
    assert "PXY-NOT-FOUND" in err


def test_alerts_are_listed_and_decided(world, run, desk) -> None:
    code, out, _ = run("alerts", "--json")
    listed = document(out)
    assert code == DONE
    assert world.alert in {one["alert"] for one in listed["alerts"]}
    assert listed["precision"] is None
    _, out, _ = run("alerts", "--confirm", world.alert)
    assert world.alert in out
    assert "100% of those decided were confirmed." in out
    _, out, _ = run("alerts", "--dismiss", world.alert, "--json")
    assert document(out)["precision"] == 0.0
    assert (
        "0 % of the 1 that were decided" in desk.get("/desk/alerts/").content.decode()
    )
    code, _, err = run("alerts", "--confirm", "RS-A-999999")
    assert code == WRONG
    assert "PXY-NOT-FOUND" in err


def test_who_may_not_change_series_decides_no_alert(world, run) -> None:
    code, _, err = run("alerts", "--confirm", world.alert, who="intake")
    assert code == WRONG
    assert "PXY-FORBIDDEN" in err
    assert Alert.objects.get().state == "open"


@pytest.fixture
def keys() -> Iterator[None]:
    """The worker signs the checkpoints of the log."""
    path = settings.CONFIG.keys_folder / FILE_NAME
    path.unlink(missing_ok=True)
    made = exchange.generate_keys(settings.CONFIG.authority.id)
    write_keys(settings.CONFIG.keys_folder, made)
    yield
    path.unlink()


def test_an_alert_is_on_the_desk_and_the_command_line_after_its_job(
    world, run, desk, keys
) -> None:
    Alert.objects.all().delete()
    assert Job.objects.filter(kind="linking.alert", state="waiting").exists()
    assert run("alerts")[1] == "No alerts yet.\n"
    until = time.monotonic() + LONGEST_S
    run_forever(lambda: Alert.objects.exists() or time.monotonic() > until)
    raised = Alert.objects.get()
    assert raised.ref in run("alerts")[1]
    page = desk.get("/desk/alerts/").content.decode()
    assert raised.ref in page
    assert raised.reason in page


def tear(world: World) -> tuple[Series, str]:
    """Take one report out of a series as if it had never been in it."""
    series = Series.objects.filter(parent=None).order_by("-size").first()
    ref = list_holders(series)[-1].ref
    series.members.get(holder__ref=ref).delete()
    series.size -= 1
    series.save()
    return series, ref


def test_a_relink_is_read_and_applied_by_command(world, run) -> None:
    series, ref = tear(world)
    code, out, _ = run("relink", "--json")
    made = document(out)
    assert code == DONE
    assert made["state"] == "open"
    texts = {one["text"] for one in made["proposals"]}
    assert f"Add {ref} to {series.ref}" in texts
    assert "newest_decision" not in made["figures"]
    _, out, _ = run("relink", "--apply")
    assert f"Add {ref} to {series.ref} [applied]" in out
    assert " bits: same " in out
    assert ref in {one.ref for one in list_holders(series)}
    assert run("undo", series.ref)[0] == DONE
    _, out, _ = run("relink")
    assert f"Add {ref} to {series.ref}" not in out
    assert "1 left out: an officer decided otherwise" in out
    code, _, err = run("relink", who="intake")
    assert code == WRONG
    assert "PXY-FORBIDDEN" in err


def test_relinks_are_listed_shown_and_decided_one_by_one(world, run) -> None:
    Relink.objects.all().delete()
    assert run("relinks")[1].startswith("No relink yet")
    series, ref = tear(world)
    made = document(run("relink", "--json")[1])
    listed = document(run("relinks", "--json")[1])
    assert [one["relink"] for one in listed["relinks"]] == [made["relink"]]
    assert "proposals" not in listed["relinks"][0]
    assert made["relink"] in run("relinks")[1]
    shown = document(run("relinks", made["relink"], "--json")[1])
    assert shown == made
    number = next(one["number"] for one in made["proposals"] if ref in one["reports"])
    code, out, _ = run("relinks", made["relink"], "--dismiss", str(number))
    assert code == DONE
    assert f"{number}. Add {ref} to {series.ref} [dismissed]" in out
    assert ref not in {one.ref for one in list_holders(series)}
    code, _, err = run("relinks", made["relink"], "--apply", str(number))
    assert code == WRONG
    assert "PXY-RELINK-DECIDED" in err
    Relink.objects.all().delete()
    made = document(run("relink", "--json")[1])
    code, out, _ = run("relinks", made["relink"], "--apply", "all", "--json")
    assert code == DONE
    assert {one["state"] for one in document(out)["proposals"]} == {"applied"}
    assert ref in {one.ref for one in list_holders(series)}


@pytest.mark.parametrize(
    ("words", "who", "why"),
    [
        (["RS-L-999999"], "supervisor", "PXY-NOT-FOUND"),
        (["RS-L-999999", "--apply", "x"], "supervisor", "PXY-USAGE"),
        (["--apply", "all"], "supervisor", "PXY-USAGE"),
        (["X", "--apply", "1", "--dismiss", "2"], "supervisor", "PXY-RELINK-BOTH"),
        (["{ref}", "--dismiss", "all"], "intake", "PXY-FORBIDDEN"),
    ],
)
def test_what_relinks_can_not_do_is_refused(world, run, words, who, why) -> None:
    named = [word.format(ref=world.relink) for word in words]
    code, out, err = run("relinks", *named, who=who)
    assert (code, out) == (WRONG, "")
    assert why in err


def test_what_a_relink_leaves_out_is_said(world, run, desk) -> None:
    relink = Relink.objects.get(pk=int(world.relink[-6:]))
    relink.figures |= {"too_large": 1, "not_shown": 2}
    relink.save()
    out = run("relinks", relink.ref)[1]
    assert "\n  1 too large to show\n" in out
    assert "\n  2 more: they come the next night\n" in out
    page = desk.get(f"/desk/series/relinks/{relink.ref}/").content.decode()
    assert "1 change is too large to show." in page


def test_a_relink_is_read_and_decided_on_the_desk(world, run, desk) -> None:
    series, ref = tear(world)
    run("relink")
    relink = Relink.objects.latest("pk")
    assert relink.ref in desk.get("/desk/series/relinks/").content.decode()
    address = f"/desk/series/relinks/{relink.ref}/"
    page = desk.get(address).content.decode()
    assert f"Add {ref} to {series.ref}" in page
    assert "bits" in page
    number = next(one["number"] for one in relink.proposals if ref in one["reports"])
    page = desk.post(f"{address}apply/", {"number": number}, follow=True)
    assert "1 proposal applied" in page.content.decode()
    assert Decision.objects.latest("pk").verb == "add"
    shown = desk.get(f"/desk/series/{series.ref}/").content.decode()
    assert "1 report added" in shown
    assert f"proposed by {relink.ref}" in shown
    assert f"Undo the addition of 1 report to {series.ref} by supervisor" in shown
    refused = desk.post(f"{address}dismiss/", {"number": "x"})
    assert refused.status_code == 422
    assert "PXY-RELINK-NUMBER" in refused.content.decode()


def test_a_refit_says_what_moved_and_goes_back(world, run, tmp_path) -> None:
    code, _, err = run("refit")
    assert code == WRONG
    assert "a refit needs some of both" in err
    assert "PXY-SCORECARD-FIT" in err
    actor: Actor = actor_of(world.people["supervisor"], "cli")
    one, two = (row.series for row in list_series(actor)[:2])
    run("confirm", one.ref)
    run("split", two.ref, list_holders(two)[-1].ref)
    code, out, _ = run("refit", "--json")
    fitted = document(out)
    assert code == DONE
    assert fitted["scorecard"] == "2026.11+rs.1"
    assert fitted["right"] > 0 < fitted["wrong"]
    _, out, _ = run("refit")
    assert out.startswith("scorecard 2026.11+rs.2, of ")
    card = tmp_path / "card.toml"
    _, out, _ = run("refit", "--out", str(card))
    assert f"scorecard {read_scorecard(card).version}," in out
    assert read_scorecard(card).status == "refitted"
    assert run("refit", "--out", str(tmp_path / "none" / "card.toml"))[0] == WRONG
    assert OrganisationScorecard.objects.count() == 3
    _, out, _ = run("refit", "--packaged")
    assert out == "linked by the packaged scorecard 2026.11 again\n"
