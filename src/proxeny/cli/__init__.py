"""The ``proxeny`` command: one file for each group of commands.

Exit codes (CONTRACTS): 0 done; 1 done, and the answer is negative or something was
refused; 2 wrong use or bad input, nothing changed; 3 something needed is not
reachable; 130 interrupted.
"""

import contextlib
import io
import os
import sys
import traceback
from pathlib import Path

import typer

from proxeny.cli import output
from proxeny.errors import ProxenyError

EXIT_WRONG_USE = 2
EXIT_UNREACHABLE = 3
EXIT_INTERRUPTED = 130


def _app() -> typer.Typer:
    from proxeny.cli import commands

    return commands.app


def main(argv: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run one command; return its exit code. Errors become three lines on stderr."""
    _mend_streams()
    try:
        code = _answer(argv)
        # What the buffer still holds fails here, where it can be said.
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return _say_interrupted()
    except BrokenPipeError:
        return _leave_the_pipe()
    except SystemExit as left:
        # Typer leaves with 1 when nobody reads on; that is no failure.
        if isinstance(left.__context__, BrokenPipeError):
            return _leave_the_pipe()
        raise
    except OSError as error:
        return _name_the_reason(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _blame_the_database() if _is_of_database(error) else _own_up(error)
    # Typer makes this number of a Ctrl-C.
    return _say_interrupted() if code == EXIT_INTERRUPTED else code


def _answer(argv: list[str]) -> int:
    try:
        answer = _app()(argv, standalone_mode=False, prog_name="proxeny")
    except ProxenyError as error:
        output.complain(error.message, error.what_to_do, error.stable_code)
        return error.exit_code
    except typer.Exit as left:
        return left.exit_code
    except typer.TyperException as error:  # Typer carries a Click of its own.
        output.complain(
            error.format_message(),
            "See `proxeny --help`, or --help after the command.",
            "PXY-USAGE",
        )
        return EXIT_WRONG_USE
    return answer if isinstance(answer, int) else 0


def _mend_streams() -> None:
    """Closed streams become empty ones; no character is too much for an output."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            nowhere = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_stdout() -> None:
    """What stdout could not take is not tried again when Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _leave_the_pipe() -> int:
    _drop_stdout()
    return 0


def _say_interrupted() -> int:
    output.complain(
        "Interrupted.",
        "What was finished stays; the command can be given again.",
        "PXY-INTERRUPTED",
    )
    return EXIT_INTERRUPTED


def _name_the_reason(error: OSError) -> int:
    """The system's own words, without the path, which may name a person."""
    _drop_stdout()
    output.complain(
        f"The system refused: {error.strerror or type(error).__name__}.",
        "Check the folder, its rights and the space on the disk, then try again.",
        "PXY-SYSTEM",
    )
    return EXIT_WRONG_USE


def _is_of_database(error: Exception) -> bool:
    """A database that fails; not one that rightly refuses what we gave it."""
    django = sys.modules.get("django.db.utils")
    if django is None:
        return False
    own_faults = (django.IntegrityError, django.DataError)
    return isinstance(error, django.Error) and not isinstance(error, own_faults)


def _blame_the_database() -> int:
    output.complain(
        "The database does not answer, or is damaged.",
        "Check that it runs; `proxeny check` says more. If damaged, restore a backup.",
        "PXY-DATABASE",
    )
    return EXIT_UNREACHABLE


def _own_up(error: Exception) -> int:
    """A fault of ours: its kind, never its text, which may be personal.

    Developers set ``PROXENY_TRACEBACK`` to see where it came from.
    """
    if os.environ.get("PROXENY_TRACEBACK"):
        traceback.print_exception(error)
    output.complain(
        f"This should not happen: {type(error).__name__}.",
        "Report it with the command; PROXENY_TRACEBACK=1 shows where it came from.",
        "PXY-UNEXPECTED",
    )
    return EXIT_WRONG_USE
