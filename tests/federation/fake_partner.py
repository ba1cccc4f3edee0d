"""A partner's door that answers as a test wishes: honestly, wrongly, or never."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from proxeny import exchange

GARBAGE = b"\x16\x03\x01 this is no HTTP at all\r\n\r\n"


@dataclass(slots=True, eq=False)
class FakePartner:
    """An authority with keys and a door, but no node behind it."""

    keys: exchange.NodeKeys
    manner: str = "honest"
    posts: Counter[str] = field(default_factory=Counter)
    paths: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    sender: exchange.PublicKeys | None = None
    messages: dict[str, exchange.Payload] = field(default_factory=dict)
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def card(self) -> str:
        """What it hands out to be added as a partner."""
        return exchange.make_card(
            self.keys,
            name=f"Fictional authority of {self.keys.authority}",
            country=self.keys.authority[:2],
            role="contact_point",
            endpoint=self.endpoint,
            issued_at=datetime.now(UTC),
        )

    def receipt(self, outer: bytes, keys: exchange.NodeKeys) -> bytes:
        """Open what came and certify it, with its own keys or somebody else's."""
        opened = exchange.open_message(
            outer,
            keys=self.keys,
            find_sender=lambda *_: self.sender,
            now=datetime.now(UTC),
        )
        self.messages[opened.payload.jti] = opened.payload
        return exchange.sign_receipt(
            keys=keys,
            to=opened.payload.iss,
            message_digest=opened.digest,
            jti=opened.payload.jti,
            event="accepted",
            at=datetime.now(UTC),
        )


class _Door(BaseHTTPRequestHandler):
    """One post; what happens is the partner's present manner."""

    partner: FakePartner

    def log_message(self, *_: object) -> None:
        """Say nothing on the test's terminal."""

    def do_GET(self) -> None:
        """Only who follows a redirect comes this way."""
        self.do_POST()

    def do_POST(self) -> None:
        partner = self.partner
        outer = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        manner = partner.manner
        partner.paths.add(self.path)
        partner.posts[manner] += 1
        with suppress(ConnectionError):
            getattr(self, f"_{manner}")(outer)

    def _say(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _honest(self, outer: bytes) -> None:
        receipt = self.partner.receipt(outer, self.partner.keys).decode()
        self._say(200, json.dumps({"receipt": receipt}).encode())

    def _forging(self, outer: bytes) -> None:
        other = exchange.generate_keys(self.partner.keys.authority)
        receipt = self.partner.receipt(outer, other).decode()
        self._say(200, json.dumps({"receipt": receipt}).encode())

    def _redirecting(self, outer: bytes) -> None:
        del outer
        self._say(307, b"", Location=f"{self.partner.endpoint}/elsewhere")

    def _babbling(self, outer: bytes) -> None:
        del outer
        self._say(200, b"<html>welcome to the casino</html>")

    def _lying(self, outer: bytes) -> None:
        del outer
        self._say(409, json.dumps({"code": "\x1b[31mPAID\x00\ud800"}).encode())

    def _not_http(self, outer: bytes) -> None:
        del outer
        self.connection.sendall(GARBAGE)
        self.connection.shutdown(socket.SHUT_RDWR)

    def _endless(self, outer: bytes) -> None:
        del outer
        self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.partner.released.is_set():
            self.connection.sendall(b" " * 65_536)

    def _dripping(self, outer: bytes) -> None:
        """A byte now and then: no time limit of a single read ever runs out."""
        del outer
        self.connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.partner.released.wait(0.2):
            self.connection.sendall(b"X")

    def _hanging(self, outer: bytes) -> None:
        del outer
        self.partner.released.wait(30)


@contextmanager
def open_fake_partner(authority: str) -> Iterator[FakePartner]:
    """A fake partner whose door is open while the block runs."""
    partner = FakePartner(exchange.generate_keys(authority))
    handler = type("Door", (_Door,), {"partner": partner})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        partner.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield partner
        finally:
            partner.released.set()
            server.shutdown()
            thread.join()
