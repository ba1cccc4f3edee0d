"""The wire between authorities: envelope, receipt, card, tamper-evident log.

Pure: no network, no database, no clock. Time is an argument; entropy is one for
ids of messages, while key generation and HPKE draw their own.

>>> from datetime import UTC, datetime, timedelta
>>> from proxeny import exchange
>>> rs, de = (exchange.generate_keys(name) for name in ("RS/24-7", "DE/24-7"))
>>> now = datetime(2026, 11, 21, 12, tzinfo=UTC)
>>> said = exchange.Payload(
...     iss="RS/24-7", aud="DE/24-7", jti=exchange.uuid7(now, bytes(10)),
...     iat=now, exp=now + timedelta(days=14), kind="request", body={"a": 1})
>>> outer = exchange.seal_message(exchange.sign_message(said, rs), de.public)
>>> exchange.open_message(
...     outer, keys=de, find_sender=lambda authority, kid: rs.public, now=now
... ).payload == said
True
"""

from proxeny.exchange import log
from proxeny.exchange.card import (
    AuthorityRole,
    Card,
    CardError,
    compare_fingerprint,
    make_card,
    read_card,
    render_fingerprint,
)
from proxeny.exchange.envelope import (
    CLOCK_SKEW,
    MAX_ENVELOPE_BYTES,
    MEDIA_TYPE,
    EnvelopeError,
    EnvelopeReason,
    Header,
    Opened,
    Payload,
    digest,
    open_message,
    read_header,
    seal_message,
    sign_message,
    verify_message,
)
from proxeny.exchange.keys import KeysError, NodeKeys, PublicKeys, generate_keys
from proxeny.exchange.message_id import UUID7_ENTROPY_BYTES, uuid7
from proxeny.exchange.receipt import (
    MAX_RECEIPT_BYTES,
    Receipt,
    ReceiptError,
    ReceiptEvent,
    sign_receipt,
    verify_receipt,
)

__all__ = [
    "CLOCK_SKEW",
    "MAX_ENVELOPE_BYTES",
    "MAX_RECEIPT_BYTES",
    "MEDIA_TYPE",
    "UUID7_ENTROPY_BYTES",
    "AuthorityRole",
    "Card",
    "CardError",
    "EnvelopeError",
    "EnvelopeReason",
    "Header",
    "KeysError",
    "NodeKeys",
    "Opened",
    "Payload",
    "PublicKeys",
    "Receipt",
    "ReceiptError",
    "ReceiptEvent",
    "compare_fingerprint",
    "digest",
    "generate_keys",
    "log",
    "make_card",
    "open_message",
    "read_card",
    "read_header",
    "render_fingerprint",
    "seal_message",
    "sign_message",
    "sign_receipt",
    "uuid7",
    "verify_message",
    "verify_receipt",
]
