"""Runs commands of one node, one a line, in one process: a program of its own.

Each line on standard input is a JSON list of arguments; each answer is one JSON line
with the exit code and what the command printed. It is the real command line, spared
the second that Python and Django take to start each time.
"""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

from proxeny import cli


def answer(arguments: list[str]) -> dict[str, object]:
    """Run one command as a terminal would."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(arguments)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201 - its answer
