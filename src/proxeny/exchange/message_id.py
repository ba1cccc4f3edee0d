"""Ids of messages: UUIDv7 (RFC 9562 section 5.7), sortable by time."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from proxeny.exchange.wire import WireError

UUID7_ENTROPY_BYTES = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID7_RE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_MILLISECONDS_BITS = 48
_RAND_A_MASK = (1 << 12) - 1
_RAND_B_MASK = (1 << 62) - 1
_RAND_B_BYTES = 8


def uuid7(now: datetime, entropy: bytes) -> str:
    """A UUIDv7 from a time and 74 of 80 random bits.

    Args:
        now: aware time, taken to the millisecond.
        entropy: `UUID7_ENTROPY_BYTES` fresh random bytes, such as
            ``os.urandom(UUID7_ENTROPY_BYTES)``; further bytes are not used.

    Returns:
        The id in lower case with hyphens.

    Raises:
        ValueError: too little entropy, or a time without zone or out of range.

    """
    if len(entropy) < UUID7_ENTROPY_BYTES or now.tzinfo is None:
        raise ValueError("A UUIDv7 needs an aware time and 10 bytes of entropy.")
    # Whole numbers all the way: a float would round some instants upwards.
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0 or milliseconds >> _MILLISECONDS_BITS:
        raise ValueError("The time is out of the range of a UUIDv7.")
    split = UUID7_ENTROPY_BYTES - _RAND_B_BYTES
    rand_a = int.from_bytes(entropy[:split], "big") & _RAND_A_MASK
    rand_b = int.from_bytes(entropy[split:UUID7_ENTROPY_BYTES], "big") & _RAND_B_MASK
    return str(
        UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
    )


def require_uuid7(value: object) -> str:
    """The text if it is a UUIDv7 in its one spelling.

    Raises:
        WireError: it isn't.

    """
    if not isinstance(value, str) or not _UUID7_RE.fullmatch(value):
        raise WireError("jti is not a UUIDv7")
    return value
