"""Who may see which relinks."""

from django.db.models import QuerySet

from proxeny.node.accounts.access import access_by_ref, access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.models import Relink


def access_relink(actor: Actor, ref: str) -> Relink:
    """One relink.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    return access_by_ref(Relink.objects.all(), actor, ref, "series.read")


def access_every_relink(actor: Actor) -> QuerySet[Relink]:
    """Every relink.

    Raises:
        NotFoundError: the role may not see series.
    """
    actor.require_read("series.read")
    return access_owned(Relink.objects.all(), actor)
