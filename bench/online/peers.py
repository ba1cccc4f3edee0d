"""The peer: DuckDB's point look-up of who holds the keys of one report.

It is given less to do than the node: nothing is extracted, weighed, explained or
written, and nothing is durable.
"""

import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa

from online.timing import Figures, sum_up, time_each
from proxeny.linking import MAX_HOLDERS_READ

AT_ONCE = 1_000_000
NEWEST = "SELECT holder FROM posting WHERE selector = ? ORDER BY holder DESC LIMIT ?"


def measure_duckdb(folder: Path, held: int, calls: int) -> Figures:
    """Look up the newest holders of the keys of held reports, spread over all."""
    database = sqlite3.connect(folder / "home" / "proxeny.sqlite3")
    con = duckdb.connect(folder / "peer.duckdb")
    con.execute("CREATE TABLE posting (selector BIGINT, holder BIGINT)").fetchall()
    rows = database.execute("SELECT selector_id, holder_id FROM selectors_posting")
    while some := rows.fetchmany(AT_ONCE):
        selector, holder = zip(*some, strict=True)
        chunk = pa.table({"selector": selector, "holder": holder})
        con.register("chunk", chunk)
        con.execute("INSERT INTO posting SELECT * FROM chunk").fetchall()
        con.unregister("chunk")
    con.execute("CREATE INDEX by_selector ON posting (selector)").fetchall()
    steps = range(1, held, max(1, held // calls))
    keys = [
        [pk for (pk,) in database.execute(
            "SELECT selector_id FROM selectors_mention WHERE holder_id = ?", (holder,)
        )]
        for holder in steps
    ]  # fmt: skip
    database.close()

    def look_up(selectors: list[int]) -> None:
        for selector in selectors:
            con.execute(NEWEST, [selector, MAX_HOLDERS_READ]).fetchall()

    timed = time_each(look_up, keys)
    con.close()
    return sum_up("DuckDB: point look-up only", held, timed)
