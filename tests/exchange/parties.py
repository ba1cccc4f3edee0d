"""Fictional authorities with fixed keys, and what an attacker can do by hand."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey

from proxeny import exchange
from proxeny.exchange.suites import SUITES_BY_CURVE
from proxeny.exchange.wire import encode_base64url, parse_base64url

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
JTI = exchange.uuid7(NOW, bytes(range(10)))
HPKE = SUITES_BY_CURVE["X25519"].hpke


def keys_of(authority: str, seed: str = "") -> exchange.NodeKeys:
    """Keys that are the same in each run and worth nothing."""
    sign, seal = (
        hashlib.sha256(f"fictional {use} {authority}{seed}".encode()).digest()
        for use in ("sign", "seal")
    )
    return exchange.NodeKeys(
        authority=authority,
        sign=OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(sign)),
        seal=X25519PrivateKey.from_private_bytes(seal),
    )


RS = keys_of("RS/24-7")
DE = keys_of("DE/24-7")
FR = keys_of("FR/24-7")
IMPOSTOR = keys_of("RS/24-7", " impostor")


def find_sender(authority: str, kid: str) -> exchange.PublicKeys | None:
    """The partners whom everybody here knows."""
    for keys in (RS, DE, FR):
        if (keys.authority, keys.kid) == (authority, kid):
            return keys.public
    return None


def payload(**changes: Any) -> exchange.Payload:
    """A preservation request from RS to DE, changed as a test wants it."""
    return exchange.Payload(
        **{
            "iss": "RS/24-7",
            "aud": "DE/24-7",
            "jti": JTI,
            "iat": NOW,
            "exp": NOW + timedelta(days=14),
            "case": "RS-2026-17",
            "seq": 3,
            "kind": "request",
            "body": {"form": "ets185-29", "offence": "превара", "items": [1, 2.5]},
            **changes,
        }
    )


def open_as(keys: exchange.NodeKeys, outer: bytes, **changes: Any) -> exchange.Opened:
    """Open as this authority, now, knowing the usual partners."""
    return exchange.open_message(
        outer, **{"keys": keys, "find_sender": find_sender, "now": NOW, **changes}
    )


def render_header(recipient: exchange.PublicKeys, **changes: str) -> bytes:
    """The header line by hand, so that a test can lie in it."""
    members = {
        "v": "PXE/1",
        "to": recipient.authority,
        "ekid": recipient.seal_kid,
        "kem": "0x0020",
        **changes,
    }
    return json.dumps(members, separators=(",", ":")).encode()


def seal_by_hand(
    inner: bytes, recipient: exchange.PublicKeys, header: bytes | None = None
) -> bytes:
    """Seal anything for anybody under any header, as an attacker can."""
    header = render_header(recipient) if header is None else header
    info = b"PXE/1" + hashlib.sha256(header).digest()
    return header + b"\n" + HPKE.encrypt(inner, recipient.seal_key, info=info)


def jws_by_hand(header: object, claims: object, keys: exchange.NodeKeys) -> bytes:
    """A compact JWS with whatever header, truly signed by those keys."""
    parts = [
        part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (header, claims)
    ]
    text = ".".join(encode_base64url(part) for part in parts)
    private = keys.sign.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{text}.{encode_base64url(private.sign(text.encode()))}".encode()


def claims_of(inner: bytes) -> dict[str, Any]:
    """The payload of a JWS, unchecked."""
    segment = inner.split(b".")[1]
    return json.loads(parse_base64url(segment))
