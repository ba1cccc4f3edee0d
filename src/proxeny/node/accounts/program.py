"""The one way into the client API: a token or a session, one transaction, one row.

Like `desk_page` for pages: `api_call` finds the actor, opens the transaction, calls
the operation and leaves the audit row; the same actions and queries stand behind.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from proxeny.node.accounts.actor import Actor, actor_of
from proxeny.node.accounts.desk import DeskRequest, list_recorders
from proxeny.node.accounts.models import User
from proxeny.node.accounts.queries import find_user_by_token

Answer = TypeVar("Answer")


class TokenAuth(HttpBearer):
    """``Authorization: Bearer pxy_...``, as `proxeny user token` makes it."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor whom the token stands for."""
        user = find_user_by_token(token, timezone.now())
        return actor_of(user, "api") if user is not None else None


class DeskSession(SessionAuth):
    """The desk's own session, so that its pages may call the API (with CSRF)."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The actor who is signed in."""
        del key
        if not request.user.is_authenticated:
            return None
        return actor_of(cast("User", request.user), "api")


def api_call(
    action: str, permission: str
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """An operation for those whose role holds the permission.

    Args:
        action: what the audit row calls it, such as ``series.show``.
        permission: others are told that there is no such thing.
    """

    def wrap(operation: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(operation)
        def call(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            desk = cast("DeskRequest", request)
            desk.actor = cast("Any", request).auth
            desk.seen = []
            with transaction.atomic():
                desk.actor.require_read(permission)
                answer = operation(desk, *args, **kwargs)
                for record in list_recorders():
                    record(desk.actor, action, desk.seen)
            return answer

        # The test that walks every route reads both.
        call.desk_action = action  # type: ignore[attr-defined]  # A function has any.
        call.desk_permission = permission  # type: ignore[attr-defined]  # As above.
        return call

    return wrap
