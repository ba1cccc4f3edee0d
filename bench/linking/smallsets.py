"""Real sets with truth: exact selectors, TF-IDF, and Proxeny on the same reports."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from measuring.runs import read_peer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors
from worlds.baselines import score

from linking.contestants import join
from linking.realsets import SETS, Told, read_series, take_half, write_batch
from proxeny.engines.duckdb import link
from proxeny.engines.values import Batch
from proxeny.linking import load_scorecard

EXACT, NEAREST, OURS = "exact selectors", "TF-IDF, best threshold", "Proxeny"
MEMORY_BYTES = 4 << 30

Labels = npt.NDArray[np.int64]


class SmallLine(TypedDict):
    """One method on one set: pairs and B-cubed."""

    what: str
    precision: float
    recall: float
    f1: float
    b3: float
    largest: int


class SmallSet(TypedDict):
    """One set, or the half of it that nothing was fitted on."""

    name: str
    half: bool
    reports: int
    scored: int
    series: int
    lines: list[SmallLine]


def measure_set(name: str, data: Path, threads: int, *, half: bool) -> SmallSet:
    """Link one real set by every method.

    Args:
        name: one of `SETS`.
        data: where the real sets are.
        threads: for Proxeny.
        half: only the series that the scorecard was not fitted on.

    """
    told = SETS[name](data)
    if half:
        told = take_half(told, examined=True)
    told.sort(key=lambda item: (item.at is None, str(item.at), item.name))
    found = {
        EXACT: group_by_selectors(told, None),
        f"exact, at most {_limit()} holders": group_by_selectors(told, _limit()),
        **group_by_words(told),
        OURS: _link(told, data / "warninglists", threads),
    }
    lines = [_judge(what, labels, told) for what, labels in found.items()]
    truths = [item.truth for item in told if item.truth is not None]
    return SmallSet(
        name=name,
        half=half,
        reports=len(told),
        scored=len(truths),
        series=len(set(truths)),
        lines=lines,
    )


def _limit() -> int:
    return int(read_peer("components")["max_holders"])


def group_by_selectors(told: Sequence[Told], limit: int | None) -> Labels:
    """Components of reports that share a selector that is nobody's victim's."""
    numbers: dict[tuple[str, str], int] = {}
    rows, held = [], []
    for row, item in enumerate(told):
        victims = {m[:2] for m in item.mentions if m[2] == "victim"}
        for mention in {m[:2] for m in item.mentions} - victims:
            rows.append(row)
            held.append(numbers.setdefault(mention, len(numbers)))
    holders = np.bincount(held, minlength=len(numbers))
    kept = np.ones(len(held), np.bool_) if limit is None else holders[held] <= limit
    # Reports and selectors are both nodes of one graph.
    ends = np.asarray(held, np.int64)[kept] + len(told)
    return join(np.asarray(rows)[kept], ends, len(told) + len(numbers))[: len(told)]


def group_by_words(told: Sequence[Told]) -> dict[str, Labels]:
    """Link each report to its nearest, at the usual threshold and at the best one.

    The best threshold is chosen by the truth of the very set, which no user has.
    """
    settings = read_peer("tfidf")
    vectors = TfidfVectorizer(ngram_range=tuple(settings["words"])).fit_transform(
        [item.text for item in told]
    )
    index = NearestNeighbors(n_neighbors=2, metric="cosine").fit(vectors)
    distances, neighbours = index.kneighbors(vectors)
    rows = np.arange(len(told))
    # Of equal texts, either may come first.
    place = np.where(neighbours[:, 0] == rows, 1, 0)
    nearest, closeness = neighbours[rows, place], 1 - distances[rows, place]

    def group(threshold: float) -> Labels:
        kept = closeness >= threshold
        return join(rows[kept], nearest[kept], len(told))

    usual = float(settings["usual_threshold"])
    best = max(
        settings["thresholds"], key=lambda level: _judge("", group(level), told)["f1"]
    )
    return {
        f"TF-IDF, threshold {usual:g}": group(usual),
        f"{NEAREST} ({best:g})": group(best),
    }


def _link(told: Sequence[Told], lists: Path, threads: int) -> Labels:
    with tempfile.TemporaryDirectory(prefix="proxeny-bench-") as name:
        folder = Path(name)
        write_batch(told, folder)
        link(
            Batch(
                reports=folder,
                out=folder / "out",
                scorecard=load_scorecard(),
                memory_bytes=MEMORY_BYTES,
                threads=threads,
                warning_lists=lists if lists.exists() else None,
            ),
            lambda *_: None,
        )
        return read_series(folder / "out", len(told))


def _judge(what: str, found: Labels, told: Sequence[Told]) -> SmallLine:
    scored = [row for row, item in enumerate(told) if item.truth is not None]
    truth = np.asarray([str(told[row].truth) for row in scored])
    quality = score(found[scored], truth)
    return SmallLine(
        what=what,
        precision=quality.precision,
        recall=quality.recall,
        f1=quality.f1,
        b3=quality.b3_f,
        largest=quality.largest,
    )
