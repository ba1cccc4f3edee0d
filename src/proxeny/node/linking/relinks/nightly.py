"""The relink of each night: one job an organisation, planned by the worker."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from proxeny.errors import ProxenyError
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.accounts.models import Organisation
from proxeny.node.jobs.actions import enqueue_job, extend_lease
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Failed, Outcome
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.selectors.models import Holder

RELINK: Final = "linking.relink"
LONGEST: Final = timedelta(hours=2)
"""No other worker begins the same relink meanwhile."""


def plan_relinks(now: datetime) -> None:
    """Enqueue the relink of the night to come, once for each organisation."""
    hour = settings.CONFIG.linking.relink_hour
    if hour < 0:
        return
    night = timezone.localtime(now).replace(
        hour=hour, minute=0, second=0, microsecond=0
    )
    if night <= now:
        night += timedelta(days=1)
    for pk in Organisation.objects.values_list("pk", flat=True):
        enqueue_job(
            RELINK,
            key=f"{RELINK}:{pk}:{night:%Y-%m-%d}",
            payload={"organisation": pk},
            at=night,
        )


def relink_organisation(job: Job) -> Outcome:
    """Do it; to do it again would only make another one."""
    organisation = job.payload["organisation"]
    if not Holder.objects.filter(organisation_id=organisation).exists():
        return Done()
    extend_lease(job, LONGEST)
    try:
        make_relink(_make_actor(organisation))
    except ProxenyError as error:
        return Failed(error.stable_code)
    return Done()


def _make_actor(organisation_id: int) -> Actor:
    return Actor(
        name=MACHINE,
        organisation_id=organisation_id,
        role=MACHINE,
        permissions=frozenset({"series.write"}),
        door="worker",
    )
