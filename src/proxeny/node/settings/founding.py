"""Found a node: folder, file, keys, database, first account; all of it or nothing."""

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from proxeny import countries, exchange
from proxeny.errors import InputError, StateError
from proxeny.node.settings.config import FILE_NAME, Config, write_config

NAME_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What a new node is called, and the one-time code of each account."""

    home: Path
    authority: str
    fingerprint: str
    codes: dict[str, str]


def found_node(config: Config, *, accounts: Sequence[tuple[str, str]]) -> Founded:
    """Make the node that the configuration describes.

    Args:
        config: its configuration; the home folder must be new or empty.
        accounts: name and role of each first account.

    Raises:
        StateError: the folder holds a node already (PXY-NODE-EXISTS).
        InputError: country, role or name is not one.
    """
    config = _require_sound(config)
    home = config.home
    if (home / FILE_NAME).exists():
        raise StateError(
            "This folder holds a node already.",
            code="PXY-NODE-EXISTS",
            advice="Choose another folder with --home.",
        )
    if home.exists() and any(home.iterdir()):
        raise StateError(
            "The folder for the node is not empty.",
            code="PXY-HOME-NOT-EMPTY",
            advice="Choose another folder with --home.",
        )
    try:
        return _found(config, accounts)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _found(config: Config, accounts: Sequence[tuple[str, str]]) -> Founded:
    home = config.home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    write_config(config)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(home / "secret_key", flags, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    os.environ["PROXENY_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "proxeny.node.settings.django"
    import django

    django.setup()
    from django.core.management import call_command

    from proxeny.node.accounts.actions import add_organisation, add_user
    from proxeny.node.exchange.secrets import write_keys

    call_command("migrate", verbosity=0, interactive=False)
    keys = exchange.generate_keys(config.authority.id)
    write_keys(config.keys_folder, keys)
    organisation = add_organisation(config.authority.name)
    codes = {
        name: add_user(name, role=role, organisation=organisation)
        for name, role in accounts
    }
    return Founded(
        home=home,
        authority=config.authority.id,
        fingerprint=exchange.render_fingerprint(keys.public),
        codes=codes,
    )


def _require_sound(config: Config) -> Config:
    authority = config.authority
    country = countries.require_country(authority.country)
    if authority.role not in set(exchange.AuthorityRole):
        raise InputError(
            f"'{authority.role[:32]}' is no role of an authority.",
            code="PXY-AUTHORITY-ROLE",
            advice=f"Choose one of: {', '.join(exchange.AuthorityRole)}.",
        )
    name = " ".join(authority.name.split())
    if not 0 < len(name) <= NAME_CHARS:
        raise InputError(
            f"The authority needs a name of at most {NAME_CHARS} letters.",
            code="PXY-AUTHORITY-NAME",
        )
    slug = "24-7" if authority.role == "contact_point" else authority.role
    return replace(
        config,
        authority=replace(
            authority,
            id=authority.id or f"{country}/{slug}",
            name=name,
            country=country,
        ),
    )
