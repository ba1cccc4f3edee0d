"""Wallet addresses: Base58Check, Bech32, Ethereum, Monero, Ripple and Solana.

The normal form is the chain, a colon and the address: ``btc:``, ``ltc:``, ``doge:``,
``dash:``, ``zec:``, ``trx:``, ``xrp:``, ``xmr:``, ``sol:`` keep Base58 as it is and
Bech32 in lower case; ``eth:0x...`` is in lower case, because EIP-55's mixed case is a
checksum and not part of the address. An address with 3 in front is taken as Bitcoin's;
old Litecoin addresses look the same. Solana's addresses carry no checksum, so in a
text they need the chain's name beside them.
"""

import hashlib
import re

import base58

from proxeny.selectors.kinds.wallets import bech32, keccak, monero
from proxeny.selectors.values import SelectorError

_CHAINS = frozenset(
    {"btc", "ltc", "eth", "trx", "xmr", "sol", "doge", "dash", "zec", "xrp"}
)
# The schemes of payment URIs, as BIP 21 has bitcoin's.
_CHAINS_BY_NAME = {
    "bitcoin": "btc",
    "litecoin": "ltc",
    "ethereum": "eth",
    "tron": "trx",
    "monero": "xmr",
    "solana": "sol",
    "dogecoin": "doge",
    "zcash": "zec",
    "ripple": "xrp",
}
_BASE58 = re.compile(r"[13LMTDXtr][1-9A-HJ-NP-Za-km-z]{24,34}")
_BECH32 = re.compile(r"(?:bc|ltc)1[02-9ac-hj-np-z]{6,87}", re.IGNORECASE)
_ETHEREUM = re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE)
_MONERO = re.compile(r"[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?")
_SOLANA = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_SOLANA_BYTES = 32
_CHAIN_BY_VERSION = {
    b"\x00": "btc",
    b"\x05": "btc",
    b"\x30": "ltc",
    b"\x32": "ltc",
    b"\x41": "trx",
    b"\x1e": "doge",
    b"\x16": "doge",
    b"\x4c": "dash",
    b"\x10": "dash",
    b"\x1c\xb8": "zec",
    b"\x1c\xbd": "zec",
}
_CHAIN_BY_PREFIX = {"bc": "btc", "ltc": "ltc"}
_HASH_BYTES = 20
_CHECKSUM_BYTES = 4


def is_wallet_like(raw: str) -> bool:
    """The form of an address of one of the chains, before any checksum."""
    if raw[:1] in "13LMTDXtr" and _BASE58.fullmatch(raw) is not None:
        # Real addresses mix the three; words and plain numbers do not.
        return not raw.isdigit() and raw.upper() != raw != raw.lower()
    return (
        _ETHEREUM.fullmatch(raw) is not None
        or _BECH32.fullmatch(raw) is not None
        or _MONERO.fullmatch(raw) is not None
    )


def is_solana_like(raw: str) -> bool:
    """32 bytes in Base58, capitals and small letters and digits among them."""
    return (
        _SOLANA.fullmatch(raw) is not None
        and not raw.isalpha()
        and raw.upper() != raw != raw.lower()
        and len(_decode(raw, base58.BITCOIN_ALPHABET)) == _SOLANA_BYTES
    )


def normalise_solana(raw: str) -> str:
    """Give ``sol:`` and the address, where the chain is known from elsewhere.

    Raises:
        SelectorError: it is no such address.
    """
    return normalise(f"sol:{raw}")


def normalise(raw: str) -> str:
    """Give the chain, a colon and the address.

    Raises:
        SelectorError: form or checksum is wrong, or another chain was named.
    """
    named, _, address = raw.rpartition(":")
    named = _CHAINS_BY_NAME.get(named.lower(), named.lower())
    chain, value = _read(address, named)
    if named and named != chain:
        known = named in _CHAINS
        raise SelectorError(
            "The address belongs to another chain than the one named."
            if known
            else "Addresses of this chain are not read."
        )
    return f"{chain}:{value}"


def _read(address: str, named: str) -> tuple[str, str]:
    if _ETHEREUM.fullmatch(address) is not None:
        return "eth", _read_ethereum(address)
    if _BECH32.fullmatch(address) is not None:
        return _CHAIN_BY_PREFIX[bech32.read_segwit(address)], address.lower()
    if _MONERO.fullmatch(address) is not None:
        monero.require_monero(address)
        return "xmr", address
    if named == "sol" and is_solana_like(address):
        return "sol", address
    if _BASE58.fullmatch(address) is not None:
        return _read_base58check(address), address
    raise SelectorError("This has the form of no wallet address that is read.")


def _read_base58check(address: str) -> str:
    is_ripple = address[0] == "r"
    alphabet = base58.RIPPLE_ALPHABET if is_ripple else base58.BITCOIN_ALPHABET
    decoded = _decode(address, alphabet)
    payload, checksum = decoded[:-_CHECKSUM_BYTES], decoded[-_CHECKSUM_BYTES:]
    digest = hashlib.sha256(hashlib.sha256(payload).digest()).digest()
    if checksum != digest[:_CHECKSUM_BYTES]:
        raise SelectorError("The wallet address's checksum is wrong.")
    version = payload[:-_HASH_BYTES]
    chain = _CHAIN_BY_VERSION.get(version)
    if is_ripple:
        chain = "xrp" if version == b"\x00" else None
    if chain is None:
        raise SelectorError("Addresses of this chain are not read.")
    return chain


def _decode(address: str, alphabet: bytes) -> bytes:
    """What ``base58.b58decode`` gives, in a third of its time."""
    number = base58.b58decode_int(address, alphabet)
    noughts = len(address) - len(address.lstrip(chr(alphabet[0])))
    return bytes(noughts) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _read_ethereum(address: str) -> str:
    """Check mixed case by EIP-55; one case throughout carries no checksum."""
    digits = address[2:]
    lower = digits.lower()
    if digits not in {lower, digits.upper()}:
        nibbles = keccak.keccak256(lower.encode()).hex()
        rightly = "".join(
            char.upper() if nibble >= "8" else char
            for char, nibble in zip(lower, nibbles, strict=False)
        )
        if digits != rightly:
            raise SelectorError("The capitals of the address break EIP-55's checksum.")
    return f"0x{lower}"
