"""Cases and their events."""

from typing import ClassVar

from django.db import models

from proxeny.node.accounts.models import Owned
from proxeny.node.linking.models import Series


class Case(Owned):
    """An investigation, opened on a series."""

    LETTER: ClassVar[str] = "C"

    title = models.CharField(max_length=200)
    offence = models.CharField(max_length=64)
    summary = models.TextField(blank=True)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="cases")
    opened_by = models.CharField(max_length=150)


class CaseEvent(models.Model):
    """One line of the case's timeline."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    text = models.CharField(max_length=500)
    ref = models.CharField(max_length=32, blank=True)
