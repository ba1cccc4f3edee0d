"""Partner authorities."""

from django.db import models


class Partner(models.Model):
    """Another authority's node, as its own signed card describes it."""

    authority = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    role = models.CharField(max_length=32)
    endpoint = models.URLField(max_length=300)
    sign_jwk = models.JSONField()
    seal_jwk = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    card = models.TextField()
    added_by = models.CharField(max_length=150)
    # When the officer compared the fingerprint by another way than the card's.
    verified_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.authority})"
