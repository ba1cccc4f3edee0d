"""Roles as data: what each may do, read from ``roles.toml``."""

import tomllib
from functools import cache
from importlib.resources import files

from proxeny.errors import InputError


@cache
def _roles() -> dict[str, tuple[str, frozenset[str]]]:
    text = files("proxeny.node.accounts").joinpath("roles.toml").read_text("utf-8")
    return {
        role: (entry["label"], frozenset(entry["may"]))
        for role, entry in tomllib.loads(text).items()
    }


def list_roles() -> tuple[str, ...]:
    """Every role, in the order of the file."""
    return tuple(_roles())


def require_role(role: str) -> str:
    """Return the role.

    Raises:
        InputError: there is no such role.
    """
    if role not in _roles():
        raise InputError(
            f"There is no role '{role[:32]}'.",
            code="PXY-ROLE",
            advice=f"Choose one of: {', '.join(_roles())}.",
        )
    return role


def label_of(role: str) -> str:
    """What people call the role."""
    return _roles()[role][0]


def permissions_of(role: str) -> frozenset[str]:
    """Everything the role may do."""
    return _roles()[role][1]
