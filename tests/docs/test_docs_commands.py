"""What the documents say can be typed, is there, and is in order.

Every command in a document is parsed by the program's own parser; those under
``<!-- run by tests/docs -->`` are run for real, in the order they stand.
"""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from tests.real_data import ROOT

from proxeny import cli
from proxeny.cli import commands

RUN_MARK = "<!-- run by tests/docs -->"
BLOCK = re.compile(
    r"(?:^(?P<mark><!-- .* -->)\n)?^```(?:sh|console)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
INDENTED = re.compile(r"^    (?:\$ )?((?:proxeny|python3 dev\.py) .*)$", re.MULTILINE)
INLINE = re.compile(r"`((?:proxeny|python3 dev\.py) [^`\n]+)`")
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
VARIABLES = re.compile(r"^(?:[A-Z_]+=\S+ )+")
ENDS = {"|", "||", "&&", "&", ";", ">", ">>", "<", "#"}

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
WITH_COMMANDS = ["README.md", "CONTRIBUTING.md", *(n for n in NAMES if "guides" in n)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a block, and whether it is run."""

    text: str
    run: bool = False


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def list_lines(name: str) -> list[Line]:
    """Every line of shell of a document, blocks and indented commands alike."""
    text = read(name)
    return [
        *(
            Line(text=line.removeprefix("$ "), run=block["mark"] == RUN_MARK)
            for block in BLOCK.finditer(text)
            for line in block["text"].replace("\\\n", " ").splitlines()
        ),
        *(Line(text=found[1]) for found in INDENTED.finditer(text)),
    ]


def split(line: str) -> list[str]:
    """The words of the first command of a line, up to a pipe or a comment."""
    shell = shlex.shlex(VARIABLES.sub("", line), posix=True, punctuation_chars=True)
    shell.whitespace_split = True
    words: list[str] = []
    for word in shell:
        if word in ENDS:
            break
        words.append(word)
    return words


def parse_proxeny(words: list[str]) -> None:
    """Let the program's own parser read a command; nothing is run.

    Raises:
        typer.TyperException: no such command or option, or an argument is missing.
    """
    command, rest, name = typer.main.get_command(commands.app), words, "proxeny"
    while rest and rest[0] in getattr(command, "commands", {}):
        name, *rest = rest
        command = command.commands[name]
    if hasattr(command, "commands"):
        raise typer.BadParameter(f"no such command: {' '.join(words)}")
    command.make_context(name, list(rest))


def load_tasks() -> set[str]:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return set(module.TASKS)


def require_command(words: list[str]) -> None:
    if words[0] == "proxeny":
        parse_proxeny(words[1:])
    else:
        assert words[2] in load_tasks(), " ".join(words)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (name, line.text)
        for name in WITH_COMMANDS
        for line in list_lines(name)
        if split(line.text)[:1] == ["proxeny"]
        or split(line.text)[:2] == ["python3", "dev.py"]
    ],
)
def test_every_command_of_a_document_parses(name, line):
    require_command(split(line))


@pytest.mark.parametrize("name", NAMES)
def test_a_command_named_in_a_sentence_exists(name):
    for text in INLINE.findall(read(name)):
        words = split(text)
        if words[0] != "proxeny":
            require_command(words)
            continue
        command = typer.main.get_command(commands.app)
        for word in words[1:]:
            command = getattr(command, "commands", {}).get(word, command)
        assert command.name in words[1:], text
        options = {one for part in command.params for one in part.opts}
        named = {word for word in words if word.startswith("--")}
        assert named <= options | {"--help"}, text


@pytest.mark.parametrize(
    "line",
    [
        "proxeny nope",
        "proxeny series",
        "proxeny series nope",
        "proxeny series list --colour red",
        "proxeny routes --from RS",
        "proxeny case show",
    ],
)
def test_a_wrong_command_would_be_noticed(line):
    with pytest.raises(typer.TyperException):
        require_command(split(line))


def test_the_readme_names_the_two_commands():
    commands_ = {line.text.split("#")[0].strip() for line in list_lines("README.md")}
    assert {"python3 dev.py demo", "python3 dev.py test"} <= commands_


@pytest.mark.parametrize("name", NAMES)
def test_every_link_into_the_project_leads_somewhere(name):
    folder = (ROOT / name).parent
    missing = [
        target
        for picture, target in LINK.findall(read(name))
        if not picture
        and "://" not in target
        and not (folder / target.partition("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_there_and_has_words(name):
    folder = (ROOT / name).parent
    for whole in re.finditer(r"!\[([^\]]*)\]\(([^)\s]+)\)", read(name)):
        words, target = whole.groups()
        assert len(words) > 10, target
        assert (folder / target).is_file(), target


def list_terms() -> list[str]:
    rows = [line for line in read("GLOSSARY.md").splitlines() if line.startswith("| ")]
    return [row.split("|")[1].strip() for row in rows[1:]]


def test_glossary_terms_are_sorted_and_named_once():
    terms = [term.casefold() for term in list_terms()]
    assert len(terms) > 50
    assert terms == sorted(set(terms))


def test_every_glossary_term_has_meaning_and_source():
    for line in read("GLOSSARY.md").splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 3, line
            assert all(cells), line


def list_decisions() -> list[Path]:
    return sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in list_decisions()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", list_decisions(), ids=lambda path: path.name)
def test_a_decision_has_its_parts_and_stands_in_the_list(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    for part in ("Status", "Context", "Decision", "Consequence"):
        assert re.search(rf"^\*\*{part}[.:]\*\*", text, re.MULTILINE), part
    assert f"]({path.name})" in read("docs/adr/README.md")


def test_every_standards_page_stands_in_its_list():
    pages = {path.name for path in (ROOT / "docs" / "standards").glob("*.md")}
    listed = {target for _, target in LINK.findall(read("docs/standards/README.md"))}
    assert pages - {"README.md"} == listed


def test_every_runtime_dependency_has_a_row_and_every_row_a_dependency():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    names = {re.split(r"[\[~=<>!]", item)[0] for item in project["dependencies"]}
    rows = read("docs/adr/0009-dependencies.md").splitlines()
    listed = {row.split("|")[1].strip() for row in rows if row.startswith("| ")}
    assert listed - {"package"} == names


def test_the_licence_is_the_whole_eupl():
    text = read("LICENSE")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    for number in range(1, 16):
        assert re.search(rf"^{number}\.", text, re.MULTILINE), number
    assert "Appendix" in text


def test_the_readme_walk_runs_as_it_stands(tmp_path, capsys):
    """The lines under the mark, from an empty folder to an answer on routes."""
    home = tmp_path / "rs"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PROXENY_", "DJANGO_"))
    } | {"PROXENY_HOME": str(home)}
    lines = [line.text for line in list_lines("README.md") if line.run]
    assert lines[0] == "export PROXENY_HOME=./rs"
    answers = {}
    for line in lines[1:]:
        words = split(line)
        if words[1] == "routes":  # It needs no node, so no process of its own.
            answers["routes"] = (cli.run(words[1:]), capsys.readouterr().out)
            continue
        done = subprocess.run(
            [sys.executable, "-m", "proxeny.cli", *words[1:]],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr, line
        answers[" ".join(words[1:3])] = (done.returncode, done.stdout)
    assert answers["init --authority"][0] == 0
    assert "One-time code" in answers["init --authority"][1]
    # One bundled file is empty, on purpose, and so refused.
    assert answers["report import"][0] == 1
    assert "1 refused" in answers["report import"][1]
    assert "(PXY-EMPTY)" in answers["report import"][1]
    assert answers["series list"][0] == 0
    assert answers["series explain"][0] == 0
    shown = re.search(
        r"^```text\n(.*?)^```$", read("README.md"), re.MULTILINE | re.DOTALL
    )
    assert shown is not None
    assert shown[1] in answers["series explain"][1]
    assert answers["routes"][0] == 0
    assert "ETS185:29" in answers["routes"][1]
