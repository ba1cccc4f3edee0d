"""What makes a value of the demo reports fictional, and how another one is made.

Domains are those that RFC 2606 and RFC 6761 reserve, addresses those that RFC 5737
sets aside for documentation. Telephone numbers come from the ranges that Ofcom and
the Bundesnetzagentur keep for film and books and from the North American 555-01xx;
Serbia keeps no such range, so its numbers are blocks that begin with zeros, or with
a 1 that no Belgrade subscriber has. Bank codes are ones that no bank can have.
"""

import hashlib
import ipaddress
import random
import re

import base58

RESERVED_ROOTS = ("example.org", "example.net", "example.com")
RESERVED_ENDINGS = (".example", ".test", ".invalid")
POPULAR_DOMAINS = frozenset({"gmail.com", "facebook.com", "whatsapp.com", "web.de"})
DOCUMENTATION_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
)
# Prefix in E.164 and the number of digits that are free behind it.
PHONE_RANGES = {
    "+381600000": 3,
    "+381111000": 3,
    "+493023125": 3,
    "+496990009": 3,
    "+494066969": 3,
    "+492214710": 3,
    "+498999998": 3,
    "+4917139200": 2,
    "+4917604069": 3,
    "+442079460": 3,
    "+120255501": 2,
}
# Country, invented bank code, digits of the account.
IBAN_BANKS = {"DE": ("99999", 13), "RS": ("999", 13), "LT": ("99999", 11)}

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def is_reserved_domain(domain: str) -> bool:
    """Say whether nobody can ever register this domain."""
    return (
        domain.endswith(RESERVED_ENDINGS)
        or domain in RESERVED_ROOTS
        or domain.endswith(tuple(f".{root}" for root in RESERVED_ROOTS))
    )


def is_documentation_address(address: str) -> bool:
    """Say whether RFC 5737 sets this address aside for documentation."""
    return any(
        ipaddress.ip_address(address) in network for network in DOCUMENTATION_NETWORKS
    )


def is_fictional_phone(number: str) -> bool:
    """Say whether an E.164 number lies in a range of the table above."""
    return any(
        re.fullmatch(re.escape(prefix) + rf"\d{{{free}}}", number)
        for prefix, free in PHONE_RANGES.items()
    )


def is_test_iban(iban: str) -> bool:
    """Say whether an IBAN carries a bank code that no bank can have."""
    code, _ = IBAN_BANKS.get(iban[:2], ("none", 0))
    return iban[4:].startswith(code) and make_iban(iban[:2], iban[4:]) == iban


def make_iban(country: str, account: str) -> str:
    """Put the check digits of ISO 13616 before a national account number."""
    digits = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def invent_iban(country: str, source: random.Random) -> str:
    code, free = IBAN_BANKS[country]
    account = code + _digits(free, source)
    if country == "RS":  # Its account numbers end in check digits of their own.
        account += f"{98 - int(account) * 100 % 97:02d}"
    return make_iban(country, account)


def invent_phone(like: str, source: random.Random) -> str:
    prefix = next(prefix for prefix in PHONE_RANGES if like.startswith(prefix))
    return prefix + _digits(PHONE_RANGES[prefix], source)


def invent_address(source: random.Random) -> str:
    network = source.choice(DOCUMENTATION_NETWORKS)
    return str(network[source.randrange(1, 255)])


def invent_wallet(like: str, source: random.Random) -> str:
    """Make an address of the same kind of ledger with right check digits."""
    body = source.randbytes(20)
    if like.startswith("bc1"):
        return _encode_segwit(body)
    if like.startswith("0x"):
        return "0x" + body.hex()
    version = b"\x41" if like.startswith("T") else b"\x00"
    return base58.b58encode_check(version + body).decode()


def invent_hash(source: random.Random) -> str:
    return hashlib.sha256(source.randbytes(16)).hexdigest()


def _digits(count: int, source: random.Random) -> str:
    return "".join(source.choice("0123456789") for _ in range(count))


def _encode_segwit(program: bytes) -> str:
    """Write a version 0 witness program as BIP 173 has it."""
    bits = "".join(f"{byte:08b}" for byte in program)
    data = [0, *(int(bits[at : at + 5], 2) for at in range(0, len(bits), 5))]
    expanded = [3, 3, 0, 2, 3, *data]  # "bc" spread out as BIP 173 demands.
    check = _bech32_polymod([*expanded, *[0] * 6]) ^ 1
    data += [(check >> 5 * (5 - at)) & 31 for at in range(6)]
    return "bc1" + "".join(_BECH32[value] for value in data)


def _bech32_polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate(_BECH32_GENERATOR):
            check ^= generator if top >> at & 1 else 0
    return check
