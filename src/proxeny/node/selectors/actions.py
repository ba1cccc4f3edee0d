"""Write who mentions which selectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Final, Protocol

from django.db import connection

from proxeny import selectors
from proxeny.node.selectors.models import Holder, Mention, Selector

HOLD_AT_ONCE: Final = 500

# One statement in the place of a look-up, an insert and an update, which the ORM would
# build anew for each report. The marks of the rows are all that is put into it.
_HOLD: Final = """
INSERT INTO selectors_selector
    (organisation_id, key, kind, value, holders, first_at, last_at)
VALUES {rows}
ON CONFLICT (organisation_id, key) DO UPDATE SET
    holders = selectors_selector.holders + excluded.holders,
    last_at = CASE
        WHEN excluded.holders > 0 AND excluded.last_at > selectors_selector.last_at
        THEN excluded.last_at ELSE selectors_selector.last_at
    END
RETURNING id, key, holders
"""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A selector's row, and how many holders name it other than as a victim's."""

    pk: int
    holders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new holder, and what is now held of each selector it mentions, by key."""

    holder: Holder
    held: dict[int, Held]


def add_holder(facts: HolderFacts, mentions: Sequence[MentionLike]) -> Added:
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
    held = _hold(facts, mentions)
    Mention.objects.bulk_create(
        Mention(
            selector_id=held[mention.selector.key].pk,
            holder=holder,
            role=mention.role.value,
            field=mention.field,
            raw=mention.raw,
            start=mention.start,
            end=mention.end,
        )
        for mention in mentions
    )
    return Added(holder=holder, held=held)


def _hold(facts: HolderFacts, mentions: Sequence[MentionLike]) -> dict[int, Held]:
    """Insert each selector, or count one holder more; a victim's isn't counted."""
    instant = Selector._meta.get_field("last_at")  # noqa: SLF001 - Django documents it
    at = instant.get_db_prep_save(facts.at, connection)
    held: dict[int, Held] = {}
    with connection.cursor() as cursor:
        for first in range(0, len(mentions), HOLD_AT_ONCE):
            rows = [
                (
                    facts.organisation_id,
                    mention.selector.key,
                    mention.selector.kind.value,
                    mention.selector.value,
                    int(mention.role is not selectors.Role.VICTIM),
                    at,
                    at,
                )
                for mention in mentions[first : first + HOLD_AT_ONCE]
            ]
            marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(_HOLD.format(rows=marks), [*chain.from_iterable(rows)])
            for pk, key, holders in cursor.fetchall():
                held[key] = Held(pk=pk, holders=holders)
    return held
