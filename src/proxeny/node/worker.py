"""The worker: runs due jobs and folds the audit log, until it is told to stop."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from proxeny.node.audit.actions import fold_entries, write_checkpoint
from proxeny.node.audit.queries import count_folded
from proxeny.node.exchange.secrets import read_keys
from proxeny.node.jobs.actions import lease_job, run_job
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import list_plans

logger = logging.getLogger("proxeny.worker")
FOLD_EVERY_S = 1.0
PLAN_EVERY_S = 300.0


def run_due_job(after: str = "") -> str:
    """Run one due job, of another kind than the last if there is one.

    Returns:
        Its kind; empty if none was due.
    """
    lease = timedelta(seconds=settings.CONFIG.worker.lease_s)
    job = lease_job(timezone.now(), lease, after=after)
    if job is None:
        return ""
    run_job(job)
    return job.kind


def run_due_jobs() -> int:
    """Run every job that is due now; return how many were run."""
    done = 0
    kind = run_due_job()
    while kind:
        done += 1
        kind = run_due_job(kind)
    return done


def plan_jobs() -> None:
    """Enqueue what comes round, such as the jobs of the night to come."""
    now = timezone.now()
    for plan in list_plans():
        plan(now)


def fold_logs(*, checkpoint: bool = False) -> int:
    """Fold committed audit rows and write a checkpoint outside the database.

    Args:
        checkpoint: write one even if nothing was folded now.
    """
    folded = 0
    while added := fold_entries():
        folded += added
    if folded or checkpoint:
        keys = read_keys(settings.CONFIG.keys_folder)
        write_checkpoint(settings.CONFIG.checkpoints_folder, keys)
    return folded


def checkpoint_wal() -> None:
    """Move what SQLite has logged into its file, so that no writer has to.

    A writer that does it itself stops for 60 to 160 ms. Nobody waits for this one: it
    leaves what others still read. PostgreSQL has a process of its own for it.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def run_once() -> int:
    """Run until nothing is due within a moment; return how many jobs were run."""
    done = 0
    plan_jobs()
    while True:
        done += run_due_jobs()
        soon = timezone.now() + timedelta(seconds=2)
        waiting = Job.objects.filter(state=Job.State.WAITING, next_at__lte=soon)
        if not waiting.filter(attempts__lte=12).exists():
            break
        time.sleep(settings.CONFIG.worker.poll_s)
    fold_logs()
    return done


def run_forever(stop: Callable[[], bool]) -> None:
    """Work until ``stop`` says so; whatever fails meanwhile is waited for.

    Between two jobs the log gets its turn, so that it never falls behind a queue.
    """
    folded_at: float | None = None
    planned_at: float | None = None
    kind = ""
    while not stop():
        try:
            if planned_at is None or time.monotonic() - planned_at >= PLAN_EVERY_S:
                plan_jobs()
                planned_at = time.monotonic()
            kind = run_due_job(kind)
            if folded_at is None or time.monotonic() - folded_at >= FOLD_EVERY_S:
                # The worker before may have been killed between fold and checkpoint.
                fold_logs(checkpoint=folded_at is None and count_folded() > 0)
                checkpoint_wal()
                folded_at = time.monotonic()
        except Exception as error:  # noqa: BLE001 - a worker that leaves helps nobody
            # Never the error's text: it may hold personal data.
            logger.warning("the worker goes on after: %s", type(error).__name__)
            close_old_connections()
            kind = ""
        if not kind:
            time.sleep(settings.CONFIG.worker.poll_s)
