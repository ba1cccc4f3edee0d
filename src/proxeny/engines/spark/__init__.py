"""Linking on many machines: Spark for what SQL can say, the kernels for the rest."""

from importlib.util import find_spec

from proxeny.engines.values import Batch, BatchError, Outcome, Progress

__all__ = ["link"]


def link(batch: Batch, progress: Progress) -> Outcome:
    """Put the reports of a folder into series, as the engine on one machine does.

    The environment variable `PROXENY_SPARK_MASTER` names the cluster (see
    `proxeny.engines.spark.session`).

    Raises:
        BatchError: Spark isn't there or gives up, or the files can't be read.
        LimitError: the memory allowed is too little for so many reports.

    """
    if find_spec("pyspark") is None:
        raise BatchError(
            "Spark is not installed.",
            code="PXY-LINK-SPARK",
            advice="Install proxeny[spark], or link with --engine duckdb.",
        )
    from proxeny.engines.spark.linking import link as run

    return run(batch, progress)
