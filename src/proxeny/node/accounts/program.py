"""The one way into the client API: a token or a session, one transaction, one row.

Like `desk_page` for pages: `api_call` finds the actor, opens the transaction, calls
the operation and leaves the audit row; the same actions and queries stand behind.
Lists are paged by primary key from the newest down, so that rows which are added
meanwhile neither shift a page nor come twice.
"""

import base64
import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from ninja.security import HttpBearer, SessionAuth
from pydantic import BeforeValidator, Field, WithJsonSchema

from proxeny.node.accounts.actor import Actor, actor_of
from proxeny.node.accounts.desk import DeskRequest, hold_together, list_recorders
from proxeny.node.accounts.queries import find_user_by_token

if TYPE_CHECKING:
    from proxeny.node.accounts.models import User

Answer = TypeVar("Answer")
Row = TypeVar("Row", bound=models.Model)
MAX_PAGE_ROWS = 200
MAX_CURSOR_CHARS = 32
_KEY = re.compile(r"[1-9][0-9]{0,17}")


class TokenAuth(HttpBearer):
    """``Authorization: Bearer pxy_...``, as `proxeny user token` makes it."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor whom the token stands for."""
        del request
        user = find_user_by_token(token, timezone.now())
        return actor_of(user, "api") if user is not None else None


class DeskSession(SessionAuth):
    """The desk's own session, so that its pages may call the API (with CSRF)."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # A call that shows a token is judged by it alone, and one without a session
        # is told to sign in rather than that its CSRF token is missing.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        return super()._get_key(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The actor who is signed in."""
        if key is None:
            return None
        return actor_of(cast("User", request.user), "api")


def api_call(
    action: str, permission: str
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """An operation for those whose role holds the permission.

    A read (GET) leaves one row with what `request.seen` names. A change leaves the
    rows that its own actions write, and no further one.

    Args:
        action: what the audit row of a read calls it, such as ``series.show``; it
            is the operation's id in the API document too.
        permission: who may know of the thing at all; others are told that there is
            no such thing. Whether they may change it is for the action to say.
    """

    def wrap(operation: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(operation)
        def call(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            desk = cast("DeskRequest", request)
            desk.actor = cast("Any", request).auth
            desk.seen = []
            desk.actor.require_read(permission)
            with hold_together(operation):
                answer = operation(desk, *args, **kwargs)
                if desk.method == "GET":
                    for record in list_recorders():
                        record(desk.actor, action, desk.seen)
            return answer

        # The walk of all addresses reads both, as it does of a page.
        declared = cast("Any", call)
        declared.desk_action, declared.desk_permission = action, permission
        return call

    return wrap


def render_cursor(key: int) -> str:
    """An opaque mark of where a page ended."""
    return base64.urlsafe_b64encode(f"k{key}".encode()).decode().rstrip("=")


def parse_cursor(text: object) -> int:
    """The primary key that a cursor stands for.

    Raises:
        ValueError: no list of this node gave it.
    """
    if isinstance(text, str) and len(text) <= MAX_CURSOR_CHARS:
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except ValueError:
            plain = ""
        if plain.startswith("k") and _KEY.fullmatch(plain[1:]):
            return int(plain[1:])
    raise ValueError("give the `next` of an earlier answer")


class Page(Schema):
    """Which part of a list is asked for."""

    before: (
        Annotated[
            int,
            BeforeValidator(parse_cursor),
            WithJsonSchema({"type": "string", "maxLength": MAX_CURSOR_CHARS}),
        ]
        | None
    ) = Field(None, description="The `next` of the page before; absent: the newest.")
    limit: int = Field(50, ge=1, le=MAX_PAGE_ROWS, description="How many at most.")


def page_of(rows: QuerySet[Row], page: Page) -> tuple[list[Row], str | None]:
    """One page of rows, newest first, and the cursor of the next one if there is."""
    if page.before is not None:
        rows = rows.filter(pk__lt=page.before)
    found = list(rows.order_by("-pk")[: page.limit + 1])
    return found[: page.limit], next_of(found, page)


def next_of(found: list[Row], page: Page) -> str | None:
    """The cursor of the next page, if one row more than the page was found."""
    more = len(found) > page.limit
    return render_cursor(found[page.limit - 1].pk) if more else None
