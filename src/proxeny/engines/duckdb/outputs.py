"""Writes what came of a batch: series of reports, and links with their reasons."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from proxeny.engines.kernels import choosing
from proxeny.linking.features import Group

SERIES: Final = "series.parquet"
LINKS: Final = "links.parquet"

_TO_PARQUET: Final = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 262144)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Evidence that the guard looked at: two reports, selector and bits."""

    a: npt.NDArray[np.int32]
    b: npt.NDArray[np.int32]
    selector: npt.NDArray[np.int64]
    bits: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How much was written."""

    series: int
    largest: int
    links: int
    related: int


def fetch_edges(con: duckdb.DuckDBPyConnection) -> Edges:
    """Take the evidence out of `scored`."""
    columns = con.execute(
        "SELECT a, b, selector, bits FROM scored ORDER BY a, b"
    ).fetchnumpy()
    return Edges(
        a=np.ascontiguousarray(columns["a"], np.int32),
        b=np.ascontiguousarray(columns["b"], np.int32),
        selector=np.ascontiguousarray(columns["selector"], np.int64),
        bits=np.ascontiguousarray(columns["bits"], np.float64),
    )


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    group: npt.NDArray[np.int32],
    edges: Edges,
    least: float,
) -> Written:
    """Write `series.parquet` and `links.parquet`.

    Args:
        con: with `report`, `selector` and `scored`.
        folder: for the two files.
        group: one report of the series of each report.
        edges: evidence, of which the strongest is written.
        least: bits from which a link between two series is written as related.

    """
    con.register(
        "member",
        pa.table({"report": np.arange(len(group), dtype=np.int32), "series": group}),
    )
    _copy(
        con,
        """SELECT r.report_id, m.series FROM report AS r
        JOIN member AS m ON m.report = r.report""",
        folder / SERIES,
    )
    evidence = (edges.a, edges.b, edges.selector, edges.bits)
    accepted = choosing.choose_accepted(*evidence, group)
    related = choosing.choose_related(*evidence, group, least)
    chosen = np.concatenate((accepted, related))
    con.register(
        "chosen",
        pa.table(
            {
                "a": edges.a[chosen],
                "b": edges.b[chosen],
                "selector": edges.selector[chosen],
                "accepted": np.arange(len(chosen)) < len(accepted),
            }
        ),
    )
    _copy(con, _LINKS, folder / LINKS)
    [(series, largest)] = con.execute(
        """SELECT count(*), coalesce(max(reports), 1) FROM (
          SELECT count(*) AS reports FROM member
          JOIN report USING (report) GROUP BY series HAVING count(*) > 1)"""
    ).fetchall()
    return Written(
        series=series,
        largest=largest,
        links=len(accepted) + len(related),
        related=len(related),
    )


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    con.execute(f"COPY ({query}) TO '{quoted}' {_TO_PARQUET}").fetchall()


_AGREES: Final = (
    "CASE {fact} WHEN 1 THEN 'same' WHEN 0 THEN 'different' ELSE 'not known' END"
)
_REASONS: Final = ", ".join(
    f"{{'kind': '{group}', 'value': {value}, 'bits': round(s.bits_{group}, 3)}}"
    for group, value in {
        Group.COMPANY: "'its other holders'",
        Group.TIME: "coalesce(s.hours || ' hours apart', 'a time is not known')",
        Group.OFFENCE: _AGREES.format(fact="s.same_offence"),
        Group.COUNTRY: _AGREES.format(fact="s.same_country"),
        Group.OTHERS: "'further selectors'",
        Group.TEXT: "coalesce(s.phrases || ' rare phrases', 'no rare wording')",
    }.items()
)
_LINKS: Final = f"""
SELECT
  one.report_id AS report_a, other.report_id AS report_b, s.bits AS weight, c.accepted,
  list_filter([
    {{'kind': coalesce(v.kind, 'text'),
      'value': coalesce(v.value, 'wording') || ', held by ' || s.holders,
      'bits': round(s.bits_selector, 3)}}, {_REASONS}
  ], lambda reason: reason.bits <> 0) AS because
FROM chosen AS c
JOIN scored AS s USING (a, b, selector)
JOIN report AS one ON one.report = s.a
JOIN report AS other ON other.report = s.b
LEFT JOIN selector AS v ON v.selector = s.selector
"""  # noqa: S608 - made of our own names
