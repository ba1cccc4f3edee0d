"""Nodes of the demo: each with a home, a server and a worker of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from proxeny.errors import ProxenyError, UnreachableError

PROXENY = (sys.executable, "-m", "proxeny.cli")
# What would make a child another node than the one whose home it is given.
_OWN = (
    "PROXENY_HOME",
    "PROXENY_USER",
    "PROXENY_DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
)
START_S, STOP_S = 60.0, 5.0
MAX_EXIT_CODE_WITH_ANSWER = 1


class StepError(ProxenyError):
    """A step of the demo did not do what it should."""

    code = "PXY-DEMO"
    advice = "Report this with the step's name; nothing else was changed."
    exit_code = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


class Session:
    """A process in which one node's commands run one after the other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "proxeny.cli.demo.session"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            text=True,
        )

    def run(self, arguments: list[str]) -> Said:
        """Run one command.

        Raises:
            StepError: the process has ended.
        """
        lines, answers = self._child.stdin, self._child.stdout
        with self._lock:
            try:
                if lines is None or answers is None:
                    raise BrokenPipeError
                lines.write(json.dumps(arguments) + "\n")
                lines.flush()
                return Said(**json.loads(answers.readline()))
            except (OSError, ValueError) as error:
                raise StepError("A node's commands can't be run any more.") from error

    def end(self) -> None:
        """No more commands."""
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()
        self._child.wait()


@dataclass(slots=True, eq=False)
class DemoNode:
    """One authority's node."""

    home: Path
    port: int
    codes: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _session: Session | None = None

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str, account: str | None = None) -> dict[str, Any]:
        """Run one real command on this node; return the JSON that it printed.

        Raises:
            StepError: it ended with another code than 0 or 1.
        """
        said = self._say([*arguments, "--home", str(self.home)], account)
        if said.code > MAX_EXIT_CODE_WITH_ANSWER:
            raise StepError(f"`{' '.join(arguments[:2])}` failed: {said.err[:300]}")
        answer: dict[str, Any] = json.loads(said.out)
        return answer

    def refused(self, *arguments: str, account: str) -> str:
        """Run a command that must be refused; return the stable code."""
        said = self._say([*arguments, "--home", str(self.home)], account)
        if said.code <= MAX_EXIT_CODE_WITH_ANSWER:
            raise StepError(f"`{' '.join(arguments[:2])}` was not refused.")
        return said.err.split()[-1]

    def run_anywhere(self, *arguments: str) -> dict[str, Any]:
        """Run a command that needs no node, and so takes no home."""
        said = self._say(list(arguments), None)
        if said.code > MAX_EXIT_CODE_WITH_ANSWER:
            raise StepError(f"`{arguments[0]}` failed: {said.err[:300]}")
        answer: dict[str, Any] = json.loads(said.out)
        return answer

    def _say(self, arguments: list[str], account: str | None) -> Said:
        if self._session is None:
            self._session = Session()
        chosen = ("--as", account) if account else ()
        return self._session.run([*arguments, *chosen, "--json"])

    def start(self) -> None:
        """Start the server and the worker."""
        for process in ("serve", "worker"):
            with (self.home / f"{process}.log").open("ab") as log:
                self._children.append(
                    subprocess.Popen(  # noqa: S603 - our own program, no shell
                        [*PROXENY, process, "--home", str(self.home)],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env=_environment(),
                        start_new_session=True,
                    )
                )

    def await_start(self) -> None:
        """Return once its door answers.

        Raises:
            UnreachableError: it did not within a minute.
        """
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                with urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        raise UnreachableError("A node of the demo did not start.", code="PXY-DEMO")

    def stop(self) -> None:
        """End its processes, and what they started."""
        if self._session is not None:
            self._session.end()
            self._session = None
        for child in self._children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in self._children:
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self._children.clear()


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _OWN}


@contextmanager
def stopping(*nodes: DemoNode) -> Iterator[None]:
    """Whatever happens, no process stays behind; SIGTERM ends like Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        for node in nodes:
            node.stop()


def find_ports(first: int | None, count: int) -> list[int]:
    """Ports from the one that was asked for, or free ones.

    Raises:
        UnreachableError: one that was asked for is in use.
    """
    if first is None:
        probes = [socket.socket() for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        ports = [probe.getsockname()[1] for probe in probes]
        for probe in probes:
            probe.close()
        return ports
    for port in range(first, first + count):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                raise UnreachableError(
                    f"Port {port} can't be opened.",
                    code="PXY-PORT",
                    advice="Stop what uses it, or name another with --port.",
                ) from error
    return list(range(first, first + count))
