"""A case as a JSON document: the same from the command line and from the API."""

from collections.abc import Mapping
from typing import Any

from proxeny.node.cases.models import Case
from proxeny.node.cases.queries import CaseRow, list_events, series_of
from proxeny.node.linking.queries import list_holders


def case_line(row: CaseRow) -> dict[str, Any]:
    """A case in a list."""
    return {
        "ref": row.case.ref,
        "series": row.series.ref,
        "title": row.case.title,
        "offence": row.case.offence,
    }


def case_document(case: Case) -> dict[str, Any]:
    """A case with its reports, requests and timeline."""
    series = series_of(case)
    holders = list_holders(series)
    return {
        **case_line(CaseRow(case=case, series=series)),
        "summary": case.summary,
        "reports": len(holders),
        "report_refs": [holder.ref for holder in holders],
        "requests": [
            {"ref": request.ref, "form": request.form, "state": request.state}
            for request in case.requests.order_by("pk")
        ],
        "events": [
            {"at": event.at, "by": event.by, "text": event.text, "ref": event.ref}
            for event in list_events(case)
        ],
    }


def list_refs(document: Mapping[str, Any]) -> list[str]:
    """Whose data a case's document shows, for the audit row."""
    return [
        document["ref"],
        document["series"],
        *document["report_refs"],
        *(request["ref"] for request in document["requests"]),
    ]
