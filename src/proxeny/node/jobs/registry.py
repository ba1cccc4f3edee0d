"""Which function does which kind of job; apps register theirs when they are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from proxeny.errors import StateError
from proxeny.node.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Done:
    """The work is done; running it again would change nothing."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again later, and why."""

    after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Given up, and why: a person has been told."""

    reason: str


Outcome = Done | Retry | Failed
Handler = Callable[[Job], Outcome]
_handlers: dict[str, Handler] = {}


def register_job(kind: str, handler: Handler) -> None:
    """Declare who does this kind."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler:
    """Who does this kind.

    Raises:
        StateError: nobody in this release (PXY-JOB-KIND).
    """
    if kind not in _handlers:
        raise StateError("Nobody here does this kind of job.", code="PXY-JOB-KIND")
    return _handlers[kind]
