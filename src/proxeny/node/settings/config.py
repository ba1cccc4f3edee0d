"""The operator's file `proxeny.toml`, typed: the only place that knows its keys.

A missing key takes a default that does no harm. Environment variables that win
over the file: ``PROXENY_HOME`` (the folder) and ``PROXENY_DATABASE_URL``.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from proxeny.errors import ConfigError, InputError

FILE_NAME = "proxeny.toml"
MAX_FILE_BYTES = 65_536
MAX_PORT = 65_535
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who runs this node.

    Args:
        id: how partners address it, such as ``RS/24-7``.
        name: as shown on every page and form.
        country: ISO 3166-1 alpha-2.
        role: one of the roles of an authority (CONTRACTS).
    """

    id: str = "XX/none"
    name: str = "Unnamed authority"
    country: str = "XX"
    role: str = "contact_point"
    address: str = ""
    telephone: str = ""
    email: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """Where the doors listen and how the outside calls them."""

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    workers: int = 1
    training: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The pace of the worker; a lease must outlast a post (``post_s``) twice."""

    lease_s: float = 60.0
    poll_s: float = 0.25
    retry_first_s: float = 1.0
    retry_longest_s: float = 3600.0
    post_s: float = 20.0
    message_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """`url` empty: SQLite in the home folder. Otherwise ``postgresql://...``."""

    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """When officers are told of a series at once.

    Args:
        reports_on_account: so many reports on one account raise an alert.
        loss: a series whose losses reach it raises one.
        currency: of that loss, ISO 4217.
    """

    reports_on_account: int = 3
    loss: int = 100_000
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """How reports are linked.

    Args:
        warning_lists: folder of MISP warning lists; empty: the packaged list alone.
        relink_hour: from this hour of the night, in the node's time zone, everything
            is linked anew; -1: never.
        memory_mib: the nightly relink takes no more, MiB.
    """

    warning_lists: str = ""
    relink_hour: int = 2
    memory_mib: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of one node's configuration."""

    home: Path
    authority: Authority = field(default_factory=Authority)
    serve: Serve = field(default_factory=Serve)
    worker: Worker = field(default_factory=Worker)
    database: Database = field(default_factory=Database)
    alerts: Alerts = field(default_factory=Alerts)
    linking: Linking = field(default_factory=Linking)

    @property
    def keys_folder(self) -> Path:
        """Private keys: for the worker's eyes alone."""
        return self.home / "keys"

    @property
    def checkpoints_folder(self) -> Path:
        """Checkpoints of the logs, outside the database."""
        return self.home / "checkpoints"


def default_home() -> Path:
    """`PROXENY_HOME`, or the platform's data folder."""
    if named := os.environ.get("PROXENY_HOME"):
        return Path(named).expanduser()
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "proxeny"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "proxeny"


def require_home(path: Path) -> Path:
    """The folder that was named, whole.

    Raises:
        InputError: no folder can be meant by it (PXY-HOME).
    """
    try:
        home = path.expanduser().resolve()
        # Databases and the file's text need a name in characters.
        str(home).encode("utf-8")
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(
            "That can't be the name of the node's folder.",
            code="PXY-HOME",
            advice="Name another folder with --home.",
        ) from error
    return home


def require_port(port: int) -> int:
    """A port that a server can listen on.

    Raises:
        InputError: it is not between 1 and 65535 (PXY-PORT).
    """
    if not 1 <= port <= MAX_PORT:
        raise InputError(
            f"A port is a number from 1 to {MAX_PORT}.",
            code="PXY-PORT",
            advice="Name another with --port, or [serve] port in proxeny.toml.",
        )
    return port


def require_public_url(url: str) -> str:
    """An address at which partners can reach the node.

    Raises:
        InputError: it is not http or https with a host (PXY-PUBLIC-URL).
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
        # Reading the port is what checks it.
        sound = sound and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        sound = False
    if not sound:
        raise InputError(
            "The public address must be http:// or https:// with a host.",
            code="PXY-PUBLIC-URL",
            advice="For example --public-url https://proxeny.example.org",
        )
    return url


def load_config(home: Path) -> Config:
    """Read and check a node's file.

    Raises:
        ConfigError: absent, unreadable, or with keys or types it can't have.
    """
    path = home / FILE_NAME
    if not path.is_file():
        raise ConfigError(
            "This folder holds no node.",
            code="PXY-NO-NODE",
            advice="Make one with `proxeny init`, or name its folder with --home.",
        )
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ConfigError(f"{FILE_NAME} is over {MAX_FILE_BYTES} bytes.")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{FILE_NAME} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{FILE_NAME} can't be read: {error}") from error
    sections = {"authority", "serve", "worker", "database", "alerts", "linking"}
    if unknown := set(document) - sections:
        raise ConfigError(f"{FILE_NAME} has an unknown section: {min(unknown)}")
    config = Config(
        home=home,
        authority=_section(Authority, document, "authority"),
        serve=_section(Serve, document, "serve"),
        worker=_section(Worker, document, "worker"),
        database=_section(Database, document, "database"),
        alerts=_section(Alerts, document, "alerts"),
        linking=_section(Linking, document, "linking"),
    )
    if config.linking.relink_hour not in range(-1, HOURS_A_DAY):
        raise ConfigError(f"{FILE_NAME}: linking.relink_hour must be from -1 to 23.")
    if url := os.environ.get("PROXENY_DATABASE_URL"):
        config = replace(config, database=Database(url=url))
    return config


def _section(kind: type[Any], document: Mapping[str, Any], name: str) -> Any:
    given = document.get(name, {})
    if not isinstance(given, dict):
        raise ConfigError(f"[{name}] in {FILE_NAME} must be a table.")
    known = {item.name: type(item.default) for item in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            raise ConfigError(f"{FILE_NAME}: [{name}] has no key '{key[:40]}'.")
        wanted = known[key]
        if wanted is float and type(value) is int:
            values[key] = float(value)
        # Exactly the type: True is an int to Python, but no port.
        elif type(value) is wanted:
            values[key] = value
        else:
            raise ConfigError(
                f"{FILE_NAME}: {name}.{key} must be of type {wanted.__name__}."
            )
    return kind(**values)


def write_config(config: Config) -> None:
    """Write a new node's file; TOML strings are a subset of JSON's."""
    lines = ["# One node's configuration; `proxeny check` tells what is amiss."]
    for name in ("authority", "serve", "worker", "database", "alerts", "linking"):
        lines += ["", f"[{name}]"]
        section = getattr(config, name)
        for item in fields(section):
            value = json.dumps(getattr(section, item.name), ensure_ascii=False)
            lines.append(f"{item.name} = {value}")
    (config.home / FILE_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")


def database_settings(config: Config) -> dict[str, Any]:
    """Django's DATABASES entry.

    Raises:
        ConfigError: the address is of no supported kind.
    """
    if not config.database.url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(config.home / "proxeny.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                    "PRAGMA cache_size=-64000;PRAGMA temp_store=MEMORY;"
                    # The worker does it every second; a writer only without one.
                    "PRAGMA wal_autocheckpoint=16000;"
                    "PRAGMA journal_size_limit=67108864"
                ),
            },
        }
    url = urlsplit(config.database.url)
    if url.scheme not in {"postgres", "postgresql"}:
        raise ConfigError(
            "The database address must begin with postgresql:// (or be empty)."
        )
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")) or "proxeny",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(url.port or options.pop("port", "")),
        "CONN_MAX_AGE": None,
        "OPTIONS": options,
    }
