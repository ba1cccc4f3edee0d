"""The peers: Splink 5, and DuckDB's point look-up, on the same reports.

Both are given less to do than the node: nothing is extracted, nothing is written, no
series is kept and nothing is durable.
"""

import json
import logging
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from online.timing import Figures, sum_up, time_each
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_library as cl

from proxeny import linking

KINDS = ("phone", "iban", "email", "domain", "url", "wallet", "ip")
WARM_UP = 5
TRAINING_PAIRS = 1e6
NEWEST = "SELECT report FROM mention WHERE key = ? ORDER BY report DESC LIMIT ?"


def measure_splink(folder: Path, held: int, calls: int) -> Figures:
    """`predict_between(held, one new record)`, the model trained on what is held.

    Splink 5 removed `find_matches_to_new_records` (its pull request 3091); this is
    what replaces it (3104). Columns are scalar, so a report has its first selector
    of each kind; rarity is Splink's term-frequency adjustment.
    """
    records = [_record_of(n, named) for n, named in enumerate(_read(folder))]
    api = DuckDBAPI()
    known = api.register(pa.Table.from_pylist(records[:held]))
    linker = Linker(known, _settings())
    # The linker sets its own level when it is made, and tells of each step of training.
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(kind) for kind in ("iban", "wallet", "email")], recall=0.5
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=TRAINING_PAIRS)
    for kind in ("domain", "phone"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(kind)
        )
    for kind in KINDS:
        linker.table_management.compute_tf_table(kind)
    found: list[int] = []

    def link(record: dict[str, Any]) -> None:
        new = api.register(pa.Table.from_pylist([record], schema=schema))
        matches = linker.inference.predict_between(
            known, new, threshold_match_probability=0.5
        )
        found.append(len(matches.as_record_list()))
        matches.drop_table_from_database_and_remove_from_cache()
        new.drop_table_from_database_and_remove_from_cache(force_non_splink_table=True)

    schema = pa.Table.from_pylist(records).schema
    time_each(link, records[held : held + WARM_UP])
    found.clear()
    seconds = time_each(link, records[held + WARM_UP : held + WARM_UP + calls])
    return sum_up(
        "Splink 5.0.0 on DuckDB: predict_between",
        held,
        seconds,
        f"{sum(found) / len(found):.1f} links a report",
    )


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(kind) for kind in KINDS],
        comparisons=[
            *(
                cl.ExactMatch(kind).configure(term_frequency_adjustments=True)
                for kind in KINDS
            ),
            cl.ExactMatch("offence"),
            cl.ExactMatch("country"),
        ],
        retain_intermediate_calculation_columns=True,
    )


def measure_duckdb(folder: Path, held: int, calls: int) -> Figures:
    """The newest 20 reports that mention each selector of one new report."""
    rows = [
        (key, number)
        for number, named in enumerate(_read(folder))
        for _, _, key in named["selectors"]
    ]
    known = [row for row in rows if row[1] < held]
    wanted: dict[int, list[int]] = {}
    for key, number in rows:
        if number >= held:
            wanted.setdefault(number, []).append(key)
    database = duckdb.connect()
    table = pa.table(
        {"key": [key for key, _ in known], "report": [n for _, n in known]}
    )
    database.register("known", table)
    database.execute(
        "CREATE TABLE mention AS FROM known ORDER BY key, report"
    ).fetchall()
    database.execute("CREATE INDEX by_key ON mention (key)").fetchall()

    def look_up(keys: list[int]) -> None:
        for key in keys:
            database.execute(NEWEST, [key, linking.MAX_HOLDERS_READ]).fetchall()

    new = list(wanted.values())
    time_each(look_up, new[:WARM_UP])
    seconds = time_each(look_up, new[WARM_UP : WARM_UP + calls])
    selectors = sum(map(len, new)) / len(new)
    return sum_up(
        "DuckDB: point look-up only",
        held,
        seconds,
        f"DuckDB {duckdb.__version__}, {selectors:.1f} selectors a report",
    )


def _read(folder: Path) -> list[dict[str, Any]]:
    with (folder / "mentions.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _record_of(number: int, named: dict[str, Any]) -> dict[str, Any]:
    return {
        "unique_id": number,
        "offence": named["offence"],
        "country": named["country"],
        **dict.fromkeys(KINDS),
        **{kind: value for kind, value, _ in reversed(named["selectors"])},
    }
