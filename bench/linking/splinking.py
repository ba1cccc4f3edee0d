"""Links a world by Splink 5 on DuckDB, with the settings of `peers.toml`.

Splink gets less to do: no narratives, no times, and one value of each kind. Its time is
that of preparing, training, predicting and one clustering; the threshold whose series
are the best by the truth is then looked for off the clock.
"""

import logging
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from measuring.runs import read_peer
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_library as cl
from worlds.baselines import read_truth, score
from worlds.values import KINDS

from linking.contestants import Clock, Labels, Line, join, load_holders, tell

ENOUGH = 0.003  # B3 that a higher threshold must lose before the search ends.


def link_by_splink(world: Path, threads: int) -> Line:
    """Prepare, train, predict, cluster; then take the best threshold."""
    settings = read_peer("splink")
    clock = Clock()
    con = duckdb.connect(config={"threads": threads})
    _prepare(con, world, settings["max_holders"])
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("record"), _describe())
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(kind) for kind in settings["prior_blocks"]],
        recall=settings["prior_recall"],
    )
    training.estimate_u_using_random_sampling(max_pairs=settings["u_pairs"], seed=1)
    for kind in settings["em_blocks"]:
        training.estimate_parameters_using_expectation_maximisation(block_on(kind))
    pairs = linker.inference.predict(
        threshold_match_weight=settings["predict_from_weight"]
    )
    linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_weight=settings["timed_weight"]
    )
    spent = clock.read()
    found, weight = _find_best(con, pairs, world, settings["cluster_weights"])
    return tell(
        "Splink 5, no narratives", spent, found, read_truth(world), f"weight {weight:g}"
    )


def _prepare(con: duckdb.DuckDBPyConnection, world: Path, most: int) -> None:
    load_holders(con, world)
    columns = ", ".join(
        f"arg_min(h.value, h.holders) FILTER (h.kind = '{kind}') AS {kind}"
        for kind in KINDS
    )
    con.execute(
        f"""CREATE TABLE record AS
        SELECT r.report AS unique_id, any_value(r.crime_type) AS crime_type,
          any_value(r.country) AS country, {columns}
        FROM report AS r
        LEFT JOIN held AS h ON h.report = r.report AND h.holders BETWEEN 2 AND {most}
        GROUP BY r.report"""  # noqa: S608 - our own names and figures
    ).fetchall()
    con.execute("DROP TABLE held").fetchall()


def _describe() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(kind) for kind in KINDS],
        comparisons=[
            *(
                cl.ExactMatch(kind).configure(term_frequency_adjustments=True)
                for kind in KINDS
            ),
            cl.ExactMatch("crime_type"),
            cl.ExactMatch("country"),
        ],
    )


def _find_best(
    con: duckdb.DuckDBPyConnection, pairs: Any, world: Path, weights: list[float]
) -> tuple[Labels, float]:
    columns = con.execute(
        f"""SELECT unique_id_l AS a, unique_id_r AS b, match_weight AS weight
        FROM {pairs.physical_name}"""  # noqa: S608 - Splink's own name
    ).fetchnumpy()
    a, b, weight = (np.asarray(columns[name]) for name in ("a", "b", "weight"))
    truth = read_truth(world)
    best: tuple[float, Labels, float] | None = None
    for least in weights:
        kept = weight >= least
        found = join(a[kept], b[kept], len(truth))
        quality = score(found, truth).b3_f
        if best is None or quality > best[0]:
            best = quality, found, least
        elif quality < best[0] - ENOUGH:
            break
    if best is None:
        raise ValueError("peers.toml names no cluster_weights")
    return best[1], best[2]
