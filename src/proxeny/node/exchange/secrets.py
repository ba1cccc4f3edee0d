"""The node's private keys on disk: for the worker alone."""

import os
from pathlib import Path

from proxeny import exchange
from proxeny.errors import ConfigError

FILE_NAME = "node.jwks"


def write_keys(folder: Path, keys: exchange.NodeKeys) -> None:
    """Write new keys so that only their owner can read them; never over old ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(folder / FILE_NAME, flags, 0o600), "w") as file:
        file.write(keys.to_private_jwks())


def read_keys(folder: Path) -> exchange.NodeKeys:
    """The node's keys.

    Raises:
        ConfigError: absent or not readable by this process.
    """
    try:
        text = (folder / FILE_NAME).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "The node's private keys can't be read.",
            code="PXY-KEYS",
            advice="Run the worker as the account that owns the keys folder.",
        ) from error
    return exchange.NodeKeys.from_private_jwks(text)
