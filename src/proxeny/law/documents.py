"""Routes as JSON documents: the same for the command line and the API."""

from dataclasses import asdict
from typing import Any

from proxeny.law.values import Route


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
