"""The keys of a node: one signs (Ed25519), one opens what is sealed (X25519).

Keys are JWKs (RFC 7517, RFC 8037); a key's id is its RFC 7638 thumbprint, so that
an id can't be claimed for another key. Private keys leave this module only as the
text of a private JWK set, which the node keeps readable to its worker alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from joserfc.jwk import OKPKey

from proxeny.errors import InputError
from proxeny.exchange.suites import SUITES_BY_CURVE, SealSuite
from proxeny.exchange.wire import (
    WireError,
    parse_base64url,
    parse_object,
    require_authority,
)

MAX_JWKS_BYTES = 8 * 1024
_KEY_BYTES = 32
# RFC 7518 section 6 and RFC 9964: members that hold a secret.
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_SIGN_CURVE = "Ed25519"
_SEAL_CURVE = "X25519"
_USES = {_SIGN_CURVE: "sig", _SEAL_CURVE: "enc"}
_PROBE = X25519PrivateKey.from_private_bytes(bytes(range(_KEY_BYTES)))

# Points of small order on edwards25519, sign bit cleared: under such a "key" one
# signature fits many messages, so whoever offers it could later deny all of them.
_SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


class KeysError(InputError):
    """A key or key set is not of the kind that the exchange uses."""

    code = "PXY-KEYS"
    advice = "Use the key file as `proxeny init` wrote it, or restore it from backup."


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeys:
    """The public keys of one authority, checked when they are built.

    Args:
        authority: id of the authority, such as ``DE/24-7``.
        sign_jwk: public Ed25519 JWK; kept as ``kty``, ``crv``, ``x``.
        seal_jwk: public X25519 JWK; kept as ``kty``, ``crv``, ``x``.

    Raises:
        KeysError: an id, or a key that is private, of another kind, or weak.

    """

    authority: str
    sign_jwk: Mapping[str, Any]
    seal_jwk: Mapping[str, Any]
    kid: str = field(init=False)
    seal_kid: str = field(init=False)
    sign_key: OKPKey = field(init=False, repr=False, compare=False)
    seal_key: X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            require_authority(self.authority)
            signing = _parse_public_jwk(self.sign_jwk, _SIGN_CURVE)
            sealing = _parse_public_jwk(self.seal_jwk, _SEAL_CURVE)
        except WireError as error:
            raise KeysError(f"Public keys refused: {error}.") from None
        seal_key = sealing.public_key
        if not isinstance(seal_key, X25519PublicKey):
            raise KeysError("Public keys refused: sealing key is not X25519.")
        for name, value in (
            ("sign_jwk", _public_jwk(signing)),
            ("seal_jwk", _public_jwk(sealing)),
            ("kid", signing.thumbprint()),
            ("seal_kid", sealing.thumbprint()),
            ("sign_key", signing),
            ("seal_key", seal_key),
        ):
            object.__setattr__(self, name, value)

    @property
    def suite(self) -> SealSuite:
        """The HPKE suite for this authority, decided by its key."""
        return SUITES_BY_CURVE[self.seal_jwk["crv"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """The private keys of one authority's node; nothing of them is ever printed."""

    authority: str
    sign: OKPKey = field(repr=False)
    seal: X25519PrivateKey = field(repr=False)
    public: PublicKeys = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.sign.private_key, Ed25519PrivateKey):
            raise KeysError("The signing key is not a private Ed25519 key.")
        public = PublicKeys(
            authority=self.authority,
            sign_jwk=_public_jwk(self.sign),
            seal_jwk=_public_jwk(OKPKey.import_key(self.seal)),
        )
        object.__setattr__(self, "public", public)

    @property
    def kid(self) -> str:
        return self.public.kid

    @property
    def seal_kid(self) -> str:
        return self.public.seal_kid

    def to_private_jwks(self) -> str:
        """The text of a private JWK set (RFC 7517 section 5): keep it secret."""
        keys = [
            {**key.as_dict(private=True), "use": _USES[key.curve_name], "kid": kid}
            for key, kid in (
                (self.sign, self.kid),
                (OKPKey.import_key(self.seal), self.seal_kid),
            )
        ]
        return json.dumps({"authority": self.authority, "keys": keys}, indent=1) + "\n"

    @classmethod
    def from_private_jwks(cls, text: str) -> Self:
        """Read what `to_private_jwks` wrote.

        Raises:
            KeysError: not such a set; the message never quotes it.

        """
        try:
            document = parse_object(
                text.encode("utf-8", "replace"), max_bytes=MAX_JWKS_BYTES
            )
            authority = require_authority(document.get("authority"))
            signing, sealing = _split_private_jwks(document.get("keys"))
            sign_secret = _parse_coordinate(signing.pop("d", None))
            seal_secret = _parse_coordinate(sealing.pop("d", None))
        except WireError as error:
            raise KeysError(f"Private key set refused: {error}.") from None
        keys = cls(
            authority=authority,
            sign=OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(sign_secret)),
            seal=X25519PrivateKey.from_private_bytes(seal_secret),
        )
        told = PublicKeys(authority=authority, sign_jwk=signing, seal_jwk=sealing)
        if told != keys.public:
            raise KeysError("Private key set refused: its halves don't match.")
        return keys


def generate_keys(authority: str) -> NodeKeys:
    """New keys for an authority, drawn from the operating system's entropy.

    Raises:
        KeysError: the id is not one such as ``DE/24-7``.

    """
    return NodeKeys(
        authority=authority,
        sign=OKPKey.import_key(Ed25519PrivateKey.generate()),
        seal=X25519PrivateKey.generate(),
    )


def _public_jwk(key: OKPKey) -> dict[str, Any]:
    members = key.as_dict(private=False)
    return {name: members[name] for name in ("kty", "crv", "x")}


def _parse_public_jwk(jwk: object, curve: str) -> OKPKey:
    if not isinstance(jwk, Mapping) or _PRIVATE_MEMBERS & set(jwk):
        raise WireError("not a JWK, or one with private members")
    if jwk.get("kty") != "OKP" or jwk.get("crv") != curve:
        raise WireError(f"a JWK is not an OKP key on {curve}")
    if jwk.get("use", _USES[curve]) != _USES[curve]:
        raise WireError("a JWK is meant for another use")
    if curve == _SIGN_CURVE and jwk.get("alg", curve) != curve:
        raise WireError("a JWK is meant for another algorithm")
    key = _import_public(_parse_coordinate(jwk.get("x")), curve)
    if jwk.get("kid", key.thumbprint()) != key.thumbprint():
        raise WireError("a JWK's kid is not its RFC 7638 thumbprint")
    return key


def _parse_coordinate(value: object) -> bytes:
    if not isinstance(value, str):
        raise WireError("a JWK's coordinate is not a text")
    coordinate = parse_base64url(value.encode("utf-8", "replace"))
    if len(coordinate) != _KEY_BYTES:
        raise WireError(f"a JWK's coordinate is not {_KEY_BYTES} bytes")
    return coordinate


def _import_public(raw: bytes, curve: str) -> OKPKey:
    if curve == _SIGN_CURVE:
        if raw[:-1] + bytes([raw[-1] & 0x7F]) in _SMALL_ORDER:
            raise WireError("a signing key is a point of small order")
        return OKPKey.import_key(Ed25519PublicKey.from_public_bytes(raw))
    sealing = X25519PublicKey.from_public_bytes(raw)
    try:
        # OpenSSL refuses an all-zero shared secret (RFC 7748 section 6.1).
        _PROBE.exchange(sealing)
    except ValueError:
        raise WireError("a sealing key is a point of small order") from None
    return OKPKey.import_key(sealing)


def _split_private_jwks(keys: object) -> tuple[dict[str, Any], dict[str, Any]]:
    by_curve = (
        {str(key.get("crv")): key for key in keys if isinstance(key, dict)}
        if isinstance(keys, list) and len(keys) == len(_USES)
        else {}
    )
    if set(by_curve) != set(_USES):
        raise WireError("not one Ed25519 and one X25519 key")
    return by_curve[_SIGN_CURVE], by_curve[_SEAL_CURVE]
