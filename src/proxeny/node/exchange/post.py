"""Post bytes to a partner's node over HTTP(S) and read a bounded answer."""

import ipaddress
import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from proxeny.errors import UnreachableError

TIMEOUT_S = 20
MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the partner's door said."""

    status: int
    document: dict[str, Any]


class _NoRedirect(HTTPRedirectHandler):
    """A sealed message goes where the card says and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = build_opener(_NoRedirect, ProxyHandler({}))


def post_message(endpoint: str, outer: bytes) -> Answer:
    """Post a sealed message to ``<endpoint>/exchange/v1/messages``.

    Raises:
        UnreachableError: no connection, no answer in time, or no sound answer.
    """
    if not _is_safe(endpoint):
        raise UnreachableError(
            "The partner's address is neither https nor on this machine.",
            code="PXY-ENDPOINT",
        )
    request = Request(  # noqa: S310 - the scheme was checked just above
        endpoint.rstrip("/") + "/exchange/v1/messages",
        data=outer,
        headers={"Content-Type": "application/octet-stream"},
        method="POST",
    )
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as response:
            return _answer(response.status, response.read(MAX_ANSWER_BYTES + 1))
    except HTTPError as error:
        with error:
            return _answer(error.code, error.read(MAX_ANSWER_BYTES + 1))
    except (URLError, TimeoutError, OSError, ValueError) as error:
        kind = type(getattr(error, "reason", error)).__name__
        raise UnreachableError(f"The partner's node can't be reached ({kind}).") from (
            error
        )


def _answer(status: int, content: bytes) -> Answer:
    if len(content) > MAX_ANSWER_BYTES:
        raise UnreachableError("The partner's answer is over its limit.")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = {}
    return Answer(
        status=status, document=document if isinstance(document, dict) else {}
    )


def _is_safe(endpoint: str) -> bool:
    url = urlsplit(endpoint)
    if url.scheme == "https":
        return True
    host = url.hostname or ""
    if host == "localhost":
        return url.scheme == "http"
    try:
        return url.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
