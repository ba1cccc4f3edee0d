"""Vectors of BIP 173, BIP 350 and EIP-55, and what must not pass for a wallet."""

import base58
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_data import DATA, needs_real_data

from proxeny.selectors import Kind, SelectorError, find, parse_selector
from proxeny.selectors.kinds import wallets
from proxeny.selectors.kinds.wallets.bech32 import read_segwit
from proxeny.selectors.kinds.wallets.keccak import keccak256

# BIP 350, test vectors for addresses (the version 0 ones are BIP 173's).
VALID_SEGWIT = (
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
INVALID_SEGWIT = (
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1pw5dgrnzv",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    "bc1gmk9yu",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3t4",
)
# EIP-55, test cases.
EIP_55 = (
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)


def wallet(raw: str) -> str:
    return parse_selector(Kind.WALLET, raw).value


@pytest.mark.parametrize("address", VALID_SEGWIT)
def test_segwit_address_is_given_in_lower_case(address: str) -> None:
    assert wallet(address) == f"btc:{address.lower()}"


@pytest.mark.parametrize("address", INVALID_SEGWIT)
def test_broken_segwit_address_is_refused(address: str) -> None:
    with pytest.raises(SelectorError):
        read_segwit(address)
    assert not find(f"to {address} now")


@pytest.mark.parametrize("address", EIP_55)
def test_ethereum_address_with_right_capitals_is_read(address: str) -> None:
    assert wallet(address) == f"eth:{address.lower()}"


def test_one_wrong_capital_breaks_an_ethereum_address() -> None:
    with pytest.raises(SelectorError, match="EIP-55"):
        wallet("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed")


def test_ethereum_address_in_one_case_carries_no_checksum() -> None:
    assert wallet(EIP_55[4].lower()) == wallet(EIP_55[4])
    assert wallet("0x" + EIP_55[4][2:].upper()) == wallet(EIP_55[4])


def test_keccak_is_the_one_of_ethereum_and_not_sha3() -> None:
    assert keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    assert keccak256(b"abc").hex() == (
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    )


@pytest.mark.parametrize(
    ("address", "chain"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "btc"),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "btc"),
        ("LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "ltc"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "trx"),
    ],
)
def test_base58_address_names_its_chain(address: str, chain: str) -> None:
    assert wallet(address) == f"{chain}:{address}"
    assert [m.selector.value for m in find(f"({address}).")] == [f"{chain}:{address}"]


def test_one_changed_character_breaks_a_base58_address() -> None:
    with pytest.raises(SelectorError, match="checksum"):
        wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")


def test_another_chain_than_the_named_one_is_refused() -> None:
    with pytest.raises(SelectorError, match="another chain"):
        wallet("ltc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")


@pytest.mark.real_data
@needs_real_data("wallets/address-formats")
@pytest.mark.parametrize("coin", ["btc", "ltc"])
def test_nearly_all_real_addresses_are_valid(coin: str) -> None:
    path = DATA / "wallets" / "address-formats" / f"{coin}.txt"
    addresses = path.read_text().split()
    held = [m for address in addresses for m in find(f"Pay {address} today")]
    assert len(held) >= 0.99 * len(addresses)
    assert all(m.selector.kind is Kind.WALLET for m in held)


@pytest.mark.real_data
@needs_real_data("wallets/ofac")
@pytest.mark.parametrize(
    ("coin", "chain"),
    [("XBT", "btc"), ("LTC", "ltc"), ("TRX", "trx"), ("ETH", "eth")],
)
def test_sanctioned_addresses_are_read_with_their_chain(coin: str, chain: str) -> None:
    path = DATA / "wallets" / "ofac" / f"sanctioned_addresses_{coin}.txt"
    addresses = path.read_text().split()[:300]
    held = [m.selector.value for a in addresses for m in find(a)]
    fits = [value for value in held if value.startswith(f"{chain}:")]
    assert len(fits) >= 0.99 * len(addresses)


@given(st.binary(max_size=40))
@settings(max_examples=50)
def test_base58_is_decoded_as_its_library_does(decoded: bytes) -> None:
    for alphabet in (base58.BITCOIN_ALPHABET, base58.RIPPLE_ALPHABET):
        written = base58.b58encode(decoded, alphabet).decode()
        assert wallets._decode(written, alphabet) == decoded
