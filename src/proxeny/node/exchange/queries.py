"""Read what is on its way, and what arrived."""

from django.db.models import QuerySet

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


def count_delivered() -> int:
    """How many messages partners have acknowledged."""
    return Message.objects.filter(
        direction=Message.Direction.SENT, state=Message.State.ACCEPTED
    ).count()


def list_messages(ref: str, partner: Partner) -> QuerySet[Message]:
    """Every message to and from a partner about one reference, in time order.

    Two authorities of one country may use the same reference.
    """
    rows = Message.objects.filter(ref=ref, partner=partner)
    return rows.select_related("partner").order_by("pk")
