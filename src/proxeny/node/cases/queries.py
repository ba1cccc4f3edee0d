"""Read cases."""

from collections.abc import Iterable
from dataclasses import dataclass

from proxeny.node.accounts.actor import Actor
from proxeny.node.cases.access import access_every_case
from proxeny.node.cases.models import Case, CaseEvent
from proxeny.node.linking.models import Series
from proxeny.node.linking.queries import find_roots


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list, with its series as it stands now."""

    case: Case
    series: Series


def list_cases(actor: Actor, *, limit: int = 50, offset: int = 0) -> list[CaseRow]:
    """Cases, newest first."""
    return with_series(
        access_every_case(actor).order_by("-pk")[offset : offset + limit]
    )


def with_series(rows: Iterable[Case]) -> list[CaseRow]:
    """Each case with its series as it stands now, in few statements."""
    cases = list(rows)
    roots = find_roots({case.series_id for case in cases})
    series = Series.objects.in_bulk(set(roots.values()))
    return [CaseRow(case=case, series=series[roots[case.series_id]]) for case in cases]


def count_cases(actor: Actor) -> int:
    """How many cases there are."""
    return access_every_case(actor).count()


def series_of(case: Case) -> Series:
    """The case's series as it stands now."""
    return Series.objects.get(pk=find_roots([case.series_id])[case.series_id])


def list_events(case: Case) -> list[CaseEvent]:
    """The case's timeline, newest first."""
    return list(case.events.order_by("-at", "-pk"))
