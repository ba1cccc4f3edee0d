"""Reads narratives on the workers: the same kernels, a batch of rows at a time."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from proxeny.engines import narratives
from proxeny.engines.kernels import sketching
from proxeny.engines.spark.inputs import Source
from proxeny.linking import narratives as spec

Batches = Iterable[pa.RecordBatch]

_PACKED: Final = ("phrases_a", "phrases_b")
_NO_PHRASES: Final = bytes(4 * spec.PHRASES_KEPT)
# Keys of shingles are below zero, as no number of a mention is.
_BELOW_ZERO: Final = np.uint64(1 << 63)
# Mentions found in a narrative are numbered after its row: as they come in the file.
_MENTIONS_A_ROW: Final = 1 << 20


def rate_phrases(source: Source) -> sketching.Levels:
    """Rate how rare phrases are, on the driver, by a sample of the file."""
    if not source.has("narrative"):
        return np.zeros(0, np.uint8)
    return narratives.rate_phrases(source.file)


def sketch(source: Source, levels: sketching.Levels) -> DataFrame:
    """Give by `report` its shingles' `keys` and its `phrases`: packed, or null."""
    return source.read("narrative").mapInArrow(
        partial(_sketch, levels), "report INT, keys ARRAY<BIGINT>, phrases BINARY"
    )


def _sketch(levels: sketching.Levels, batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column("narrative").cast(pa.large_string())
        keys, phrases = sketching.sketch(texts, levels)
        is_key = keys != 0
        offsets = np.concatenate(([0], np.cumsum(is_key.sum(axis=1))))
        yield pa.record_batch(
            {
                "report": batch.column("row").cast(pa.int32()),
                "keys": pa.ListArray.from_arrays(
                    pa.array(offsets, pa.int32()),
                    (keys[is_key] | _BELOW_ZERO).view(np.int64),
                ),
                "phrases": pa.array(
                    [row.tobytes() if row[0] else None for row in phrases], pa.binary()
                ),
            }
        )


def compare(pairs: DataFrame, levels: sketching.Levels) -> DataFrame:
    """Give pairs with the phrases that their narratives share.

    Args:
        pairs: of `pairs.sql`, and of each report its phrases: `phrases_a`, `phrases_b`.
        levels: bits of rarity by bucket.

    """
    kept = pairs.drop(*_PACKED).schema
    schema = kept.add("phrases", "short").add("text_bits", "short")
    schema = schema.add("recurs", "boolean")
    return pairs.mapInArrow(partial(_compare, levels), schema)


def _compare(levels: sketching.Levels, batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        one, other = (_unpack(batch.column(name)) for name in _PACKED)
        places = np.arange(len(batch), dtype=np.int32)
        shared, bits = sketching.measure_overlaps(
            places,
            places + np.int32(len(batch)),
            np.concatenate((one, other)),
            levels,
        )
        kept = batch.drop_columns(list(_PACKED))
        mask = shared < 0
        yield pa.RecordBatch.from_arrays(
            [
                *(*kept.columns, pa.array(shared, mask=mask)),
                # Spark brings all pairs together: whoever would tell those that
                # recur would have to see them all.
                *(pa.array(bits, mask=mask), pa.array([True] * len(kept))),
            ],
            [*kept.schema.names, "phrases", "text_bits", "recurs"],
        )


def _unpack(column: pa.BinaryArray) -> sketching.Phrases:
    filled = column.fill_null(_NO_PHRASES)
    data = b"".join(filled.to_pylist())
    return np.frombuffer(data, np.uint32).reshape(-1, spec.PHRASES_KEPT)


def extract(source: Source) -> DataFrame:
    """Find the selectors in the narratives: the columns of mentions, numbered."""
    rows = source.read("report_id", "narrative", "country")
    kind = rows.schema["report_id"].dataType.simpleString()
    return rows.mapInArrow(
        _extract,
        f"mention BIGINT, report_id {kind}, kind STRING, value STRING, role STRING",
    )


def _extract(batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        rows = batch.column("row")
        places = pa.array(np.arange(len(batch)))
        found = narratives.extract(
            pa.record_batch(
                [places, batch.column("narrative"), batch.column("country")],
                ["report_id", "narrative", "country"],
            )
        ).combine_chunks()
        place = found.column("report_id").cast(pa.int64()).to_numpy()
        # How many of the same row come before: they stand together.
        before = np.arange(len(place)) - np.searchsorted(place, place)
        numbers = rows.to_numpy()[place] * _MENTIONS_A_ROW + before
        yield from pa.table(
            {
                "mention": pa.array(numbers, pa.int64()),
                "report_id": batch.column("report_id").take(pa.array(place)),
                **{
                    name: found.column(name).cast(pa.string())
                    for name in ("kind", "value", "role")
                },
            }
        ).to_batches()
