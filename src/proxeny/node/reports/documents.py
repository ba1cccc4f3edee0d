"""Reports as JSON documents: the same from the command line and from the API."""

from typing import Any

from proxeny.node.reports.actions import Tally
from proxeny.node.reports.models import Report
from proxeny.node.reports.queries import Row, with_series
from proxeny.node.selectors.queries import list_mentions


def tally_document(tally: Tally) -> dict[str, Any]:
    """What became of the items of an import."""
    return {
        "read": tally.read,
        "accepted": tally.accepted,
        "repeats": tally.repeats,
        "refused": tally.refused,
        "dropped": tally.dropped,
    }


def report_line(row: Row) -> dict[str, Any]:
    """A report in a list."""
    report = row.report
    return {
        "ref": report.ref,
        "received_at": report.created_at,
        "channel": report.channel,
        "origin": report.origin,
        "source_ref": report.source_ref,
        "title": report.title,
        "sent_at": report.sent_at,
        "happened_at": report.happened_at,
        "country": report.country,
        "offence": report.offence,
        "language": report.language,
        "loss": None
        if report.amount is None
        else {"amount": str(report.amount), "currency": report.currency},
        "series": row.series.ref if row.series else None,
        "repeat_of": Report(pk=report.repeat_of_id).ref
        if report.repeat_of_id
        else None,
    }


def report_document(report: Report) -> dict[str, Any]:
    """A report with what was found in it; a repeat shows its original's mentions."""
    holder = report.repeat_of or report
    return {
        **report_line(with_series([report])[0]),
        "digest": report.digest,
        "narrative": report.narrative,
        "dropped": report.dropped,
        "mentions": [
            {
                "kind": mention.selector.kind,
                "value": mention.selector.value,
                "role": mention.role,
                "field": mention.field,
                "raw": mention.raw,
                "start": mention.start,
                "end": mention.end,
            }
            for mention in list_mentions([holder.ref])
        ],
        "attachments": [
            {
                "name": attachment.name,
                "media_type": attachment.media_type,
                "size_bytes": attachment.size_bytes,
                "sha256": attachment.sha256,
            }
            for attachment in report.attachments.order_by("pk")
        ],
        "repeats": [repeat.ref for repeat in report.repeats.order_by("pk")],
    }
