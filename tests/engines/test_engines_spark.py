"""The batch on Spark: row for row what one machine finds."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlglot
from tests.engines.engine_worlds import IBAN, report, write
from tests.engines.spark_cluster import (
    ENVIRONMENT,
    ROOT,
    Runner,
    find_spark,
    start_cluster,
    start_runner,
)

from proxeny.linking import load_scorecard, sql

SPARK, WHY_NOT = find_spark()
needs_spark = pytest.mark.skipif(SPARK is None, reason=WHY_NOT)


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One machine, for every test of this file."""
    with start_runner(Path(sys.executable), tmp_path_factory.mktemp("duck")) as runner:
        yield runner


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One driver for every test of this file: most of a run is its start."""
    assert SPARK is not None
    with start_runner(SPARK, tmp_path_factory.mktemp("spark")) as runner:
        yield runner


def require_same(
    duck: Runner, spark: Runner, folder: Path, master: str = ""
) -> dict[str, Any]:
    """Link a folder on both engines; everything but the time must be equal."""
    one, other = folder / "duckdb", folder / "spark"
    options = ("--memory", "4GB", "--json")
    expected, evidence = duck.link(folder, one, *options).read()
    found, found_evidence = spark.link(
        folder, other, "--engine", "spark", *options, master=master
    ).read()
    evidence, found_evidence = map(_renumber, (evidence, found_evidence))
    # Spark says of no column that it is never null.
    assert found_evidence.equals(evidence.cast(found_evidence.schema))
    for name, keys in (
        ("series", ["report_id"]),
        ("links", ["report_a", "report_b"]),
    ):
        tables = [
            pq.read_table(path / f"{name}.parquet").sort_by(
                [(key, "ascending") for key in keys]
            )
            for path in (one, other)
        ]
        assert tables[1].equals(tables[0].cast(tables[1].schema))
    assert [path.name for path in sorted(other.iterdir())] == [
        "links.parquet",
        "series.parquet",
    ]
    for document in (expected, found):
        for name in ("seconds", "peak_memory", "steps", "engine"):
            del document[name]
    assert found == expected
    return found


def _renumber(evidence: pa.Table) -> pa.Table:
    """Where mentions are found in narratives, the numbers of selectors have gaps."""
    order = pc.rank(evidence["selector"], tiebreaker="dense")
    return evidence.append_column("order", order).drop_columns("selector")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand reports of hidden campaigns, and rows that nobody should write."""
    folder = tmp_path_factory.mktemp("world")
    subprocess.run(
        [
            *(sys.executable, "-m", "worlds.scale", "--out", folder),
            *("--reports", "2000", "--setting", "reference", "--seed", "20261122"),
        ],
        cwd=ROOT / "bench",
        capture_output=True,
        check=True,
    )
    reports = pq.read_table(folder / "reports.parquet")
    first = reports["report_id"][0].as_py()
    odd = [
        {"report_id": first, "ts": None, "narrative": "The same id a second time."},
        {"report_id": 7, "ts": datetime(1903, 5, 1, 13, 59, 59, 999_999)},  # noqa: DTZ001 - the column knows no zone
        {"report_id": 8, "ts": None, "country": "", "crime_type": "unknown"},
        {"report_id": -9, "ts": datetime(2190, 1, 1)},  # noqa: DTZ001 - as above
    ]
    _append(folder / "reports.parquet", odd)
    told = pq.read_table(folder / "mentions.parquet")
    phones = told.filter(pc.equal(told["kind"], "phone"))["value"]
    [(shared, _)] = Counter(phones.to_pylist()).most_common(1)
    _append(
        folder / "mentions.parquet",
        [
            *({"report_id": n, "kind": "phone", "value": shared} for n in (7, 8, -9)),
            *({"report_id": 7, "kind": "phone", "value": shared} for _ in range(2)),
            {"report_id": 8, "kind": "phone", "value": shared, "role": "victim"},
            {"report_id": 12_345, "kind": "phone", "value": shared},
            {"report_id": None, "kind": "phone", "value": shared},
            {"report_id": 7, "kind": None, "value": "nothing"},
            {"report_id": 7, "kind": "phone", "value": None},
            {"report_id": 7, "kind": "text", "value": "no shingle"},
            *({"report_id": n, "kind": "url", "value": "x" * 9_000} for n in (7, 8)),
            *({"report_id": n, "kind": "url", "value": "щ" * 8_192} for n in (7, -9)),
            *({"report_id": n, "kind": "?", "value": "İ'\"\\"} for n in (7, -9)),
        ],
    )
    return folder


def _append(path: Path, rows: list[dict[str, Any]]) -> None:
    table = pq.read_table(path)
    pq.write_table(
        pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)]),
        path,
        row_group_size=500,
    )


@pytest.mark.spark
@needs_spark
def test_two_workers_find_row_for_row_what_one_machine_finds(
    duck: Runner, spark: Runner, world: Path, tmp_path: Path
) -> None:
    assert SPARK is not None
    with start_cluster(SPARK, tmp_path) as master:
        document = require_same(duck, spark, world, master)
    assert (document["reports"], document["repeats"]) == (2_003, 1)
    assert document["strays"] == 7
    assert document["series"] > 20


@pytest.mark.spark
@needs_spark
def test_selectors_found_in_narratives_are_the_same_on_spark(
    duck: Runner, spark: Runner, tmp_path: Path
) -> None:
    """Here in a folder whose name is a pattern, with text for ids and nanoseconds."""
    folder = tmp_path / "a [b]* {c}'d"
    rows = [
        report(
            f"r{n}", narrative=f"Pay {IBAN} or call +49 1511 234567{n % 3}, day {n}."
        )
        for n in range(12)
    ]
    write(folder, [*rows, report("r3", narrative=f"Pay {IBAN} twice.")], None)
    table = pq.read_table(folder / "reports.parquet")
    times = [datetime(2026, 3, 1, n, 59, 59, tzinfo=UTC) for n in range(13)]
    extra = pa.array([b"0123456789abcdef"] * 13, pa.binary(16))
    table = table.set_column(1, "ts", pa.array(times, pa.timestamp("ns", "UTC")))
    pq.write_table(
        table.append_column("uuid", extra).append_column("TS", extra),
        folder / "reports.parquet",
        version="2.6",
    )
    document = require_same(duck, spark, folder)
    assert (document["reports"], document["repeats"]) == (12, 1)
    assert document["links"] > 0


@pytest.mark.spark
@needs_spark
def test_a_damaged_file_is_refused_by_spark_and_older_results_stay(
    spark: Runner, tmp_path: Path
) -> None:
    write(tmp_path, [report(n) for n in range(400)], [])
    path = tmp_path / "reports.parquet"
    times = pq.ParquetFile(path).metadata.row_group(0).column(1)
    data = bytearray(path.read_bytes())
    start = times.data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    (out / "series.parquet").write_text("older")
    answer = spark.link(tmp_path, out, "--engine", "spark")
    assert answer.code == 2
    assert answer.complained.count("\n") == 3
    assert "PXY-LINK-FILE" in answer.complained
    assert [path.name for path in out.iterdir()] == ["series.parquet"]
    assert (out / "series.parquet").read_text() == "older"


QUOTING = """
import contextlib, sys
from pathlib import Path
from proxeny.engines.spark.session import open_session
from proxeny.engines.values import Batch
from proxeny.linking import load_scorecard
from pyspark.errors import PySparkException

folder = Path(sys.argv[1])
batch = Batch(
    reports=folder, out=folder, scorecard=load_scorecard(), memory_bytes=4 << 30,
    threads=1, warning_lists=None,
)
with open_session(batch, 1, folder) as session:
    try:
        session.sql("SELECT CAST('a word of a report' AS INT)").collect()
    except PySparkException as error:
        print("a word of a report" in str(error))
"""


@pytest.mark.spark
@needs_spark
def test_what_spark_says_of_an_error_is_not_logged(tmp_path: Path) -> None:
    assert SPARK is not None
    done = subprocess.run(
        [SPARK, "-c", QUOTING, tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | ENVIRONMENT,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_spark_that_is_not_installed_is_said(tmp_path: Path) -> None:
    write(tmp_path, [report(1)], [])
    hide = "import importlib.util as u, sys; u.find_spec = lambda name: None;"
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"{hide} from proxeny.cli import main; main(sys.argv[1:])",
            *("link", "--engine", "spark", "--reports", tmp_path, "--out", tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "PXY-LINK-SPARK" in done.stderr
    assert "proxeny[spark]" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        sql.render_selectors(),
        sql.render_postings(),
        sql.render_pairs(),
        sql.render_scores(load_scorecard()),
    ],
    ids=["selectors", "postings", "pairs", "scores"],
)
def test_each_text_of_the_sql_can_be_said_in_sparks_dialect(text: str) -> None:
    [spark] = sqlglot.transpile(
        text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert sqlglot.parse_one(spark, read="spark").named_selects
