"""A batch of linking as values: what is asked, what came of it, what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxeny.errors import InputError, LimitError
from proxeny.linking import Scorecard

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

SPARE_BYTES: Final = 700 << 20
"""The interpreter, its libraries, and what an engine holds beside its tables."""

BYTES_A_REPORT: Final = 335
"""What a report takes outside the engine at most: while series are united."""

LEAST_ENGINE_BYTES: Final = 256 << 20


class BatchError(InputError):
    """The files given to a batch can't be linked as they are."""

    code = "PXY-LINK-INPUT"
    advice = "See the columns that `proxeny link --help` names."


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What to link, and within which bounds.

    Attributes:
        reports: folder with `reports.parquet` and perhaps `mentions.parquet`.
        out: folder for `series.parquet` and `links.parquet`.
        scorecard: weights and guard.
        memory_bytes: the process takes no more; the rest is spilled to disk.
        threads: to work with.
        warning_lists: folder of MISP warning lists, or None.

    """

    reports: Path
    out: Path
    scorecard: Scorecard
    memory_bytes: int
    threads: int
    warning_lists: Path | None = None

    def engine_bytes(self, reports: int, a_report: int = BYTES_A_REPORT) -> int:
        """What is left for the engine's tables.

        Args:
            reports: how many there are.
            a_report: bytes that each takes outside the engine.

        Raises:
            LimitError: it would be too little to work with.

        """
        left = self.memory_bytes - SPARE_BYTES - a_report * reports
        if left < LEAST_ENGINE_BYTES:
            least = self.memory_bytes - left + LEAST_ENGINE_BYTES
            raise LimitError(
                f"{reports:,} reports need at least {least >> 20:,} MiB of memory.",
                code="PXY-LINK-MEMORY",
                advice="Give more with --memory, or link on Spark.",
            )
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a batch.

    Attributes:
        reports: linked, each once.
        mentions: read, those of unknown reports apart.
        series: with two reports or more.
        largest: reports in the largest series.
        links: written, of them `related` between different series.
        related: links that were not enough to unite two series.
        repeats: rows of reports left out because their id came before.
        strays: mentions left out because they name no report or no selector.

    """

    reports: int
    mentions: int
    series: int
    largest: int
    links: int
    related: int
    repeats: int
    strays: int
