"""Series, their members, the links between them, decisions and alerts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from proxeny.node.accounts.models import Organisation, Owned
from proxeny.node.selectors.models import Holder, Selector


class Series(Owned):
    """Reports held to be the work of one offender or group.

    A merge sets ``parent`` on one row and relabels nothing, so that it can be undone.
    """

    LETTER: ClassVar[str] = "S"

    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
    # One of its members: by it the links that wait for more evidence name the series.
    founder = models.ForeignKey(
        Holder, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    size = models.IntegerField(default=0)
    # Sums over the members, so that a new one is compared with them at no cost.
    countries = models.JSONField(default=list)
    losses = models.JSONField(default=dict)
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
        # Strong enough to show, not enough to unite what the two belong to.
        RELATED = "related"

    # The report that came in, and the one that was held.
    left = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    right = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="links_back"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    bits = models.FloatField()
    terms = models.JSONField()
    # While it is related: the number of each key that is strong, and its bits.
    votes = models.JSONField(default=list)
    # While it is related: the holders that name the clusters of left and right (the
    # founder of a series, or a report in none). None as soon as the two are one.
    one = models.BigIntegerField(null=True)
    other = models.BigIntegerField(null=True)
    # What was compared, so that a scorecard can be fitted to what officers made of it.
    comparison = models.TextField(default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="one_link_a_pair")
        ]
        indexes = [
            models.Index(
                fields=["one", "other"],
                condition=Q(one__isnull=False),
                name="link_waits_for_one",
            ),
            models.Index(
                fields=["other", "one"],
                condition=Q(other__isnull=False),
                name="link_waits_for_other",
            ),
        ]


class Said(models.Model):
    """A source that holds a selector by which it links: again, it counts no more."""

    pk = models.CompositePrimaryKey("selector_id", "source")
    selector = models.ForeignKey(
        Selector, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source = models.CharField(max_length=32)


class Decision(models.Model):
    """What an officer or the machine did to a series: nothing is lost, all undoable."""

    class Verb(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"
        CONFIRM = "confirm"
        # Reports that stood alone came into the series, or founded it.
        ADD = "add"

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
    # For a split: which member came from which series row; for an addition: which
    # member is which holder.
    moved = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)


class Apart(models.Model):
    """The side on which a series or a report stands in what an officer took apart.

    The machine brings no two sides of one decision into one series. Gone as soon as
    the decision holds nothing apart any more.
    """

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="sides"
    )
    side = models.IntegerField()
    # A row of a series; for a holder that in which it is now, if it is in one.
    series = models.ForeignKey(
        Series, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # A report that stood alone when it was taken apart.
    holder = models.ForeignKey(
        Holder, null=True, on_delete=models.CASCADE, related_name="+"
    )


class Alert(Owned):
    """Something about a series that an officer should hear of at once."""

    LETTER: ClassVar[str] = "A"

    class Kind(models.TextChoices):
        ACCOUNT = "account"
        BORDER = "border"
        LOSS = "loss"

    class State(models.TextChoices):
        OPEN = "open"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    # What it is about: the same is told once.
    about = models.CharField(max_length=64)
    holder = models.ForeignKey(Holder, on_delete=models.CASCADE, related_name="alerts")
    series = models.ForeignKey(
        Series, null=True, on_delete=models.PROTECT, related_name="alerts"
    )
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "about"], name="one_alert_a_matter"
            )
        ]
        indexes = [models.Index(fields=["organisation", "state", "-id"])]


class PhraseRarity(models.Model):
    """How rare phrases are among the reports of one organisation; the newest counts."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+"
    )
    counted_at = models.DateTimeField()
    levels = models.BinaryField()


class Unsketched(models.Model):
    """Which holders came in before phrases were rated: gone when all are sketched."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    # Primary keys of holders: the last that was looked at, and the last of all.
    after = models.BigIntegerField(default=0)
    up_to = models.BigIntegerField()


class Relink(Owned):
    """What linking all reports of an organisation anew would change, for an officer.

    A proposal is a JSON object (see `relinks.proposals`) with a state of its own.
    """

    LETTER: ClassVar[str] = "L"

    class State(models.TextChoices):
        OPEN = "open"
        APPLIED = "applied"
        DISMISSED = "dismissed"
        # A later one was made before anybody decided.
        REPLACED = "replaced"

    scorecard = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    proposals = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"])]


class OrganisationScorecard(models.Model):
    """A scorecard refitted on an organisation's own decisions; the newest counts."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    version = models.CharField(max_length=64)
    # Empty: back to the packaged one.
    text = models.TextField(blank=True)
