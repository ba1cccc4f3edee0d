"""Reads the narratives of a file: sketches, and selectors where none are given."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from proxeny import selectors
from proxeny.countries import codes
from proxeny.engines.kernels import sketching
from proxeny.engines.values import Progress
from proxeny.linking import narratives as spec

SAMPLED_TEXTS: Final = 1 << 17
"""Narratives on which the rarity of phrases is counted."""

_SAMPLED_AT_ONCE: Final = 1 << 13
_SKETCHED_AT_ONCE: Final = 1 << 16
_EXTRACTED_AT_ONCE: Final = 1 << 12
_WAITING_EACH: Final = 3
_COLUMN: Final = "narrative"
_BYTES_AT_ONCE: Final = 64 << 20
# Buckets of keys, to find those that come once: the keys are evenly spread.
_BUCKET_BITS: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the narratives of a file are compared by.

    Attributes:
        phrases: by the number of the row, shape (rows, 16), 0 where there are fewer.
        levels: bits of rarity by bucket.

    """

    phrases: sketching.Phrases
    levels: sketching.Levels

    def compare(
        self, one: npt.NDArray[np.int32], other: npt.NDArray[np.int32]
    ) -> tuple[pa.Array, pa.Array]:
        """Shared phrases and their bits by pair; null where one has no phrases."""
        shared, bits = sketching.measure_overlaps(one, other, self.phrases, self.levels)
        mask = shared < 0
        return pa.array(shared, mask=mask), pa.array(bits, mask=mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketches:
    """Sketches of the narratives of a file.

    Attributes:
        keys: of all shingles kept, row by row.
        rows: of these keys.
        wording: their phrases.

    """

    keys: sketching.Keys
    rows: npt.NDArray[np.int32]
    wording: Wording

    def list_shared_keys(
        self,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Keys (made negative) and rows, without most of the keys that come once."""
        kept = sketching.find_repeated(self.keys, _BUCKET_BITS)
        keys = (self.keys[kept] | np.uint64(1 << 63)).view(np.int64)
        return keys, self.rows[kept]


def sketch_file(file: pq.ParquetFile, progress: Progress) -> Sketches:
    """Sketch all narratives of a file; without that column they are all empty."""
    total, done = file.metadata.num_rows, 0
    phrases = np.zeros((total, spec.PHRASES_KEPT), np.uint32)
    keys, rows = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)]
    levels = np.zeros(0, np.uint8)
    if _COLUMN in file.schema_arrow.names:
        levels = rate_phrases(file)
        for batch in _read_ahead(
            file.iter_batches(
                _count_at_once(file, _SKETCHED_AT_ONCE), columns=[_COLUMN]
            )
        ):
            some, phrases[done : done + len(batch)] = sketching.sketch(
                _texts(batch), levels
            )
            row, place = np.nonzero(some)
            keys.append(some[row, place])
            rows.append((row + done).astype(np.int32))
            done += len(batch)
            progress("narratives", done, total)
    return Sketches(
        keys=np.concatenate(keys),
        rows=np.concatenate(rows),
        wording=Wording(phrases=phrases, levels=levels),
    )


def _read_ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read the next batch while one is being worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def rate_phrases(file: pq.ParquetFile) -> sketching.Levels:
    """Count phrases in narratives from all over the file."""
    counts = np.zeros(spec.RARITY_BUCKETS, np.uint32)
    groups = file.metadata.num_row_groups
    each = -(-SAMPLED_TEXTS // max(groups, 1))
    seen = 0
    for group in range(groups):
        left = each
        for batch in file.iter_batches(
            _count_at_once(file, min(_SAMPLED_AT_ONCE, each)),
            row_groups=[group],
            columns=[_COLUMN],
        ):
            sketching.count_phrases(_texts(batch), counts)
            seen += len(batch) - batch.column(0).null_count
            left -= len(batch)
            if left <= 0:
                break
    return sketching.rate_phrases(
        counts, seen, are_all=file.metadata.num_rows <= SAMPLED_TEXTS
    )


def _count_at_once(file: pq.ParquetFile, most: int) -> int:
    """Rows to read at once: fewer where narratives are long."""
    metadata = file.metadata
    size = max(
        (
            group.column(place).total_uncompressed_size // max(group.num_rows, 1)
            for group in map(metadata.row_group, range(metadata.num_row_groups))
            for place in range(group.num_columns)
            if group.column(place).path_in_schema == _COLUMN
        ),
        default=0,
    )
    return max(1, min(most, _BYTES_AT_ONCE // max(size, 1)))


def _texts(batch: pa.RecordBatch) -> pa.Array:
    return batch.column(0).cast(pa.large_string())


def extract_file(
    file: pq.ParquetFile, folder: Path, processes: int, progress: Progress
) -> Path:
    """Find the selectors in the narratives and write them as mentions."""
    path = folder / "extracted.parquet"
    schema = pa.schema(
        [("report_id", file.schema_arrow.field("report_id").type)]
        + [(name, pa.string()) for name in ("kind", "value", "role")]
    )
    names = ["report_id", _COLUMN]
    if _COLUMN not in file.schema_arrow.names:
        pq.write_table(schema.empty_table(), path)
        return path
    if "country" in file.schema_arrow.names:
        names.append("country")
    rows, done = file.metadata.num_rows, 0
    at_once = _count_at_once(file, _EXTRACTED_AT_ONCE)
    waiting: deque[Future[pa.Table]] = deque()
    with (
        pq.ParquetWriter(path, schema) as writer,
        ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool,
    ):

        def take() -> int:
            writer.write_table(waiting.popleft().result().cast(schema))
            return int(min(done + at_once, rows))

        for batch in file.iter_batches(at_once, columns=names):
            waiting.append(pool.submit(extract, batch))
            if len(waiting) > _WAITING_EACH * processes:
                done = take()
                progress("mentions", done, rows)
        while waiting:
            done = take()
            progress("mentions", done, rows)
    return path


def extract(batch: pa.RecordBatch) -> pa.Table:
    """Find the selectors of some narratives, each once for each role.

    Args:
        batch: reports' ids, narratives and perhaps countries, in this order.

    """
    ids, texts = batch.column(0).to_pylist(), batch.column(1).to_pylist()
    countries = batch.column(2).to_pylist() if batch.num_columns > 2 else None  # noqa: PLR2004 - the third column
    found: dict[str, list[object]] = {
        name: [] for name in ("report_id", "kind", "value", "role")
    }
    known = codes()
    for row, text in enumerate(texts):
        if not text:
            continue
        country = countries[row] if countries else None
        mentions = selectors.find(
            text[: selectors.MAX_TEXT_CHARS],
            country=country if country in known else None,
        )
        for selector, role in {(m.selector, m.role): None for m in mentions}:
            for name, value in zip(
                found,
                (ids[row], selector.kind.value, selector.value, role.value),
                strict=True,
            ):
                found[name].append(value)
    return pa.table(found)
