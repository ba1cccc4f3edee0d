"""Who acts: every query and action takes an actor, whatever door it came through."""

from dataclasses import dataclass
from typing import Literal

from proxeny.errors import ForbiddenError, NotFoundError
from proxeny.node.accounts.models import Organisation, User
from proxeny.node.accounts.roles import label_of, permissions_of

Door = Literal["desk", "api", "cli", "worker"]
MACHINE = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person (or the node itself) with an organisation, a role and its rights."""

    name: str
    organisation_id: int
    role: str
    permissions: frozenset[str]
    door: Door
    user_id: int | None = None

    @property
    def role_label(self) -> str:
        """What people call the role."""
        return self.role if self.role == MACHINE else label_of(self.role)

    def may(self, permission: str) -> bool:
        """Whether the role holds the permission."""
        return permission in self.permissions

    def require_read(self, permission: str) -> None:
        """A reader without the right is told what a reader of nothing is told.

        Raises:
            NotFoundError: the role does not hold the permission.
        """
        if not self.may(permission):
            raise NotFoundError("There is no such page or item, or it isn't yours.")

    def require(self, permission: str) -> None:
        """A writer is told that a colleague may do it.

        Raises:
            ForbiddenError: the role does not hold the permission.
        """
        if not self.may(permission):
            raise ForbiddenError(f"The role '{self.role}' may not do this.")


def actor_of(user: User, door: Door) -> Actor:
    """The actor that a signed-in person is."""
    return Actor(
        name=user.get_username(),
        organisation_id=user.organisation_id,
        role=user.role,
        permissions=permissions_of(user.role),
        door=door,
        user_id=user.pk,
    )


def machine_actor(organisation: Organisation) -> Actor:
    """The node itself, acting on what a partner sent to this organisation."""
    return Actor(
        name=MACHINE,
        organisation_id=organisation.pk,
        role=MACHINE,
        permissions=frozenset({"request.receive", "report.write"}),
        door="worker",
    )
