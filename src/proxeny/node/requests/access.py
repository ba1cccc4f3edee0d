"""Who may see which requests."""

from django.db.models import QuerySet

from proxeny.node.accounts.access import access_by_ref, access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.requests.models import Request


def access_request(actor: Actor, ref: str) -> Request:
    """One request, sent or received, by this node's own reference.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    rows = Request.objects.select_related("partner", "case", "organisation")
    return access_by_ref(rows, actor, ref, "request.read")


def hold_request(actor: Actor, ref: str) -> Request:
    """The same, and until the transaction ends nobody else changes it.

    What an officer does and what a partner sends may meet in one moment.

    Raises:
        NotFoundError: as `access_request`.
    """
    rows = Request.objects.select_for_update(of=("self",))
    rows = rows.select_related("partner", "case", "organisation")
    return access_by_ref(rows, actor, ref, "request.read")


def access_every_request(actor: Actor) -> QuerySet[Request]:
    """Every request of the actor's organisation.

    Raises:
        NotFoundError: the role may not see requests.
    """
    actor.require_read("request.read")
    rows = Request.objects.select_related("partner", "case")
    return access_owned(rows, actor)
