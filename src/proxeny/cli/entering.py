"""Entering the node from the command line: which home, and as whom."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from proxeny.node.accounts.actor import Actor
    from proxeny.node.settings.config import Config

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="The node's folder (default: PROXENY_HOME, or the data folder).",
        show_default=False,
    ),
]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACCOUNT",
        help="Act as this account (default: PROXENY_USER, or the first one).",
        show_default=False,
    ),
]


def find_config(home: Path | None) -> "Config":
    """The configuration of the node of that home, which this process now is.

    Raises:
        ConfigError: there is no node in that folder, or its file is not sound.
        InputError: that can't be a folder's name (PXY-HOME).
    """
    from proxeny.node.settings.config import default_home, load_config, require_home

    if home is not None:
        os.environ["PROXENY_HOME"] = str(require_home(home))
    return load_config(default_home())


def enter_node(home: Path | None) -> None:
    """Make this process the node of that home: configuration, then Django.

    Raises:
        ConfigError: there is no node in that folder, or its file is not sound.
    """
    find_config(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "proxeny.node.settings.django"
    import django

    django.setup()


def enter_as(home: Path | None, account: str | None) -> "Actor":
    """Enter the node and act as an account, through the command line's door.

    Raises:
        NotFoundError: there is no such account.
    """
    enter_node(home)
    from proxeny.node.accounts.actor import actor_of
    from proxeny.node.accounts.queries import first_user, get_user

    name = account or os.environ.get("PROXENY_USER")
    return actor_of(get_user(name) if name else first_user(), "cli")


@contextmanager
def reading(actor: "Actor", action: str) -> Iterator[list[str]]:
    """One transaction in which case data are read, and the audit row of it.

    Yields:
        A list to which the references of what is shown are added.
    """
    from django.db import transaction

    from proxeny.node.audit.actions import record_read

    seen: list[str] = []
    with transaction.atomic():
        yield seen
        record_read(actor, action, seen)
