"""What apps declare for every page: tabs, and items of "what needs me now".

`pages` knows no app; each app registers its own when it is ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NavItem:
    """A tab of the desk, shown to those whose role holds the permission."""

    text: str
    url_name: str
    permission: str
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeItem:
    """Something that needs the person now, with its one next action."""

    title: str
    why: str
    href: str
    action: str
    due_at: datetime | None = None
    since: datetime | None = None
    # What the page shows of case data, for the audit row.
    ref: str = ""


# The actor's type stands above this room, so it is not named here.
HomeSource = Callable[[Any, datetime], list[HomeItem]]
_nav: dict[str, NavItem] = {}
_home: list[HomeSource] = []


def register_nav(item: NavItem) -> None:
    """Declare a tab."""
    _nav[item.url_name] = item


def register_home(source: HomeSource) -> None:
    """Declare a source of items for the home page."""
    if source not in _home:
        _home.append(source)


def list_nav(permissions: frozenset[str]) -> list[NavItem]:
    """The tabs that these rights open, in their order."""
    items = [item for item in _nav.values() if item.permission in permissions]
    return sorted(items, key=lambda item: item.order)


def list_home(actor: Any, now: datetime) -> list[HomeItem]:
    """Everything that needs this person, least time left first."""
    items = [item for source in _home for item in source(actor, now)]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(items, key=lambda item: (item.due_at or far, item.since or far))
