"""Which function does which kind of job; apps register theirs when they are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
Plan = Callable[[datetime], None]
_handlers: dict[str, Handler] = {}
_plans: list[Plan] = []


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


def register_plan(plan: Plan) -> None:
    """Declare who enqueues what comes round, such as a job of each night.

    Args:
        plan: told the present instant, every few minutes; it writes each job under
            a key of its own, so that it is done once.
    """
    if plan not in _plans:
        _plans.append(plan)


def list_plans() -> tuple[Plan, ...]:
    """Everybody who enqueues what comes round."""
    return tuple(_plans)
