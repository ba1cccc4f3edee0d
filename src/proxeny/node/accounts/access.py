"""Who may see which owned rows: the answer for absent and not yours is the same."""

import re
from typing import TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from proxeny.errors import NotFoundError
from proxeny.node.accounts.actor import Actor
from proxeny.node.accounts.models import Organisation, Owned

Thing = TypeVar("Thing", bound=Owned)
_REF = re.compile(r"([A-Z]{2})-([A-Z])-([0-9]{6,18})")


def access_owned(rows: QuerySet[Thing], actor: Actor) -> QuerySet[Thing]:
    """The rows of the actor's organisation."""
    return rows.filter(organisation_id=actor.organisation_id)


def access_by_ref(
    rows: QuerySet[Thing], actor: Actor, ref: str, permission: str
) -> Thing:
    """The one row that people call so.

    Raises:
        NotFoundError: absent, another organisation's, or not for this role.
    """
    absent = NotFoundError("There is no such item, or it isn't yours.")
    matched = _REF.fullmatch(ref)
    if (
        not actor.may(permission)
        or matched is None
        or matched[1] != settings.CONFIG.authority.country
        or matched[2] != rows.model.LETTER
    ):
        raise absent
    found = access_owned(rows, actor).filter(pk=int(matched[3])).first()
    if found is None:
        raise absent
    return found


def hold_organisation(organisation_id: int) -> None:
    """Until the transaction ends nobody else changes what is linked in it.

    SQLite has no such lock and needs none: a transaction that may write is alone.
    """
    if connection.features.has_select_for_update:
        # Not FOR UPDATE: every audit row refers to it and would have to wait.
        rows = Organisation.objects.select_for_update(no_key=True)
        rows.get(pk=organisation_id)
