"""Who may see which reports."""

from django.db.models import QuerySet

from proxeny.node.accounts.access import access_by_ref, access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.reports.models import Report


def access_report(actor: Actor, ref: str) -> Report:
    """One report.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    return access_by_ref(Report.objects.all(), actor, ref, "report.read")


def access_every_report(actor: Actor) -> QuerySet[Report]:
    """Every report of the actor's organisation.

    Raises:
        NotFoundError: the role may not see reports.
    """
    actor.require_read("report.read")
    return access_owned(Report.objects.all(), actor)
