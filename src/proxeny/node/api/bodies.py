"""JSON bodies of calls, read as what they are: hostile until shown otherwise."""

import json
from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser

from proxeny.errors import InputError, LimitError

MAX_BODY_BYTES = 1024 * 1024
MAX_DEPTH = 16


class BodyParser(Parser):
    """One JSON document within limits, of text that every database can keep."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The document of a call's body.

        Raises:
            LimitError: over a limit of size or depth (PXY-API-SIZE, PXY-API-DEPTH).
            InputError: NaN, Infinity, NUL or half a surrogate pair (PXY-API-TEXT).
        """
        if len(request.body) > MAX_BODY_BYTES:
            raise LimitError(
                f"The body is over {MAX_BODY_BYTES:,} bytes.", code="PXY-API-SIZE"
            )
        document = json.loads(request.body, parse_constant=_refuse_constant)
        _require_storable(document)
        return cast("dict[str, Any]", document)


def _refuse_constant(_: str) -> float:
    raise InputError("NaN and Infinity are no JSON.", code="PXY-API-TEXT")


def _require_storable(document: Any) -> None:
    front, depth = [document], 0
    while front:
        depth += 1
        if depth > MAX_DEPTH:
            raise LimitError(
                f"The body is nested deeper than {MAX_DEPTH} levels.",
                code="PXY-API-DEPTH",
            )
        inside: list[Any] = []
        for value in front:
            match value:
                case dict():
                    inside += [*value.keys(), *value.values()]
                case list():
                    inside += value
                case str() if "\0" in value or not _is_unicode(value):
                    raise InputError(
                        "A text holds NUL or half a surrogate pair.",
                        code="PXY-API-TEXT",
                    )
        front = inside


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
