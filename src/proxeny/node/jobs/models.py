"""The one table of work that happens later."""

from django.db import models


class Job(models.Model):
    """Written in the same transaction as the change that causes it.

    A worker takes it by moving ``lease_until`` into the future; if that worker is
    killed the lease runs out and another one goes on.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128, unique=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "next_at"])]
