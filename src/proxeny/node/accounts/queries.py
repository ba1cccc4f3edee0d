"""Find people by name, token or place."""

from datetime import datetime

from proxeny.errors import ConfigError, NotFoundError
from proxeny.node.accounts.actions import digest_secret
from proxeny.node.accounts.models import ApiToken, Organisation, User


def get_user(username: str) -> User:
    """An active account by name.

    Raises:
        NotFoundError: there is none.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFoundError(
            f"There is no account '{username[:40]}'.",
            code="PXY-ACCOUNT",
            advice="See `proxeny user list`, or make one with `proxeny user add`.",
        )
    return user


def first_user() -> User:
    """The account that `init` made.

    Raises:
        ConfigError: the node has no account yet.
    """
    user = User.objects.filter(is_active=True).order_by("pk").first()
    if user is None:
        raise ConfigError("This node has no account.", advice="Run `proxeny init`.")
    return user


def find_user_by_token(token: str, now: datetime) -> User | None:
    """Whom a bearer token stands for, if it is valid."""
    row = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_secret(token), expires_at__gt=now, user__is_active=True)
        .first()
    )
    return row.user if row else None


def get_incoming_organisation() -> Organisation:
    """Where what partners send lands."""
    return Organisation.objects.get(takes_incoming=True)
