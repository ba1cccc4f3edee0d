"""Errors as problem documents (RFC 9457): one table from the tree to HTTP.

Whatever goes wrong under ``/api/v1/`` is answered in this one shape: our own errors,
the framework's, an unknown address, a method that an address doesn't have, and a
fault of the node itself. No document holds a value that the caller sent.
"""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import add_never_cache_headers
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from proxeny.errors import (
    ForbiddenError,
    InputError,
    LimitError,
    NotFoundError,
    ProxenyError,
    StateError,
    UnreachableError,
)

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/v1/"
RETRY_AFTER_S = 2
_LOG = logging.getLogger("proxeny.api")
_STATUS: tuple[tuple[type[ProxenyError], int], ...] = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (LimitError, 413),
    (InputError, 422),
    (StateError, 409),
    (UnreachableError, 503),
)
# A part of a place that is no plain name came from the caller: it isn't shown.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Problem(Schema):
    """RFC 9457, with our stable code and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    advice: str = ""
    errors: list[dict[str, Any]] = Field(default_factory=list)


PROBLEMS = (400, 401, 403, 404, 405, 409, 413, 415, 422, 500, 503)
_OF_HTTP = {
    400: ("The body can't be read.", "PXY-API-BODY", "Send one JSON document."),
    403: (
        "The session's CSRF token is missing or not right.",
        "PXY-API-CSRF",
        "Send it in the header X-CSRFToken, or use a token of the API.",
    ),
    404: (
        "There is no such address.",
        "PXY-API-ADDRESS",
        "See /api/v1/openapi.json.",
    ),
    405: (
        "This address doesn't take that method.",
        "PXY-API-METHOD",
        "See /api/v1/openapi.json.",
    ),
    413: (
        "The body is over its limit.",
        "PXY-API-SIZE",
        "Send less at once; a file of reports goes as multipart/form-data.",
    ),
    415: (
        "The body is of a media type that isn't taken here.",
        "PXY-API-MEDIA-TYPE",
        "See /api/v1/openapi.json.",
    ),
    500: (
        "The node failed to answer; nothing was changed.",
        "PXY-API-FAULT",
        "Tell the operator when it happened; the node's log has it.",
    ),
    503: (
        "The database is busy.",
        "PXY-BUSY",
        "Try again in a moment; nothing was changed.",
    ),
}


def answer_problem(
    status: int,
    title: str,
    code: str,
    advice: str,
    errors: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    """A problem document as an answer."""
    problem = Problem(
        title=title, status=status, code=code, advice=advice, errors=errors or []
    )
    answer = HttpResponse(
        problem.model_dump_json(), status=status, content_type=MEDIA_TYPE
    )
    add_never_cache_headers(answer)
    return answer


def register_problems(api: NinjaAPI) -> None:
    """Answer every error of ours, and the framework's own, in one shape."""
    for kind, handler in _HANDLERS:
        api.add_exception_handler(kind, handler)


def _ours(request: HttpRequest, error: ProxenyError) -> HttpResponse:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("%s %s: %s", request.method, request.path, error.stable_code)
    findings = error.fields.get("findings")
    return answer_problem(
        status,
        error.message,
        error.stable_code,
        error.what_to_do,
        findings if isinstance(findings, list) else None,
    )


def _shape(_: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer_problem(
        422,
        "The call does not have the shape that the API document gives.",
        "PXY-API-SHAPE",
        "Compare it with /api/v1/openapi.json.",
        # Where and why, never the value: it may be personal.
        [{"where": _place(one["loc"]), "why": one["msg"]} for one in error.errors],
    )


def _who(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    answer = answer_problem(
        401,
        "Sign in, or send a token.",
        "PXY-API-SIGN-IN",
        "Make a token with `proxeny user token`.",
    )
    answer["WWW-Authenticate"] = 'Bearer realm="proxeny"'
    return answer


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    # The framework hides what our reader of bodies said behind its own error.
    if isinstance(error.__cause__, ProxenyError):
        return _ours(request, error.__cause__)
    return _of_http(error.status_code)


def _too_big(_: HttpRequest, __: RequestDataTooBig) -> HttpResponse:
    return _of_http(413)


def _unreadable(_: HttpRequest, __: Exception) -> HttpResponse:
    return _of_http(400)


def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    _LOG.warning("%s %s: %s", request.method, request.path, type(error).__name__)
    answer = _of_http(503)
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    _LOG.error("%s %s failed", request.method, request.path, exc_info=error)
    return _of_http(500)


# The most derived class of an error that stands here decides.
_HANDLERS: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (ProxenyError, _ours),
    (ValidationError, _shape),
    (AuthenticationError, _who),
    (HttpError, _http),
    (RequestDataTooBig, _too_big),
    (SuspiciousOperation, _unreadable),
    (MultiPartParserError, _unreadable),
    (OperationalError, _busy),
    (Exception, _fault),
)


def _of_http(status: int) -> HttpResponse:
    return answer_problem(status, *_OF_HTTP.get(status, _OF_HTTP[500]))


def _place(loc: tuple[Any, ...]) -> str:
    parts = map(str, loc)
    return ".".join(part if _PLAIN_NAME.fullmatch(part) else "?" for part in parts)


class ProblemAnswers:
    """Middleware: what no operation answered under ``/api/v1/`` is a problem too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and give a refusal that is a page the API's own shape."""
        response = self._get_response(request)
        if (
            not request.path.startswith(PREFIX)
            or response.status_code < HTTPStatus.BAD_REQUEST
            or response["Content-Type"] == MEDIA_TYPE
        ):
            return response
        problem = _of_http(response.status_code)
        if "Allow" in response:
            problem["Allow"] = response["Allow"]
        return problem


def declare_problems(document: dict[str, Any]) -> None:
    """Say in the API document that every operation may answer with each problem."""
    components = document["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Problem{status}": {
            "description": HTTPStatus(status).phrase,
            "content": content,
        }
        for status in PROBLEMS
    }
    references = {
        status: {"$ref": f"#/components/responses/Problem{status}"}
        for status in PROBLEMS
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"] = {**operation["responses"], **references}
