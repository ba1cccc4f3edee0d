#!/usr/bin/env python3
"""Writes a world of reports with hidden campaigns as Parquet, up to ten million.

    cd bench && python -m worlds.scale --out DIR --reports 1000000 \
        --setting reference --seed 7

``DIR`` then holds ``reports.parquet`` and ``mentions.parquet`` as ``proxeny link``
reads them. The truth is apart in ``DIR/truth``: ``truth.parquet`` names the campaign of
each report (an unrelated report is a campaign of one), and ``mentions.parquet`` says
whose each mention is, row by row. Memory is bounded, as reports are drawn in portions.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from worlds import values
from worlds.draws import (
    ROLES,
    SOURCES,
    TYPO,
    Mentioned,
    Reports,
    draw_mentions,
    draw_reports,
)
from worlds.languages import LANGUAGES, make_vocabularies
from worlds.narratives import Tellers, narrate
from worlds.plan import COUNTRIES, OFFENCES, Plan, plan_world
from worlds.setting import Setting, find_setting, read_settings
from worlds.values import KIND_SHIFT, KINDS

Ints = npt.NDArray[np.int64]

FIRST_DAY = np.datetime64("2024-01-01T00:00:00", "us")
FIRST_ID = 1_000_000
PORTION = 250_000  # Reports drawn at once.
ROW_GROUP = 1_000_000
DAY_US = 86_400_000_000
OFFENCE_NAMES = (*OFFENCES, "unknown")
CAMPAIGNS_OF_A_KIT = 8


def make(out: Path, *, reports: int, setting: Setting, seed: int) -> None:
    """Write a world.

    Args:
        out: The folder to write to; made if it isn't there.
        reports: How many reports.
        setting: What kind of world.
        seed: The same seed gives the same world.

    Raises:
        ValueError: Fewer than one report is asked for.
    """
    if reports < 1:
        raise ValueError("A world has one report or more.")
    rng = np.random.default_rng(seed)
    plan = plan_world(setting, reports, rng)
    members = rng.permutation(np.arange(reports, dtype=np.int32))
    (out / "truth").mkdir(parents=True, exist_ok=True)
    writers: dict[str, pq.ParquetWriter] = {}
    waiting: dict[str, list[pa.Table]] = {}
    try:
        for begin in range(0, reports, PORTION):
            rows = np.arange(begin, min(begin + PORTION, reports))
            told = draw_reports(plan, setting, rows, members[rows], rng)
            said = draw_mentions(plan, setting, told, reports, rng)
            last = begin + PORTION >= reports
            for name, table in list_tables(plan, setting, told, said, seed):
                group = waiting.setdefault(name, [])
                group.append(table)
                if last or sum(part.num_rows for part in group) >= ROW_GROUP:
                    if name not in writers:
                        writers[name] = open_writer(out / name, table.schema)
                    writers[name].write_table(pa.concat_tables(group), ROW_GROUP)
                    group.clear()
    finally:
        for writer in writers.values():
            writer.close()


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a file of Parquet; columns of few values are dictionaries in it."""
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=coded,
        store_schema=False,  # A reader gets plain strings.
    )


def list_tables(
    plan: Plan, setting: Setting, told: Reports, said: Mentioned, seed: int
) -> Iterator[tuple[str, pa.Table]]:
    """Give the tables of a portion with the names of their files."""
    ids = pa.array(told.row + FIRST_ID)
    if setting.string_ids:
        ids = pc.binary_join_element_wise("R", ids.cast(pa.string()), "-")
    stamp = FIRST_DAY + (told.day * DAY_US).astype("timedelta64[us]")
    yield (
        "reports.parquet",
        pa.table(
            {
                "report_id": ids,
                "ts": pa.array(stamp),
                "country": _code(told.country, tuple(c for c, _, _ in COUNTRIES)),
                "crime_type": _code(told.named, OFFENCE_NAMES),
                "amount": pa.array(told.amount, from_pandas=True),
                "lang": _code(told.language, LANGUAGES),
                "narrative": _narrate(plan, setting, told, seed),
            }
        ),
    )
    kind = said.selector >> KIND_SHIFT
    yield (
        "mentions.parquet",
        pa.table(
            {
                "report_id": ids.take(pa.array(said.report)),
                "kind": _code(kind, KINDS),
                "value": _spell_values(said, told, seed),
                "role": _code(said.role, ROLES),
            }
        ),
    )
    truth = pa.table({"report_id": ids, "campaign": pa.array(told.campaign)})
    yield "truth/truth.parquet", truth
    yield "truth/mentions.parquet", pa.table({"source": _code(said.source, SOURCES)})


def _code(numbers: Ints, names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(numbers.astype(np.int8), pa.array(names))


def _spell_values(said: Mentioned, told: Reports, seed: int) -> pa.StringArray:
    """Spell the values; each typo is another one."""
    count = len(said.selector)
    typos = np.where(said.source == TYPO, told.row[said.report] * 64 + 1, 0)
    out = np.empty(count * values.MAX_BYTES, np.uint8)
    offsets = np.empty(count + 1, np.int32)
    values.write_values(seed, said.selector, typos, out, offsets)
    return _strings(out, offsets)


def _narrate(plan: Plan, setting: Setting, told: Reports, seed: int) -> pa.StringArray:
    """Write the narratives; none is null."""
    kits = int(len(plan.size) * setting.wording.kits / CAMPAIGNS_OF_A_KIT)
    text, offsets = narrate(
        Tellers(
            row=told.row,
            campaign=told.campaign,
            size=plan.size[told.campaign],
            offence=told.offence,
            language=told.language,
            when=told.when,
        ),
        setting.wording,
        make_vocabularies(),
        kits=max(1, kits),
        seed=seed,
    )
    none = pa.array(np.diff(offsets) == 0)
    return pc.replace_with_mask(
        _strings(text, offsets), none, pa.scalar(None, pa.string())
    )


def _strings(
    text: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]
) -> pa.StringArray:
    """Hand text over to Arrow; only what is used of the buffer is kept."""
    kept = pa.py_buffer(text[: offsets[-1]].tobytes())
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), kept)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reports", type=int, required=True)
    parser.add_argument("--setting", choices=sorted(read_settings()), required=True)
    parser.add_argument("--seed", type=int, required=True)
    asked = parser.parse_args(arguments)
    began = time.process_time()
    make(
        asked.out,
        reports=asked.reports,
        setting=find_setting(asked.setting),
        seed=asked.seed,
    )
    print(f"{asked.reports} reports in {time.process_time() - began:.1f} s of CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
