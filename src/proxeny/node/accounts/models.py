"""Organisations of this authority, its people, their one-time codes and tokens."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class Organisation(models.Model):
    """A unit whose rows are its own: another unit of the same node sees none."""

    name = models.CharField(max_length=200, unique=True)
    # Where what arrives from partners lands; exactly one organisation has it.
    takes_incoming = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["takes_incoming"],
                condition=models.Q(takes_incoming=True),
                name="one_organisation_takes_incoming",
            )
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with one role in one organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="users"
    )
    role = models.CharField(max_length=32)

    REQUIRED_FIELDS: ClassVar[list[str]] = []


class OneTimeCode(models.Model):
    """The code with which a person signs in for the first time and sets a password."""

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()


class ApiToken(models.Model):
    """A program's right to act as a person, hashed, until a day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class Owned(models.Model):
    """A thing of one organisation, called by a reference such as ``RS-C-000012``."""

    LETTER: ClassVar[str]

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def ref(self) -> str:
        """What people call it."""
        return f"{settings.CONFIG.authority.country}-{self.LETTER}-{self.pk:06d}"
