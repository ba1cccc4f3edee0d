"""Routes as JSON documents, and an answer as one plain paragraph.

The documents are the same for the command line and the API.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from proxeny.law.values import Reading, Route, RouteState

_SHARES = {
    RouteState.OPEN: "open",
    RouteState.CONDITIONAL: "open on conditions",
    RouteState.CLOSED: "closed",
    RouteState.NOT_IN_FORCE: "not in force yet",
    RouteState.UNKNOWN: "unknown",
}
_TAKEABLE = frozenset({RouteState.OPEN, RouteState.CONDITIONAL})


def describe_route(route: Route) -> dict[str, Any]:
    """A route with its reasons; each time limit says whether it binds."""
    return {
        **asdict(route),
        "expected_days": route.expected_days,
        "burden": route.burden,
        "time_limits": [
            {**asdict(limit), "binding": limit.binding} for limit in route.time_limits
        ],
    }


def render_paragraph(routes: Sequence[Route]) -> str:
    """The answer in plain English: how many channels, the best, what must follow.

    Args:
        routes: as ``list_routes`` ordered them.

    """
    return " ".join(_tell(routes))


def _tell(routes: Sequence[Route]) -> Iterator[str]:
    counts = {state: [one for one in routes if one.state is state] for state in _SHARES}
    told = ", ".join(
        f"{len(held)} {_SHARES[state]}" for state, held in counts.items() if held
    )
    yield f"Of {len(routes)} channels: {told}."
    takeable = [route for route in routes if route.state in _TAKEABLE]
    if not takeable:
        yield "None can be taken."
        return
    timed = [route for route in takeable if route.expected is not None]
    # The order puts the best first; one that tells how long it takes is told first.
    yield _tell_best((timed or takeable)[0])
    for route in takeable:
        for follower in route.must_follow:
            within = "" if follower.days is None else f" within {follower.days} days"
            yield f"{route.id} has to be followed by {follower.route}{within}."
    if any(route.stale for route in takeable):
        yield "Some of this was read long ago: see the day beside each source."


def _tell_best(route: Route) -> str:
    state = "" if route.state is RouteState.OPEN else ", on conditions"
    text = f"Best is {route.measure} ({route.id}, Art. {route.article}{state})"
    if route.expected is not None:
        days = "1 day" if route.expected.days == 1 else f"{route.expected.days} days"
        read = "" if route.expected.reading is Reading.READ else ", not re-read"
        text += f": about {days}, which is no deadline{read}"
    if route.burden:
        text += f"; it passes {route.burden}: {', '.join(route.passes)}"
    return f"{text}. Addressee: {route.addressee}."
