"""Real nodes: homes, databases, and processes that can be stopped and killed."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar

from tests.federation.databases import Row, parse_json, read_rows

from proxeny import exchange

Found = TypeVar("Found")
SERVE, WORKER = "serve", "worker"
PROXENY = (sys.executable, "-m", "proxeny.cli")
OFFICER = (sys.executable, str(Path(__file__).with_name("officer.py")))
LAUNCHER = (sys.executable, str(Path(__file__).with_name("launcher.py")))
DOOR = "/exchange/v1/messages"
# The machine may be busy: a deadline says «never», not «slow».
PATIENCE_S = 60.0
PACE = {
    "lease_s": "1.0",
    "poll_s": "0.05",
    "retry_first_s": "0.1",
    "retry_longest_s": "0.5",
    "post_s": "3.0",
}


def wait_until(
    happened: Callable[[], Found], what: str, within_s: float = PATIENCE_S
) -> Found:
    """Ask until the answer is true; return it.

    Raises:
        AssertionError: it did not happen in time; says what.
    """
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := happened():
            return found
        time.sleep(0.02)
    raise AssertionError(f"did not happen within {within_s:.0f} s: {what}")


def clean_environment(**more: str) -> dict[str, str]:
    """What a child may inherit: nothing that makes it the test session's own node."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PROXENY_") and name != "DJANGO_SETTINGS_MODULE"
    }
    return {**kept, **more}


def find_free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    document: dict[str, Any]
    err: str


@dataclass(frozen=True, slots=True)
class Forked:
    """A process that is another's child: what of `Popen` can be said of it."""

    pid: int

    def poll(self) -> int | None:
        """None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, within_s: float = 10) -> None:
        """Return once it is gone."""
        wait_until(lambda: self.poll() is not None, "a killed process goes", within_s)


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """One authority's node, its officer at the command line, and its processes."""

    authority: str
    home: Path
    port: int
    url: str = ""  # Empty: SQLite in its home.
    faults: dict[str, str] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes] | Forked] = field(default_factory=dict)
    _officer: subprocess.Popen[str] | None = None
    _launcher: subprocess.Popen[str] | None = None

    @property
    def country(self) -> str:
        return self.authority[:2]

    @property
    def database(self) -> str:
        """Where its rows lie, for `read_rows`."""
        return self.url or str(self.home / "proxeny.sqlite3")

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> exchange.NodeKeys:
        """Its private keys, for tests that play this node dishonestly."""
        text = (self.home / "keys" / "node.jwks").read_text(encoding="utf-8")
        return exchange.NodeKeys.from_private_jwks(text)

    # ------------------------------------------------------------- command line

    def try_cli(self, *arguments: str, account: str | None = None) -> Ran:
        """Run one command of this node, whatever comes of it."""
        if self._officer is None:
            more = {"PROXENY_DATABASE_URL": self.url} if self.url else {}
            self._officer = _open_program(OFFICER, clean_environment(**more))
        chosen = ["--as", account] if account else []
        line = [*arguments, "--home", str(self.home), "--json", *chosen]
        answer = json.loads(_ask_program(self._officer, json.dumps(line)))
        document = json.loads(answer["out"]) if answer["out"] else {}
        return Ran(code=answer["code"], document=document, err=answer["err"])

    def cli(self, *arguments: str, account: str | None = None) -> dict[str, Any]:
        """Run one command that has to succeed; return its document."""
        ran = self.try_cli(*arguments, account=account)
        assert ran.code == 0, f"{arguments}: {ran}"
        return ran.document

    # ----------------------------------------------------------------- processes

    def start(self, *kinds: str) -> None:
        """Start its server or worker, armed with the fault planned for it, if any."""
        for kind in kinds or (SERVE, WORKER):
            fault = self.faults.pop(kind, "")
            more = {"PROXENY_FAULT": fault} if fault else {}
            with (self.home / f"{kind}.log").open("ab") as log:
                self._running[kind] = subprocess.Popen(
                    [*PROXENY, kind, "--home", str(self.home)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=clean_environment(**more),
                    start_new_session=True,
                )

    def fork_worker(self) -> None:
        """Start its worker like `start`, without the second that imports take."""
        if self._launcher is None:
            program = (*LAUNCHER, str(self.home))
            self._launcher = _open_program(program, clean_environment())
        fault = self.faults.pop(WORKER, "")
        self._running[WORKER] = Forked(int(_ask_program(self._launcher, fault)))

    def await_door(self) -> None:
        """Return once its door answers."""

        def opens() -> bool:
            log = self.home / f"{SERVE}.log"
            assert self.is_alive(SERVE), log.read_text(encoding="utf-8")[-2000:]
            return self.is_open()

        wait_until(opens, f"{self.authority} opens its door")

    def is_open(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except (OSError, HTTPException):
            return False

    def is_alive(self, kind: str) -> bool:
        """Whether that process runs."""
        process = self._running.get(kind)
        return process is not None and process.poll() is None

    def kill(self, kind: str) -> None:
        """SIGKILL from outside: the process and what it started, at once."""
        process = self._running.pop(kind)
        _signal_all(process, signal.SIGKILL)
        process.wait()

    def kill_main(self, kind: str) -> None:
        """SIGKILL to the process that was started alone, not to its children."""
        process = self._running.pop(kind)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, *kinds: str) -> float:
        """SIGTERM, as a service manager does; return the seconds until all left."""
        started = time.monotonic()
        chosen = [kind for kind in kinds or (SERVE, WORKER) if kind in self._running]
        for kind in chosen:
            if self.is_alive(kind):
                _signal_all(self._running[kind], signal.SIGTERM)
        for kind in chosen:
            self._running.pop(kind).wait(PATIENCE_S)
        return time.monotonic() - started

    def close(self) -> None:
        """Leave no process behind, whatever the test did."""
        for kind in list(self._running):
            if self.is_alive(kind):
                self.kill(kind)
        for program in (self._officer, self._launcher):
            if program is not None:
                program.communicate()

    # ---------------------------------------------------------------------- wire

    def ask(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One HTTP request to its door: status and document."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            # Who refuses a body may close before it has all of it, and has answered.
            with contextlib.suppress(BrokenPipeError):
                connection.request(method, path, body=body)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        known = response.headers.get_content_type().endswith("json")
        return response.status, json.loads(content) if known else {}

    def post(self, outer: bytes) -> tuple[int, dict[str, Any]]:
        """Post to its exchange door."""
        return self.ask("POST", DOOR, outer)

    # ------------------------------------------------------------------ database

    def rows(self, query: str) -> list[Row]:
        """Read its database directly."""
        return read_rows(self.database, query)

    def messages(self, direction: str, ref: str) -> list[Row]:
        """Its messages about one reference."""
        rows = self.rows("SELECT * FROM exchange_message ORDER BY id")
        return [r for r in rows if (r["direction"], r["ref"]) == (direction, ref)]


def _signal_all(process: subprocess.Popen[bytes] | Forked, number: int) -> None:
    """To the process and what it started; it may have died a moment ago."""
    with suppress(ProcessLookupError):
        if isinstance(process, Forked):
            os.kill(process.pid, number)  # A worker starts nothing.
        else:
            os.killpg(process.pid, number)


def _open_program(
    program: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    """A program that answers each line with one line."""
    return subprocess.Popen(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(environment),
    )


def _ask_program(program: subprocess.Popen[str], line: str) -> str:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(line + "\n")
    program.stdin.flush()
    return program.stdout.readline()


def found_node(
    authority: str, home: Path, url: str, *accounts: str, pace: Mapping[str, str] = PACE
) -> Node:
    """Make a node with `proxeny init`, and set the pace of its worker."""
    node = Node(authority=authority, home=home, port=find_free_port(), url=url)
    country = node.country
    node.cli(
        *("init", "--authority", f"Contact point of {country}", "--country", country),
        *("--port", str(node.port), "--administrator", f"head-of-{country.lower()}"),
        *("--address", f"1 Example Street, {country}"),
        *("--telephone", "+1 202 555 0100"),
        *("--email", f"duty@{country.lower()}.example.org"),
        *(part for name in accounts for part in ("--account", name)),
    )
    path = home / "proxeny.toml"
    text = path.read_text(encoding="utf-8")
    # What comes round each night would stand among the jobs that are counted here.
    settings = {**pace, "url": json.dumps(url), "relink_hour": "-1"}
    for key, value in settings.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    path.write_text(text, encoding="utf-8")
    return node


def introduce(node: Node, other: Node, folder: Path) -> None:
    """``node`` adds the other's card; the fingerprint comes by another way."""
    card = other.cli("partner", "card")
    file = folder / f"{other.country}.card"
    file.write_text(card["card"], encoding="ascii")
    node.cli("partner", "add", str(file), "--fingerprint", card["fingerprint"])


def receipt_of(row: Row) -> bytes:
    """The stored bytes of a message's receipt."""
    return bytes(row["receipt"])


def body_of(row: Row) -> dict[str, Any]:
    """The stored body of a message."""
    return parse_json(row["body"])
