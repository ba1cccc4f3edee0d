"""The fields of a report in CSV and JSON Lines: their names, and how they are read.

Names are compared without regard to case, and a space or hyphen counts as `_`:

| field | names | read as |
|---|---|---|
| narrative (required) | `narrative text description body message` | text |
| title | `title subject` | text |
| source_ref | `id ref reference source_ref report_id` | text |
| sent_at | `received_at sent_at reported_at date` | ISO 8601; no zone: UTC |
| happened_at | `happened_at occurred_at` | the same |
| country | `country` | ISO 3166-1 alpha-2 |
| offence | `offence offense crime_type` | a code; the caller checks it |
| language | `language lang` | BCP 47 tag |
| loss | `amount loss`, with `currency` | decimal; ISO 4217 or a ticker |
| given | every selector kind: `phone iban email url ...` | values apart by ` | ` |
| role | `role` | of the selectors that have none: `offender victim unknown` |

A selector's name may begin with `victim_` or `offender_` (`victim_iban`). One without
is of the role in `role`, else unknown. A role that isn't one of the three is read as
victim, because a victim's selector must never link. A field that can't be read is
left out and said so; the report is kept. Only a missing narrative refuses it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from babel.numbers import get_currency_precision

from proxeny import selectors
from proxeny.countries import require_country
from proxeny.errors import InputError
from proxeny.formats.item import Accepted, Dropped, Refused
from proxeny.formats.plain import clean_line, clean_text
from proxeny.reports import (
    EARLIEST_AT,
    LATEST_AT,
    MAX_CODE_CHARS,
    MAX_GIVEN_SELECTORS,
    MAX_NARRATIVE_CHARS,
    MAX_SOURCE_REF_CHARS,
    MAX_TITLE_CHARS,
    Channel,
    GivenSelector,
    Loss,
    Report,
    is_currency,
)
from proxeny.selectors import Kind, Role, Selector

MAX_FIELD_NAME_CHARS = 60
MAX_DATE_CHARS = 40

_NAMES = {
    "narrative": ("narrative", "text", "description", "body", "message"),
    "title": ("title", "subject"),
    "source_ref": ("id", "ref", "reference", "source_ref", "report_id"),
    "sent_at": ("received_at", "sent_at", "reported_at", "date"),
    "happened_at": ("happened_at", "occurred_at"),
    "country": ("country",),
    "offence": ("offence", "offense", "crime_type"),
    "language": ("language", "lang"),
    "amount": ("amount", "loss"),
    "currency": ("currency",),
    "role": ("role",),
}
_FIELD_OF_NAME = {name: field for field, names in _NAMES.items() for name in names}

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ .-]*\Z")
_CODE = re.compile(r"[\w.:/-]+\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z")
_DECIMAL = re.compile(r"(\d{1,15})(?:\.(\d{1,18})|,(\d{1,2}))?\Z", re.ASCII)
_THOUSANDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a name stands for; `kind` and `role` where it is a selector's."""

    name: str
    field: str
    kind: Kind | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A selector as the source states it; no role where it states none."""

    field: str
    kind: str
    value: str
    role: str | None = None


def parse_column(name: str) -> Column | None:
    """Read a field's name; None when it is none of the documented ones."""
    plain = re.sub(r"[\s-]+", "_", name.strip().casefold())
    if plain in _FIELD_OF_NAME:
        return Column(name=plain, field=_FIELD_OF_NAME[plain])
    role = next((role for role in Role if plain.startswith(f"{role.value}_")), None)
    bare = plain.removeprefix(f"{role.value}_") if role is not None else plain
    kind = next((kind for kind in Kind if kind.value == bare), None)
    if kind is None:
        return None
    return Column(name=plain, field=f"selector:{plain}", kind=kind, role=role)


def show_field_name(name: str) -> str:
    """The name for a message, or a word in its place where it may be content."""
    if len(name) <= MAX_FIELD_NAME_CHARS and _FIELD_NAME.match(name):
        return name
    return "(not a field name)"


class _Reader:
    """Reads the fields of one item and notes what it leaves out."""

    def __init__(
        self, where: str, cells: Mapping[str, str], dropped: Iterable[Dropped]
    ) -> None:
        self.where = where
        self.cells = cells
        self.dropped = list(dropped)

    def drop(self, field: str, why: str) -> None:
        self.dropped.append(Dropped(where=self.where, field=field, why=why))

    def line(self, field: str, most: int) -> str:
        return self.cut(field, clean_line(self.cells.get(field, "")), most)

    def cut(self, field: str, text: str, most: int) -> str:
        if len(text) > most:
            self.drop(field, f"cut to {most:,} characters")
        return text[:most]

    def matched(self, field: str, pattern: re.Pattern[str], why: str) -> str | None:
        text = self.cells.get(field, "").strip()
        if not text:
            return None
        if len(text) > MAX_CODE_CHARS or pattern.match(text) is None:
            self.drop(field, why)
            return None
        return text

    def country(self) -> str | None:
        text = self.cells.get("country", "").strip()
        if not text:
            return None
        try:
            return require_country(text)
        except InputError:
            self.drop("country", "no ISO 3166-1 alpha-2 code, such as RS or DE")
            return None

    def time(self, field: str) -> datetime | None:
        text = self.cells.get(field, "").strip()
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text[:MAX_DATE_CHARS])
            at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            self.drop(field, "no ISO 8601 time, such as 2026-03-01T10:00:00Z")
            return None
        if not EARLIEST_AT <= at < LATEST_AT:
            self.drop(field, "outside 1970 to 2099")
            return None
        return at

    def loss(self) -> Loss | None:
        amount = self.cells.get("amount", "").strip()
        currency = self.cells.get("currency", "").strip().upper()
        if not amount:
            return None
        if not is_currency(currency):
            self.drop("amount", "no currency that is known stands beside it")
            return None
        found = _DECIMAL.match(amount)
        if found is None:
            self.drop("amount", "no decimal number, such as 1234.50")
            return None
        whole, decimals = found[1], found[2] or found[3] or "0"
        # "1.234" is one and a bit in London and over a thousand in Belgrade.
        if len(decimals) == _THOUSANDS != get_currency_precision(currency) and (
            _is_fiat(currency)
        ):
            self.drop("amount", "three decimals may be thousands: write 1234.00")
            return None
        return Loss(amount=Decimal(f"{whole}.{decimals}"), currency=currency)

    def role(self) -> Role:
        text = self.cells.get("role", "").strip()
        return Role.UNKNOWN if not text else self.parse_role("role", text)

    def parse_role(self, field: str, text: str) -> Role:
        try:
            return Role(text.strip().casefold())
        except ValueError:
            self.drop(field, "role isn't offender, victim or unknown; read as victim")
            return Role.VICTIM

    def given(
        self, stated: Sequence[Stated], country: str | None
    ) -> tuple[GivenSelector, ...]:
        if len(stated) > MAX_GIVEN_SELECTORS:
            self.drop("selectors", f"only the first {MAX_GIVEN_SELECTORS} were read")
        usual = self.role()
        found: dict[tuple[Selector, Role], None] = {}
        for one in stated[:MAX_GIVEN_SELECTORS]:
            try:
                selector = selectors.parse_selector(
                    one.kind, one.value, country=country
                )
            except InputError:
                self.drop(one.field, "no valid selector of that kind")
                continue
            role = usual if one.role is None else self.parse_role(one.field, one.role)
            found[selector, role] = None
        return tuple(
            GivenSelector(selector=selector, role=role) for selector, role in found
        )


def _is_fiat(currency: str) -> bool:
    return len(currency) == _THOUSANDS and currency not in {"BTC", "ETH", "XMR"}


def read_fields(
    cells: Mapping[str, str],
    stated: Sequence[Stated],
    *,
    raw: bytes,
    channel: Channel,
    where: str,
    dropped: Iterable[Dropped] = (),
) -> Accepted | Refused:
    """Make a report of the fields of one item.

    Args:
        cells: text by field (`Column.field`); an absent field is absent or empty.
        stated: the selectors that the item names in fields of their own.
        raw: the item's bytes, of which the report's digest is.
        channel: by which way it came.
        where: how to name it in what comes back.
        dropped: what was left out before.

    Returns:
        The report, or why there is none.
    """
    reader = _Reader(where, cells, dropped)
    narrative = clean_text(cells.get("narrative", "")).strip()
    if not narrative:
        return Refused(
            where=where, code="PXY-NO-NARRATIVE", why="The narrative is empty."
        )
    country = reader.country()
    report = Report(
        digest=hashlib.sha256(raw).hexdigest(),
        channel=channel,
        title=reader.line("title", MAX_TITLE_CHARS),
        narrative=reader.cut("narrative", narrative, MAX_NARRATIVE_CHARS),
        source_ref=reader.line("source_ref", MAX_SOURCE_REF_CHARS) or None,
        sent_at=reader.time("sent_at"),
        happened_at=reader.time("happened_at"),
        country=country,
        offence=reader.matched("offence", _CODE, "no code of a class of offence"),
        language=reader.matched("language", _LANGUAGE, "no language tag, such as sr"),
        loss=reader.loss(),
        given=reader.given(stated, country),
    )
    return Accepted(where=where, report=report, raw=raw, dropped=tuple(reader.dropped))
