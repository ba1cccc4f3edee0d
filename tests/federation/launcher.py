"""Starts workers of one node by forking, so that a life costs no second of imports.

A program of its own: each line on standard input names a fault point or is empty, and
starts one worker; the answer is its process id. What runs is the real `proxeny worker`
in a process of its own, with its own connection to the database. Only the import of
Python and Django is done once; fifty lives in one test run would else take minutes.
"""

import os
import signal
import sys
from pathlib import Path

from proxeny import cli
from proxeny.cli.entering import enter_node


def launch(home: str, fault: str) -> int:
    """Fork one worker, armed with the fault; return its process id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(f"{home}/worker.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for stream in (1, 2):
            os.dup2(log, stream)
        from proxeny.node.jobs import faults

        faults._armed = fault
        code = cli.run(["worker", "--home", home])
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        os._exit(code)


def main(home: str) -> None:
    """Import everything once, then launch on demand."""
    enter_node(Path(home))
    # The kernel reaps who was killed; nobody here waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        print(launch(home, line.strip()), flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1])
