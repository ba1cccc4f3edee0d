"""Found a node: folder, file, keys, database, first account; all of it or nothing."""

import os
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from proxeny import countries, exchange
from proxeny.errors import InputError, StateError
from proxeny.node.settings.config import (
    FILE_NAME,
    Config,
    require_port,
    require_public_url,
    write_config,
)

NAME_CHARS = 200
# Control characters and halves of characters: no page or file can carry them.
_NOT_TEXT = {"Cc", "Cs"}


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
        InputError: country, role, name, port or public address is not one, or the
            folder can't be made or written (PXY-HOME).
    """
    config = _require_sound(config)
    with _refusing_home():
        _require_empty(config.home)
    with _made_or_gone(config.home):
        return _found(config, accounts)


def _require_empty(home: Path) -> None:
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


@contextmanager
def _refusing_home() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"The node's folder can't be made or written: {error.strerror}.",
            code="PXY-HOME",
            advice="Name a folder that you may write with --home.",
        ) from error


@contextmanager
def _made_or_gone(home: Path) -> Iterator[None]:
    """Make the folder; after a failure remove what was made, and nothing else."""
    with _refusing_home():
        missing = [path for path in (home, *home.parents) if not path.exists()]
        rights = None if missing else home.stat().st_mode
    try:
        with _refusing_home():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.chmod(0o700)
        yield
    except BaseException:
        with suppress(OSError):
            # It was empty, or not there: all that it holds was made here.
            for path in home.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
        with suppress(OSError):
            if rights is not None:
                home.chmod(rights & 0o7777)
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise


def _found(config: Config, accounts: Sequence[tuple[str, str]]) -> Founded:
    home = config.home
    with _refusing_home():
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
    if not 0 < len(name) <= NAME_CHARS or not _is_text(authority.name):
        raise InputError(
            f"The authority needs a name of at most {NAME_CHARS} letters on one line.",
            code="PXY-AUTHORITY-NAME",
            advice="Give it with --authority, without control characters.",
        )
    reach = (authority.id, authority.address, authority.telephone, authority.email)
    # A postal address may have several lines.
    if not all(_is_text(text.replace("\n", " ")) for text in reach):
        raise InputError(
            "What describes the authority holds control characters.",
            code="PXY-AUTHORITY-TEXT",
            advice="Look at --id, --address, --telephone and --email.",
        )
    require_port(config.serve.port)
    require_public_url(config.serve.public_url)
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


def _is_text(text: str) -> bool:
    return not any(unicodedata.category(char) in _NOT_TEXT for char in text)
