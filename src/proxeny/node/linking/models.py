"""Series, their members, the links between them and what officers decided."""

from typing import ClassVar

from django.db import models

from proxeny.node.accounts.models import Owned
from proxeny.node.selectors.models import Holder


class Series(Owned):
    """Reports held to be the work of one offender or group.

    A merge sets ``parent`` on one row and relabels nothing, so that it can be undone.
    """

    LETTER: ClassVar[str] = "S"

    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
    size = models.IntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["organisation", "parent", "-size"])]


class Member(models.Model):
    """A holder is in at most one series."""

    holder = models.OneToOneField(
        Holder, on_delete=models.CASCADE, related_name="member"
    )
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="members")


class Link(models.Model):
    """Two holders, how much speaks for one offender, and why, strongest first."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted"
        # Strong enough to show, not enough to merge two series on it.
        RELATED = "related"

    left = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    right = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="links_back"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    bits = models.FloatField()
    terms = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="one_link_a_pair")
        ]


class Decision(models.Model):
    """What an officer or the machine did to a series: nothing is lost, all undoable."""

    class Verb(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"
        CONFIRM = "confirm"

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    verb = models.CharField(max_length=8, choices=Verb.choices)
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="decisions"
    )
    other = models.ForeignKey(
        Series, null=True, on_delete=models.PROTECT, related_name="decisions_other"
    )
    # For a split: which member came from which series row.
    moved = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
