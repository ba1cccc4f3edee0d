"""Every command shows an example, and speaks to programs where CONTRACTS says so."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from proxeny import cli
from proxeny.cli.commands import app

# What CONTRACTS promises of those commands that this release has.
PROMISED = {
    *("demo", "init", "check", "serve", "worker", "report import", "extract"),
    *("series list", "series show", "series explain", "series merge", "series split"),
    *("series confirm", "series undo", "routes", "case open", "case list", "case show"),
    *("case export", "request list", "request draft", "request check"),
    *("request approve", "request send", "request show", "request answer"),
    *("request withdraw", "request pdf", "lawbook check", "partner add"),
    *("partner list", "partner show", "exchange deliver", "exchange status"),
    *("audit verify", "what-if", "lawbook diff", "lawbook import"),
}
# They run until they are told to stop, or print a document anyway.
WITHOUT_JSON = {"serve", "worker", "case export"}


def list_commands(command: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, one in inner.items():
        yield from list_commands(one, *path, name)


COMMANDS = dict(list_commands(typer.main.get_command(app)))


def test_every_promised_command_is_there() -> None:
    assert set(COMMANDS) >= PROMISED


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_of_this_very_command(name: str) -> None:
    assert f"proxeny {name}" in (COMMANDS[name].help or "").partition("Example:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command = COMMANDS[name]
    unexplained = [
        option.name
        for option in command.params
        if not getattr(option, "help", None) and option.name != "limit"
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", sorted(PROMISED - WITHOUT_JSON))
def test_a_command_speaks_to_programs(name: str) -> None:
    options = {flag for option in COMMANDS[name].params for flag in option.opts}
    assert "--json" in options


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_printed_without_a_node(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*name.split(), "--help"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Usage: proxeny" in printed.out
