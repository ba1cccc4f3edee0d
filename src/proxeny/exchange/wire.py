"""Turns hostile bytes into plain values: bounded JSON, base64url, names, times.

JSON on the wire is I-JSON (RFC 7493): UTF-8, no repeated member, no lone
surrogate, whole numbers within plus or minus 2^53 - 1, finite floats. U+0000 is
refused as well, since PostgreSQL can't store it. base64url is RFC 4648 section 5
without padding, and only in its one canonical spelling.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_JSON_DEPTH = 32
MAX_NAME_CHARS = 200
MAX_JSON_INT = 2**53 - 1
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that datetime holds.

AUTHORITY_RE = re.compile(r"[A-Z]{2}/[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_BASE64URL_RE = re.compile(rb"[A-Za-z0-9_-]*")
_DIGEST_RE = re.compile(r"[0-9a-f]{64}")


class WireError(ValueError):
    """The bytes break a rule of the wire; the caller gives it its own stable code."""


def parse_object(data: bytes, *, max_bytes: int) -> dict[str, Any]:
    """Read one JSON object under every limit of this module.

    Args:
        data: the bytes as they came.
        max_bytes: more than this is refused before anything is decoded.

    Raises:
        WireError: not such an object.

    """
    if len(data) > max_bytes:
        raise WireError(f"JSON is over {max_bytes} bytes")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique_members)
    except RecursionError:
        raise WireError("JSON is nested too deep") from None
    except WireError:
        raise
    except ValueError:
        raise WireError("not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise WireError("not a JSON object")
    require_portable(value)
    return value


def render_object(value: Mapping[str, Any]) -> bytes:
    """Write one JSON object that `parse_object` of any partner will accept.

    Raises:
        WireError: the value holds what the wire doesn't carry.

    """
    require_portable(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def require_portable(value: object) -> None:
    """Raise unless the value is I-JSON without U+0000 and not nested too deep.

    Raises:
        WireError: names the rule that is broken, never the value.

    """
    level: list[object] = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        inner: list[object] = []
        for item in level:
            if isinstance(item, str):
                # Most values are plain ASCII: this spares them an encoding.
                if not item.isascii() or "\x00" in item:
                    _require_text(item)
            elif isinstance(item, dict):
                inner.extend(item)
                inner.extend(item.values())
                if not set(map(type, item)) <= {str}:
                    raise WireError("a member's name is not a text")
            elif isinstance(item, list):
                inner.extend(item)
            else:
                _require_number(item)
        if not inner:
            return
        level = inner
    raise WireError("JSON is nested too deep")


def encode_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def parse_base64url(text: bytes) -> bytes:
    """Decode base64url without padding, canonical spelling only.

    Raises:
        WireError: another alphabet, padding, or bits that don't count.

    """
    try:
        if not _BASE64URL_RE.fullmatch(text):
            raise WireError("not base64url")
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise WireError("not base64url") from None
    if encode_base64url(data).encode() != text:
        raise WireError("base64url is not canonical")
    return data


def require_authority(value: object) -> str:
    """An authority's id, such as ``DE/24-7``."""
    if not isinstance(value, str) or not AUTHORITY_RE.fullmatch(value):
        raise WireError("not an authority id such as DE/24-7")
    return value


def require_name(value: object, what: str) -> str:
    """A short printable text."""
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_NAME_CHARS
        or not value.isprintable()
    ):
        raise WireError(f"{what} is not a printable text of 1-{MAX_NAME_CHARS}")
    return value


def require_digest(value: object) -> str:
    """A SHA-256 digest in lower-case hexadecimal."""
    if not isinstance(value, str) or not _DIGEST_RE.fullmatch(value):
        raise WireError("not a SHA-256 digest in lower-case hexadecimal")
    return value


def require_whole(value: object, what: str) -> int:
    """A whole number from 0 to 2^53 - 1; true and false are no numbers."""
    if type(value) is not int or not 0 <= value <= MAX_JSON_INT:
        raise WireError(f"{what} is not a whole number")
    return value


def parse_instant(value: object, what: str) -> datetime:
    """A NumericDate (RFC 7519 section 2) of whole seconds as aware UTC."""
    seconds = require_whole(value, what)
    if seconds > _LAST_SECOND:
        raise WireError(f"{what} is after the year 9999")
    return datetime.fromtimestamp(seconds, UTC)


def render_instant(value: datetime) -> int:
    return int(require_whole_second(value).timestamp())


def require_whole_second(value: datetime) -> datetime:
    """The same instant in UTC, cut to the whole second that the wire carries."""
    if value.tzinfo is None:
        raise WireError("a time without a time zone")
    return value.astimezone(UTC).replace(microsecond=0)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise WireError("JSON repeats a member")
    return members


def _require_number(value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_JSON_INT:
            raise WireError("a number is over 2^53 - 1")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise WireError("a number is not finite")
    else:
        raise WireError("a value that JSON doesn't have")


def _require_text(text: str) -> None:
    if "\x00" in text:
        raise WireError("a text holds U+0000")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise WireError("a text holds a lone surrogate") from None
