"""The clocks of a request, each with the article or the wish that it comes from.

Only what a treaty text that was read sets is binding; an answer "wanted by" is the
requesting authority's wish and is shown as such.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from proxeny.requests.forms import Due, Form, FormTimeLimit
from proxeny.requests.values import parse_date, parse_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A clock that runs: ``whose`` is the side that has to act."""

    id: str
    what: str
    due_at: datetime
    overdue: bool
    article: str
    source: str
    binding: bool
    whose: str


def list_deadlines(
    form: Form,
    *,
    facts: Mapping[str, datetime],
    reply: Mapping[str, Any] | None,
    now: datetime,
    body: Mapping[str, Any] | None = None,
) -> tuple[Deadline, ...]:
    """The clocks that run now, the next one first.

    A clock runs once the fact that starts it is there and until one that stops it
    is. A date counts from its first moment in UTC: whoever reads "until 20 January"
    as including that day is early, never late.

    Args:
        form: the form of the request.
        facts: when what happened, by name: ``sent``, ``accepted``, ``answered``,
            ``refused``, ``withdrawn``, ``expired``, ``closed``, and
            ``assistance_requested`` once the mutual-assistance request is filed.
        reply: the latest reply, if there is one.
        now: the present instant, aware.
        body: the request itself; what it wishes for starts clocks too.

    Returns:
        Clocks by the time left.
    """
    found = [
        Deadline(
            id=limit.id,
            what=limit.what,
            due_at=due_at,
            overdue=due_at <= now,
            article=limit.article,
            source=limit.source,
            binding=limit.binding,
            whose=limit.whose,
        )
        for limit in form.time_limits
        if _runs(limit, facts, reply or {})
        for due_at in _list_ends(limit, body or {}, reply or {})[:1]
    ]
    return tuple(sorted(found, key=lambda deadline: (deadline.due_at, deadline.id)))


def _runs(
    limit: FormTimeLimit, facts: Mapping[str, datetime], reply: Mapping[str, Any]
) -> bool:
    if limit.starts and limit.starts not in facts:
        return False
    if any(stop in facts for stop in limit.stops):
        return False
    condition = limit.only_when
    return condition is None or reply.get(condition.field) in condition.values


def _list_ends(
    limit: FormTimeLimit, body: Mapping[str, Any], reply: Mapping[str, Any]
) -> list[datetime]:
    return [end for due in limit.due for end in _read_end(due, body, reply)]


def _read_end(
    due: Due, body: Mapping[str, Any], reply: Mapping[str, Any]
) -> Iterator[datetime]:
    value = body.get(due.request) if due.request else reply.get(due.reply or "")
    instant = parse_instant(value) or _start_of(parse_date(value))
    if instant is not None:
        yield instant + timedelta(days=due.days)


def _start_of(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
