"""Two nodes, RS and DE, that know each other; their processes run or can be started."""

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from tests.federation.nodes import Node, found_node, introduce
from tests.federation.steps import CLERK, DRAFTER, Pair, import_reports, open_case

SESSION_URL = os.environ.get("PROXENY_DATABASE_URL", "")


@contextmanager
def _new_database(name: str) -> Iterator[str]:
    """A database of its own on the session's server; nothing to do for SQLite."""
    if not SESSION_URL:
        yield ""
        return
    own = f"{name}_{secrets.token_hex(4)}"
    with psycopg.connect(SESSION_URL, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own}")
        yield urlunsplit(urlsplit(SESSION_URL)._replace(path=f"/{own}"))
        connection.execute(f"DROP DATABASE {own} WITH (FORCE)")


@contextmanager
def _acquainted(folder: Path) -> Iterator[Pair]:
    with _new_database("rs") as rs_url, _new_database("de") as de_url:

        def found(authority: str, url: str) -> Node:
            country = authority[:2].lower()
            return found_node(
                *(authority, folder / country, url),
                *(f"{DRAFTER}:investigator", f"{CLERK}:intake"),
                f"auditor-of-{country}:auditor",  # No other node need know of them.
            )

        with ThreadPoolExecutor(2) as pool:
            rs, de = pool.map(found, ("RS/24-7", "DE/24-7"), (rs_url, de_url))
        try:
            introduce(rs, de, folder)
            introduce(de, rs, folder)
            yield Pair(rs=rs, de=de)
        finally:
            rs.close()
            de.close()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two nodes with all their processes running; tests leave them so."""
    with _acquainted(tmp_path_factory.mktemp("federation")) as made:
        for node in made.both():
            node.start()
        for node in made.both():
            node.await_door()
        yield made


@pytest.fixture(scope="session")
def still_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two nodes of which no process runs yet."""
    with _acquainted(tmp_path_factory.mktemp("federation-kills")) as made:
        yield made


@pytest.fixture(scope="session")
def de_reports(pair: Pair) -> None:
    """DE holds reports of its own."""
    assert import_reports(pair.de)["accepted"] >= 15


@pytest.fixture(scope="session")
def case(pair: Pair) -> str:
    """A case of RS on the bundled reports."""
    imported = import_reports(pair.rs)
    assert imported["accepted"] >= 30, imported
    return open_case(pair.rs)
