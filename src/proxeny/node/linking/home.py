"""Alerts and relinks that wait for a person, for the home page."""

from datetime import datetime
from typing import Final

from django.urls import reverse

from proxeny.node.accounts.access import access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.access import access_every_alert
from proxeny.node.linking.models import Alert, Relink
from proxeny.node.pages.registry import HomeItem

ALERTS_SHOWN: Final = 10
_TITLES: Final = {
    Alert.Kind.ACCOUNT: "several reports name one account",
    Alert.Kind.BORDER: "a series crosses a border",
    Alert.Kind.LOSS: "a series' losses are above the line",
}


def list_alerts_and_relinks(actor: Actor, now: datetime) -> list[HomeItem]:
    """Open alerts, the newest first, and the relink that nobody has decided on."""
    if not actor.may("series.write"):
        return []
    open_ = access_every_alert(actor).filter(state=Alert.State.OPEN)
    alerts = [
        HomeItem(
            title=f"{alert.ref}: {_TITLES[Alert.Kind(alert.kind)]}",
            why=alert.reason,
            href=reverse("alerts"),
            action="Look and decide",
            since=alert.created_at,
            ref=alert.ref,
        )
        for alert in open_.order_by("-pk")[:ALERTS_SHOWN]
    ]
    relinks = access_owned(Relink.objects.all(), actor)
    waiting = relinks.filter(state=Relink.State.OPEN).order_by("-pk").first()
    del now
    if waiting is None or not waiting.proposals:
        return alerts
    return [
        *alerts,
        HomeItem(
            title=f"{waiting.ref}: series would change",
            why=f"{len(waiting.proposals)} proposals of the night",
            href=reverse("relink", args=[waiting.ref]),
            action="Read and decide",
            since=waiting.created_at,
            ref=waiting.ref,
        ),
    ]
