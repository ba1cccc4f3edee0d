"""Messages on their way out and in, with what proves them."""

from django.db import models

from proxeny.node.directory.models import Partner


class Message(models.Model):
    """One message and its receipt; both sides keep the exact bytes."""

    class Direction(models.TextChoices):
        SENT = "sent"
        RECEIVED = "received"

    class State(models.TextChoices):
        WAITING = "waiting"  # Sent side: no verified receipt yet.
        STORED = "stored"  # Received side: not opened yet.
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        UNDELIVERABLE = "undeliverable"

    direction = models.CharField(max_length=8, choices=Direction.choices)
    state = models.CharField(max_length=16, choices=State.choices)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    partner = models.ForeignKey(
        Partner, null=True, on_delete=models.PROTECT, related_name="messages"
    )
    jti = models.CharField(max_length=36, null=True)
    kind = models.CharField(max_length=64, blank=True)
    ref = models.CharField(max_length=64, blank=True)
    seq = models.IntegerField(default=0)
    body = models.JSONField(default=dict)
    inner = models.BinaryField(null=True)
    outer = models.BinaryField(null=True)
    inner_digest = models.CharField(max_length=64, null=True)
    outer_digest = models.CharField(max_length=64, null=True)
    receipt = models.BinaryField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["direction", "partner", "jti"], name="one_message_a_jti"
            ),
            models.UniqueConstraint(
                fields=["direction", "outer_digest"], name="one_message_an_envelope"
            ),
        ]
        indexes = [models.Index(fields=["direction", "state"])]
