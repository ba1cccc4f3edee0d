"""Links a batch on Spark: the same SQL, the same kernels, the same guard.

Each table is written to the shared disk beside the results, so that a lost worker costs
one step. What could be linked comes back to the driver as edges, 24 bytes each and as
much again while the guard sorts them: the driver's memory is where this engine ends.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from py4j.protocol import Py4JError
from pyarrow.dataset import dataset
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from proxeny.engines.duckdb import inputs as files
from proxeny.engines.duckdb import outputs
from proxeny.engines.kernels import guarding
from proxeny.engines.spark import inputs, narratives, stops
from proxeny.engines.spark.session import DRIVER_SHARE, open_session
from proxeny.engines.values import Batch, BatchError, Outcome, Progress
from proxeny.engines.workplace import open_workplace
from proxeny.linking import sql

_CONDITION: Final = re.compile(r"\[([A-Z_]+(?:\.[A-Z_]+)*)\]")


@dataclass(slots=True)
class _Run:
    """A batch under way: its session, where its tables are, and whom to tell."""

    session: SparkSession
    folder: Path
    progress: Progress

    def begin(self, step: str, total: int = 0) -> None:
        self.progress(step, 0, total)

    def query(self, text: str) -> DataFrame:
        [spark] = sqlglot.transpile(text, read="duckdb", write="spark")
        return self.session.sql(spark)

    def view(self, name: str, text: str) -> None:
        self.query(text).createOrReplaceTempView(name)

    def make(self, table: str, rows: DataFrame) -> int:
        rows.write.parquet(inputs.locate(self.folder / table))
        made = self.session.read.parquet(inputs.locate_pattern(self.folder / table))
        made.createOrReplaceTempView(table)
        return int(made.count())


def link(batch: Batch, progress: Progress) -> Outcome:
    """Put the reports of a folder into series and write them as Parquet.

    Raises:
        BatchError: the files can't be read as they are, or Spark gives up.
        LimitError: the memory allowed is too little for so many reports.

    """
    reports = files.open_reports(batch.reports)
    mentions = files.find_mentions(batch.reports)
    with open_workplace(batch.out) as folder:
        try:
            with open_session(batch, reports.metadata.num_rows, folder) as session:
                run = _Run(session, folder, progress)
                counts = _make_tables(run, batch, reports, mentions)
            outcome = _unite(run, batch, reports.metadata.num_rows, counts)
        except (PySparkException, Py4JError) as error:
            raise _explain(error) from None
        except (duckdb.Error, pa.ArrowException, OSError):
            raise _unreadable() from None
        for name in (outputs.SERIES, outputs.LINKS):
            (folder / name).replace(batch.out / name)
    return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    reports: int
    mentions: int
    strays: int


def _make_tables(
    run: _Run, batch: Batch, reports: pq.ParquetFile, mentions: pq.ParquetFile | None
) -> _Counts:
    """Make `report`, `selector` and `scored`, for the driver to go on with."""
    told = inputs.Source(
        session=run.session, path=batch.reports / files.REPORTS, file=reports
    )
    run.begin("reports", reports.metadata.num_rows)
    _require_names(told.path)
    count = run.make("report", inputs.read_reports(told))
    run.begin("narratives", count)
    levels = narratives.rate_phrases(told)
    run.make("sketch", narratives.sketch(told, levels))
    run.view("shingle", _SHINGLES)
    run.begin("mentions", 0 if mentions is None else mentions.metadata.num_rows)
    same_types = True
    if mentions is None:
        run.make("told", narratives.extract(told))
    else:
        source = inputs.Source(
            session=run.session, path=batch.reports / files.MENTIONS, file=mentions
        )
        same_types = source.names_by_number() == told.names_by_number()
        if source.has("role"):
            _require_roles(source.path)
        inputs.read_mentions(source).createOrReplaceTempView("told")
    told_of = run.query("SELECT * FROM told").count()
    run.make("named", inputs.name_reports(run.session, same_types=same_types))
    run.view("known", "SELECT * FROM named WHERE NOT report IS NULL")
    run.view("mention", "SELECT * FROM known WHERE NOT is_victims")
    known = run.query("SELECT * FROM known").count()
    run.begin("selectors", known)
    selectors = run.query(sql.render_selectors())
    run.make("selector", stops.drop_stops(selectors, batch.warning_lists))
    run.begin("pairs")
    run.view("posting", sql.render_postings())
    pairs = run.make("pair", run.query(sql.render_pairs()))
    run.begin("wording", pairs)
    run.make("compared", narratives.compare(run.query(_PHRASED), levels))
    run.begin("evidence", pairs)
    run.make("scored", run.query(sql.render_scores(batch.scorecard)))
    return _Counts(reports=count, mentions=known, strays=told_of - known)


def _require_roles(path: Path) -> None:
    with duckdb.connect() as con:
        files.require_roles(con, files.quote_pattern(path))


def _require_names(path: Path) -> None:
    with duckdb.connect() as con:
        [(nameless,)] = con.execute(
            "SELECT count(*) - count(report_id) FROM read_parquet(?)",
            [files.quote_pattern(path)],
        ).fetchall()
    if nameless:
        raise BatchError(f"{nameless:,} rows of {files.REPORTS} have no report_id.")


_SHINGLES: Final = """
SELECT k.selector, k.report
FROM (SELECT UNNEST(keys) AS selector, report FROM sketch) AS k
INNER JOIN report AS r ON r.report = k.report
"""
_PHRASED: Final = """
SELECT p.*, one.phrases AS phrases_a, other.phrases AS phrases_b
FROM pair AS p
INNER JOIN sketch AS one ON one.report = p.a
INNER JOIN sketch AS other ON other.report = p.b
"""


def _unite(run: _Run, batch: Batch, rows: int, counts: _Counts) -> Outcome:
    """Put reports into series on the driver, and write what came of it."""
    with duckdb.connect(
        config={
            "threads": batch.threads,
            "memory_limit": f"{int(batch.engine_bytes(rows) * DRIVER_SHARE)}B",
            "temp_directory": str(run.folder / "spilled"),
        }
    ) as con:
        for table in ("selector", "scored"):
            con.register(table, dataset(run.folder / table))
        con.register("kept", dataset(run.folder / "report").to_table(["report"]))
        con.execute(
            """CREATE TABLE report AS
            SELECT file_row_number::INTEGER AS report, report_id
            FROM read_parquet(?, file_row_number = true)
            WHERE file_row_number IN (SELECT report FROM kept)""",
            [files.quote_pattern(batch.reports / files.REPORTS)],
        ).fetchall()
        run.begin("series")
        edges = outputs.fetch_edges(con)
        guard = batch.scorecard.guard
        group = guarding.unite(
            edges.a,
            edges.b,
            edges.selector,
            edges.bits,
            reports=rows,
            guard=guard,
        )
        run.begin("writing")
        written = outputs.write(con, run.folder, group, edges, guard.rounds[-1])
    return Outcome(
        reports=counts.reports,
        mentions=counts.mentions,
        series=written.series,
        largest=written.largest,
        links=written.links,
        related=written.related,
        repeats=rows - counts.reports,
        strays=counts.strays,
    )


def _explain(error: Exception) -> BatchError:
    """Say what stopped Spark; its own message may quote values of the reports."""
    found = _CONDITION.search(str(error))
    kind = found[1] if found else "no reason given"
    if kind.startswith("FAILED_READ_FILE"):
        return _unreadable()
    if kind == "JAVA_GATEWAY_EXITED":
        return BatchError(
            "Java did not start.",
            code="PXY-LINK-SPARK",
            advice="Install Java 17, or link with --engine duckdb.",
        )
    return BatchError(
        f"Spark could not finish the batch ({kind}).",
        code="PXY-LINK-SPARK",
        advice="See the logs of Spark's workers; nothing changed.",
    )


def _unreadable() -> BatchError:
    return BatchError(
        "A file of the batch can't be read to its end, or the disk is full.",
        code="PXY-LINK-FILE",
        advice="Write the files anew, or free some disk; nothing changed.",
    )
