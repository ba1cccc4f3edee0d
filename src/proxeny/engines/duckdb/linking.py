"""Links a batch on one machine: tables in DuckDB, sketches and the guard in numba."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from proxeny.engines import narratives
from proxeny.engines.duckdb import inputs, outputs, stops
from proxeny.engines.kernels import guarding, recurring
from proxeny.engines.values import (
    BYTES_A_REPORT,
    Batch,
    BatchError,
    Outcome,
    Progress,
)
from proxeny.engines.workplace import open_workplace
from proxeny.linking import sql

OVERLAP_ROWS: Final = 1 << 20

# Bytes outside the engine for each report, step by step: phrases and buckets of pairs
# while texts are compared, little while the evidence is weighed, then the evidence.
# Measured at ten million; freed memory that the system was not given back is in it.
_COMPARING: Final = 240
_WEIGHING: Final = 125
_UNITING: Final = BYTES_A_REPORT

_Rows = npt.NDArray[np.int32]


@dataclass(slots=True)
class _Run:
    """A batch under way: its connection, how much it has, and whom to tell."""

    con: duckdb.DuckDBPyConnection
    batch: Batch
    rows: int
    progress: Progress

    def begin(self, step: str, total: int = 0) -> None:
        self.progress(step, 0, total)

    def make(self, table: str, query: str) -> int:
        self.con.execute(f"CREATE TABLE {table} AS {query}").fetchall()
        [(rows,)] = self.con.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - our own names
        return int(rows)

    def leave(self, a_report: int) -> None:
        """Leave so many bytes for each report to what works outside the engine."""
        left = self.batch.engine_bytes(self.rows, a_report)
        self.con.execute(f"SET memory_limit = '{left}B'").fetchall()

    def drop(self, *tables: str) -> None:
        for table in tables:
            self.con.execute(f"DROP TABLE {table}").fetchall()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """What stands in the tables when `compared` is made."""

    rows: int
    repeats: int
    mentions: int
    strays: int
    pairs: int


def link(batch: Batch, progress: Progress) -> Outcome:
    """Put the reports of a folder into series and write them as Parquet.

    Both files are written beside the old ones and take their places at the end, so
    that a run that is killed leaves nothing half-written.

    Raises:
        BatchError: the files can't be read as they are.
        LimitError: the memory allowed is too little for so many reports.

    """
    with _open(batch, progress) as (run, folder):
        compared = _compare(run, folder)
        run.begin("evidence", compared.pairs)
        run.make("scored", sql.render_scores(batch.scorecard))
        run.drop("compared")
        run.leave(_UNITING)
        run.begin("series")
        edges = outputs.fetch_edges(run.con)
        guard = batch.scorecard.guard
        group = guarding.unite(
            edges.a,
            edges.b,
            edges.selector,
            edges.bits,
            reports=compared.rows,
            guard=guard,
        )
        run.begin("writing")
        written = outputs.write(run.con, folder, group, edges, guard.rounds[-1])
        for name in (outputs.SERIES, outputs.LINKS):
            (folder / name).replace(batch.out / name)
    return Outcome(
        reports=compared.rows - compared.repeats,
        mentions=compared.mentions,
        series=written.series,
        largest=written.largest,
        links=written.links,
        related=written.related,
        repeats=compared.repeats,
        strays=compared.strays,
    )


def compare(batch: Batch, progress: Progress) -> pa.Table:
    """Give what a scorecard is fitted on: the features of every pair.

    Returns:
        One row for each pair and selector: report_a, report_b, kind, and each feature
        as `f_` and its name.

    Raises:
        BatchError: the files can't be read as they are.
        LimitError: the memory allowed is too little for so many reports.

    """
    with _open(batch, progress) as (run, folder):
        _compare(run, folder)
        query = f"""SELECT one.report_id AS report_a, other.report_id AS report_b,
            {sql.render_kind()} AS kind, {sql.render_features()}
        FROM ({sql.render_evidence()}) AS evidence
        JOIN report AS one ON one.report = a
        JOIN report AS other ON other.report = b"""  # noqa: S608 - our own texts
        return run.con.sql(query).to_arrow_table()


@contextlib.contextmanager
def _open(batch: Batch, progress: Progress) -> Iterator[tuple[_Run, Path]]:
    """A connection within the batch's bounds; its failures become ours."""
    rows = inputs.open_reports(batch.reports).metadata.num_rows
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": batch.threads,
        "memory_limit": f"{batch.engine_bytes(rows)}B",
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with open_workplace(batch.out) as folder:
        config["temp_directory"] = str(folder / "spilled")
        try:
            with duckdb.connect(config=config) as con:
                yield _Run(con, batch, rows, progress), folder
        except duckdb.OutOfMemoryException:
            raise BatchError(
                "The batch does not fit into the memory and the disk that it may use.",
                code="PXY-LINK-MEMORY",
                advice="Free some disk, or give more memory with --memory.",
            ) from None
        except (
            duckdb.IOException,
            duckdb.InvalidInputException,
            pa.ArrowException,
            OSError,
            UnicodeDecodeError,
        ):
            raise BatchError(
                "A file of the batch can't be read to its end, or the disk is full.",
                code="PXY-LINK-FILE",
                advice="Write the files anew, or free some disk; nothing changed.",
            ) from None


def _compare(run: _Run, folder: Path) -> _Compared:
    """Make `report`, `selector` and `compared` out of the files."""
    batch, rows = run.batch, run.rows
    reports = inputs.open_reports(batch.reports)
    mentions = inputs.find_mentions(batch.reports)
    run.begin("reports", rows)
    repeats = inputs.load_reports(run.con, batch.reports / inputs.REPORTS, reports)
    run.begin("narratives", rows)
    sketches = narratives.sketch_file(reports, run.progress)
    run.begin("mentions")
    if mentions is None:
        source = narratives.extract_file(reports, folder, batch.threads, run.progress)
        roles = True
    else:
        source = batch.reports / inputs.MENTIONS
        roles = inputs.has_column(mentions, "role")
    count, strays = inputs.load_mentions(run.con, source, roles=roles)
    _load_shingles(run, sketches)
    wording = sketches.wording
    del sketches
    run.leave(_COMPARING)
    run.begin("selectors", count)
    run.make("selector", sql.render_selectors())
    stops.drop_stops(run.con, batch.warning_lists)
    run.begin("pairs")
    run.make("posting", sql.render_postings())
    run.drop("named CASCADE", "shingle")
    pairs = run.make("pair", sql.render_pairs())
    run.drop("posting")
    run.begin("wording", pairs)
    _compare_texts(run, wording, pairs)
    del wording
    run.drop("pair")
    run.leave(_WEIGHING)
    return _Compared(
        rows=rows, repeats=repeats, mentions=count, strays=strays, pairs=pairs
    )


def _load_shingles(run: _Run, sketches: narratives.Sketches) -> None:
    """Make `shingle`: keys below zero that two reports or more have."""
    keys, reports = sketches.list_shared_keys()
    run.con.register("keys", pa.table({"selector": keys, "report": reports}))
    run.make("shingle", "SELECT k.* FROM keys AS k JOIN report USING (report)")
    run.con.unregister("keys")


def _compare_texts(run: _Run, wording: narratives.Wording, pairs: int) -> None:
    """Make `compared`: pairs with the phrases shared, and whether they recur."""
    run.con.execute(
        """CREATE TABLE compared AS SELECT *, 0::SMALLINT AS phrases,
          0::SMALLINT AS text_bits, false AS recurs FROM pair LIMIT 0"""
    ).fetchall()
    buckets = recurring.make_buckets(pairs)
    for one, other, _ in _read_pairs(run, "a, b"):
        recurring.count_pairs(one, other, buckets)
    for one, other, chunk in _read_pairs(run, "*"):
        phrases, bits = wording.compare(one, other)
        told = (*chunk.columns, phrases, bits)
        recurs = pa.array(recurring.find_recurring(one, other, buckets))
        names = (*chunk.schema.names, "phrases", "text_bits", "recurs")
        run.con.register("chunk", pa.table([*told, recurs], names=names))
        run.con.execute("INSERT INTO compared SELECT * FROM chunk").fetchall()
        run.con.unregister("chunk")


def _read_pairs(
    run: _Run, columns: str
) -> Iterator[tuple[_Rows, _Rows, pa.RecordBatch]]:
    """Give the pairs in chunks: both reports, and all columns asked for."""
    query = f"SELECT {columns} FROM pair"  # noqa: S608 - our own names
    for chunk in run.con.cursor().sql(query).to_arrow_reader(OVERLAP_ROWS):
        yield chunk.column("a").to_numpy(), chunk.column("b").to_numpy(), chunk
