"""Hard conditions: no database, no room, no streams, no letters, Ctrl-C, odd homes."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import utils as database
from tests.node.node_world import REPORTS, make_world

from proxeny import cli, formats
from proxeny.cli import commands, output
from proxeny.errors import InputError
from proxeny.node.accounts.roles import list_roles
from proxeny.node.reports import actions
from proxeny.node.settings import founding
from proxeny.node.settings.config import Authority, Config, Serve, require_home

WRONG, UNREACHABLE, INTERRUPTED = 2, 3, 130
PROXENY = [sys.executable, "-m", "proxeny.cli"]
LETTER = "Pay DE89370400440532013000 или https://пример.example/\n"
INIT = ["init", "--authority", "Unit", "--country", "RS"]


def error_of(text: str) -> tuple[str, str]:
    """What is wrong and the code, of exactly three lines."""
    wrong, to_do, code = text.splitlines()
    assert wrong.startswith("proxeny: ")
    assert to_do.strip()
    return wrong.removeprefix("proxeny: "), code.strip()


@pytest.fixture
def fail(monkeypatch):
    """Make the command line's work fail in a given way."""

    def with_error(error: BaseException) -> None:
        def app(*_words: object, **_options: object) -> None:
            raise error

        monkeypatch.setattr(commands, "app", app)

    return with_error


@pytest.mark.parametrize(
    "kind",
    [database.DatabaseError, database.OperationalError, database.InterfaceError],
)
def test_a_failing_database_is_named_and_not_quoted(kind, fail, capsys):
    fail(kind("row of Ana Anic is malformed"))
    assert cli.run(["case", "list"]) == UNREACHABLE
    wrong, code = error_of(capsys.readouterr().err)
    assert code == "PXY-DATABASE"
    assert "Ana" not in wrong


def test_what_the_database_rightly_refuses_is_our_fault(fail, capsys):
    fail(database.IntegrityError("twice"))
    assert cli.run(["case", "list"]) == WRONG
    assert error_of(capsys.readouterr().err)[1] == "PXY-UNEXPECTED"


@pytest.mark.parametrize(
    "kind", [PermissionError, NotADirectoryError, FileNotFoundError, OSError]
)
def test_the_systems_reason_is_named_without_the_path(kind, fail, capsys):
    fail(kind(5, "It is so", "/home/ana.anic/secret"))
    assert cli.run(["case", "list"]) == WRONG
    wrong, code = error_of(capsys.readouterr().err)
    assert code == "PXY-SYSTEM"
    assert "It is so" in wrong
    assert "ana" not in wrong


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BrokenPipeError()])
def test_an_interrupt_is_said_and_a_closed_pipe_is_not(error, fail, capsys):
    fail(error)
    code = cli.run(["case", "list"])
    said = capsys.readouterr().err
    if isinstance(error, BrokenPipeError):
        assert (code, said) == (0, "")
    else:
        assert code == INTERRUPTED
        assert error_of(said) == ("Interrupted.", "PXY-INTERRUPTED")


def test_ctrl_c_inside_a_command_is_said(monkeypatch, capsys):
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "table", interrupt)
    monkeypatch.setattr(output, "say", interrupt)
    assert cli.run(["extract", __file__]) == INTERRUPTED
    assert error_of(capsys.readouterr().err)[1] == "PXY-INTERRUPTED"


@pytest.mark.django_db
@pytest.mark.parametrize("as_json", [True, False])
def test_an_interrupted_import_says_what_it_took(as_json, monkeypatch, capsys):
    make_world(list_roles())
    real = formats.read_reports

    def read_two(*args: object, **options: object):
        items = real(*args, **options)
        yield next(items)
        yield next(items)
        raise KeyboardInterrupt

    monkeypatch.setattr(formats, "read_reports", read_two)
    words = ["report", "import", str(REPORTS), "--as", "supervisor"]
    words += [*(["--json"] if as_json else [])]
    held = actions.Report.objects.count()
    assert cli.run(words) == INTERRUPTED
    printed = capsys.readouterr()
    assert error_of(printed.err)[1] == "PXY-INTERRUPTED"
    if as_json:
        assert json.loads(printed.out)["read"] == 2
    else:
        assert printed.out.startswith("2 read: ")
    assert actions.Report.objects.count() - held == 2


def run_in_shell(line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", line, "sh", *PROXENY],
        input=LETTER.encode(),
        capture_output=True,
        check=False,
        env={**os.environ, **variables},
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_output_without_room_is_said():
    done = run_in_shell('"$@" extract - >/dev/full')
    assert done.returncode == WRONG
    assert error_of(done.stderr.decode())[1] == "PXY-SYSTEM"


def test_closed_streams_are_empty_ones():
    done = run_in_shell('"$@" extract - --json <&-')
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = run_in_shell('"$@" extract - >&- 2>&-')
    assert done.returncode == 0


def test_a_reader_who_leaves_is_no_failure():
    line = '{ "$@" routes --help; echo $? >&2; } | true'
    done = run_in_shell(line)
    assert done.stderr == b"0\n"


def test_an_output_of_few_letters_takes_all():
    ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = run_in_shell('"$@" extract - --json', **ascii_only)
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
    assert any("пример" in row["raw"] for row in rows)
    done = run_in_shell('"$@" extract -', **ascii_only)
    assert done.returncode == 0
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--port", "0"], "PXY-PORT"),
        (["--port", "65536"], "PXY-PORT"),
        (["--port", "-1"], "PXY-PORT"),
        (["--public-url", ""], "PXY-PUBLIC-URL"),
        (["--public-url", "partner.example"], "PXY-PUBLIC-URL"),
        (["--public-url", "ftp://partner.example"], "PXY-PUBLIC-URL"),
        (["--public-url", "https://"], "PXY-PUBLIC-URL"),
        (["--public-url", "https://[::1"], "PXY-PUBLIC-URL"),
        (["--public-url", "https://partner.example:99999"], "PXY-PUBLIC-URL"),
        (["--public-url", "https://a\nb"], "PXY-PUBLIC-URL"),
        (["--authority", "Unit\x7f"], "PXY-AUTHORITY-NAME"),
        (["--authority", "Unit\x1b[31m"], "PXY-AUTHORITY-NAME"),
        (["--authority", "Unit\udc80"], "PXY-AUTHORITY-NAME"),
        (["--address", "Street\x7f"], "PXY-AUTHORITY-TEXT"),
    ],
)
def test_init_refuses_what_no_node_can_have(words, code, tmp_path, capsys):
    home = tmp_path / "node"
    assert cli.run([*INIT, "--home", str(home), *words]) == WRONG
    assert error_of(capsys.readouterr().err)[1] == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "-1", "99999"])
def test_serve_refuses_what_is_no_port(port, capsys):
    assert cli.run(["serve", "--port", port]) == WRONG
    assert error_of(capsys.readouterr().err)[1] == "PXY-PORT"


@pytest.mark.parametrize(
    "below", ["", "node", "deep/node", "../" + "n" * 300, "../new/" + "n" * 300]
)
def test_a_home_that_can_not_be_is_refused_and_leaves_nothing(below, tmp_path, capsys):
    taken = tmp_path / "file"
    taken.write_text("mine")
    assert cli.run([*INIT, "--home", f"{taken}/{below}".rstrip("/")]) == WRONG
    assert error_of(capsys.readouterr().err)[1] == "PXY-HOME"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert taken.read_text() == "mine"


def test_a_home_of_nobody_or_of_no_letters_is_refused():
    for name in ("~no-such-person-here/node", "node\udc80"):
        with pytest.raises(InputError) as caught:
            require_home(Path(name))
        assert caught.value.stable_code == "PXY-HOME"


@pytest.fixture
def failing(monkeypatch):
    """Founding that fails when folder and files are made."""

    def write(config: Config) -> None:
        (config.home / "keys").mkdir()
        (config.home / "keys" / "half").write_text("x")
        (config.home / "half").write_text("x")
        raise OSError(28, "No space left on device", str(config.home))

    monkeypatch.setattr(founding, "write_config", write)


def config_of(home: Path) -> Config:
    return Config(
        home=home, authority=Authority(id="", name="Unit", country="RS"), serve=Serve()
    )


@pytest.mark.usefixtures("failing")
def test_a_failed_founding_leaves_the_given_folder_as_it_was(tmp_path):
    home = tmp_path / "given"
    home.mkdir(mode=0o750)
    with pytest.raises(InputError, match="No space left") as caught:
        founding.found_node(config_of(home), accounts=[])
    assert caught.value.stable_code == "PXY-HOME"
    assert list(home.iterdir()) == []
    assert stat.S_IMODE(home.stat().st_mode) == 0o750


@pytest.mark.usefixtures("failing")
def test_a_failed_founding_removes_the_folders_it_made(tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    with pytest.raises(InputError):
        founding.found_node(config_of(given / "new" / "node"), accounts=[])
    assert list(tmp_path.iterdir()) == [given]
    assert list(given.iterdir()) == []
