"""`proxeny link` in another environment, keeping the evidence that the guard is given.

python spark_run.py SCORED.parquet link --engine spark --reports DIR --out DIR
"""

import sys
from pathlib import Path

import duckdb

from proxeny.cli import main
from proxeny.engines.duckdb import outputs


def keep(path: Path) -> None:
    """Write `scored` before it is used."""
    fetch_edges = outputs.fetch_edges

    def fetch_and_keep(con: duckdb.DuckDBPyConnection) -> outputs.Edges:
        quoted = str(path).replace("'", "''")
        con.execute(
            f"COPY (FROM scored ORDER BY ALL) TO '{quoted}' (FORMAT parquet)"
        ).fetchall()
        return fetch_edges(con)

    outputs.fetch_edges = fetch_and_keep


if __name__ == "__main__":
    keep(Path(sys.argv.pop(1)))
    sys.exit(main())
