"""Errors as problem documents (RFC 9457): one table from the tree to HTTP."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, ValidationError

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
_STATUS: tuple[tuple[type[ProxenyError], int], ...] = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (LimitError, 413),
    (InputError, 422),
    (StateError, 409),
    (UnreachableError, 503),
)


class Problem(Schema):
    """RFC 9457, with our stable code and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    advice: str = ""
    errors: list[dict[str, Any]] = []


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 503), Problem)


def register_problems(api: NinjaAPI) -> None:
    """Answer every error of ours, and the framework's own, in one shape."""

    @api.exception_handler(ProxenyError)
    def ours(request: HttpRequest, error: ProxenyError) -> HttpResponse:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        return _answer(
            api, request, status, error.message, error.stable_code, error.what_to_do
        )

    @api.exception_handler(ValidationError)
    def shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Where and why, never the value: it may be personal.
        errors = [
            {"where": ".".join(map(str, one["loc"])), "why": one["msg"]}
            for one in error.errors
        ]
        return _answer(
            api,
            request,
            422,
            "The call does not have the shape that the API document gives.",
            "PXY-API-SHAPE",
            "Compare it with /api/v1/openapi.json.",
            errors,
        )

    @api.exception_handler(AuthenticationError)
    def who(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        del error
        return _answer(
            api,
            request,
            401,
            "Sign in, or send a token.",
            "PXY-API-SIGN-IN",
            "Make a token with `proxeny user token`.",
        )


def _answer(
    api: NinjaAPI,
    request: HttpRequest,
    status: int,
    title: str,
    code: str,
    advice: str,
    errors: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    problem = Problem(
        title=title, status=status, code=code, advice=advice, errors=errors or []
    )
    response = api.create_response(request, problem.model_dump(), status=status)
    response["Content-Type"] = MEDIA_TYPE
    return response
