"""Jobs under a lease: what fails, what is slow, and two workers with one job."""

import itertools
import logging
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from proxeny.errors import StateError
from proxeny.node import worker
from proxeny.node.jobs import registry
from proxeny.node.jobs.actions import enqueue_job, lease_job, pause_after, run_job
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Retry, register_job

pytestmark = [pytest.mark.federation, pytest.mark.django_db]
LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that a test declares are gone after it."""
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))


def add_job(kind: str = "test", **payload: object) -> None:
    enqueue_job(kind, key=f"{kind}:{Job.objects.count()}", payload=payload)


def the_job() -> Job:
    return Job.objects.get()


def raise_(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyError("Petar Petrović"), "KeyError"),
        (OperationalError("database is locked: Petar Petrović"), "OperationalError"),
        (StateError("Petar Petrović", code="PXY-TEST"), "PXY-TEST"),
    ],
)
def test_unforeseen_fault_is_tried_again_and_names_nobody(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    register_job("test", lambda _: raise_(error))
    register_job("other", lambda _: Done())
    add_job()
    add_job("other")
    with caplog.at_level(logging.WARNING):
        assert worker.run_due_jobs() == 2
    job = Job.objects.get(kind="test")
    assert (job.state, job.reason, job.lease_until) == ("waiting", reason, None)
    assert timezone.now() < job.next_at <= timezone.now() + timedelta(seconds=2)
    assert Job.objects.get(kind="other").state == "done"
    assert reason in caplog.text
    assert "Petrović" not in caplog.text + job.reason


def run_rounds(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's loop, so many times round and without its pauses."""
    clock = SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    monkeypatch.setattr(worker, "time", clock)
    rounds = itertools.count()
    worker.run_forever(lambda: next(rounds) >= count)


@pytest.mark.django_db(transaction=True)  # It closes connections that may be broken.
def test_worker_goes_on_after_any_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = []

    def fold(**_: object) -> int:
        rounds.append(1)
        raise OSError("No space left on device: /home/petar")

    monkeypatch.setattr(worker, "fold_logs", fold)
    run_rounds(3, monkeypatch)
    assert len(rounds) == 3
    assert "petar" not in caplog.text


def test_kind_that_nobody_does_waits_for_a_newer_release() -> None:
    add_job("kind-of-tomorrow")
    worker.run_due_jobs()
    assert (the_job().state, the_job().reason) == ("waiting", "PXY-JOB-KIND")


@pytest.mark.parametrize("kind", ["exchange.deliver", "exchange.open"])
def test_job_of_a_deleted_message_ends(kind: str) -> None:
    add_job(kind, message=10**9)
    worker.run_due_jobs()
    assert the_job().state == "failed"
    assert the_job().reason == "its message is not there any more"


def test_leased_job_is_not_taken_twice() -> None:
    add_job()
    now = timezone.now()
    assert lease_job(now, LEASE) is not None
    assert lease_job(now, LEASE) is None
    again = lease_job(now + LEASE + timedelta(seconds=1), LEASE)
    assert again is not None
    assert again.attempts == 2


def test_slow_worker_has_no_say_after_its_lease() -> None:
    """Its lease ran out, another took the job: the late word must not free it."""
    add_job()
    Job.objects.update(next_at=timezone.now() - timedelta(hours=1))
    slow = lease_job(timezone.now() - LEASE - LEASE, LEASE)
    quick = lease_job(timezone.now(), LEASE)
    assert slow is not None
    assert quick is not None
    register_job("test", lambda _: Retry(timedelta(hours=1), "late"))
    run_job(slow)
    held = the_job()
    assert (held.lease_until, held.reason) == (quick.lease_until, "")
    register_job("test", lambda _: Done())
    run_job(quick)
    assert the_job().state == "done"
    register_job("test", lambda _: Failed("late"))
    run_job(slow)
    assert the_job().state == "done"


def test_job_that_was_put_off_meanwhile_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between reading and taking, another worker may have done the job already."""
    add_job()
    now = timezone.now()
    order = QuerySet.order_by

    def read_late(rows, *names):
        found = list(order(rows, *names))
        Job.objects.update(next_at=now + timedelta(hours=1), attempts=1)
        return found

    monkeypatch.setattr(QuerySet, "order_by", read_late)
    assert lease_job(now, LEASE) is None


def test_stopped_worker_frees_its_job_at_once() -> None:
    register_job("test", lambda _: raise_(SystemExit(0)))
    add_job()
    with pytest.raises(SystemExit):
        worker.run_due_jobs()
    assert (the_job().state, the_job().lease_until) == ("waiting", None)


def test_pause_grows_to_the_operators_bound() -> None:
    """After a long outage the next try is at most the longest pause away."""
    pace = settings.CONFIG.worker
    assert pause_after(1) <= timedelta(seconds=2 * pace.retry_first_s)
    for attempts in (12, 1000, 10**6):
        pause = pause_after(attempts).total_seconds()
        assert pace.retry_longest_s / 2 <= pause <= pace.retry_longest_s


def test_log_is_folded_between_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue that never ends must not keep the log from its tree."""
    folds, runs = [], []
    register_job("test", lambda _: runs.append(1) or Retry(timedelta(0), ""))
    add_job()
    monkeypatch.setattr(worker, "fold_logs", lambda **_: folds.append(1))
    monkeypatch.setattr(worker, "FOLD_EVERY_S", 0)
    run_rounds(5, monkeypatch)
    assert (len(runs), len(folds)) == (5, 5)
