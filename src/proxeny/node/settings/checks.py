"""What an operator should know before the node serves: numbered by word, not by luck.

`proxeny check` runs all of these; with ``--deploy`` also what only matters once others
can reach the node.
"""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from proxeny.errors import ProxenyError
from proxeny.node.accounts.models import User
from proxeny.node.exchange.secrets import FILE_NAME, read_keys
from proxeny.node.selectors.stoplists import find_warning_lists

SAFE_SQLITE = (3, 51, 3)
LEAST_FREE_BYTES = 1024**3
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinding:
    """One thing to mend; ``error`` stops a node from being used, ``warning`` not."""

    code: str
    level: str
    text: str
    advice: str


def list_findings(*, deploy: bool) -> list[CheckFinding]:
    """Everything that is amiss with this node."""
    found = [*_check_database(), *_check_keys(), *_check_disk(), *_check_lists()]
    return [*found, *_check_deploy()] if deploy else found


def _check_database() -> Iterator[CheckFinding]:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield CheckFinding(
            code="PXY-CHECK-DATABASE",
            level="error",
            text="The database does not answer.",
            advice="Start it, or mend [database] url in proxeny.toml.",
        )
        return
    if waiting:
        yield CheckFinding(
            code="PXY-CHECK-MIGRATIONS",
            level="error",
            text=f"{len(waiting)} changes of the database are waiting.",
            advice="The node was made by another release: see the operator guide.",
        )
    elif not User.objects.filter(is_active=True).exists():
        yield CheckFinding(
            code="PXY-CHECK-ACCOUNTS",
            level="error",
            text="The node has no account.",
            advice="Make one with `proxeny user add`.",
        )
    if connection.vendor == "sqlite":
        yield from _check_sqlite()


def _check_sqlite() -> Iterator[CheckFinding]:
    import sqlite3

    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        yield CheckFinding(
            code="PXY-CHECK-SQLITE",
            level="error",
            text=f"SQLite {sqlite3.sqlite_version} can corrupt a WAL database.",
            advice="Install the pysqlite3 package, which carries a newer one.",
        )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        row = cursor.fetchone()
    if row is None or row[0] != "wal":
        yield CheckFinding(
            code="PXY-CHECK-WAL",
            level="warning",
            text="The database does not use write-ahead logging.",
            advice="Keep the home on a local disk: network disks can't do it.",
        )


def _check_keys() -> Iterator[CheckFinding]:
    folder = settings.CONFIG.keys_folder
    try:
        read_keys(folder)
    except ProxenyError as error:
        yield CheckFinding(
            code=error.stable_code,
            level="error",
            text=error.message,
            advice=error.what_to_do,
        )
        return
    for path in (folder / FILE_NAME, settings.CONFIG.home / "secret_key"):
        if path.exists() and path.stat().st_mode & OTHERS:
            yield CheckFinding(
                code="PXY-CHECK-MODE",
                level="error",
                text=f"Others can read {path.name}.",
                advice="Take their rights away: chmod 600.",
            )


def _check_disk() -> Iterator[CheckFinding]:
    free = shutil.disk_usage(settings.CONFIG.home).free
    if free < LEAST_FREE_BYTES:
        yield CheckFinding(
            code="PXY-CHECK-DISK",
            level="warning",
            text=f"Only {free // 1024**2} MiB are free where the home is.",
            advice="Make room before the database needs it.",
        )


def _check_lists() -> Iterator[CheckFinding]:
    try:
        find_warning_lists()
    except ProxenyError as error:
        yield CheckFinding(
            code=error.stable_code,
            level="error",
            text=error.message,
            advice=error.what_to_do,
        )


def _check_deploy() -> Iterator[CheckFinding]:
    serve = settings.CONFIG.serve
    if not serve.public_url.startswith("https://"):
        yield CheckFinding(
            code="PXY-CHECK-HTTPS",
            level="error",
            text="Others would reach the node without encryption.",
            advice="Put a TLS proxy before it and set [serve] public_url to https.",
        )
    if serve.training:
        yield CheckFinding(
            code="PXY-CHECK-TRAINING",
            level="warning",
            text="The node is marked as a training node.",
            advice="Set [serve] training to false for real cases.",
        )
