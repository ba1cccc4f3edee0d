"""The ``proxeny`` command: one file for each group of commands.

Exit codes (CONTRACTS): 0 done; 1 done, and the answer is negative or something was
refused; 2 wrong use or bad input, nothing changed; 3 something needed is not
reachable; 130 interrupted.
"""

import os
import sys
import traceback

import typer

from proxeny.cli import output
from proxeny.errors import ProxenyError

EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


def _app() -> typer.Typer:
    from proxeny.cli import commands

    return commands.app


def main(argv: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run one command; return its exit code. Errors become three lines on stderr."""
    try:
        answer = _app()(argv, standalone_mode=False, prog_name="proxeny")
    except ProxenyError as error:
        output.complain(error.message, error.what_to_do, error.stable_code)
        return error.exit_code
    except typer.Exit as left:
        return left.exit_code
    except typer.Abort:
        return EXIT_INTERRUPTED
    except typer.TyperException as error:  # Typer carries a Click of its own.
        output.complain(
            error.format_message(),
            "See `proxeny --help`, or --help after the command.",
            "PXY-USAGE",
        )
        return EXIT_WRONG_USE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _own_up(error)
    return answer if isinstance(answer, int) else 0


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
