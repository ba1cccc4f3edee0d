"""Who may see which series."""

from django.db.models import QuerySet

from proxeny.node.accounts.access import access_by_ref, access_owned
from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.models import Alert, Series


def access_series(actor: Actor, ref: str) -> Series:
    """One series that stands, or that into which it was merged.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    found = access_by_ref(Series.objects.all(), actor, ref, "series.read")
    while found.parent is not None:
        found = found.parent
    return found


def access_series_row(actor: Actor, ref: str) -> Series:
    """The very row, even if it was merged into another.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    return access_by_ref(Series.objects.all(), actor, ref, "series.read")


def access_every_series(actor: Actor) -> QuerySet[Series]:
    """Every series that stands.

    Raises:
        NotFoundError: the role may not see series.
    """
    actor.require_read("series.read")
    return access_owned(Series.objects.filter(parent=None, size__gt=0), actor)


def access_alert(actor: Actor, ref: str) -> Alert:
    """One alert.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    return access_by_ref(Alert.objects.all(), actor, ref, "series.read")


def access_every_alert(actor: Actor) -> QuerySet[Alert]:
    """Every alert.

    Raises:
        NotFoundError: the role may not see series.
    """
    actor.require_read("series.read")
    return access_owned(Alert.objects.all(), actor)
