"""Pages that are not the desk's own (sign-in, two-step) show who is signed in too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from proxeny.node.accounts.actor import actor_of
from proxeny.node.accounts.models import User


class ShowsActor:
    """Middleware: the header of every page under the desk knows the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Name the actor for the header; rights are asked for by each page itself."""
        if request.path.startswith("/desk/") and isinstance(request.user, User):
            request.actor = actor_of(request.user, "desk")  # type: ignore[attr-defined]  # read by the header
        return self._get_response(request)
