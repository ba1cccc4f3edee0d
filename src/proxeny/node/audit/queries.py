"""Read the audit log."""

from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry, Tree


def list_entries(
    actor: Actor, *, search: str = "", limit: int = 100, before: int | None = None
) -> list[Entry]:
    """Rows of the actor's organisation, newest first; search by account or action.

    Raises:
        NotFoundError: the role may not see the log.
    """
    actor.require_read("audit.read")
    rows = Entry.objects.filter(organisation_id=actor.organisation_id)
    if search:
        rows = rows.filter(actor__iexact=search) | rows.filter(
            action__startswith=search
        )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def count_folded() -> int:
    """How many rows the tree holds."""
    tree = Tree.objects.first()
    return tree.size if tree is not None else 0
