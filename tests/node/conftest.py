"""What tests of the node share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from tests.node.node_world import World, make_world

from proxeny.node.accounts.roles import list_roles


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    """Rate limits count from nothing in each test."""
    cache.clear()


@pytest.fixture
def several_writers() -> None:
    """The database lets several connections write at once."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: no such race there")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """A node with people, reports and requests.

    Made once for a module; each test rolls back what it did, this fixture the rest.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(list_roles())
        transaction.set_rollback(True)
