"""Signs and checks the one kind of JWS that the exchange knows.

RFC 7515 compact serialisation by joserfc, Ed25519 (RFC 9864), and a protected
header of exactly ``alg``, ``kid`` and ``typ``. Anything else in the header
(``crit``, ``jwk``, ``jku``, ``x5u``, ``zip``, ``b64``, another ``alg``) is refused
before joserfc sees it: which key to trust is never the message's own choice.
"""

from dataclasses import dataclass
from enum import StrEnum

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from proxeny.exchange.wire import WireError, parse_base64url, parse_object

ALGORITHM = "Ed25519"
MAX_JWS_BYTES = 1024 * 1024
_MAX_HEADER_CHARS = 256
_SIGNATURE_CHARS = 86  # 64 bytes in base64url without padding.
_SEGMENTS = 3


class Typ(StrEnum):
    """What a JWS of the exchange is, so that none can pass for another."""

    MESSAGE = "pxe-msg+jws"
    RECEIPT = "pxe-receipt+jws"
    CARD = "pxe-card+jws"


class SignatureError(ValueError):
    """The signature isn't that key's over these bytes."""


class _WireRegistry(jws.JWSRegistry):
    # joserfc's own cap of 128,000 bytes would refuse a long request.
    max_header_length = _MAX_HEADER_CHARS
    max_payload_length = MAX_JWS_BYTES
    max_signature_length = _SIGNATURE_CHARS


_REGISTRY = _WireRegistry(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedJWS:
    """A JWS whose form is right and whose signature nobody has checked yet."""

    kid: str
    payload: bytes
    parsed: jws.CompactSignature


def sign_jws(payload: bytes, *, key: OKPKey, kid: str, typ: Typ) -> bytes:
    header = {"alg": ALGORITHM, "kid": kid, "typ": typ.value}
    return jws.serialize_compact(header, payload, key, registry=_REGISTRY).encode()


def parse_jws(
    token: bytes, *, typ: Typ, max_bytes: int = MAX_JWS_BYTES
) -> UncheckedJWS:
    """Read a compact JWS of that type; the signature is still to be checked.

    Raises:
        WireError: not a compact JWS with exactly our header.

    """
    if len(token) > max_bytes:
        raise WireError(f"JWS is over {max_bytes} bytes")
    segments = token.split(b".")
    if len(segments) != _SEGMENTS or len(segments[2]) != _SIGNATURE_CHARS:
        raise WireError("not a compact JWS with an Ed25519 signature")
    if len(segments[0]) > _MAX_HEADER_CHARS:
        raise WireError("JWS header is too long")
    header = parse_object(parse_base64url(segments[0]), max_bytes=_MAX_HEADER_CHARS)
    kid = header.get("kid")
    if not isinstance(kid, str) or header != {
        "alg": ALGORITHM,
        "kid": kid,
        "typ": typ.value,
    }:
        raise WireError(f"JWS header is not exactly alg, kid, typ of a {typ.value}")
    try:
        parsed = jws.extract_compact(token, registry=_REGISTRY)
    except JoseError:
        raise WireError("not a compact JWS") from None
    return UncheckedJWS(kid=kid, payload=parsed.payload, parsed=parsed)


def verify_jws(unchecked: UncheckedJWS, *, key: OKPKey) -> None:
    """Check the signature over the bytes that were read.

    Raises:
        SignatureError: the key didn't sign these bytes.

    """
    try:
        valid = jws.validate_compact(unchecked.parsed, key, registry=_REGISTRY)
    except JoseError:
        valid = False
    if not valid:
        raise SignatureError("the signature doesn't hold")
