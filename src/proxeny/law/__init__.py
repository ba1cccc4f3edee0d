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

from proxeny.law.documents import describe_route, render_paragraph
from proxeny.law.editions import (
    MAX_EXPORT_BYTES,
    Export,
    import_edition,
    import_status,
    load_lawbook,
)
from proxeny.law.editions.differing import (
    Change,
    ChangeKind,
    RouteChange,
    compare_editions,
    list_route_changes,
)
from proxeny.law.entering import (
    Consent,
    Count,
    Difference,
    Entry,
    compute_entry,
    count_parties,
    list_differences,
)
from proxeny.law.facts import CountryName, Lawbook
from proxeny.law.naming import find_name, name_country
from proxeny.law.ratifying import (
    PastRequest,
    WhatIf,
    WhatIfLine,
    add_ratification,
    compare_ratification,
    find_ratification_day,
)
from proxeny.law.routes import get_offence, list_offences, list_routes
from proxeny.law.survey import Tally, count_entries
from proxeny.law.values import (
    STALE_AFTER_DAYS,
    Because,
    ConditionCode,
    Custodian,
    DataKind,
    Expectation,
    LawbookError,
    MustFollow,
    OffenceClass,
    Provision,
    Reading,
    Route,
    RouteCondition,
    RouteState,
    TimeLimit,
    is_stale,
    parse_data_kind,
)

__all__ = [
    "MAX_EXPORT_BYTES",
    "STALE_AFTER_DAYS",
    "Because",
    "Change",
    "ChangeKind",
    "ConditionCode",
    "Consent",
    "Count",
    "CountryName",
    "Custodian",
    "DataKind",
    "Difference",
    "Entry",
    "Expectation",
    "Export",
    "Lawbook",
    "LawbookError",
    "MustFollow",
    "OffenceClass",
    "PastRequest",
    "Provision",
    "Reading",
    "Route",
    "RouteChange",
    "RouteCondition",
    "RouteState",
    "Tally",
    "TimeLimit",
    "WhatIf",
    "WhatIfLine",
    "add_ratification",
    "compare_editions",
    "compare_ratification",
    "compute_entry",
    "count_entries",
    "count_parties",
    "describe_route",
    "find_name",
    "find_ratification_day",
    "get_offence",
    "import_edition",
    "import_status",
    "is_stale",
    "list_differences",
    "list_offences",
    "list_route_changes",
    "list_routes",
    "load_lawbook",
    "name_country",
    "parse_data_kind",
    "render_paragraph",
]
