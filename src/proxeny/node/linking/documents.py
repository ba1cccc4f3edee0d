"""A series as a JSON document: the same from the command line and from the API."""

from collections.abc import Iterable, Mapping
from typing import Any

from proxeny.node.accounts.program import render_cursor
from proxeny.node.linking.models import Alert, Decision, Series
from proxeny.node.linking.queries import (
    Explained,
    Headline,
    Search,
    Told,
    explain_series,
    headline_of,
    list_decisions,
    list_related,
)


def headline_document(row: Headline) -> dict[str, Any]:
    """A series in a list."""
    return {
        "series": row.series.ref,
        "reports": row.reports,
        "countries": list(row.countries),
        "losses": [
            {"amount": str(amount), "currency": currency}
            for currency, amount in row.losses
        ],
        "first_at": row.first_at.isoformat() if row.first_at else None,
        "last_at": row.last_at.isoformat() if row.last_at else None,
        "confirmed": row.series.confirmed_at is not None,
    }


def series_document(
    series: Series, *, limit: int, before: int | None = None
) -> dict[str, Any]:
    """A series with members and why, what is related, and what was last decided.

    Args:
        series: one that stands.
        limit: how many members at most, the newest first.
        before: where the page before ended, as its `next` says.
    """
    found = explain_series(series, limit=limit + 1, before=before)
    shown = found[:limit]
    more = len(found) > limit
    return {
        **headline_document(headline_of(series)),
        "members": [_member(member) for member in shown],
        "next": render_cursor(shown[-1].holder.pk) if more else None,
        "related": [
            {"series": other.ref, "weight": link.bits, "because": link.terms}
            for other, link in list_related(series)
        ],
        "decisions": [_decision(decision) for decision in list_decisions(series)],
    }


def list_refs(document: Mapping[str, Any]) -> list[str]:
    """Whose data a series' document shows, for the audit row."""
    return [
        document["series"],
        *(member["report"] for member in document["members"]),
        *(other["series"] for other in document["related"]),
    ]


def _member(member: Explained) -> dict[str, Any]:
    return {
        "report": member.holder.ref,
        "weight": member.bits,
        "because": [
            {
                "with": (
                    link.right if link.left_id == member.holder.pk else link.left
                ).ref,
                "weight": link.bits,
                "terms": link.terms,
            }
            for link in member.because
        ],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "verb": decision.verb,
        "series": decision.series.ref,
        "other": decision.other.ref if decision.other else None,
        "by": decision.by,
        "at": decision.at,
        "reason": decision.reason,
        "undone_at": decision.undone_at,
    }


def alerts_document(told: Told) -> dict[str, Any]:
    """Alerts, and what officers said they were worth."""
    return {
        "alerts": [alert_document(alert) for alert in told.alerts],
        "open": told.open,
        "confirmed": told.confirmed,
        "dismissed": told.dismissed,
        "precision": told.precision,
    }


def alert_document(alert: Alert) -> dict[str, Any]:
    """One alert."""
    return {
        "alert": alert.ref,
        "kind": alert.kind,
        "reason": alert.reason,
        "report": alert.holder.ref,
        "series": alert.series.ref if alert.series else None,
        "at": alert.created_at,
        "state": alert.state,
        "by": alert.by,
    }


def search_document(search: Search, following: str | None) -> dict[str, Any]:
    """A selector and a page of the reports that mention it, newest first."""
    return {
        "kind": search.selector.kind.value,
        "value": search.selector.value,
        "holders": search.holders,
        "mentions": search.mentions,
        "not_counted": search.stop,
        "reports": [
            {
                "report": bearer.mention.holder.ref,
                "role": bearer.mention.role,
                "series": bearer.series.ref if bearer.series else None,
            }
            for bearer in search.bearers
        ],
        "next": following,
    }


def list_alert_refs(alerts: Iterable[Alert]) -> list[str]:
    """Whose data alerts show, for the audit row."""
    refs = []
    for alert in alerts:
        refs += [alert.ref, alert.holder.ref]
        refs += [alert.series.ref] if alert.series else []
    return refs


def list_search_refs(search: Search) -> list[str]:
    """Whose data a search shows, for the audit row."""
    series = [bearer.series.ref for bearer in search.bearers if bearer.series]
    return [*(bearer.mention.holder.ref for bearer in search.bearers), *series]
