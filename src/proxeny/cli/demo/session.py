"""Runs commands of one node one after the other in one process.

The demo gives dozens of commands; starting Python anew for each would take longer
than the commands. Each line read is a JSON list of arguments, and each line written
is ``{"code", "out", "err"}``: what the very same command would have printed.
"""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TextIO

from proxeny.cli import run


def answer_lines(lines: TextIO, answers: TextIO) -> None:
    """Run a command for each line until there are no more."""
    for line in lines:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(json.loads(line))
        document = {"code": code, "out": out.getvalue(), "err": err.getvalue()}
        answers.write(json.dumps(document) + "\n")
        answers.flush()


if __name__ == "__main__":
    answer_lines(sys.stdin, sys.stdout)
