"""Segregated witness addresses: Bech32 (BIP 173) and Bech32m (BIP 350)."""

from proxeny.selectors.values import SelectorError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32 = 1
_BECH32M = 0x2BC830A3
_MAX_CHARS = 90
_CHECKSUM_CHARS = 6
_MAX_VERSION = 16
_MAX_PROGRAM_BYTES = 40


def read_segwit(address: str) -> str:
    """Check an address and give its human-readable part, such as ``bc``.

    Raises:
        SelectorError: mixed case, checksum, version, padding or length is wrong.
    """
    if address not in {address.lower(), address.upper()}:
        raise SelectorError("A Bech32 address mixes capitals and small letters.")
    prefix, mark, data = address.lower().rpartition("1")
    values = [_ALPHABET.find(char) for char in data]
    if (
        not (mark and prefix and prefix.isascii())
        or len(address) > _MAX_CHARS
        or len(values) <= _CHECKSUM_CHARS
        or min(values) < 0
    ):
        raise SelectorError("This has not the form of a Bech32 address.")
    expands = [ord(char) >> 5 for char in prefix]
    expands += [0, *(ord(char) & 31 for char in prefix)]
    version = values[0]
    if _polymod(expands + values) != (_BECH32M if version else _BECH32):
        raise SelectorError("The wallet address's checksum is wrong.")
    _require_program(version, values[1:-_CHECKSUM_CHARS])
    return prefix


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, constant in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= constant
    return checksum


def _require_program(version: int, groups: list[int]) -> None:
    """The witness program: whole bytes, zero padding, a length its version allows."""
    padding_bits = len(groups) * 5 % 8
    size_bytes = len(groups) * 5 // 8
    padded_right = padding_bits < 5 and not (  # noqa: PLR2004 - bits of one group
        groups and groups[-1] & ((1 << padding_bits) - 1)
    )
    fits = 2 <= size_bytes <= _MAX_PROGRAM_BYTES  # noqa: PLR2004 - bytes by BIP 141
    if version == 0:
        fits = size_bytes in {20, 32}
    if version > _MAX_VERSION or not padded_right or not fits:
        raise SelectorError("The address holds no witness program of its version.")
