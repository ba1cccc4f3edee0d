"""Sketches narratives by Proxeny, rensa and datasketch: texts a second on one core.

Each function is called in a process of its own, which is held on one core. Signing
alone and signing with the search for candidates are timed apart, in processor time.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict, TypeVar

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from measuring.runs import peak_mib, read_peer

Ints = npt.NDArray[np.int64]

Result = TypeVar("Result")

WARM_UP = 1_000
PASSES = 3
BUCKET_BITS = 28
WORDS_OF_A_SHINGLE = 5


class SketchLine(TypedDict):
    """One contestant: its speed, its memory, and the candidates it found."""

    what: str
    texts: int
    per_s: float
    with_candidates_per_s: float
    candidates: int
    precision: float
    recall: float
    peak_mib: float


def time_best(call: Callable[[], Result]) -> tuple[Result, float]:
    """Call a few times; give the last result and the least processor time.

    On a machine that others use, a cold cache makes the same work twice as long.
    """
    least = float("inf")
    for _ in range(PASSES):
        began = time.process_time()
        result = call()
        least = min(least, time.process_time() - began)
    return result, least


def pin() -> None:
    """Hold this process on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    numba.set_num_threads(1)


def read_texts(world: Path, most: int) -> tuple[pa.Array, Ints]:
    """The first narratives of a world that has them all, and whose they are."""
    texts = pq.read_table(world / "reports.parquet", columns=["narrative"])["narrative"]
    truth = pq.read_table(world / "truth" / "truth.parquet")["campaign"].to_numpy()
    kept = np.flatnonzero(np.asarray(texts.is_valid()))[:most]
    return texts.combine_chunks().take(pa.array(kept)), truth[kept]


def sketch_by_proxeny(world: Path, most: int) -> SketchLine:
    """Count the phrases, sketch, and pair the holders of each shingle."""
    from proxeny.engines.kernels import sketching
    from proxeny.linking import narratives

    pin()
    texts, truth = read_texts(world, most)
    texts = texts.cast(pa.large_string())
    counts = np.zeros(narratives.RARITY_BUCKETS, np.uint32)
    levels = sketching.rate_phrases(counts, 0)
    sketching.count_phrases(texts[:WARM_UP], counts)
    sketching.sketch(texts[:WARM_UP], levels)
    sketching.find_repeated(np.zeros(4, np.uint64), BUCKET_BITS)
    counts[:] = 0
    # As the batch does: phrases are counted on a sample, which is part of the search.
    began = time.process_time()
    sample = texts[: 1 << 17]
    sketching.count_phrases(sample, counts)
    levels = sketching.rate_phrases(counts, len(sample))
    counting = time.process_time() - began
    (keys, _), signing = time_best(lambda: sketching.sketch(texts, levels))
    began = time.process_time()
    flat = keys.reshape(-1)
    held = np.flatnonzero(sketching.find_repeated(flat, BUCKET_BITS))
    order = np.argsort(flat[held], kind="stable")
    pairs = _pair_next(flat[held][order], (held // keys.shape[1])[order])
    searching = counting + time.process_time() - began
    what = "Proxeny: 4 shingles, 16 phrases"
    return _tell(what, truth, signing, signing + searching, pairs)


def _pair_next(keys: npt.NDArray[np.uint64], rows: Ints) -> Ints:
    """Pairs of neighbours, one and two apart, among the rows of each key."""
    pairs = []
    for step in (1, 2):
        same = keys[step:] == keys[:-step]
        pairs.append(rows[:-step][same] << 32 | rows[step:][same])
    return np.unique(np.concatenate(pairs))


def sketch_by_rensa(
    world: Path, most: int, signature: int, *, shingles: bool
) -> SketchLine:
    """Sets of tokens to R-MinHash in one call, then the index, as its README does.

    Args:
        world: whose narratives.
        most: how many of them.
        signature: slots.
        shingles: tokens are rows of five words, as Proxeny's are, and not single words,
            as in the README: faster, but then any two texts on parcels look alike.

    """
    import rensa

    pin()
    settings = read_peer("rensa")
    texts, truth = read_texts(world, most)
    told = texts.to_pylist()
    split = _list_shingles if shingles else str.split
    sketches, signing = time_best(
        lambda: rensa.RMinHash.from_token_sets(
            [[*split(text)] for text in told], num_perm=signature, seed=settings["seed"]
        )
    )
    began = time.process_time()
    index = rensa.RMinHashLSH(
        threshold=settings["threshold"], num_perm=signature, num_bands=settings["bands"]
    )
    for row, sketch in enumerate(sketches):
        index.insert(row, sketch)
    pairs = _list_pairs(index.query(sketch) for sketch in sketches)
    searching = time.process_time() - began
    what = f"rensa: {signature} slots, {'shingles' if shingles else 'words'}"
    return _tell(what, truth, signing, signing + searching, pairs)


def sketch_by_datasketch(world: Path, most: int) -> SketchLine:
    """Sets of shingles to MinHash, then the index, as its manual does."""
    from datasketch import MinHash, MinHashLSH

    pin()
    settings = read_peer("datasketch")
    signature, bands = settings["signature"], settings["bands"]
    texts, truth = read_texts(world, most)
    told = texts.to_pylist()
    sketches, signing = time_best(
        lambda: MinHash.bulk(
            [[shingle.encode() for shingle in _list_shingles(text)] for text in told],
            num_perm=signature,
        )
    )
    began = time.process_time()
    index = MinHashLSH(num_perm=signature, params=(bands, signature // bands))
    for row, sketch in enumerate(sketches):
        index.insert(row, sketch)
    pairs = _list_pairs(index.query(sketch) for sketch in sketches)
    searching = time.process_time() - began
    what = f"datasketch: {signature} slots, {bands} bands"
    return _tell(what, truth, signing, signing + searching, pairs)


def _list_shingles(text: str) -> set[str]:
    words = text.lower().split()
    last = max(1, len(words) - WORDS_OF_A_SHINGLE + 1)
    return {" ".join(words[at : at + WORDS_OF_A_SHINGLE]) for at in range(last)}


def _list_pairs(found: Iterable[list[int]]) -> Ints:
    pairs = [
        row << 32 | other
        for row, near in enumerate(found)
        for other in near
        if other > row
    ]
    return np.unique(np.asarray(pairs, np.int64))


def _tell(
    what: str, truth: Ints, signing_s: float, all_s: float, pairs: Ints
) -> SketchLine:
    peak = peak_mib()
    a, b = pairs >> 32, pairs & 0xFFFFFFFF
    same = int((truth[a] == truth[b]).sum())
    sizes = np.bincount(np.unique(truth, return_inverse=True)[1])
    true_pairs = int((sizes * (sizes - 1) // 2).sum())
    return SketchLine(
        what=what,
        texts=len(truth),
        per_s=len(truth) / signing_s,
        with_candidates_per_s=len(truth) / all_s,
        candidates=len(pairs),
        precision=same / max(1, len(pairs)),
        recall=same / max(1, true_pairs),
        peak_mib=peak,
    )


def join_by_union_find(edges: int, nodes: int, seed: int) -> dict[str, float]:
    """Plain union-find, and one round of the merge guard on the same edges."""
    from worlds.baselines import join_components

    from proxeny.engines.kernels import guarding
    from proxeny.linking import Guard

    pin()
    a, b = make_edges(edges, nodes, seed)
    both = np.stack((a, b), axis=1).reshape(-1)
    numbers = np.repeat(np.arange(edges), 2)
    join_components(both[:4], numbers[:4], nodes)
    found, joined = time_best(lambda: join_components(both, numbers, nodes))

    def unite(count: int) -> npt.NDArray[np.int32]:
        return guarding.unite(
            a[:count].astype(np.int32),
            b[:count].astype(np.int32),
            np.arange(count),
            np.full(count, 9.0),
            reports=nodes,
            guard=Guard(
                rounds=(1.0,),
                sqrt_smaller=0.0,
                log2_larger=0.0,
                floor=1.0,
                wording_bits=0.0,
                wording_share=0.0,
            ),
        )

    unite(4)
    guarded, guarding_s = time_best(lambda: unite(edges))
    return {
        "components": float(len(np.unique(found))),
        "seconds": joined,
        "guard_components": float(len(np.unique(guarded))),
        "guard_seconds": guarding_s,
        "peak_mib": peak_mib(),
    }


def join_by_networkx(edges: int, nodes: int, seed: int) -> dict[str, float]:
    """`connected_components` on a graph that is built off the clock."""
    import networkx as nx

    pin()
    a, b = make_edges(edges, nodes, seed)
    graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    began = time.process_time()
    graph.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))
    built = time.process_time()
    components = sum(1 for _ in nx.connected_components(graph))
    searched = time.process_time()
    return {
        "components": float(components),
        "seconds": searched - built,
        "with_building_seconds": searched - began,
        "peak_mib": peak_mib(),
    }


def make_edges(edges: int, nodes: int, seed: int) -> tuple[Ints, Ints]:
    """Chains, as rotating selectors make them: each end a few places further on."""
    dice = np.random.default_rng(seed)
    a = dice.integers(0, nodes - 20, edges)
    order = dice.permutation(nodes)
    return order[a], order[a + dice.integers(1, 20, edges)]
