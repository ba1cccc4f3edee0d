"""Sorts a linked world on disk into the rows of a node, in streams of bounded memory.

What the node's tables want sorted is sorted by DuckDB, which spills to disk: reports by
time, mentions by selector. Nothing here grows with the world but files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from proxeny.linking import TEXT

MEMORY = "1GB"
ROWS_AT_ONCE = 100_000
TOP_BIT = np.uint64(1 << 63)

_BY_TIME = "ORDER BY ts, report_id"
_REPORTS = f"""
SELECT report_id, ts, coalesce(country, '') AS country,
    coalesce(narrative, '') AS narrative, coalesce(named, 0) AS named
FROM reports LEFT JOIN (
    SELECT report_id, count(*) FILTER (role <> 'victim') AS named
    FROM mentions GROUP BY report_id
) USING (report_id)
{_BY_TIME}
"""  # noqa: S608 - our own words
_NEW_MENTIONS = """
SELECT pk, kind, value, role FROM mentions JOIN place USING (report_id)
WHERE pk > getvariable('held') ORDER BY ALL
"""
# In parts by the first four bits of the key: each is sorted in memory.
_PARTS = range(-8, 8)
_MAKE_ENTRIES = f"""
COPY (
    SELECT *, key >> 60 AS part FROM (
        SELECT number_of(kind, value) AS key, kind, value, role, pk
        FROM mentions JOIN place USING (report_id) WHERE pk <= getvariable('held')
        UNION ALL
        SELECT number_of('{TEXT}', lower(to_hex(shingle))), '{TEXT}',
            lower(to_hex(shingle)), 'unknown', pk
        FROM shingle
    )
) TO '{{folder}}' (FORMAT parquet, PARTITION_BY (part))
"""  # noqa: S608
_SELECTORS = """
SELECT key, kind, value, count(*) FILTER (role <> 'victim') AS holders
FROM read_parquet('{folder}/part={part}/*') GROUP BY key, kind, value ORDER BY key
"""
_ENTRIES = f"""
SELECT key, pk, role, kind <> '{TEXT}' AS is_mention
FROM read_parquet('{{folder}}/part={{part}}/*') ORDER BY key, pk
"""  # noqa: S608
# A report that the batch left alone has a number of its own, but is no series.
_MAKE_MEMBERS = """
CREATE TABLE member AS
WITH linked AS (
    SELECT series, pk FROM series JOIN place USING (report_id)
    WHERE pk <= getvariable('held')
)
SELECT pk, series, founder, size FROM linked JOIN (
    SELECT series, min(pk) AS founder, count(*) AS size
    FROM linked GROUP BY series HAVING size > 1
) USING (series)
"""
_SERIES = """
SELECT series, founder, size, to_json(list_sort(list(DISTINCT country))) AS countries
FROM member JOIN place USING (pk) GROUP BY series, founder, size ORDER BY series
"""
_MEMBERS = "SELECT pk, series FROM member ORDER BY pk"
_LINKS = f"""
WITH paired AS (
    SELECT greatest(a.pk, b.pk) AS newer, least(a.pk, b.pk) AS older,
        accepted, weight, because
    FROM links
    JOIN place a ON a.report_id = report_a JOIN place b ON b.report_id = report_b
    WHERE a.pk <= getvariable('held') AND b.pk <= getvariable('held')
)
SELECT newer, older, accepted, round(weight, 3) AS bits,
    to_json(list_transform(because, lambda x: {{
        name: x.kind, text: x.value, bits: round(x.bits, 3),
        kind: x.kind, value: x.value
    }})) AS terms,
    -- The batch names its strongest key first, with the number of its holders.
    to_json([[
        number_of(because[1].kind, split_part(because[1].value, ', held', 1))::JSON,
        to_json(round(weight, 3)), to_json(because[1].kind = '{TEXT}')
    ]]) AS votes,
    coalesce(one.founder, newer) AS one, coalesce(other.founder, older) AS other
FROM paired
LEFT JOIN member one ON one.pk = newer LEFT JOIN member other ON other.pk = older
ORDER BY newer, older
"""  # noqa: S608


class Sorted:
    """A world and the series that the batch made of it, by the time of the reports.

    Call its methods in their order: each leaves behind what the next ones read.
    """

    def __init__(self, folder: Path, *, world: Path, linked: Path, held: int) -> None:
        """Open a database for sorting in ``folder``, which is made."""
        folder.mkdir(parents=True)
        self._folder = folder
        self._entries = _quote(folder / "entry")
        self._con = duckdb.connect(
            folder / "sorted.duckdb",
            config={
                "memory_limit": MEMORY,
                "temp_directory": str(folder),
            },
        )
        self._con.execute(
            # As `linking.Key.number`; a test of this bench holds them equal.
            "CREATE MACRO number_of(kind, value) AS"
            " ('0x' || left(sha256(kind || '|' || value), 16))::UBIGINT::BIT::BIGINT"
        ).fetchall()
        self._con.execute("SET VARIABLE held = $held", {"held": held}).fetchall()
        for name, path in (
            ("reports", world / "reports.parquet"),
            ("mentions", world / "mentions.parquet"),
            ("series", linked / "series.parquet"),
            ("links", linked / "links.parquet"),
            ("place", folder / "place.parquet"),
            ("shingle", folder / "shingle.parquet"),
        ):
            if path.exists():
                self._view(name, path)

    def _view(self, name: str, path: Path) -> None:
        query = f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{_quote(path)}')"  # noqa: S608
        self._con.execute(query).fetchall()

    def _stream(self, query: str) -> Iterator[pa.RecordBatch]:
        yield from self._con.sql(query).to_arrow_reader(ROWS_AT_ONCE)

    def _make(self, query: str) -> None:
        # In any order a table takes less memory; a stream would come in any order too.
        self._con.execute("SET preserve_insertion_order = false").fetchall()
        self._con.execute(query).fetchall()
        self._con.execute("SET preserve_insertion_order = true").fetchall()

    def list_first_texts(self, many: int) -> pa.Array:
        """Narratives of the oldest reports."""
        query = f"SELECT narrative FROM reports {_BY_TIME} LIMIT {many}"  # noqa: S608
        table = self._con.sql(query).to_arrow_table()
        return table["narrative"].combine_chunks()

    def list_reports(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Reports by time, each batch with the place of its first, from 1."""
        places = pq.ParquetWriter(
            self._folder / "place.parquet",
            pa.schema(
                [
                    ("report_id", self._type_of_ids()),
                    ("pk", pa.int32()),
                    ("country", pa.string()),
                ]
            ),
        )
        first = 1
        with places:
            for batch in self._stream(_REPORTS):
                pks = pa.array(np.arange(first, first + len(batch), dtype=np.int32))
                places.write_batch(
                    pa.record_batch(
                        [batch["report_id"], pks, batch["country"]],
                        schema=places.schema,
                    )
                )
                yield first, batch
                first += len(batch)
        self._view("place", self._folder / "place.parquet")

    def _type_of_ids(self) -> pa.DataType:
        query = "SELECT report_id FROM reports LIMIT 0"
        return self._con.sql(query).to_arrow_table().schema.types[0]

    def list_new_mentions(self) -> dict[int, list[dict[str, str]]]:
        """What reports that aren't held mention, by their places."""
        own: dict[int, list[dict[str, str]]] = {}
        for batch in self._stream(_NEW_MENTIONS):
            for said in batch.to_pylist():
                own.setdefault(said["pk"], []).append(said)
        return own

    def list_selectors(self, shingles: Path) -> Iterator[pa.RecordBatch]:
        """Keys in the order of their numbers, with how many hold each.

        Args:
            shingles: places of reports with the shingles that each tells.
        """
        self._view("shingle", shingles)
        self._make(_MAKE_ENTRIES.format(folder=self._entries))
        return self._stream_parts(_SELECTORS)

    def _stream_parts(self, query: str) -> Iterator[pa.RecordBatch]:
        for part in _PARTS:
            if (self._folder / "entry" / f"part={part}").exists():
                yield from self._stream(query.format(folder=self._entries, part=part))

    def list_entries(self) -> Iterator[tuple[npt.NDArray[np.int64], pa.RecordBatch]]:
        """Who holds what in which role, by key; with the place of the key, from 1."""
        place, last = 0, None
        for batch in self._stream_parts(_ENTRIES):
            keys = batch["key"].to_numpy()
            assert np.all(keys[1:] >= keys[:-1]), "out of order"
            is_other = np.empty(len(keys), np.int64)
            is_other[0] = keys[0] != last if last is not None else 1
            is_other[1:] = keys[1:] != keys[:-1]
            places = place + np.cumsum(is_other)
            place, last = int(places[-1]), keys[-1]
            yield places, batch

    def list_series(self) -> Iterator[pa.RecordBatch]:
        """Series of two reports or more."""
        self._make(_MAKE_MEMBERS)
        return self._stream(_SERIES)

    def list_members(self) -> Iterator[pa.RecordBatch]:
        """Which report is in which series."""
        return self._stream(_MEMBERS)

    def list_links(self) -> Iterator[pa.RecordBatch]:
        """Links between held reports, as the node keeps them."""
        return self._stream(_LINKS)

    def close(self) -> None:
        """Close the database; its files are the caller's to delete."""
        self._con.close()


def _quote(path: Path) -> str:
    return str(path).replace("'", "''")


def list_rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """Rows of a batch as tuples."""
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def tell_shingles(
    keys: npt.NDArray[np.uint64], first: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Each shingle of each report once, and the place of the report.

    Args:
        keys: a row for each report; 0 is none.
        first: place of the first report.
    """
    marked = np.sort(np.where(keys == 0, keys, keys | TOP_BIT), axis=1)
    told = marked != 0
    told[:, 1:] &= marked[:, 1:] != marked[:, :-1]
    rows, _ = np.nonzero(told)
    return marked[told], (rows + first).astype(np.int32)
