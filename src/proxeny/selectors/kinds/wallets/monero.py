"""Monero addresses: Base58 by blocks, a network byte, Keccak-256 as checksum.

Standard addresses begin with 4, subaddresses with 8, integrated ones with 4 and hold a
payment id besides. The three name the receiver; only main-network ones are read.
"""

from proxeny.selectors.kinds.wallets.keccak import keccak256
from proxeny.selectors.values import SelectorError

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}
_BLOCK_CHARS = 11
_BLOCK_BYTES = 8
# Bytes of a last block by its characters.
_LAST_BYTES = {0: 0, 2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7}
_CHECKSUM_BYTES = 4
_PAYLOAD_BYTES = {18: 65, 42: 65, 19: 73}


def require_monero(address: str) -> None:
    """Check an address of the main network.

    Raises:
        SelectorError: alphabet, network or checksum is wrong.
    """
    payload = _decode(address)
    body, checksum = payload[:-_CHECKSUM_BYTES], payload[-_CHECKSUM_BYTES:]
    if not body or _PAYLOAD_BYTES.get(body[0]) != len(body):
        raise SelectorError("Addresses of this chain are not read.")
    if keccak256(body)[:_CHECKSUM_BYTES] != checksum:
        raise SelectorError("The wallet address's checksum is wrong.")


def _decode(address: str) -> bytes:
    decoded = b""
    for start in range(0, len(address), _BLOCK_CHARS):
        block = address[start : start + _BLOCK_CHARS]
        size = _BLOCK_BYTES
        if len(block) != _BLOCK_CHARS:
            size = _LAST_BYTES.get(len(block), 0)
        number = 0
        for char in block:
            number = number * len(_ALPHABET) + _VALUES[char]
        if number >> (8 * size):
            raise SelectorError("The wallet address's checksum is wrong.")
        decoded += number.to_bytes(size, "big")
    return decoded
