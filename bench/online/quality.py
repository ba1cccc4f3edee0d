"""How far series that grow report by report are from those of the batch."""

import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from worlds import baselines, scale, setting
from worlds.baselines import Quality

from proxeny.engines.duckdb import link
from proxeny.engines.kernels import sketching
from proxeny.engines.values import Batch
from proxeny.linking import Linker, Rarity, load_scorecard
from proxeny.linking.narratives import RARITY_BUCKETS
from proxeny.selectors import Kind, Role, Selector

SAMPLED = 1 << 17
MEMORY_BYTES = 6 << 30


def compare(folder: Path, *, world: str, reports: int, seed: int) -> dict[str, Any]:
    """Link a world one by one in the order of time, and at once; B-cubed of both."""
    scale.make(folder, reports=reports, setting=setting.find_setting(world), seed=seed)
    out = folder / "out"
    out.mkdir()
    link(
        Batch(
            reports=folder,
            out=out,
            scorecard=load_scorecard(),
            memory_bytes=MEMORY_BYTES,
            threads=2,
        ),
        lambda *_: None,
    )
    series = pq.read_table(out / "series.parquet")
    by_report = dict(
        zip(series["report_id"].to_pylist(), series["series"].to_pylist(), strict=True)
    )
    ids = pq.read_table(folder / "reports.parquet", columns=["report_id"])["report_id"]
    batch = np.array([str(by_report[ref]) for ref in ids.to_pylist()])
    started = time.process_time()
    online = link_one_by_one(folder)
    cpu_s = time.process_time() - started
    truth = baselines.read_truth(folder)
    return {
        "world": world,
        "reports": reports,
        "seed": seed,
        "reports_per_cpu_s": reports / cpu_s,
        "batch": _tell(baselines.score(batch, truth)),
        "online": _tell(baselines.score(online, truth)),
        "agreement_b3": baselines.score(online, batch).b3_f,
    }


def link_one_by_one(folder: Path) -> npt.NDArray[np.str_]:
    """The series of each report, in the order of ``reports.parquet``."""
    reports = pq.read_table(folder / "reports.parquet")
    said: defaultdict[Any, list[tuple[Selector, Role]]] = defaultdict(list)
    for batch in pq.ParquetFile(folder / "mentions.parquet").iter_batches():
        for row in batch.to_pylist():
            selector = Selector(kind=Kind(row["kind"]), value=row["value"])
            said[row["report_id"]].append((selector, Role(row["role"])))
    linker = Linker(load_scorecard(), count_rarity(reports))
    at = reports["ts"].to_numpy().astype("datetime64[s]").astype(np.int64)
    columns = {
        name: reports[name].to_pylist()
        for name in ("report_id", "narrative", "country", "crime_type")
    }
    for row in np.argsort(at, kind="stable").tolist():
        offence = columns["crime_type"][row]
        linker.add(
            str(row),
            at=datetime.fromtimestamp(int(at[row]), UTC),
            mentions=said.pop(columns["report_id"][row], ()),
            narrative=columns["narrative"][row] or "",
            country=columns["country"][row] or None,
            offence=None if offence in ("", "unknown") else offence,
        )
    refs = map(str, range(len(reports)))
    return np.array([linker.find_series(ref) or ref for ref in refs])


def count_rarity(reports: Any) -> Rarity:
    """How rare phrases are, as the node's nightly batch counts it."""
    texts = reports["narrative"].combine_chunks()[:SAMPLED]
    counts = np.zeros(RARITY_BUCKETS, np.uint32)
    sketching.count_phrases(texts, counts)
    return Rarity(levels=sketching.rate_phrases(counts, len(texts)).tobytes())


def _tell(quality: Quality) -> dict[str, float]:
    return {
        "b3": quality.b3_f,
        "f1": quality.f1,
        "b3_precision": quality.b3_precision,
        "b3_recall": quality.b3_recall,
        "largest_ratio": quality.largest / quality.largest_true,
    }
