"""Requests, their life line and their answers."""

from typing import ClassVar

from django.db import models

from proxeny.node.accounts.models import Owned
from proxeny.node.cases.models import Case
from proxeny.node.directory.models import Partner


class Request(Owned):
    """A request on one form, sent or received."""

    LETTER: ClassVar[str] = "Q"

    class Direction(models.TextChoices):
        SENT = "sent"
        RECEIVED = "received"

    direction = models.CharField(max_length=8, choices=Direction.choices)
    form = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="requests"
    )
    case = models.ForeignKey(
        Case, null=True, on_delete=models.PROTECT, related_name="requests"
    )
    body = models.JSONField(default=dict)
    reply = models.JSONField(null=True)
    # The asking side's reference: the same on both sides.
    asked_ref = models.CharField(max_length=64)
    drafted_by = models.CharField(max_length=150, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "direction", "asked_ref"],
                name="one_request_a_reference",
            )
        ]
        indexes = [models.Index(fields=["organisation", "state", "next_due_at"])]


class RequestEvent(models.Model):
    """One step of a request's life line."""

    request = models.ForeignKey(
        Request, on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    event = models.CharField(max_length=32)
    state = models.CharField(max_length=16)
    note = models.CharField(max_length=500, blank=True)
