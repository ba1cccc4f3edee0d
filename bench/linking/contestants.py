"""Links a world by Proxeny and by plain methods: time, memory, and how right it is.

Each function is called in a process of its own. Time and peak memory are taken before
the result is compared with the truth.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import duckdb
import numpy as np
import numpy.typing as npt
from measuring.runs import peak_mib, read_peer
from scipy import sparse
from worlds.baselines import group_by_selectors, read_mentions, read_truth, score

from proxeny.engines.duckdb import link
from proxeny.engines.values import Batch
from proxeny.linking import load_scorecard

Labels = npt.NDArray[np.int64]


class Line(TypedDict):
    """One contestant on one world."""

    what: str
    wall_s: float
    cpu_s: float
    peak_mib: float
    precision: float
    recall: float
    f1: float
    b3: float
    largest: int
    largest_true: int
    note: str


class Steps:
    """Notes when each step of a batch begins, as the batch tells its progress."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        del done, total
        self._begun.setdefault(step, time.monotonic())

    def render(self) -> str:
        """Seconds of each step, the last one up to now."""
        begun = [*self._begun.values(), time.monotonic()]
        return ", ".join(
            f"{step} {after - at:.1f}"
            for step, at, after in zip(self._begun, begun, begun[1:], strict=False)
        )


class Clock:
    """Wall and processor time since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def read(self) -> tuple[float, float, float]:
        """Wall seconds, processor seconds of all threads, peak memory in MiB."""
        return (
            time.monotonic() - self._wall,
            time.process_time() - self._cpu,
            peak_mib(),
        )


def tell(
    what: str,
    spent: tuple[float, float, float],
    found: npt.NDArray[np.generic],
    truth: Labels,
    note: str = "",
) -> Line:
    """Compare with the truth and make a line of it."""
    quality = score(found, truth)
    return Line(
        what=what,
        wall_s=spent[0],
        cpu_s=spent[1],
        peak_mib=spent[2],
        precision=quality.precision,
        recall=quality.recall,
        f1=quality.f1,
        b3=quality.b3_f,
        largest=quality.largest,
        largest_true=quality.largest_true,
        note=note,
    )


def link_by_proxeny(world: Path, out: Path, threads: int, memory_bytes: int) -> Line:
    """Run the batch as `proxeny link` does, files in and files out."""
    clock, steps = Clock(), Steps()
    link(
        Batch(
            reports=world,
            out=out,
            scorecard=load_scorecard(),
            memory_bytes=memory_bytes,
            threads=threads,
        ),
        steps,
    )
    told = steps.render()
    spent = clock.read()
    columns = duckdb.execute(
        """SELECT s.series, t.campaign FROM read_parquet(?) AS s
        JOIN read_parquet(?) AS t USING (report_id)""",
        [str(out / "series.parquet"), str(world / "truth" / "truth.parquet")],
    ).fetchnumpy()
    return tell(
        "Proxeny, narratives included",
        spent,
        np.asarray(columns["series"]),
        np.asarray(columns["campaign"], np.int64),
        told,
    )


def link_by_components(world: Path) -> Line:
    """Join whatever shares a selector that few hold."""
    limit = int(read_peer("components")["max_holders"])
    return _group(
        world,
        f"components, at most {limit} holders",
        lambda: group_by_selectors(read_mentions(world), max_holders=limit),
    )


def link_by_misp(world: Path, threads: int) -> Line:
    """Join as MISP correlates: equal values by a self-join, popular ones left out."""
    limit = int(read_peer("misp")["over_correlation_limit"])
    return _group(
        world,
        f"MISP-like self-join, limit {limit}",
        lambda: _correlate(world, limit, threads),
    )


def _group(world: Path, what: str, group: Callable[[], Labels]) -> Line:
    clock = Clock()
    found = group()
    return tell(what, clock.read(), found, read_truth(world))


def _correlate(world: Path, limit: int, threads: int) -> Labels:
    con = duckdb.connect(config={"threads": threads})
    load_holders(con, world)
    edges = con.execute(
        """SELECT one.report AS a, other.report AS b
        FROM (SELECT * FROM held WHERE holders BETWEEN 2 AND ?) AS one
        JOIN held AS other USING (kind, value) WHERE one.report < other.report""",
        [limit],
    ).fetchnumpy()
    [(reports,)] = con.execute("SELECT count(*) FROM report").fetchall()
    return join(np.asarray(edges["a"]), np.asarray(edges["b"]), int(reports))


def load_holders(con: duckdb.DuckDBPyConnection, world: Path) -> None:
    """Make `report` and `held`: who holds what besides victims, and how many do."""
    con.execute(
        """CREATE TABLE report AS
        SELECT file_row_number::INTEGER AS report, report_id, crime_type, country
        FROM read_parquet(?, file_row_number = true)""",
        [str(world / "reports.parquet")],
    ).fetchall()
    con.execute(
        """CREATE TABLE held AS
        SELECT *, count(*) OVER (PARTITION BY kind, value) AS holders FROM (
          SELECT DISTINCT r.report, m.kind, m.value FROM read_parquet(?) AS m
          JOIN report AS r USING (report_id) WHERE m.role <> 'victim')""",
        [str(world / "mentions.parquet")],
    ).fetchall()


def join(
    a: npt.NDArray[np.generic], b: npt.NDArray[np.generic], reports: int
) -> Labels:
    """Connected components of edges."""
    graph = sparse.coo_matrix(
        (np.ones(len(a), np.int8), (a, b)), shape=(reports, reports)
    )
    return sparse.csgraph.connected_components(graph, directed=False)[1].astype(
        np.int64
    )
