"""Leaves out stop values on the workers."""

import functools
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame

from proxeny.engines.stops import mark_stops
from proxeny.linking.warninglists import WarningLists, load_warning_lists


def drop_stops(selectors: DataFrame, lists: Path | None) -> DataFrame:
    """Give the selectors that are no stop values.

    Args:
        selectors: with kind and value.
        lists: folder of MISP warning lists that the workers can read, or None for the
            packaged list alone.

    """
    folder = None if lists is None else lists.resolve()
    return selectors.mapInArrow(partial(_drop, folder), selectors.schema)


def _drop(
    folder: Path | None, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    lists = None if folder is None else _load(folder)
    for batch in batches:
        kinds, values = (batch.column(name).to_pylist() for name in ("kind", "value"))
        stops = mark_stops(kinds, values, lists)
        yield batch.filter(pa.array([not is_stop for is_stop in stops], pa.bool_()))


@functools.cache
def _load(folder: Path) -> WarningLists:
    """Read the lists once for each of a worker's processes."""
    return load_warning_lists(folder)
