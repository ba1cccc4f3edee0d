"""Rows of the audit log and how far they are folded into its tree."""

from django.db import models


class Entry(models.Model):
    """One page or call: who, through which door, did or saw what. Never changed."""

    at = models.DateTimeField()
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor = models.CharField(max_length=150)
    door = models.CharField(max_length=16)
    action = models.CharField(max_length=64)
    wrote = models.BooleanField()
    refs = models.JSONField(default=list)
    # The salt makes the leaf meaningless once the row behind it is erased by law.
    salt = models.BinaryField()
    leaf_index = models.BigIntegerField(null=True, unique=True)
    leaf_hash = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"])]


class Tree(models.Model):
    """The folded part of a log: its size and the roots of its complete subtrees."""

    name = models.CharField(max_length=32, unique=True)
    size = models.BigIntegerField(default=0)
    frontier = models.JSONField(default=list)
