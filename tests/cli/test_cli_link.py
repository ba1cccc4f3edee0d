"""`proxeny link` by a scorecard of one's own."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.engines.engine_worlds import IBAN, campaign, read_series, write

from proxeny import cli

PACKAGED = resources.files("proxeny.linking").joinpath("scorecard.toml").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows, mentions = campaign(0, 6, iban=IBAN, phone="+4915112345678")
    write(tmp_path, rows, mentions)
    return tmp_path


def link(folder: Path, card: str) -> tuple[int, dict[str, Any], str]:
    file = folder / "card.toml"
    file.write_text(card, "utf-8")
    said, complained = io.StringIO(), io.StringIO()
    argv = ["link", "--reports", str(folder), "--out", str(folder / "out"), "--json"]
    with redirect_stdout(said), redirect_stderr(complained):
        code = cli.run([*argv, "--scorecard", str(file)])
    return code, json.loads(said.getvalue() or "{}"), complained.getvalue()


def test_reports_are_linked_by_the_scorecard_that_is_given(folder: Path) -> None:
    code, document, _ = link(folder, PACKAGED)
    assert (code, document["series"]) == (0, 1)
    own = PACKAGED.replace("2026.11", "2026.11+rs.1", 1)
    code, document, _ = link(folder, own.replace("prior = ", "prior = -90 # ", 1))
    assert (code, document["scorecard"]) == (0, "2026.11+rs.1")
    # None of them belongs with another by these weights.
    assert len(set(read_series(folder / "out").values())) == 6


@pytest.mark.parametrize(
    "card", ["", "x = [", PACKAGED.replace("prior = ", "prior = nan # ", 1)]
)
def test_a_bad_scorecard_is_one_clear_line_and_changes_nothing(
    folder: Path, card: str
) -> None:
    code, _, complained = link(folder, card)
    assert code == cli.EXIT_WRONG_USE
    what, advice, stable = complained.splitlines()
    assert what.startswith("proxeny: The scorecard ")
    assert advice.strip()
    assert stable.strip() == "PXY-SCORECARD"
    assert not (folder / "out").exists()


def test_a_scorecard_that_is_not_there_is_one_clear_line(folder: Path, capsys) -> None:
    argv = ["link", "--reports", str(folder), "--out", str(folder / "out")]
    code = cli.run([*argv, "--scorecard", str(folder / "none.toml")])
    assert code == cli.EXIT_WRONG_USE
    complained = capsys.readouterr().err
    assert "The file of the scorecard can't be read." in complained
    assert "PXY-SCORECARD" in complained
