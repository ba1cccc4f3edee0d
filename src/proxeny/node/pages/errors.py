"""Pages for errors that no view answered, in the node's own look."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NOT_FOUND = 404


def failed(request: HttpRequest) -> HttpResponse:
    """Something failed on our side; the log has the cause, the page has no detail."""
    context = {
        "status": 500,
        "message": "The page could not be made.",
        "safe": "Nothing was changed by this step.",
        "advice": "Try again; if it stays, tell your operator the time and this code.",
        "code": "PXY-ERROR",
    }
    return render(request, "error.html", context, status=500, using="jinja2")


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: an old page, or another site's."""
    del reason
    context = {
        "status": 403,
        "message": "The page was too old, or the form did not come from this desk.",
        "safe": "Nothing was changed.",
        "advice": "Go back, load the page again and repeat the step.",
        "code": "PXY-CSRF",
    }
    return render(request, "error.html", context, status=403, using="jinja2")


class ErrorPages:
    """Middleware: a plain 404 becomes the page that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and dress a bare 404 of the desk."""
        response = self._get_response(request)
        if (
            response.status_code == NOT_FOUND
            and request.path.startswith("/desk/")
            and not getattr(response, "dressed", False)
            and b"PXY-" not in response.content
        ):
            context = {
                "status": NOT_FOUND,
                "message": "There is no such page or item, or it isn't yours.",
                "advice": "Go back, or start from the home page.",
                "code": "PXY-NOT-FOUND",
            }
            return render(
                request, "error.html", context, status=NOT_FOUND, using="jinja2"
            )
        return response
