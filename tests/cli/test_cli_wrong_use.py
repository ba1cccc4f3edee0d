"""Wrong use of the command line: three lines and exit code 2, never a traceback."""

import pytest

from proxeny import cli


@pytest.mark.parametrize(
    "argv",
    [
        ["nope"],
        ["series", "nope"],
        ["routes", "--from", "RS"],
        ["routes", "--no-such-option"],
        ["series", "list", "--limit", "many"],
    ],
)
def test_wrong_use_is_answered_in_three_lines(argv, capsys):
    assert cli.run(argv) == cli.EXIT_WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("proxeny: ")
    assert lines[2] == "  PXY-USAGE"


def test_help_of_a_command_ends_with_zero(capsys):
    assert cli.run(["routes", "--help"]) == 0
    assert "Example: proxeny routes" in capsys.readouterr().out
