"""Names of Tor's onion services, version 3 (rend-spec-v3, section 6).

The name holds the service's key, a checksum (SHA3-256) and the version. Version 2 was
switched off in 2021; its names of 16 characters are refused.
"""

import base64
import binascii
import hashlib

from proxeny.selectors.values import SelectorError

_NAME_CHARS = 56
_KEY_BYTES = 32
_VERSION = b"\x03"


def require_onion(label: str) -> None:
    """Check the label before ``.onion``.

    Raises:
        SelectorError: length, alphabet, version or checksum is wrong.
    """
    if len(label) != _NAME_CHARS:
        raise SelectorError("An onion service of version 3 has 56 characters.")
    try:
        decoded = base64.b32decode(label.upper())
    except binascii.Error:
        raise SelectorError("The onion name is no Base32.") from None
    key, rest = decoded[:_KEY_BYTES], decoded[_KEY_BYTES:]
    digest = hashlib.sha3_256(b".onion checksum" + key + _VERSION).digest()
    if rest != digest[:2] + _VERSION:
        raise SelectorError("The onion name's checksum is wrong.")
