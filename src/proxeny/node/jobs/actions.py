"""Put work into the table, take it out under a lease, and say how it went."""

import logging
import secrets
import traceback
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import django.db
from django.conf import settings
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from proxeny.errors import ProxenyError, StateError
from proxeny.node.jobs.faults import reach
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Outcome, Retry, handler_of

logger = logging.getLogger("proxeny.jobs")


def enqueue_job(
    kind: str, *, key: str, payload: dict[str, Any], at: datetime | None = None
) -> None:
    """Write a job with the caller's own transaction; the same key is written once."""
    now = timezone.now()
    Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": payload,
            "next_at": at or now,
            "created_at": now,
        },
    )


def pause_after(attempts: int) -> timedelta:
    """Exponential back-off with jitter, between the operator's two bounds."""
    worker = settings.CONFIG.worker
    longest = min(worker.retry_first_s * 2 ** min(attempts, 20), worker.retry_longest_s)
    return timedelta(seconds=longest * (0.5 + secrets.randbelow(500) / 1000))


def lease_job(now: datetime, lease: timedelta, *, after: str = "") -> Job | None:
    """Take the job that is due longest, if any; nobody else gets it meanwhile.

    Args:
        now: the present instant.
        lease: how long it is taken for.
        after: the kind that had its turn last. Another kind goes first, so that a
            flood of one (whoever can reach the door can post) starves no other.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Job.objects.filter(free, state=Job.State.WAITING, next_at__lte=now)
    turn = Case(When(kind=after, then=1), default=0)
    for job in due.order_by(turn, "next_at", "pk")[:5]:
        until, attempts = now + lease, job.attempts + 1
        # Another worker may have done and put off the job since it was read: it is
        # taken only if it is still due and nobody has tried it meanwhile.
        taken = due.filter(pk=job.pk, attempts=job.attempts).update(
            lease_until=until, attempts=attempts
        )
        if taken:
            job.lease_until, job.attempts = until, attempts
            reach("job.leased")
            return job
    return None


def extend_lease(job: Job, longer: timedelta) -> None:
    """Hold a job longer than usual, for work that takes its time.

    Raises:
        StateError: the lease ran out, and another worker may have the job by now.
    """
    until = timezone.now() + longer
    if not _ours(job).update(lease_until=until):
        raise StateError("The job is another worker's by now.", code="PXY-JOB-LEASE")
    job.lease_until = until


def run_job(job: Job) -> Outcome:
    """Do one leased job and write down how it went.

    A handler must be able to run again after being killed at any point. One that
    fails in a way that nobody foresaw is tried again later and stops no other job.
    A worker that outlived its lease has no say any more in how the job went.
    """
    try:
        outcome = handler_of(job.kind)(job)
    except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others
        outcome = Retry(pause_after(job.attempts), _name_fault(job, error))
    except BaseException:
        # The worker is told to stop: the next one need not wait for the lease's end.
        with suppress(django.db.Error):
            _ours(job).update(lease_until=None)
        raise
    ours = _ours(job)
    match outcome:
        case Done():
            ours.update(state=Job.State.DONE, lease_until=None, reason="")
        case Retry(after=after, reason=reason):
            ours.update(
                lease_until=None,
                next_at=timezone.now() + after,
                reason=reason[:300],
            )
        case Failed(reason=reason):
            ours.update(state=Job.State.FAILED, lease_until=None, reason=reason[:300])
    return outcome


def _ours(job: Job) -> QuerySet[Job]:
    """The job, as long as nobody else has leased it."""
    return Job.objects.filter(pk=job.pk, lease_until=job.lease_until)


def _name_fault(job: Job, error: Exception) -> str:
    """What kind of fault and where; never its text, which may hold personal data."""
    name = (
        error.stable_code if isinstance(error, ProxenyError) else type(error).__name__
    )
    ours = [
        f"{frame.name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "proxeny" in frame.filename
    ]
    logger.warning("job %s (%s): %s in %s", job.pk, job.kind, name, ours[-1])
    return name
