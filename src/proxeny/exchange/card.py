"""A partner card: who an authority is, where it listens, and its public keys.

The card is a JWS (type ``pxe-card+jws``) signed by the very key that it carries.
That proves that the holder of the key wrote it, not who the holder is: a person
compares the fingerprint over another channel before the card is trusted.

The fingerprint is the first 128 bits of SHA-256 over
``authority|thumbprint of the signing key|thumbprint of the sealing key``.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from proxeny.countries import require_country
from proxeny.errors import InputError
from proxeny.exchange.jws import (
    SignatureError,
    Typ,
    UncheckedJWS,
    parse_jws,
    sign_jws,
    verify_jws,
)
from proxeny.exchange.keys import KeysError, NodeKeys, PublicKeys
from proxeny.exchange.wire import (
    WireError,
    parse_instant,
    parse_object,
    render_instant,
    render_object,
    require_name,
)

MAX_CARD_BYTES = 16 * 1024
MAX_ENDPOINT_CHARS = 500
_CARD_VERSION = "PXE/1"
_FINGERPRINT_DIGITS = 32
_FINGERPRINT_RE = re.compile(r"[0-9a-f]{32}")
_GROUP_DIGITS = 4
_ENDPOINT_RE = re.compile(r"https?://[!-~]+")
_MEMBERS = frozenset(
    {"v", "iss", "name", "country", "role", "endpoint", "iat", "sign", "seal", "kem"}
)


class CardError(InputError):
    """A partner card can't be trusted or read."""

    code = "PXY-CARD"
    advice = "Ask the authority for its present card and compare the fingerprint."


class AuthorityRole(StrEnum):
    """What an authority is to the others."""

    CONTACT_POINT = "contact_point"
    POLICE = "police"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    CENTRAL_AUTHORITY = "central_authority"
    FIU = "fiu"
    ASSET_RECOVERY = "asset_recovery"
    CSIRT = "csirt"
    PROVIDER = "provider"
    REGISTRAR = "registrar"
    HOTLINE = "hotline"
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card whose form and self-signature hold; whom it is from is still open."""

    authority: str
    name: str
    country: str
    role: AuthorityRole
    endpoint: str
    keys: PublicKeys
    issued_at: datetime
    fingerprint: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def make_card(
    keys: NodeKeys,
    *,
    name: str,
    country: str,
    role: str,
    endpoint: str,
    issued_at: datetime,
) -> str:
    """Sign this node's own card.

    Args:
        keys: the node's private keys; the card carries their public halves.
        name: the authority's name as partners should read it.
        country: ISO 3166-1 alpha-2 code.
        role: one of `AuthorityRole`.
        endpoint: http or https address under which the node takes messages.
        issued_at: aware time; the card carries whole seconds.

    Returns:
        A compact JWS, one line of ASCII.

    Raises:
        CardError: a value that a partner would refuse.

    """
    try:
        payload = render_object(
            {
                "v": _CARD_VERSION,
                "iss": keys.authority,
                "name": name,
                "country": country,
                "role": role,
                "endpoint": endpoint,
                "iat": render_instant(issued_at),
                "sign": dict(keys.public.sign_jwk),
                "seal": dict(keys.public.seal_jwk),
                "kem": keys.public.suite.kem,
            }
        )
    except WireError as error:
        raise CardError(f"The card can't be made: {error}.") from None
    text = sign_jws(payload, key=keys.sign, kid=keys.kid, typ=Typ.CARD).decode()
    read_card(text)
    return text


def read_card(text: str) -> Card:
    """Read a card and check that it is signed by the key that it carries.

    Args:
        text: a compact JWS; white space around it doesn't count.

    Returns:
        The card, with the fingerprint that a person has to compare.

    Raises:
        CardError: over `MAX_CARD_BYTES`, malformed, with private or foreign keys,
            of an unknown suite, or not signed by its own key.

    """
    token = text.strip().encode("utf-8", "replace")
    try:
        unchecked = parse_jws(token, typ=Typ.CARD, max_bytes=MAX_CARD_BYTES)
        members = parse_object(unchecked.payload, max_bytes=MAX_CARD_BYTES)
        card = _parse_members(members)
        _require_own_signature(unchecked, card.keys)
    except (WireError, SignatureError) as error:
        raise CardError(f"Card refused: {error}.") from None
    except InputError as error:
        raise CardError(f"Card refused: {error.message}") from None
    return card


def render_fingerprint(keys: PublicKeys) -> str:
    """The fingerprint of an authority's keys as eight groups of four digits."""
    claim = f"{keys.authority}|{keys.kid}|{keys.seal_kid}"
    digits = hashlib.sha256(claim.encode()).hexdigest()[:_FINGERPRINT_DIGITS]
    return " ".join(
        digits[start : start + _GROUP_DIGITS]
        for start in range(0, _FINGERPRINT_DIGITS, _GROUP_DIGITS)
    )


def compare_fingerprint(typed: str, shown: str) -> bool:
    """Whether two fingerprints are the same, white space and case apart.

    Anything that is not a whole fingerprint equals nothing, not even itself.
    """
    first, second = ("".join(text.split()).lower() for text in (typed, shown))
    whole = _FINGERPRINT_RE.fullmatch(first) and _FINGERPRINT_RE.fullmatch(second)
    return whole is not None and hmac.compare_digest(first, second)


def _parse_members(members: Mapping[str, Any]) -> Card:
    if members.get("v") != _CARD_VERSION:
        raise WireError(f"it is not of version {_CARD_VERSION}")
    try:
        keys = PublicKeys(
            authority=members.get("iss", ""),
            sign_jwk=members.get("sign", {}),
            seal_jwk=members.get("seal", {}),
        )
    except KeysError as error:
        raise WireError(error.message.rstrip(".")) from None
    if members.get("kem") != keys.suite.kem:
        raise WireError("its suite is unknown here or not that of its key")
    return Card(
        authority=keys.authority,
        name=require_name(members.get("name"), "the name"),
        country=_parse_country(members.get("country")),
        role=_parse_role(members.get("role")),
        endpoint=_parse_endpoint(members.get("endpoint")),
        keys=keys,
        issued_at=parse_instant(members.get("iat"), "iat"),
        fingerprint=render_fingerprint(keys),
        extra={key: members[key] for key in members if key not in _MEMBERS},
    )


def _require_own_signature(unchecked: UncheckedJWS, keys: PublicKeys) -> None:
    if unchecked.kid != keys.kid:
        raise SignatureError("it names another key than the one it carries")
    verify_jws(unchecked, key=keys.sign_key)


def _parse_country(value: object) -> str:
    if not isinstance(value, str) or require_country(value) != value:
        raise WireError("the country is not an ISO 3166-1 alpha-2 code")
    return value


def _parse_role(value: object) -> AuthorityRole:
    try:
        return AuthorityRole(str(value))
    except ValueError:
        raise WireError("the role is not one that authorities have") from None


def _parse_endpoint(value: object) -> str:
    if (
        not isinstance(value, str)
        or len(value) > MAX_ENDPOINT_CHARS
        or not _ENDPOINT_RE.fullmatch(value)
    ):
        raise WireError("the endpoint is not an http or https address")
    try:
        parts = urlsplit(value)
        plain = parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or "?" in value or "#" in value or "\\" in value:
        raise WireError("the endpoint has no host, or more than host and path")
    return value
