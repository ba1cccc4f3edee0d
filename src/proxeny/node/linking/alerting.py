"""Notices what an officer should hear of at once, raises it as an alert, and lists it.

It is noticed while a report is linked, as a job of the same commit; the worker raises
it within a second.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, Count, Q, When
from django.utils import timezone

from proxeny.linking import Held, Key
from proxeny.node.accounts.actor import Actor
from proxeny.node.jobs.actions import enqueue_job
from proxeny.node.jobs.models import Job
from proxeny.node.jobs.registry import Done, Outcome
from proxeny.node.linking.access import access_every_alert
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A page of alerts, and what officers said that all are worth.

    Attributes:
        alerts: those of the page.
        confirmed: how many were.
        dismissed: how many were.
        open: how many nobody has decided on.
        following: where the next page goes on, if there is one.
    """

    alerts: tuple[Alert, ...]
    confirmed: int
    dismissed: int
    open: int
    following: int | None

    @property
    def precision(self) -> float | None:
        """Confirmed of those decided; None while none is."""
        decided = self.confirmed + self.dismissed
        return self.confirmed / decided if decided else None


def list_alerts(
    actor: Actor, *, limit: int = 50, offset: int = 0, before: int | None = None
) -> Told:
    """Alerts, the open ones first, the newest first; and how good they have been.

    Args:
        actor: who asks.
        limit: how many at most.
        offset: how many are passed over.
        before: the `following` of the page before, if there is one.

    Raises:
        NotFoundError: the role may not see series.
    """
    every = access_every_alert(actor)
    by_state = dict(every.values_list("state").annotate(Count("pk")))
    open_first = Case(When(state=Alert.State.OPEN, then=1), default=0)
    rows = every.annotate(rank=open_first).order_by("-rank", "-pk")
    if before is not None:
        # The rank that it had then: whoever decides meanwhile skips none.
        pk, rank = divmod(before, 2)
        rows = rows.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=pk))
    found = rows.select_related("holder", "series")[offset : offset + limit + 1]
    shown = tuple(found)[:limit]
    return Told(
        alerts=shown,
        following=2 * shown[-1].pk + shown[-1].rank if len(found) > limit else None,
        confirmed=by_state.get(Alert.State.CONFIRMED, 0),
        dismissed=by_state.get(Alert.State.DISMISSED, 0),
        open=by_state.get(Alert.State.OPEN, 0),
    )


def count_alerts(actor: Actor) -> int:
    """How many alerts there are, decided or not."""
    return access_every_alert(actor).count()
