"""Wallet addresses of Bitcoin, Litecoin, Tron (Base58Check, Bech32) and Ethereum.

The normal form is the chain, a colon and the address: ``btc:``, ``ltc:``, ``trx:``
keep Base58 as it is and Bech32 in lower case; ``eth:0x...`` is in lower case, because
EIP-55's mixed case is a checksum and not part of the address. An address with 3 in
front is taken as Bitcoin's; old Litecoin addresses look the same.
"""

import re

import base58

from proxeny.selectors.kinds.wallets import bech32, keccak
from proxeny.selectors.values import SelectorError

_CHAINS = frozenset({"btc", "ltc", "eth", "trx"})
_BASE58 = re.compile(r"[13LMT][1-9A-HJ-NP-Za-km-z]{25,34}")
_BECH32 = re.compile(r"(?:bc|ltc)1[02-9ac-hj-np-z]{11,87}", re.IGNORECASE)
_ETHEREUM = re.compile(r"0x[0-9a-f]{40}", re.IGNORECASE)
_CHAIN_BY_VERSION = {0x00: "btc", 0x05: "btc", 0x30: "ltc", 0x32: "ltc", 0x41: "trx"}
_CHAIN_BY_PREFIX = {"bc": "btc", "ltc": "ltc"}
_PAYLOAD_BYTES = 21


def is_wallet_like(raw: str) -> bool:
    """The form of an address of one of the chains, before any checksum."""
    if raw[:1] in "13LMT" and _BASE58.fullmatch(raw) is not None:
        # Real addresses mix the three; words and plain numbers do not.
        return not raw.isdigit() and raw.upper() != raw != raw.lower()
    return _ETHEREUM.fullmatch(raw) is not None or _BECH32.fullmatch(raw) is not None


def normalise(raw: str) -> str:
    """Give the chain, a colon and the address.

    Raises:
        SelectorError: form or checksum is wrong, or another chain was named.
    """
    named, _, address = raw.rpartition(":")
    chain, value = _read(address)
    if named and named.lower() != chain:
        known = named.lower() in _CHAINS
        raise SelectorError(
            "The address belongs to another chain than the one named."
            if known
            else "Addresses of this chain are not read."
        )
    return f"{chain}:{value}"


def _read(address: str) -> tuple[str, str]:
    if _ETHEREUM.fullmatch(address) is not None:
        return "eth", _read_ethereum(address)
    if _BECH32.fullmatch(address) is not None:
        return _CHAIN_BY_PREFIX[bech32.read_segwit(address)], address.lower()
    if _BASE58.fullmatch(address) is not None:
        return _read_base58check(address), address
    raise SelectorError("This has the form of no wallet address that is read.")


def _read_base58check(address: str) -> str:
    try:
        payload = base58.b58decode_check(address)
    except ValueError:
        raise SelectorError("The wallet address's checksum is wrong.") from None
    chain = _CHAIN_BY_VERSION.get(payload[0])
    if chain is None or len(payload) != _PAYLOAD_BYTES:
        raise SelectorError("Addresses of this chain are not read.")
    return chain


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
