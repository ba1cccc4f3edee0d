"""One world for each file of tests, and programs that act in it."""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from tests.api.api_calls import program_of
from tests.node.node_world import World, make_world

from proxeny.node.accounts.roles import list_roles


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Seeded once; each test rolls back what it did, this the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world(list_roles())
        transaction.set_rollback(True)


@pytest.fixture
def program(world: World, db) -> Callable[[str], Client]:
    """A program that acts as somebody of the world."""

    def make(who: str) -> Client:
        match who:
            case "stranger":
                return program_of(world.stranger)
            case "stranger-auditor":
                return program_of(world.stranger_auditor)
            case _:
                return program_of(world.people[who])

    return make
