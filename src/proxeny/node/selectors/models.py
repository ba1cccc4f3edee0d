"""Selectors, their holders and the mentions between them."""

from django.db import models

from proxeny.linking import TEXT

__all__ = ["TEXT", "Holder", "Mention", "Posting", "Selector"]


class Selector(models.Model):
    """One identifier in its normal form, as one organisation knows it.

    Or, of kind `TEXT`, a shingle of narratives: it links as an identifier does and is
    nobody's.
    """

    # The constraint below begins with it: an index of its own would be written twice.
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    # First 8 bytes of SHA-256 over kind and value: the same in every engine.
    key = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    value = models.TextField()
    # How many holders mention it other than as a victim's, each source once.
    holders = models.IntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # The sums of `linking.Company`, in the order of its fields; empty: nobody yet.
    company = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key"], name="one_selector_a_key"
            )
        ]


class Holder(models.Model):
    """What mentions selectors (a report at this stage), with what linking weighs."""

    # Every look-up is by primary key or by reference.
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    ref = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True)
    offence = models.CharField(max_length=64, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    # How many selectors that may link it names.
    named = models.IntegerField(default=0)
    # The telling phrases of its narrative: little-endian numbers of four bytes.
    phrases = models.BinaryField(default=bytes)
    # Who reports, if the report says so; a pseudonym. Empty: nobody knows.
    source = models.CharField(max_length=32, blank=True)


class Mention(models.Model):
    """A holder mentions a selector in a role: a victim's never links, never leaves."""

    selector = models.ForeignKey(
        Selector, on_delete=models.PROTECT, related_name="mentions", db_index=False
    )
    holder = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="mentions"
    )
    role = models.CharField(max_length=8)
    field = models.CharField(max_length=16)
    raw = models.TextField()
    start = models.IntegerField(null=True)
    end = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["selector", "holder"], name="one_mention_a_holder"
            )
        ]


class Posting(models.Model):
    """A holder by which a selector links: no victim's, no stop value, no echo.

    Beside the mentions because it is read by every new report, newest first, and holds
    the shingles, which nobody mentions.
    """

    pk = models.CompositePrimaryKey("selector_id", "holder_id")
    selector = models.ForeignKey(
        Selector, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    # Without an index of its own, which would double what each report writes.
    holder = models.ForeignKey(
        Holder, on_delete=models.CASCADE, related_name="postings", db_index=False
    )
