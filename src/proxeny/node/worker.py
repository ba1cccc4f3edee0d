"""The worker: runs due jobs and folds the audit log, until it is told to stop."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from proxeny.node.audit.actions import fold_entries, write_checkpoint
from proxeny.node.exchange.secrets import read_keys
from proxeny.node.jobs.actions import lease_job, run_job
from proxeny.node.jobs.models import Job

logger = logging.getLogger("proxeny.worker")
FOLD_EVERY_S = 1.0


def run_due_jobs() -> int:
    """Run every job that is due now; return how many were run."""
    lease = timedelta(seconds=settings.CONFIG.worker.lease_s)
    done = 0
    while (job := lease_job(timezone.now(), lease)) is not None:
        run_job(job)
        done += 1
    return done


def fold_logs() -> int:
    """Fold committed audit rows and write a checkpoint outside the database."""
    folded = 0
    while added := fold_entries():
        folded += added
    if folded:
        keys = read_keys(settings.CONFIG.keys_folder)
        write_checkpoint(settings.CONFIG.checkpoints_folder, keys)
    return folded


def run_once() -> int:
    """Run until nothing is due within a moment; return how many jobs were run."""
    done = 0
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
    """Work until ``stop`` says so; a failing database is waited for."""
    folded_at = 0.0
    while not stop():
        try:
            busy = run_due_jobs()
            if time.monotonic() - folded_at >= FOLD_EVERY_S:
                fold_logs()
                folded_at = time.monotonic()
        except OperationalError as error:
            logger.warning("database not reachable: %s", type(error).__name__)
            close_old_connections()
            busy = 0
        if not busy:
            time.sleep(settings.CONFIG.worker.poll_s)
