"""The one way into a page of the desk: signed in, one transaction, one audit row.

A view behind `desk_page` takes the request and the actor, calls one action or
query, and notes on ``request.seen`` the references of the case data it shows.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from proxeny.errors import (
    ForbiddenError,
    InputError,
    NotFoundError,
    ProxenyError,
)
from proxeny.node.accounts.actor import Actor, actor_of
from proxeny.node.accounts.models import User

P = ParamSpec("P")
Answer = TypeVar("Answer")
View = Callable[Concatenate["DeskRequest", P], HttpResponse]
SEE_OTHER, NOT_FOUND, FORBIDDEN, REFUSED = 302, 404, 403, 422


class DeskRequest(HttpRequest):
    """A request of a signed-in person."""

    actor: Actor
    seen: list[str]


Recorder = Callable[[Actor, str, list[str]], None]
_recorder: list[Recorder] = []


def use_recorder(recorder: Recorder) -> None:
    """The audit app, which stands above this room, says how a read is recorded."""
    _recorder[:] = [recorder]


def list_recorders() -> list[Recorder]:
    """How reads are recorded, once the audit app has said it."""
    return _recorder


def desk_page(
    action: str, permission: str
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """A page for signed-in people whose role holds the permission.

    Args:
        action: what the audit row calls it, such as ``series.show``.
        permission: who may open it; others are told that there is no such page.
    """

    def wrap(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            desk = cast("DeskRequest", request)
            desk.actor = actor_of(cast("User", request.user), "desk")
            desk.seen = []
            try:
                _require_storable(request)
                desk.actor.require_read(permission)
                with hold_together(view):
                    response = view(desk, *args, **kwargs)
                    # A step that was done has rows of its own, and shows nothing.
                    done = (request.method, response.status_code) == ("POST", SEE_OTHER)
                    if not done:
                        for record in _recorder:
                            record(desk.actor, action, desk.seen)
            except ProxenyError as error:
                return error_page(request, error)
            return response

        # The test that walks every route reads both.
        page.desk_action = action  # type: ignore[attr-defined]  # A function has any.
        page.desk_permission = permission  # type: ignore[attr-defined]  # As above.
        return never_cache(
            login_required(require_http_methods(["GET", "HEAD", "POST"])(page))
        )

    return wrap


def one_by_one(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Marks a view that takes items in, each in a transaction of its own.

    Held together they would keep every other writer waiting for the last one.
    """
    view.one_by_one = True  # type: ignore[attr-defined]  # A function has any.
    return view


def hold_together(view: Callable[..., object]) -> AbstractContextManager[object]:
    """One transaction around a view, unless it takes items in one by one."""
    alone = getattr(view, "one_by_one", False)
    return nullcontext() if alone else transaction.atomic()


def _require_storable(request: HttpRequest) -> None:
    """Nobody types U+0000, and PostgreSQL can neither hold it nor search for it."""
    typed = (*request.GET.lists(), *request.POST.lists())
    texts = (str(value) for _name, values in typed for value in values)
    if any("\0" in text for text in (request.path, *texts)):
        raise InputError("The address or the form holds U+0000.", code="PXY-TEXT")


def error_page(request: HttpRequest, error: ProxenyError) -> HttpResponse:
    """What is wrong, what to do, the code; absent and forbidden look alike."""
    match error:
        case NotFoundError():
            status = NOT_FOUND
        case ForbiddenError():
            status = FORBIDDEN
        case _:
            status = REFUSED
    context = {
        "status": status,
        "message": error.message,
        "advice": error.what_to_do,
        "code": error.stable_code,
    }
    return render(request, "error.html", context, status=status, using="jinja2")
