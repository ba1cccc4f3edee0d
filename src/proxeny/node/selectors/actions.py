"""Write who mentions which selectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Final, Protocol

from django.db import connection

from proxeny import linking, selectors
from proxeny.linking import Company, Key
from proxeny.node.selectors.models import Holder, Selector

AT_ONCE: Final = 500

_COMPANY: Final = [field.name for field in fields(Company)]
# One statement in the place of a look-up, an insert and an update, which the ORM would
# build anew for each report. The marks of the rows are all that is put into it.
_HOLD: Final = """
INSERT INTO selectors_selector
    (organisation_id, key, kind, value, holders, first_at, last_at, company)
VALUES {rows}
ON CONFLICT (organisation_id, key) DO UPDATE SET
    holders = selectors_selector.holders + excluded.holders,
    last_at = CASE
        WHEN excluded.holders > 0 AND excluded.last_at > selectors_selector.last_at
        THEN excluded.last_at ELSE selectors_selector.last_at
    END
RETURNING id, key, holders, company
"""
_HOLD_ROW: Final = "(%s, %s, %s, %s, %s, %s, %s, '')"
_JUDGE: Final = "UPDATE selectors_selector SET holders = %s, company = %s WHERE id = %s"
_MENTION: Final = """
INSERT INTO selectors_mention
    (selector_id, holder_id, role, field, raw, start, "end")
VALUES {rows}
"""
_POST: Final = "INSERT INTO selectors_posting (selector_id, holder_id) VALUES {rows}"


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
    narrative: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A selector's row: how many hold it, not as a victim's, and their company."""

    pk: int
    number: int
    holders: int
    company: Company


def add_holder(facts: HolderFacts, phrases: Iterable[int], named: int) -> Holder:
    """A holder, without its mentions; call it inside the caller's transaction."""
    return Holder.objects.create(
        organisation_id=facts.organisation_id,
        ref=facts.ref,
        at=facts.at,
        country=facts.country or "",
        offence=facts.offence or "",
        amount=facts.amount,
        currency=facts.currency or "",
        named=named,
        phrases=pack_phrases(phrases),
        source=facts.source,
    )


def add_mentions(
    holder: Holder, mentions: Sequence[MentionLike], texts: Iterable[Key]
) -> dict[Key, Row]:
    """Hold what a holder mentions, and the shingles of its narrative.

    Returns:
        The row of each, the new holder counted; a victim's isn't counted.
    """
    counted = {
        Key.of(mention.selector): mention.role is not selectors.Role.VICTIM
        for mention in mentions
    }
    rows = _hold(holder, counted | dict.fromkeys(texts, True))
    _insert(
        _MENTION,
        [
            (
                rows[Key.of(mention.selector)].pk,
                holder.pk,
                mention.role.value,
                mention.field,
                mention.raw,
                mention.start,
                mention.end,
            )
            for mention in mentions
        ],
    )
    return rows


def add_postings(holder: Holder, selector_ids: Sequence[int]) -> None:
    """From now on the holder is among those by which these selectors link."""
    _insert(_POST, [(pk, holder.pk) for pk in selector_ids])


def judge_selectors(judged: Iterable[tuple[int, int, Company]]) -> None:
    """Write down how many hold each selector (a primary key), and their company."""
    values = [(holders, pack_company(company), pk) for pk, holders, company in judged]
    with connection.cursor() as cursor:
        cursor.executemany(_JUDGE, values)


def _insert(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            row = f"({', '.join(['%s'] * len(some[0]))})"
            marks = ", ".join([row] * len(some))
            cursor.execute(statement.format(rows=marks), [*chain.from_iterable(some)])


def pack_phrases(phrases: Iterable[int]) -> bytes:
    """As `Holder.phrases` keeps them."""
    return b"".join(phrase.to_bytes(4, "little") for phrase in phrases)


def pack_company(company: Company) -> str:
    """As `Selector.company` keeps it."""
    return " ".join(map(str, astuple(company)))


def _unpack_company(packed: str) -> Company:
    if not packed:
        return linking.NOBODY
    return Company(**dict(zip(_COMPANY, map(int, packed.split()), strict=True)))


def _hold(holder: Holder, counted: Mapping[Key, bool]) -> dict[Key, Row]:
    """Insert each selector, or count one holder more."""
    instant = Selector._meta.get_field("last_at")  # noqa: SLF001 - Django documents it
    at: Any = instant.get_db_prep_save(holder.at, connection)
    keys = {key.number: key for key in counted}
    numbers = list(keys)
    held: dict[Key, Row] = {}
    with connection.cursor() as cursor:
        for first in range(0, len(numbers), AT_ONCE):
            rows = [
                (
                    holder.organisation_id,
                    number,
                    keys[number].kind,
                    keys[number].value,
                    int(counted[keys[number]]),
                    at,
                    at,
                )
                for number in numbers[first : first + AT_ONCE]
            ]
            marks = ", ".join([_HOLD_ROW] * len(rows))
            cursor.execute(_HOLD.format(rows=marks), [*chain.from_iterable(rows)])
            for pk, number, holders, company in cursor.fetchall():
                held[keys[number]] = Row(
                    pk=pk,
                    number=number,
                    holders=holders,
                    company=_unpack_company(company),
                )
    return held
