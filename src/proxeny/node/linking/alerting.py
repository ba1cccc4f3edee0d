"""Notices what an officer should hear of at once, and raises it as an alert.

It is noticed while a report is linked, as a job of the same commit; the worker raises
it within a second.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from proxeny.linking import Held, Key
from proxeny.node.jobs.actions import enqueue_job
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Outcome
from proxeny.node.linking.models import Alert, Series
from proxeny.node.selectors.actions import Row
from proxeny.node.selectors.models import Holder

ALERT = "linking.alert"

_ACCOUNTS: Final = frozenset({"iban", "account", "wallet"})
_REASON_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What alerts go by, of one series at one time."""

    countries: frozenset[str]
    loss: Decimal


def sums_of(series: Series) -> Sums:
    """The countries of a series, and its loss in the operator's currency."""
    loss = series.losses.get(settings.CONFIG.alerts.currency, "0")
    return Sums(countries=frozenset(series.countries), loss=Decimal(loss))


def announce_account(
    holder: Holder, held: Mapping[Key, Held], rows: Mapping[Key, Row]
) -> None:
    """So many reports name one account: it can still be frozen."""
    wanted = settings.CONFIG.alerts.reports_on_account
    for key, item in held.items():
        counts = key.kind in _ACCOUNTS and not item.stop and not item.is_echo
        if counts and item.holders == wanted:
            reason = f"{wanted} reports name {key.value}"
            _announce(holder, Alert.Kind.ACCOUNT, str(rows[key].pk), reason)


def announce_growth(holder: Holder, series: Series, before: Iterable[Sums]) -> None:
    """The series has come to more than one country, or its loss is above the line."""
    parts, now = list(before), sums_of(series)
    line = settings.CONFIG.alerts.loss
    if len(now.countries) > 1 and all(len(part.countries) < 2 for part in parts):  # noqa: PLR2004 - two countries have a border
        reason = f"reports from {', '.join(sorted(now.countries))}"
        _announce(holder, Alert.Kind.BORDER, str(series.pk), reason)
    if now.loss >= line and all(part.loss < line for part in parts):
        reason = f"losses of {settings.CONFIG.alerts.currency} {now.loss:,}"
        _announce(holder, Alert.Kind.LOSS, str(series.pk), reason)


def _announce(holder: Holder, kind: Alert.Kind, about: str, reason: str) -> None:
    payload = {
        "kind": kind.value,
        "about": about,
        "holder": holder.pk,
        "reason": reason[:_REASON_CHARS],
    }
    key = f"{ALERT}:{holder.organisation_id}:{kind.value}:{about}"
    enqueue_job(ALERT, key=key, payload=payload)


def raise_alert(job: Job) -> Outcome:
    """Put the alert before the officers; doing it again changes nothing."""
    payload: dict[str, Any] = job.payload
    holder = Holder.objects.select_related("member__series").get(pk=payload["holder"])
    member = getattr(holder, "member", None)
    Alert.objects.get_or_create(
        organisation_id=holder.organisation_id,
        kind=payload["kind"],
        about=payload["about"],
        defaults={
            "created_at": timezone.now(),
            "holder": holder,
            "series": None if member is None else member.series,
            "reason": payload["reason"],
        },
    )
    return Done()
