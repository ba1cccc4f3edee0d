"""The values of this package: kinds, roles, selectors, mentions, candidates."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from proxeny.errors import InputError

NORMALISER_VERSION = "2"
"""Changes whenever one normal form changes, so that stored keys can be renewed."""

MAX_TEXT_CHARS = 1_000_000
MAX_SELECTOR_CHARS = 8_192


class Kind(StrEnum):
    """What a selector identifies."""

    PHONE = "phone"
    IBAN = "iban"
    EMAIL = "email"
    DOMAIN = "domain"
    URL = "url"
    IP = "ip"
    WALLET = "wallet"
    HASH = "hash"
    ACCOUNT = "account"
    HANDLE = "handle"
    CARD_BIN = "card_bin"
    ASN = "asn"


class Role(StrEnum):
    """Whose a selector is in the report that mentions it."""

    OFFENDER = "offender"
    VICTIM = "victim"
    UNKNOWN = "unknown"


class SelectorError(InputError):
    """What was given is no selector of its kind; the message says why, not what."""

    code = "PXY-SELECTOR"
    advice = "Check it against the original, character by character."


# A named tuple takes a third of the time of a frozen dataclass to make, and a text may
# hold very many of these two.
class Selector(NamedTuple):
    """An identifier in its normal form."""

    kind: Kind
    value: str

    @property
    def key(self) -> int:
        """The same signed 64-bit number in Python, SQLite, DuckDB and Spark.

        It is taken from SHA-256, because an adversary chooses the values and must
        not be able to make two of them collide.
        """
        digest = hashlib.sha256(f"{self.kind}|{self.value}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class Mention(NamedTuple):
    """A selector where it stands in a text: ``text[start:end]``, given as ``raw``.

    The two are equal but where a payment card stood: of its number ``raw`` keeps the
    first six or eight digits and an ellipsis.
    """

    selector: Selector
    role: Role
    raw: str
    start: int
    end: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What looks like a selector: ``value`` is empty and ``note`` says why if not."""

    kind: Kind
    value: str
    raw: str
    start: int
    end: int
    valid: bool
    note: str
