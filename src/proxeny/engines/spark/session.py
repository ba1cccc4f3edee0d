"""Opens the Spark session of a batch: here, on a cluster, or over Spark Connect.

`PROXENY_SPARK_MASTER` names the master: `local[4]`, `spark://host:7077`, or
`sc://host:15002` for Spark Connect. Without it, what `spark-submit` was told holds, and
without `spark-submit` this machine works alone.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyspark.sql import SparkSession

from proxeny.engines.values import Batch

MASTER: Final = "PROXENY_SPARK_MASTER"

DRIVER_SHARE: Final = 0.25
"""What of the memory the driver keeps for writing, where it works beside Spark."""

_REMOTE: Final = "sc://"
_LOCAL: Final = "local"
_ERRORS: Final = 2  # The descriptor of standard error.
# What the virtual machine takes beside its heap, as a share of the heap.
_BESIDE_HEAP: Final = 0.25
_PYTHON_BYTES: Final = 300 << 20
_LEAST_HEAP: Final = 512 << 20

# That the files mean the same as they do to the other engine.
_MEANING: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.session.timeZone": "UTC",
}


@contextlib.contextmanager
def open_session(batch: Batch, reports: int, folder: Path) -> Iterator[SparkSession]:
    """Give a session; it is stopped at the end.

    Args:
        batch: whose bounds hold where this machine works alone. On a cluster the
            bounds are the cluster's own.
        reports: how many there are.
        folder: for what doesn't fit into memory, where this machine works alone.

    Raises:
        LimitError: the memory allowed is too little for so many reports.

    """
    builder = SparkSession.builder.appName("proxeny link")
    master = os.environ.get(MASTER, "")
    # Set by `spark-submit`, which has started the driver with settings of its own.
    is_submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if master.startswith(_REMOTE):
        builder = builder.remote(master)
    elif not is_submitted:
        master = master or f"{_LOCAL}[{batch.threads}]"
        # Spark reads the interpreter's path from here alone.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.master(master)
        for name, value in _list_settings(batch, master, reports, folder).items():
            builder = builder.config(name, value)
    with _silence():
        session = builder.getOrCreate()
    before = logging.root.manager.disable
    # Spark's Python logs what it was refused, quoting it, and then raises it too.
    logging.disable()
    try:
        for name, value in _MEANING.items():
            session.conf.set(name, value)
        yield session
    finally:
        session.stop()
        logging.disable(before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Start no process that writes to the terminal: Spark's messages quote reports."""
    kept = os.dup(_ERRORS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _ERRORS)
    try:
        yield
    finally:
        os.dup2(kept, _ERRORS)
        os.close(kept)
        os.close(nowhere)


def _list_settings(
    batch: Batch, master: str, reports: int, folder: Path
) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # As many Python processes as cores: each needs one thread.
        "spark.executorEnv.NUMBA_NUM_THREADS": "1",
    }
    if master.startswith(_LOCAL):
        left = batch.engine_bytes(reports) * (1 - DRIVER_SHARE)
        left -= _PYTHON_BYTES * batch.threads
        heap = max(int(left / (1 + _BESIDE_HEAP)), _LEAST_HEAP)
        settings |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": f"{heap >> 20}m",
            "spark.local.dir": str(folder / "spilled"),
        }
    return settings
