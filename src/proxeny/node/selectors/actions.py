"""Write who mentions which selectors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.db.models import F
from django.db.models.functions import Greatest

from proxeny import selectors
from proxeny.node.selectors.models import Holder, Mention, Selector


class MentionLike(Protocol):
    """A selector in a role, with where it stood."""

    @property
    def selector(self) -> selectors.Selector: ...
    @property
    def role(self) -> selectors.Role: ...
    @property
    def raw(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def start(self) -> int | None: ...
    @property
    def end(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderFacts:
    """What a new holder is, as far as linking weighs it."""

    organisation_id: int
    ref: str
    at: datetime
    country: str | None
    offence: str | None
    amount: Decimal | None
    currency: str | None


def add_holder(facts: HolderFacts, mentions: Sequence[MentionLike]) -> Holder:
    """A holder with its mentions; call it inside the caller's transaction."""
    holder = Holder.objects.create(
        organisation_id=facts.organisation_id,
        ref=facts.ref,
        at=facts.at,
        country=facts.country or "",
        offence=facts.offence or "",
        amount=facts.amount,
        currency=facts.currency or "",
    )
    rows = _require_rows(facts, [mention.selector for mention in mentions])
    Mention.objects.bulk_create(
        Mention(
            selector=rows[mention.selector.key],
            holder=holder,
            role=mention.role.value,
            field=mention.field,
            raw=mention.raw,
            start=mention.start,
            end=mention.end,
        )
        for mention in mentions
    )
    counted = [
        mention.selector.key
        for mention in mentions
        if mention.role is not selectors.Role.VICTIM
    ]
    Selector.objects.filter(
        organisation_id=facts.organisation_id, key__in=counted
    ).update(holders=F("holders") + 1, last_at=Greatest("last_at", facts.at))
    return holder


def _require_rows(
    facts: HolderFacts, wanted: Iterable[selectors.Selector]
) -> dict[int, Selector]:
    by_key = {selector.key: selector for selector in wanted}
    held = Selector.objects.filter(
        organisation_id=facts.organisation_id, key__in=by_key
    )
    rows = {row.key: row for row in held}
    missing = [
        Selector(
            organisation_id=facts.organisation_id,
            key=key,
            kind=selector.kind.value,
            value=selector.value,
            first_at=facts.at,
            last_at=facts.at,
        )
        for key, selector in by_key.items()
        if key not in rows
    ]
    for row in Selector.objects.bulk_create(missing):
        rows[row.key] = row
    return rows
