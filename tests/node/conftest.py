"""What tests of the node share."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    """Rate limits count from nothing in each test."""
    cache.clear()


@pytest.fixture
def several_writers() -> None:
    """The database lets several connections write at once."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: no such race there")
