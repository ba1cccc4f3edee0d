"""Reads the lawbook: what binds two countries on a day, and which routes are open.

    >>> from proxeny import law
    >>> book = law.load_lawbook()
    >>> routes = law.list_routes(
    ...     book, requesting="RS", requested="DE",
    ...     data=law.DataKind.SUBSCRIBER, on=date(2026, 11, 21),
    ... )

A fact is *stale* for a day when its newest reading is more than ``STALE_AFTER_DAYS``
before that day; a reading of a later day looks back and isn't stale for it.
"""

from proxeny.law.documents import describe_route
from proxeny.law.facts import Lawbook
from proxeny.law.loading import load_lawbook
from proxeny.law.routes import get_offence, list_offences, list_routes
from proxeny.law.survey import Tally, count_entries
from proxeny.law.values import (
    STALE_AFTER_DAYS,
    Because,
    DataKind,
    LawbookError,
    OffenceClass,
    Provision,
    Reading,
    Route,
    RouteState,
    TimeLimit,
    is_stale,
    parse_data_kind,
)

__all__ = [
    "STALE_AFTER_DAYS",
    "Because",
    "DataKind",
    "Lawbook",
    "LawbookError",
    "OffenceClass",
    "Provision",
    "Reading",
    "Route",
    "RouteState",
    "Tally",
    "TimeLimit",
    "count_entries",
    "describe_route",
    "get_offence",
    "is_stale",
    "list_offences",
    "list_routes",
    "load_lawbook",
    "parse_data_kind",
]
