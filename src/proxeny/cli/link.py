"""`proxeny link`: batch linking of Parquet files; needs no node."""

import os
import re
import resource
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from proxeny.cli import output
from proxeny.errors import InputError

DEFAULT_SHARE: Final = 0.6
_SIZES: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)


class Engine(StrEnum):
    """What does the work."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def link(
    reports: Annotated[
        Path,
        typer.Option(help="Folder with reports.parquet and perhaps mentions.parquet."),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for series.parquet and links.parquet.")
    ],
    engine: Annotated[Engine, typer.Option(help="What does the work.")] = Engine.DUCKDB,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="Most memory, as 6GB; default: 60 % of the machine's."
        ),
    ] = None,
    warning_lists: Annotated[
        Path | None,
        typer.Option(help="Folder of MISP warning lists: their values join nobody."),
    ] = None,
    scorecard: Annotated[
        Path | None,
        typer.Option(
            help="Weights, as `series refit --out` writes them; default: the packaged."
        ),
    ] = None,
    as_json: output.AsJSON = False,
) -> int:
    """Put reports into series by the selectors and the wording that they share.

    reports.parquet: report_id, ts; if there: country, crime_type, narrative.
    mentions.parquet: report_id, kind, value; if there: role (offender, victim,
    unknown). Without it, selectors are found in the narratives. Written are
    series.parquet (report_id, series) and links.parquet (report_a, report_b, weight,
    accepted, because), both at the end: a run that is killed changes nothing.

    Example: proxeny link --reports world --out linked --memory 6GB
    """
    from proxeny.engines.values import Batch
    from proxeny.linking import load_scorecard, read_scorecard

    batch = Batch(
        reports=reports,
        out=out,
        scorecard=load_scorecard() if scorecard is None else read_scorecard(scorecard),
        memory_bytes=_read_size(memory) if memory else _share_of_machine(),
        threads=len(os.sched_getaffinity(0)),
        warning_lists=warning_lists,
    )
    started = time.monotonic()
    if engine is Engine.SPARK:
        from proxeny.engines.spark import link as run
    else:
        from proxeny.engines.duckdb import link as run
    clock = _Clock(is_shown=sys.stderr.isatty())
    outcome = run(batch, clock)
    document = {
        "reports": outcome.reports,
        "mentions": outcome.mentions,
        "series": outcome.series,
        "largest": outcome.largest,
        "links": outcome.links,
        "related": outcome.related,
        "repeats": outcome.repeats,
        "strays": outcome.strays,
        "seconds": round(time.monotonic() - started, 2),
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
        "steps": clock.finish(),
        "engine": engine.value,
        "scorecard": batch.scorecard.version,
    }
    if as_json:
        output.print_json(document)
    else:
        _say(document)
    return 0


def _say(document: dict[str, object]) -> None:
    for name in ("reports", "mentions", "series", "largest", "links", "related"):
        output.say(f"{name:12} {document[name]:>14,}")
    for name, why in (
        ("repeats", "rows whose report_id came before: left out"),
        ("strays", "mentions of no report here, or no selector: left out"),
    ):
        if document[name]:
            output.say(f"{name:12} {document[name]:>14,}   {why}")
    memory = int(str(document["peak_memory"])) >> 20
    output.say(f"{document['seconds']} s, {memory:,} MiB at most")


def _read_size(text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"'{text[:20]}' is no size of memory.",
            code="PXY-SIZE",
            advice="Give a number with its unit, as 6GB or 800M.",
        )
    asked = float(match[1]) * _SIZES[match[2].upper()]
    return int(min(asked, _memory_of_machine()))


def _share_of_machine() -> int:
    return int(_memory_of_machine() * DEFAULT_SHARE)


def _memory_of_machine() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


class _Clock:
    """Times the steps; on a terminal also shows how far, how fast and what is left."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._step = ""
        self._started = time.monotonic()
        self._seconds: dict[str, float] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step != self._step:
            self._close(now)
            self._step, self._started = step, now
        if not self._is_shown:
            return
        text = f"{step:12}"
        if done and total:
            seconds = max(now - self._started, 0.001)
            left = seconds * (total - done) / done
            text += f" {done / total:4.0%}  {done / seconds:,.0f}/s  {left:.0f} s left"
        elif total:
            text += f" {total:,}"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def finish(self) -> dict[str, float]:
        """Seconds of each step."""
        self._close(time.monotonic())
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
        return self._seconds

    def _close(self, now: float) -> None:
        if self._step:
            spent = self._seconds.get(self._step, 0.0) + now - self._started
            self._seconds[self._step] = round(spent, 2)
