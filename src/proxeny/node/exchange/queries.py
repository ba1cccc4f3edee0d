"""Read what is on its way, and what arrived."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from proxeny.node.directory.models import Partner
from proxeny.node.exchange.models import Message
from proxeny.node.jobs.models import Job


def list_waiting() -> list[tuple[Message, Job]]:
    """Messages without a receipt yet, with the job that brings them."""
    messages = Message.objects.filter(
        direction=Message.Direction.SENT, state=Message.State.WAITING
    ).select_related("partner")
    jobs = Job.objects.in_bulk(
        [f"deliver:{message.jti}" for message in messages], field_name="key"
    )
    return [
        (message, jobs[f"deliver:{message.jti}"])
        for message in messages
        if f"deliver:{message.jti}" in jobs
    ]


def list_failed(kinds: Sequence[str], *, at_most: int = 20) -> list[Message]:
    """Messages of these kinds that the partner rejected or never got.

    One that was followed by another that arrived is mended, and left out.
    """
    sent = Message.objects.filter(direction=Message.Direction.SENT, kind__in=kinds)
    mended = sent.filter(
        partner=OuterRef("partner"),
        ref=OuterRef("ref"),
        kind=OuterRef("kind"),
        seq__gt=OuterRef("seq"),
        state=Message.State.ACCEPTED,
    )
    failed = sent.filter(
        ~Exists(mended),
        state__in=[Message.State.REJECTED, Message.State.UNDELIVERABLE],
    )
    return list(failed.select_related("partner").order_by("-pk")[:at_most])


def count_delivered() -> int:
    """How many messages partners have acknowledged."""
    return Message.objects.filter(
        direction=Message.Direction.SENT, state=Message.State.ACCEPTED
    ).count()


def list_messages(
    ref: str, partner: Partner, organisation_id: int
) -> QuerySet[Message]:
    """One organisation's messages to and from a partner about one reference.

    The reference is the asking side's choice: another authority of that country, or
    another organisation here, may have a thread of the same name.
    """
    rows = Message.objects.filter(
        ref=ref, partner=partner, organisation_id=organisation_id
    )
    return rows.select_related("partner").order_by("pk")
