r"""The envelope PXE/1: a signed message, sealed for one authority.

Bytes on the wire (media type ``application/vnd.proxeny.pxe``)::

    header LF sealed

    header  one line of ASCII JSON, its members in this order and without spaces:
            {"v":"PXE/1","to":"DE/24-7","ekid":"<key id>","kem":"0x0020"}
    LF      the single byte 0x0A; JSON without spaces never holds one
    sealed  HPKE single-shot output in base mode (RFC 9180): enc || ciphertext,
            raw bytes up to the end; info = "PXE/1" || SHA-256(header), no aad

The sealed text is the inner message: a compact JWS with the protected header
``{"alg":"Ed25519","kid":"<key id>","typ":"pxe-msg+jws"}`` and a JSON object:

    iss aud   ids of the sending and the receiving authority
    jti       UUIDv7 of the message       iat exp   NumericDate, whole seconds
    case      reference of the case       re        what this message answers
    seq       number within (iss, aud, case)        kind body   what is said

The message is signed first and sealed second, with ``iss`` and ``aud`` under the
signature; else its recipient could seal it anew for a third party, who would take
it for a message to himself (Davis, Defective Sign & Encrypt, 2001). HPKE's base
mode says nothing about the sender: who sent it is what the JWS says. The outer
header is bound through ``info``, for the library's HPKE takes no ``aad``. The
suite is that of the recipient's key (see `proxeny.exchange.suites`); the header
only repeats it, and a header that says otherwise is refused.

Payload members that this release doesn't know are kept in `Payload.extra`.
Replays are the node's task: it keeps every (iss, jti) and digest.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag

from proxeny.errors import InputError
from proxeny.exchange.jws import (
    SignatureError,
    Typ,
    UncheckedJWS,
    parse_jws,
    sign_jws,
    verify_jws,
)
from proxeny.exchange.keys import NodeKeys, PublicKeys
from proxeny.exchange.message_id import require_uuid7
from proxeny.exchange.wire import (
    WireError,
    parse_instant,
    parse_object,
    render_instant,
    render_object,
    require_authority,
    require_name,
    require_whole,
    require_whole_second,
)

VERSION = "PXE/1"
MEDIA_TYPE = "application/vnd.proxeny.pxe"
MAX_ENVELOPE_BYTES = 1024 * 1024
MAX_HEADER_BYTES = 512
CLOCK_SKEW = timedelta(minutes=5)
_MEMBERS = frozenset(
    {"iss", "aud", "jti", "iat", "exp", "case", "seq", "re", "kind", "body"}
)
_KIND_RE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,63}")
_WORD_RE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class EnvelopeReason(StrEnum):
    """Why an envelope is refused; part of the stable code."""

    NOT_FOR_US = "not_for_us"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    UNKNOWN_SENDER = "unknown_sender"
    BAD_SIGNATURE = "bad_signature"
    CANNOT_OPEN = "cannot_open"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"


_ADVICE = {
    EnvelopeReason.NOT_FOR_US: "Send it to the authority that it names.",
    EnvelopeReason.EXPIRED: "Ask the sender for a new message if it still matters.",
    EnvelopeReason.NOT_YET_VALID: "Check the clocks of both nodes.",
    EnvelopeReason.UNKNOWN_SENDER: "Add the sender's card, then take it again.",
    EnvelopeReason.BAD_SIGNATURE: "Don't act on it; tell the sender by phone.",
    EnvelopeReason.CANNOT_OPEN: "Ask the sender to seal it with our present card.",
    EnvelopeReason.MALFORMED: "Ask the sender which release of Proxeny made it.",
    EnvelopeReason.TOO_LARGE: "Send large files as attachments, not in the message.",
}


class EnvelopeError(InputError):
    """A message can't be made or must not be taken; `reason` says why."""

    code = "PXY-ENVELOPE"

    def __init__(self, reason: EnvelopeReason, message: str, **fields: object) -> None:
        super().__init__(
            message,
            code=f"{self.code}-{reason.value.upper().replace('_', '-')}",
            advice=_ADVICE[reason],
            **fields,
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the post office may read: to whom, and for which of its keys."""

    to: str
    ekid: str
    kem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What one authority says to another, valid from the constructor on.

    Args:
        iss: authority that says it.
        aud: authority that it is said to.
        jti: UUIDv7 (see `uuid7`), never used twice by the same authority.
        iat: aware time of writing; cut to the whole second.
        exp: aware time after which it must not be taken; cut likewise.
        case: the sender's reference of the case, if there is one.
        seq: number within (iss, aud, case), from 0.
        re: what it answers: reference or ``jti`` of the earlier message.
        kind: what kind of message ``body`` is.
        body: any JSON object.
        extra: members that this release doesn't know; they are kept and signed.

    Raises:
        EnvelopeError: malformed.

    """

    iss: str
    aud: str
    jti: str
    iat: datetime
    exp: datetime
    case: str | None = None
    seq: int = 0
    re: str | None = None
    kind: str
    body: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            _check_values(self)
            for name in ("iat", "exp"):
                instant = require_whole_second(getattr(self, name))
                object.__setattr__(self, name, instant)
        except WireError as error:
            raise _malformed(error) from None
        if self.exp <= self.iat:
            raise _malformed("it expires before it is written")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message that was sealed for us and signed by a sender whom we know.

    Args:
        payload: what it says.
        inner: the signed bytes exactly as they came: the evidence to store.
        digest: SHA-256 of ``inner``, which the receipt names.
        kid: id of the key that signed it.

    """

    payload: Payload
    inner: bytes
    digest: str
    kid: str


FindSender = Callable[[str, str], PublicKeys | None]


def digest(inner: bytes) -> str:
    """SHA-256 of a signed message in lower-case hexadecimal."""
    return hashlib.sha256(inner).hexdigest()


def sign_message(payload: Payload, keys: NodeKeys) -> bytes:
    """Sign a message with the sender's key (compact JWS, RFC 7515).

    Signing is deterministic: the same payload gives the same bytes and digest.

    Raises:
        EnvelopeError: malformed (the keys are not those of ``iss``, or the body is
            not JSON that every partner reads alike), or too large.

    """
    if payload.iss != keys.authority:
        raise _malformed("the keys are not those of its sender")
    members = {
        "iss": payload.iss,
        "aud": payload.aud,
        "jti": payload.jti,
        "iat": render_instant(payload.iat),
        "exp": render_instant(payload.exp),
        "case": payload.case,
        "seq": payload.seq,
        "re": payload.re,
        "kind": payload.kind,
        "body": payload.body,
    }
    present = {name: value for name, value in members.items() if value is not None}
    try:
        rendered = render_object({**present, **payload.extra})
    except WireError as error:
        raise _malformed(error) from None
    inner = sign_jws(rendered, key=keys.sign, kid=keys.kid, typ=Typ.MESSAGE)
    if len(inner) > MAX_ENVELOPE_BYTES:
        raise _too_large()
    return inner


def seal_message(inner: bytes, recipient: PublicKeys) -> bytes:
    """Seal a signed message for the authority that it is addressed to (RFC 9180).

    Sealing draws fresh entropy: store the result, and send the same bytes again
    when a delivery is repeated.

    Args:
        inner: what `sign_message` gave.
        recipient: the present keys of the addressee; they decide the suite.

    Returns:
        The envelope, at most `MAX_ENVELOPE_BYTES`.

    Raises:
        EnvelopeError: not for us (the message is addressed to another authority
            than the recipient), malformed, or too large.

    """
    try:
        claims = _parse_claims(parse_jws(inner, typ=Typ.MESSAGE))
    except WireError as error:
        raise _malformed(error) from None
    if claims.get("aud") != recipient.authority:
        raise EnvelopeError(
            EnvelopeReason.NOT_FOR_US,
            "A message is sealed only for the authority that it is addressed to.",
        )
    suite = recipient.suite
    header = _render_header(
        Header(to=recipient.authority, ekid=recipient.seal_kid, kem=suite.kem)
    )
    sealed = suite.hpke.encrypt(inner, recipient.seal_key, info=_info(header))
    outer = header + b"\n" + sealed
    if len(outer) > MAX_ENVELOPE_BYTES:
        raise _too_large()
    return outer


def read_header(outer: bytes) -> Header:
    """Read for whom an envelope is, without opening it; nothing of it is proven.

    Raises:
        EnvelopeError: malformed, or too large.

    """
    return _split(outer)[0]


def open_message(
    outer: bytes, *, keys: NodeKeys, find_sender: FindSender, now: datetime
) -> Opened:
    """Open an envelope, and check who signed it, for whom, and until when.

    Args:
        outer: the bytes as they came.
        keys: this node's private keys.
        find_sender: given (authority, key id), the keys of a partner, or None.
        now: aware time; `CLOCK_SKEW` is allowed either way.

    Raises:
        EnvelopeError: `reason` is one of `EnvelopeReason`.

    """
    header, header_bytes, sealed = _split(outer)
    if header.to != keys.authority:
        raise EnvelopeError(
            EnvelopeReason.NOT_FOR_US, "The envelope is for another authority."
        )
    suite = keys.public.suite
    if header.ekid != keys.seal_kid or header.kem != suite.kem:
        raise EnvelopeError(
            EnvelopeReason.CANNOT_OPEN, "The envelope is sealed for a key not ours."
        )
    try:
        inner = suite.hpke.decrypt(sealed, keys.seal, info=_info(header_bytes))
    except (InvalidTag, ValueError):
        raise EnvelopeError(
            EnvelopeReason.CANNOT_OPEN, "The envelope was altered or sealed wrongly."
        ) from None
    payload, kid = _read_inner(inner, find_sender)
    if payload.aud != keys.authority:
        raise EnvelopeError(
            EnvelopeReason.NOT_FOR_US,
            "The signed message inside is addressed to another authority.",
        )
    _require_in_time(payload, now)
    return Opened(payload=payload, inner=inner, digest=digest(inner), kid=kid)


def verify_message(inner: bytes, *, sender: PublicKeys) -> Payload:
    """Check a stored signed message as evidence, whenever and whoever asks.

    Raises:
        EnvelopeError: malformed, another sender or key, or a bad signature.

    """

    def find_sender(authority: str, kid: str) -> PublicKeys | None:
        known = (sender.authority, sender.kid) == (authority, kid)
        return sender if known else None

    return _read_inner(inner, find_sender)[0]


def _read_inner(inner: bytes, find_sender: FindSender) -> tuple[Payload, str]:
    try:
        unchecked = parse_jws(inner, typ=Typ.MESSAGE)
        claims = _parse_claims(unchecked)
        iss = require_authority(claims.get("iss"))
    except WireError as error:
        raise _malformed(error) from None
    sender = find_sender(iss, unchecked.kid)
    # What the caller's look-up returns is held to what was asked for.
    if sender is None or (sender.authority, sender.kid) != (iss, unchecked.kid):
        raise EnvelopeError(
            EnvelopeReason.UNKNOWN_SENDER,
            "No partner is known under this authority and key.",
            kid=unchecked.kid[:64],
        )
    try:
        verify_jws(unchecked, key=sender.sign_key)
    except SignatureError:
        raise EnvelopeError(
            EnvelopeReason.BAD_SIGNATURE, "The signature isn't the sender's."
        ) from None
    return _parse_payload(claims), unchecked.kid


def _check_values(payload: Payload) -> None:
    require_authority(payload.iss)
    require_authority(payload.aud)
    require_uuid7(payload.jti)
    require_whole(payload.seq, "seq")
    if payload.case is not None:
        require_name(payload.case, "case")
    if payload.re is not None:
        require_name(payload.re, "re")
    kind: object = payload.kind
    if not isinstance(kind, str) or not _KIND_RE.fullmatch(kind):
        raise WireError("kind is not a short word")
    if not isinstance(payload.body, dict):
        raise WireError("body is not an object")
    if _MEMBERS & set(payload.extra):
        raise WireError("extra repeats a member that has its own place")


def _parse_claims(unchecked: UncheckedJWS) -> dict[str, Any]:
    return parse_object(unchecked.payload, max_bytes=MAX_ENVELOPE_BYTES)


def _parse_payload(claims: Mapping[str, Any]) -> Payload:
    try:
        iat = parse_instant(claims.get("iat"), "iat")
        exp = parse_instant(claims.get("exp"), "exp")
    except WireError as error:
        raise _malformed(error) from None
    return Payload(
        iss=claims["iss"],
        aud=claims.get("aud", ""),
        jti=claims.get("jti", ""),
        iat=iat,
        exp=exp,
        case=claims.get("case"),
        seq=claims.get("seq", -1),
        re=claims.get("re"),
        kind=claims.get("kind", ""),
        body=claims.get("body", ""),
        extra={name: claims[name] for name in claims if name not in _MEMBERS},
    )


def _require_in_time(payload: Payload, now: datetime) -> None:
    # Taken from the present: an end at the end of time would overflow.
    if now - CLOCK_SKEW > payload.exp:
        raise EnvelopeError(EnvelopeReason.EXPIRED, "The message has expired.")
    if payload.iat > now + CLOCK_SKEW:
        raise EnvelopeError(
            EnvelopeReason.NOT_YET_VALID, "The message is dated in the future."
        )


def _split(outer: bytes) -> tuple[Header, bytes, bytes]:
    if len(outer) > MAX_ENVELOPE_BYTES:
        raise _too_large()
    header_bytes, line_feed, sealed = outer.partition(b"\n")
    if not line_feed:
        raise _malformed("there is no header line")
    try:
        return _parse_header(header_bytes), header_bytes, sealed
    except WireError as error:
        raise _malformed(error) from None


def _parse_header(header_bytes: bytes) -> Header:
    members = parse_object(header_bytes, max_bytes=MAX_HEADER_BYTES)
    header = Header(
        to=require_authority(members.get("to")),
        ekid=_require_word(members.get("ekid"), "ekid"),
        kem=_require_word(members.get("kem"), "kem"),
    )
    # One header, one spelling: what isn't bound can't be slipped in.
    if members.get("v") != VERSION or _render_header(header) != header_bytes:
        raise WireError(f"the header is not that of {VERSION}")
    return header


def _render_header(header: Header) -> bytes:
    return render_object(
        {"v": VERSION, "to": header.to, "ekid": header.ekid, "kem": header.kem}
    )


def _info(header: bytes) -> bytes:
    return VERSION.encode() + hashlib.sha256(header).digest()


def _malformed(why: object) -> EnvelopeError:
    return EnvelopeError(EnvelopeReason.MALFORMED, f"The message is malformed: {why}.")


def _too_large() -> EnvelopeError:
    return EnvelopeError(
        EnvelopeReason.TOO_LARGE,
        f"The message is over {MAX_ENVELOPE_BYTES} bytes.",
        limit_bytes=MAX_ENVELOPE_BYTES,
    )


def _require_word(value: object, what: str) -> str:
    if not isinstance(value, str) or not _WORD_RE.fullmatch(value):
        raise WireError(f"{what} is not a short word")
    return value
