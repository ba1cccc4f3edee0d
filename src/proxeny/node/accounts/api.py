"""Who a program acts as."""

from typing import Any

from ninja import Router, Schema

from proxeny.node.accounts.desk import DeskRequest
from proxeny.node.accounts.models import Organisation
from proxeny.node.accounts.program import api_call
from proxeny.node.accounts.roles import label_of

router = Router(tags=["accounts"])


class Me(Schema):
    """The account behind the token or the session."""

    account: str
    organisation: str
    role: str
    role_label: str
    permissions: list[str]


@router.get("/me", response=Me)
@api_call("me.show", "desk.open")
def me(request: DeskRequest) -> dict[str, Any]:
    """Show as whom this call acts, and what that role may do."""
    actor = request.actor
    return {
        "account": actor.name,
        "organisation": Organisation.objects.get(pk=actor.organisation_id).name,
        "role": actor.role,
        "role_label": label_of(actor.role),
        "permissions": sorted(actor.permissions),
    }
