"""What a report is made of, and the limits that each part keeps.

Text in a report is exactly what was written, less what no database or page can
hold (NUL, lone surrogates): the maker cleans it, the constructor refuses the rest.
Times are aware UTC, countries ISO 3166-1 alpha-2, currencies ISO 4217 or one of the
tickers in `CRYPTO_CURRENCIES`. The class of offence is a plain code here: whether
the lawbook knows it is for the caller to check.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

from babel import Locale

from proxeny.countries import codes
from proxeny.errors import InputError
from proxeny.selectors import Role, Selector

MAX_TITLE_CHARS = 300
MAX_NARRATIVE_CHARS = 100_000
MAX_SOURCE_REF_CHARS = 200
MAX_CODE_CHARS = 64
MAX_GIVEN_SELECTORS = 200
MAX_FIELD_CHARS = 16
MAX_ATTACHMENTS = 100
MAX_ATTACHMENT_NAME_CHARS = 120
MAX_MEDIA_TYPE_CHARS = 100
MAX_LOSS_DIGITS = 18

# Before this no crime by computer is reported here; a later date is a slip or a lie.
EARLIEST_AT = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_AT = datetime(2100, 1, 1, tzinfo=UTC)

CRYPTO_CURRENCIES = frozenset(
    {"BCH", "BNB", "BTC", "DASH", "DOGE", "ETH", "LTC", "SOL", "TON", "TRX"}
    | {"USDC", "USDT", "XMR", "XRP"}
)

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_CODE = re.compile(r"[\w.:/-]+\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ReportError(InputError):
    """A part of a report breaks a rule of the value."""

    code = "PXY-REPORT"
    advice = "Correct that part of the report and try again."


class Channel(StrEnum):
    """By which way a report came in."""

    EMAIL = "email"
    CSV = "csv"
    JSONL = "jsonl"


@cache
def _currencies() -> frozenset[str]:
    return frozenset(Locale("en").currencies) | CRYPTO_CURRENCIES


def is_currency(code: str) -> bool:
    """Whether the code is in ISO 4217 as CLDR has it, or a known ticker."""
    return code in _currencies()


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 - it is the statement that is required
    if not holds:
        raise ReportError(what)


def _is_utc(at: datetime) -> bool:
    return at.utcoffset() == timedelta(0) and EARLIEST_AT <= at < LATEST_AT


def _is_storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the victim lost, never negative."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _require(
            self.amount.is_finite() and self.amount >= 0,
            "A loss is a finite amount and not negative.",
        )
        _require(
            len(self.amount.as_tuple().digits) <= 2 * MAX_LOSS_DIGITS
            and self.amount.adjusted() < MAX_LOSS_DIGITS,
            f"A loss has at most {MAX_LOSS_DIGITS} digits before the point.",
        )
        _require(is_currency(self.currency), "The currency of a loss is not known.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSelector:
    """A selector that the source named in a field of its own, with its role.

    `field` says where: the header of a mail, else "given"; at most `MAX_FIELD_CHARS`.
    """

    selector: Selector
    role: Role
    field: str = "given"

    def __post_init__(self) -> None:
        _require(
            0 < len(self.field) <= MAX_FIELD_CHARS,
            "The name of a given selector's field is empty or too long.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a report: hashed, never opened.

    `name` is fit for display only; nothing is ever stored under it.
    """

    name: str
    media_type: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        _require(
            0 < len(self.name) <= MAX_ATTACHMENT_NAME_CHARS and self.name.isprintable(),
            "An attachment's name is empty, too long or not printable.",
        )
        _require(
            0 < len(self.media_type) <= MAX_MEDIA_TYPE_CHARS
            and self.media_type.isascii()
            and self.media_type.isprintable(),
            "An attachment's media type is empty, too long or not ASCII.",
        )
        _require(self.size_bytes >= 0, "An attachment's size is negative.")
        _require(
            _DIGEST.match(self.sha256) is not None,
            "An attachment's digest is no SHA-256 in hexadecimal.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody told an authority.

    Attributes:
        digest: SHA-256 of the raw item, 64 hexadecimal digits: two reports with the
            same digest are the same item sent twice.
        channel: by which way it came.
        title: subject or heading, at most `MAX_TITLE_CHARS`.
        narrative: what happened, as told, at most `MAX_NARRATIVE_CHARS`.
        source_ref: the reference that the source gave it.
        sent_at: when it was sent or received, UTC.
        happened_at: when it happened, UTC.
        country: where the victim is, ISO 3166-1 alpha-2.
        offence: class of offence, a code that the caller checks.
        language: BCP 47 tag as stated by the source; never guessed here.
        loss: what the victim lost.
        given: selectors that the source named in fields of their own.
        attachments: what came with it, as digests.

    Raises:
        ReportError: a part breaks one of the rules above.
    """

    digest: str
    channel: Channel
    title: str
    narrative: str
    source_ref: str | None = None
    sent_at: datetime | None = None
    happened_at: datetime | None = None
    country: str | None = None
    offence: str | None = None
    language: str | None = None
    loss: Loss | None = None
    given: tuple[GivenSelector, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        _require(
            _DIGEST.match(self.digest) is not None,
            "A report's digest is no SHA-256 in hexadecimal.",
        )
        self._require_text()
        for at in (self.sent_at, self.happened_at):
            _require(
                at is None or _is_utc(at), "A time is not UTC, or before 1970 or later."
            )
        _require(
            self.country is None or self.country in codes(),
            "A report's country is no ISO 3166-1 alpha-2 code.",
        )
        _require(
            self.offence is None
            or (
                len(self.offence) <= MAX_CODE_CHARS
                and _CODE.match(self.offence) is not None
            ),
            "A report's class of offence is no code.",
        )
        _require(
            self.language is None or _LANGUAGE.match(self.language) is not None,
            "A report's language is no language tag.",
        )
        _require(
            len(self.given) <= MAX_GIVEN_SELECTORS,
            f"A report names more than {MAX_GIVEN_SELECTORS} selectors.",
        )
        _require(
            len(self.attachments) <= MAX_ATTACHMENTS,
            f"A report has more than {MAX_ATTACHMENTS} attachments.",
        )

    def _require_text(self) -> None:
        for text, what, most in (
            (self.title, "title", MAX_TITLE_CHARS),
            (self.narrative, "narrative", MAX_NARRATIVE_CHARS),
            (self.source_ref or "", "reference", MAX_SOURCE_REF_CHARS),
        ):
            _require(
                len(text) <= most, f"A report's {what} is over {most:,} characters."
            )
            _require(
                _is_storable(text), f"A report's {what} holds NUL or a lone surrogate."
            )
        _require(
            self.source_ref is None
            or (self.source_ref != "" and self.source_ref.isprintable()),
            "A report's reference is empty or not printable.",
        )
