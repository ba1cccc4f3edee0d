"""Leaves out stop values: selectors that half the world shares join nobody."""

import itertools
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from proxeny.engines.stops import mark_stops
from proxeny.linking.stops import list_kinds_stopped
from proxeny.linking.warninglists import load_warning_lists

ROWS_AT_ONCE: Final = 1 << 16


def drop_stops(con: duckdb.DuckDBPyConnection, lists: Path | None) -> int:
    """Delete stop values from `selector`; return how many there were.

    Args:
        con: with `selector`.
        lists: folder of MISP warning lists, or None for the packaged list alone.

    """
    warnings = None if lists is None else load_warning_lists(lists)
    kinds_stopped = ", ".join(f"'{kind}'" for kind in list_kinds_stopped(warnings))
    query = (
        f"SELECT selector, kind, value FROM selector WHERE kind IN ({kinds_stopped})"  # noqa: S608 - our own names
    )
    reader = con.cursor().sql(query).to_arrow_reader(ROWS_AT_ONCE)
    stopped: list[int] = []
    for chunk in reader:
        numbers, kinds, values = (column.to_pylist() for column in chunk.columns)
        stopped += itertools.compress(numbers, mark_stops(kinds, values, warnings))
    con.register("stopped", pa.table({"selector": pa.array(stopped, pa.int64())}))
    con.execute(
        "DELETE FROM selector WHERE selector IN (SELECT selector FROM stopped)"
    ).fetchall()
    con.unregister("stopped")
    return len(stopped)
