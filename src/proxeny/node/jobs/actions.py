"""Put work into the table, take it out under a lease, and say how it went."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from proxeny.node.jobs.faults import reach
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Outcome, Retry, handler_of


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


def lease_job(now: datetime, lease: timedelta) -> Job | None:
    """Take the job that is due longest, if any; nobody else gets it meanwhile."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Job.objects.filter(free, state=Job.State.WAITING, next_at__lte=now)
    for job in due.order_by("next_at", "pk")[:5]:
        taken = Job.objects.filter(free, pk=job.pk, state=Job.State.WAITING).update(
            lease_until=now + lease, attempts=job.attempts + 1
        )
        if taken:
            job.refresh_from_db()
            reach("job.leased")
            return job
    return None


def run_job(job: Job) -> Outcome:
    """Do one leased job and write down how it went.

    A handler must be able to run again after being killed at any point.
    """
    outcome = handler_of(job.kind)(job)
    row = Job.objects.filter(pk=job.pk)
    match outcome:
        case Done():
            row.update(state=Job.State.DONE, lease_until=None, reason="")
        case Retry(after=after, reason=reason):
            row.update(
                lease_until=None,
                next_at=timezone.now() + after,
                reason=reason[:300],
            )
        case Failed(reason=reason):
            row.update(
                state=Job.State.FAILED, lease_until=None, reason=reason[:300]
            )
    return outcome
