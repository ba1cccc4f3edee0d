"""Reports as received, and what was attached to them."""

from typing import ClassVar

from django.db import models

from proxeny.node.accounts.models import Owned


class Report(Owned):
    """One report; ``created_at`` is when it was received here."""

    LETTER: ClassVar[str] = "R"

    digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    # Where it came from: file name and line, so that every item is accounted for.
    origin = models.CharField(max_length=300)
    source_ref = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=500, blank=True)
    narrative = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField(null=True)
    country = models.CharField(max_length=2, blank=True)
    offence = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    dropped = models.JSONField(default=list)
    # The item as received, compressed; empty in a repeat, which has its original's.
    raw = models.BinaryField(default=bytes)
    repeat_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="repeats"
    )

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "digest"]),
            models.Index(fields=["organisation", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "digest"],
                condition=models.Q(repeat_of=None),
                name="one_original_a_digest",
            )
        ]


class Attachment(models.Model):
    """A file that came with a report: hashed, never opened."""

    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="attachments"
    )
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
