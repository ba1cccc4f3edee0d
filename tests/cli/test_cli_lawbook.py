"""`proxeny lawbook diff` and `import`: editions beside the packaged one."""

import json
import shutil
from pathlib import Path

import pytest
from tests.node.node_world import make_world

from proxeny import cli, lawbook
from proxeny.node.accounts.roles import list_roles

CHART = """\
,Signature,Ratification,Entry into Force,Notes
Türkiye,01/03/2026,,,
"""
SAYS = ("--instrument", "CETS224", "--source", "https://example.org/chart")


@pytest.fixture
def run(capsys):
    def go(*words):
        capsys.readouterr()
        code = cli.run(["lawbook", *words])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return go


@pytest.fixture
def chart(tmp_path):
    path = tmp_path / "chart.csv"
    path.write_text(CHART, encoding="utf-8")
    return path


def _import(run, chart, tmp_path, *more):
    into = ("--into", str(tmp_path / "editions"))
    return run("import", str(chart), *into, *SAYS, "--as-of", "2026-11-20", *more)


def test_chart_makes_an_edition_and_tells_what_differs(run, chart, tmp_path):
    code, out, _ = _import(run, chart, tmp_path, "--json")
    told = json.loads(out)
    assert code == 0
    assert Path(told["folder"]).is_dir()
    assert told["edition"] > "2026.11"
    (change,) = told["changes"]
    assert (change["change"], change["key"]) == ("added", "CETS224 TR")
    assert told["entry_into_force"] == []


def test_people_read_the_same(run, chart, tmp_path):
    code, out, _ = _import(run, chart, tmp_path)
    assert code == 0
    assert "1 facts differ" in out
    assert "added party CETS224 TR" in out


def test_diff_against_ours_and_between_two(run, chart, tmp_path):
    _, out, _ = _import(run, chart, tmp_path, "--json")
    made = json.loads(out)["folder"]
    code, out, _ = run("diff", made, "--json")
    assert code == 1
    assert [one["key"] for one in json.loads(out)["changes"]] == ["CETS224 TR"]
    code, out, _ = run("diff", made, made)
    assert code == 0
    assert "0 facts" in out


@pytest.mark.django_db
def test_diff_asks_the_nodes_open_requests_by_both_editions(run, tmp_path):
    world = make_world(list_roles())
    folder = tmp_path / "copy"
    shutil.copytree(Path(str(lawbook.path())), folder)
    parties = folder / "parties.csv"
    text = parties.read_text("utf-8")
    # An edition by which Germany is bound only from 2040.
    later = text.replace(
        "2009-03-09,2009-07-01,2009-07-01", "2009-03-09,2040-07-01,2040-07-01"
    )
    parties.write_text(later, encoding="utf-8")
    words = ("diff", str(folder), "--requests", "--as", "supervisor")
    code, out, _ = run(*words, "--json")
    told = json.loads(out)["requests"]
    assert code == 1
    assert {one["ref"] for one in told} == {world.sent.ref}
    assert ("ETS185:29", "open", "not_in_force") in {
        (one["route"], one["before"], one["after"]) for one in told
    }
    _, out, _ = run(*words)
    assert f"{world.sent.ref}: ETS185:29 open -> not_in_force" in out


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ((), "PXY-LAWBOOK-EXPORT"),
        (SAYS, "PXY-LAWBOOK-EXPORT"),
        ((*SAYS, "--as-of", "soon"), "PXY-DATE"),
        ((*SAYS, "--as-of", "2099-01-01"), "PXY-LAWBOOK"),
    ],
)
def test_export_that_is_not_described_is_refused(run, chart, tmp_path, more, code):
    ended, out, err = run("import", str(chart), "--into", str(tmp_path / "e"), *more)
    assert (ended, out) == (2, "")
    assert code in err
    assert len(err.splitlines()) == 3


def test_file_that_is_not_there_is_refused(run, tmp_path):
    ended, out, err = _import(run, tmp_path / "none.csv", tmp_path)
    assert (ended, out) == (2, "")
    assert "PXY-LAWBOOK-EXPORT" in err


def test_edition_of_the_same_number_is_refused(run, tmp_path):
    packaged = Path(str(lawbook.path()))
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    ended, _, err = run("import", str(folder), "--into", str(tmp_path / "e"))
    assert ended == 2
    assert "not later" in err


def test_check_holds_the_record_against_the_rule(run):
    code, out, _ = run("check", "--json")
    assert code == 0
    assert json.loads(out)["entry_into_force"] == []
    _, out, _ = run("check")
    assert "Each recorded entry into force" in out


def test_check_ends_with_1_where_the_record_is_not_the_rules(run, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(Path(str(lawbook.path())), folder)
    parties = folder / "parties.csv"
    old, new = "2009-03-09,2009-07-01,2009-07-01", "2009-03-09,2009-06-01,2009-06-01"
    parties.write_text(parties.read_text("utf-8").replace(old, new), encoding="utf-8")
    code, out, _ = run("check", "--folder", str(folder))
    assert code == 1
    assert "ETS185 DE: 2009-06-01 is recorded" in out
    assert "Not explained" in out
