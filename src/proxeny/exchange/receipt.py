"""A signed receipt: what became of one message, in the receiver's own words.

A JWS of type ``pxe-receipt+jws``. It names the message by the SHA-256 of its
signed bytes, so that it is evidence for exactly those. Events follow ETSI EN 319
522 (ERDS evidence); this release knows acceptance and rejection. Signing is
deterministic; a node stores the receipt and repeats it byte for byte.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from proxeny.errors import InputError
from proxeny.exchange.jws import (
    SignatureError,
    Typ,
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
    require_digest,
    require_name,
    require_whole_second,
)

MAX_RECEIPT_BYTES = 16 * 1024
_MEMBERS = frozenset({"iss", "aud", "digest", "jti", "event", "at", "reason"})


class ReceiptError(InputError):
    """A receipt proves nothing: malformed, altered, or about something else."""

    code = "PXY-RECEIPT"
    advice = "Treat the message as not delivered; it is sent again until it expires."


class ReceiptEvent(StrEnum):
    """What became of the message."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the receiver (``iss``) certifies to the sender (``aud``).

    Args:
        digest: SHA-256 of the signed message that it is about.
        jti: id of that message.
        at: when it happened, whole seconds.
        reason: why it was rejected (a stable code); None when accepted.
        extra: further members, such as a log index and a checkpoint.

    """

    iss: str
    aud: str
    digest: str
    jti: str
    event: ReceiptEvent
    at: datetime
    reason: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            _check_values(self)
            object.__setattr__(self, "at", require_whole_second(self.at))
        except WireError as error:
            raise ReceiptError(f"Receipt refused: {error}.") from None


def sign_receipt(
    *,
    keys: NodeKeys,
    to: str,
    message_digest: str,
    jti: str,
    event: str,
    at: datetime,
    reason: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    """Certify what became of a message.

    Args:
        keys: the receiver's private keys.
        to: the authority that sent the message.
        message_digest: `digest` of its signed bytes.
        jti: id of the message.
        event: ``accepted`` or ``rejected``.
        at: aware time of the event.
        reason: stable code of the reason, with ``rejected`` only.
        extra: further members to sign.

    Raises:
        ReceiptError: a value that the sender would refuse.

    """
    receipt = Receipt(
        iss=keys.authority,
        aud=to,
        digest=message_digest,
        jti=jti,
        event=_parse_event(event),
        at=at,
        reason=reason,
        extra=extra or {},
    )
    members: dict[str, Any] = {
        "iss": receipt.iss,
        "aud": receipt.aud,
        "digest": receipt.digest,
        "jti": receipt.jti,
        "event": receipt.event.value,
        "at": render_instant(receipt.at),
    }
    if receipt.reason is not None:
        members["reason"] = receipt.reason
    try:
        payload = render_object({**members, **receipt.extra})
    except WireError as error:
        raise ReceiptError(f"Receipt refused: {error}.") from None
    signed = sign_jws(payload, key=keys.sign, kid=keys.kid, typ=Typ.RECEIPT)
    if len(signed) > MAX_RECEIPT_BYTES:
        raise ReceiptError(f"Receipt refused: it is over {MAX_RECEIPT_BYTES} bytes.")
    return signed


def verify_receipt(
    receipt: bytes, *, sender: PublicKeys, message_digest: str, expected_aud: str
) -> Receipt:
    """Check that a receipt is that authority's, for us, about that message.

    Args:
        receipt: the bytes as they came.
        sender: keys of the authority that must have signed it.
        message_digest: `digest` of the message that we sent.
        expected_aud: this node's own authority id.

    Raises:
        ReceiptError: over `MAX_RECEIPT_BYTES`, malformed, of another key or
            authority, altered, for somebody else, or about another message.

    """
    try:
        unchecked = parse_jws(receipt, typ=Typ.RECEIPT, max_bytes=MAX_RECEIPT_BYTES)
        verify_jws(unchecked, key=sender.sign_key)
        members = parse_object(unchecked.payload, max_bytes=MAX_RECEIPT_BYTES)
        found = _parse_members(members)
    except (WireError, SignatureError) as error:
        raise ReceiptError(f"Receipt refused: {error}.") from None
    if (found.iss, unchecked.kid) != (sender.authority, sender.kid):
        raise ReceiptError("Receipt refused: it is from another authority or key.")
    if found.aud != expected_aud:
        raise ReceiptError("Receipt refused: it is for another authority.")
    if not hmac.compare_digest(found.digest.encode(), message_digest.encode()):
        raise ReceiptError("Receipt refused: it is about another message.")
    return found


def _check_values(receipt: Receipt) -> None:
    require_authority(receipt.iss)
    require_authority(receipt.aud)
    require_digest(receipt.digest)
    require_uuid7(receipt.jti)
    if (receipt.reason is None) != (receipt.event is ReceiptEvent.ACCEPTED):
        raise WireError("a reason goes with rejection, and with it alone")
    if receipt.reason is not None:
        require_name(receipt.reason, "reason")
    if _MEMBERS & set(receipt.extra):
        raise WireError("extra repeats a member that has its own place")


def _parse_members(members: Mapping[str, Any]) -> Receipt:
    return Receipt(
        iss=members.get("iss", ""),
        aud=members.get("aud", ""),
        digest=members.get("digest", ""),
        jti=members.get("jti", ""),
        event=_parse_event(members.get("event")),
        at=parse_instant(members.get("at"), "at"),
        reason=members.get("reason"),
        extra={name: members[name] for name in members if name not in _MEMBERS},
    )


def _parse_event(value: object) -> ReceiptEvent:
    try:
        return ReceiptEvent(str(value))
    except ValueError:
        raise ReceiptError("Receipt refused: the event is unknown here.") from None
