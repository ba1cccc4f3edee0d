"""`proxeny link` in another environment, as often as asked, keeping what the guard saw.

One process answers them all: a virtual machine starts once. Each line of standard input
is a JSON list: where to keep `scored`, the master, and the arguments; each line of
standard output is one of the exit code, what was said, and what was complained of.
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import duckdb

from proxeny.cli import run
from proxeny.engines.duckdb import outputs


def answer(scored: str, master: str, arguments: list[str]) -> list[Any]:
    """Run one command; `scored` is written before it is used."""
    fetch_edges = outputs.fetch_edges

    def fetch_and_keep(con: duckdb.DuckDBPyConnection) -> outputs.Edges:
        quoted = str(Path(scored)).replace("'", "''")
        con.execute(
            f"COPY (FROM scored ORDER BY ALL) TO '{quoted}' (FORMAT parquet)"
        ).fetchall()
        return fetch_edges(con)

    os.environ["PROXENY_SPARK_MASTER"] = master
    said, complained = io.StringIO(), io.StringIO()
    outputs.fetch_edges = fetch_and_keep
    try:
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(complained),
        ):
            code = run(arguments)
    finally:
        outputs.fetch_edges = fetch_edges
    return [code, said.getvalue(), complained.getvalue()]


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(*json.loads(line))) + "\n")
        sys.stdout.flush()
