"""Read reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from proxeny.node.accounts.actor import Actor
from proxeny.node.linking.models import Series
from proxeny.node.linking.queries import find_series_of
from proxeny.node.reports.access import access_every_report
from proxeny.node.reports.models import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A report in a list, with the series that it is in."""

    report: Report
    series: Series | None


def list_reports(
    actor: Actor, *, search: str = "", limit: int = 50, before: int | None = None
) -> list[Row]:
    """Reports, newest first, from below a primary key; search in title and origin."""
    rows = access_every_report(actor).defer("raw", "narrative")
    if search:
        rows = rows.filter(
            Q(title__icontains=search)
            | Q(origin__icontains=search)
            | Q(source_ref__iexact=search)
        )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[:limit])
    return with_series(found)


def with_series(reports: Iterable[Report]) -> list[Row]:
    """Each report with its series; a repeat is in the series of its original."""
    reports = list(reports)
    originals = {
        row.pk: row
        for row in Report.objects.filter(
            pk__in=[report.repeat_of_id for report in reports if report.repeat_of_id]
        ).only("pk")
    }

    def holder_ref(report: Report) -> str:
        return originals.get(report.repeat_of_id or 0, report).ref

    series = find_series_of({holder_ref(report) for report in reports})
    return [
        Row(report=report, series=series.get(holder_ref(report))) for report in reports
    ]


def count_reports(actor: Actor) -> int:
    """How many reports there are, repeats among them."""
    return access_every_report(actor).count()


def read_narratives(refs: Sequence[str]) -> dict[str, str]:
    """What reports tell, by reference; for the relink, which sees only holders."""
    keys = {int(ref.rpartition("-")[2]): ref for ref in refs}
    rows = Report.objects.filter(pk__in=keys).exclude(narrative="")
    return {keys[pk]: text for pk, text in rows.values_list("pk", "narrative")}
