"""Post bytes to a partner's node over HTTP(S) and read a bounded answer."""

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from proxeny.errors import UnreachableError

PATH = "/exchange/v1/messages"
MAX_ANSWER_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the partner's door said."""

    status: int
    document: dict[str, Any]


def post_message(endpoint: str, outer: bytes, *, within_s: float) -> Answer:
    """Post a sealed message to ``<endpoint>/exchange/v1/messages``, and only there.

    No redirect is followed and no proxy asked: a sealed message goes where the card
    says. A redirect is an answer like any other.

    Args:
        endpoint: as the partner's card names it.
        outer: the sealed bytes.
        within_s: time to connect, and again for all that follows.

    Raises:
        UnreachableError: no connection, no answer in time, or no sound answer.
    """
    url = urlsplit(endpoint)
    if not _is_safe(url):
        raise UnreachableError(
            "The partner's address is neither https nor on this machine.",
            code="PXY-ENDPOINT",
        )
    host, headers = url.hostname or "", {"Content-Type": "application/octet-stream"}
    try:
        with _open_line(url, within_s) as line:
            kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
            with closing(kind(host, url.port)) as connection:
                connection.sock = line
                path = url.path.rstrip("/") + PATH
                connection.request("POST", path, body=outer, headers=headers)
                response = connection.getresponse()
                return _answer(response.status, response.read(MAX_ANSWER_BYTES + 1))
    except (HTTPException, OSError, ValueError) as error:
        raise UnreachableError(
            f"The partner's node can't be reached ({type(error).__name__})."
        ) from error


@contextmanager
def _open_line(url: SplitResult, seconds: float) -> Iterator[socket.socket]:
    """A connection that is cut when its time is up.

    A time limit of a socket starts anew with every byte, so that a partner who sends
    one now and then could hold the worker for days.

    Raises:
        TimeoutError: it was cut, whatever was read until then.
    """
    host, secure = url.hostname or "", url.scheme == "https"
    plain = socket.create_connection(
        (host, url.port or (443 if secure else 80)), seconds
    )
    with plain, plain.dup() as twin:
        late = threading.Event()
        timer = threading.Timer(seconds, _hang_up, [twin, late])
        timer.daemon = True
        timer.start()
        try:
            if secure:
                context = ssl.create_default_context()
                with context.wrap_socket(plain, server_hostname=host) as line:
                    yield line
            else:
                yield plain
        finally:
            timer.cancel()
            if late.is_set():
                raise TimeoutError


def _hang_up(line: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):  # It was closed a moment ago.
        line.shutdown(socket.SHUT_RDWR)


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


def _is_safe(url: SplitResult) -> bool:
    if url.scheme == "https":
        return True
    host = url.hostname or ""
    if host == "localhost":
        return url.scheme == "http"
    try:
        return url.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
