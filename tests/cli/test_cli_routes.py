"""`proxeny routes` and `proxeny lawbook check`, as people and programs see them."""

import json

import pytest
import typer

from proxeny import cli
from proxeny.cli import lawbook, routes


@pytest.fixture
def run(monkeypatch, capsys):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("routes")(routes.routes)
    app.add_typer(lawbook.app)
    monkeypatch.setattr(cli, "_app", lambda: app)

    def run(*argv):
        code = cli.run(list(argv))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def _routes(run, *more, requesting="RS", requested="DE", data="subscriber"):
    return run("routes", "--from", requesting, "--to", requested, "--data", data, *more)


def test_json_answers_with_the_channels_of_two_countries(run):
    code, out, err = _routes(run, "--on", "2026-11-21", "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert document["from"] == "RS"
    assert document["edition"]
    states = {route["id"]: route["state"] for route in document["routes"]}
    for route in ("ETS185:26", "ETS185:31", "ETS185:35"):
        assert states[route] == "open"
    assert states["ETS185:29"] == "conditional"
    assert states["ETS030:MLA"] == "unknown"
    assert states["CETS224:7"] == states["CETS224:8"] == "not_in_force"
    for route in document["routes"]:
        assert {"measure", "instrument", "article", "stale", "addressee", "form",
                "time_limits", "because"} <= set(route)  # fmt: skip
        for why in route["because"]:
            assert why["source"]
            assert len(why["as_of"]) == 10
    limits = {route["id"]: route["time_limits"] for route in document["routes"]}
    assert limits["ETS185:29"][0]["binding"] is True
    assert limits["CETS224:7"][0]["binding"] is False


def test_offence_class_settles_the_reservation(run):
    _, out, _ = _routes(run, "--offence", "CT:fraud", "--on", "2026-11-21", "--json")
    states = {route["id"]: route["state"] for route in json.loads(out)["routes"]}
    assert states["ETS185:29"] == "open"


def test_page_for_people_shows_open_routes_first_and_says_what_is_stale(run):
    code, out, _ = _routes(run, "--on", "2026-11-21")
    assert code == 0
    assert out.index("OPEN (stale)  ETS185:31") < out.index("CONDITIONAL")
    assert out.index("CONDITIONAL") < out.index("NOT IN FORCE")
    assert "not re-read: drives no deadline" in out
    assert "3 of 5" in out


def test_no_route_to_take_is_exit_code_1(run):
    code, out, _ = _routes(run, "--on", "2026-11-21", "--json", requested="IN")
    assert code == 1
    assert json.loads(out)["routes"]


def test_day_defaults_to_today(run):
    code, out, _ = _routes(run, "--json")
    assert code == 0
    assert json.loads(out)["on"] >= "2026-11-21"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ({"requested": "Q9"}, "PXY-COUNTRY"),
        ({"requested": "rs"}, "PXY-SAME-COUNTRY"),
        ({"data": "gossip"}, "PXY-DATA-KIND"),
    ],
)
def test_wrong_argument_is_one_clear_line(run, argv, code):
    exit_code, out, err = _routes(run, **argv)
    assert (exit_code, out) == (2, "")
    assert code in err
    assert len(err.splitlines()) == 3


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--on", "yesterday"), "PXY-DATE"),
        (("--on", "2026-02-30"), "PXY-DATE"),
        (("--offence", "none\nsuch"), "PXY-OFFENCE"),
    ],
)
def test_wrong_option_is_one_clear_line(run, more, code):
    exit_code, out, err = _routes(run, *more)
    assert (exit_code, out) == (2, "")
    assert code in err
    assert len(err.splitlines()) == 3


def test_lawbook_check_counts_what_was_read(run):
    code, out, _ = run("lawbook", "check", "--json")
    document = json.loads(out)
    assert code == 0
    kinds = {entry["kind"]: entry for entry in document["entries"]}
    assert kinds["parties"]["entries"] > 300
    assert kinds["time_limits"]["not_re_read"] > 0


def test_lawbook_check_prints_a_table(run):
    code, out, _ = run("lawbook", "check")
    assert code == 0
    assert "every entry has a source" in out


def test_lawbook_check_of_a_broken_edition_says_what_is_wrong(run, tmp_path):
    code, out, err = run("lawbook", "check", "--folder", str(tmp_path))
    assert (code, out) == (2, "")
    assert "PXY-LAWBOOK" in err


def test_custodian_elsewhere_closes_the_preservation(run):
    _, out, _ = _routes(run, "--custodian", "US", "--on", "2026-11-21", "--json")
    document = json.loads(out)
    states = {route["id"]: route["state"] for route in document["routes"]}
    assert (document["custodian"], states["ETS185:29"]) == ("US", "closed")


def test_page_for_people_says_what_it_takes_and_what_must_follow(run):
    _, out, _ = _routes(run, "--on", "2026-11-21", "--emergency")
    assert " channels: " in out
    assert "Expect      180 days, which is no deadline." in out
    assert "Then        ETS185:31 within 60 days from preservation" in out
    assert "Demands     dual criminality" in out
    assert "Mind        central authority" in out
    assert "Passes      2: the 24/7 point of contact that asks" in out


def test_name_with_a_note_shows_it(run):
    _, out, _ = _routes(run, "--on", "2026-11-21", requested="XK")
    assert "Kosovo*" in out
    assert "Resolution 1244" in out


def test_answer_can_come_from_an_edition_of_ones_own(run, tmp_path):
    code, out, err = _routes(run, "--lawbook", str(tmp_path))
    assert (code, out) == (2, "")
    assert "PXY-LAWBOOK" in err
