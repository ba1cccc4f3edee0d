"""Who may see which cases."""

from django.db.models import QuerySet

from proxeny.node.accounts.access import access_by_ref, access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.cases.models import Case


def access_case(actor: Actor, ref: str) -> Case:
    """One case.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    return access_by_ref(Case.objects.all(), actor, ref, "case.read")


def access_every_case(actor: Actor) -> QuerySet[Case]:
    """Every case of the actor's organisation.

    Raises:
        NotFoundError: the role may not see cases.
    """
    actor.require_read("case.read")
    return access_owned(Case.objects.all(), actor)
