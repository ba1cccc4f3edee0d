"""Writes selectors in their normal form from numbers, as fast as Parquet takes them.

A selector is a kind and a number; its value comes from mixing the two, with correct
check digits. Domains and addresses are of reserved ranges (RFC 2606, RFC 3849).
Telephone numbers, accounts and wallets are random within their plans, because the
reserved ranges are too small; they never leave the folder of the benchmark.
"""

import numba
import numpy as np
import numpy.typing as npt
from worlds.dice import below, mix

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

KINDS = (
    "phone",
    "iban",
    "email",
    "domain",
    "url",
    "ip",
    "wallet",
    "handle",
    "account",
    "hash",
)
PHONE, IBAN, EMAIL, DOMAIN, URL, IP, WALLET, HANDLE, ACCOUNT, HASH = range(10)
PATHS = 4  # URLs of one domain.
_PROVIDERS = 40  # Of e-mail.
KIND_SHIFT, OWNER_SHIFT = 48, 40
CAMPAIGN, RENTED, HUB, VICTIM = range(4)  # Who owns a selector.
MAX_BYTES = 96

# Beginning of a mobile number and digits that follow.
_PHONES = (
    ("+4915", 9), ("+336", 8), ("+447", 9), ("+393", 9), ("+407", 8), ("+3069", 8),
    ("+3806", 8), ("+3816", 8), ("+436", 9), ("+3538", 8), ("+324", 8), ("+417", 8),
)  # fmt: skip
_PHONE_NUMBERS = 10**8
_PHONE_STEP = 36_028_797  # No common divisor with the above.
# Country, digits of the account (ISO 13616).
_IBANS = (
    ("DE", 18), ("AT", 16), ("GR", 23), ("CH", 17), ("LU", 16),
)  # fmt: skip
_ACCOUNTS = (("RS:", 18), ("UA:", 14), ("GB:", 14), ("PL:", 26))
_SYLLABLES = tuple(a + b for a in "bcdfghjklmnprstvz" for b in "aeiou")
_ENDINGS = (".example", ".test", ".invalid")
_WORDS = ("secure", "pay", "login", "parcel", "invest", "track", "my", "trade")
_HEX = "0123456789abcdef"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


_FIXED = ("https://", "2001:db8:", "eth:0x", "btc:", "telegram:", "sha256:", "mail")
_TEXTS = (
    *_FIXED,
    *(text for text, _ in _PHONES),
    *(text for text, _ in _IBANS),
    *(text for text, _ in _ACCOUNTS),
    *_ENDINGS,
    *_WORDS,
    *_SYLLABLES,
)
_LETTERS = np.frombuffer("".join(_TEXTS).encode(), np.uint8)
_ENDS = np.cumsum([0, *(len(text) for text in _TEXTS)])
# Where each list begins in the above.
_HTTPS, _NET, _ETH, _BTC, _TELEGRAM, _SHA256, _MAIL = range(len(_FIXED))
_PHONE = len(_FIXED)
_IBAN = _PHONE + len(_PHONES)
_ACCOUNT = _IBAN + len(_IBANS)
_ENDING = _ACCOUNT + len(_ACCOUNTS)
_WORD = _ENDING + len(_ENDINGS)
_SYLLABLE = _WORD + len(_WORDS)
_PHONE_DIGITS = np.array([digits for _, digits in _PHONES])
_IBAN_DIGITS = np.array([digits for _, digits in _IBANS])
_ACCOUNT_DIGITS = np.array([digits for _, digits in _ACCOUNTS])
_HEX_TEXT = np.frombuffer(_HEX.encode(), np.uint8)
_BECH32_TEXT = np.frombuffer(_BECH32.encode(), np.uint8)
_ZERO, _NINE, _A, _Z, _AT, _DASH, _SLASH, _COLON = 48, 57, 97, 122, 64, 45, 47, 58
# Numbers, the buffer and the place in it; returns the next place.
_ONE = "int64(int64, uint8[::1], int64)"
_TWO = "int64(int64, int64, uint8[::1], int64)"


@numba.njit(_ONE, cache=True)
def _write_text(which: int, out: Bytes, at: int) -> int:
    for letter in range(_ENDS[which], _ENDS[which + 1]):
        out[at] = _LETTERS[letter]
        at += 1
    return at


@numba.njit(_TWO, cache=True)
def _write_digits(key: int, digits: int, out: Bytes, at: int) -> int:
    for digit in range(digits):
        out[at + digit] = _ZERO + below(mix(key, 10 + digit), 10)
    return at + digits


@numba.njit(_TWO, cache=True)
def _write_hex_digits(key: int, digits: int, out: Bytes, at: int) -> int:
    for digit in range(digits):
        out[at + digit] = _HEX_TEXT[below(mix(key, 10 + digit), 16)]
    return at + digits


@numba.njit(_ONE, cache=True)
def _write_hex(number: int, out: Bytes, at: int) -> int:
    shift = 12
    while number >> shift == 0:
        shift -= 4
    while shift >= 0:
        out[at] = _HEX_TEXT[(number >> shift) & 15]
        at += 1
        shift -= 4
    return at


@numba.njit(_TWO, cache=True)
def _write_name(key: int, syllables: int, out: Bytes, at: int) -> int:
    """Syllables and a number of up to three digits."""
    for place in range(syllables):
        which = below(mix(key, 20 + place), len(_SYLLABLES))
        at = _write_text(_SYLLABLE + which, out, at)
    return _write_digits(key, below(mix(key, 6), 4), out, at)


@numba.njit(_ONE, cache=True)
def _write_domain(key: int, out: Bytes, at: int) -> int:
    if below(mix(key, 7), 3) == 0:
        which = below(mix(key, 8), len(_WORDS))
        at = _write_text(_WORD + which, out, at)
        out[at] = _DASH
        at += 1
    at = _write_name(key, 5, out, at)
    ending = below(mix(key, 9), len(_ENDINGS))
    return _write_text(_ENDING + ending, out, at)


@numba.njit(_TWO, cache=True)
def _write_phone(key: int, number: int, out: Bytes, at: int) -> int:
    """Give no two selectors one telephone number, up to 25 million of one owner.

    Random digits would give thousands of numbers twice in a large world.
    """
    plan = below(mix(key, 1), len(_PHONE_DIGITS))
    at = _write_text(_PHONE + plan, out, at)
    at = _write_digits(key, _PHONE_DIGITS[plan] - 8, out, at)
    serial = number & ((1 << OWNER_SHIFT) - 1)
    rest = (serial * 4 + (number >> OWNER_SHIFT)) * _PHONE_STEP % _PHONE_NUMBERS
    for place in range(8):
        out[at + 7 - place] = _ZERO + rest % 10
        rest //= 10
    return at + 8


@numba.njit(_ONE, cache=True)
def _write_iban(key: int, out: Bytes, at: int) -> int:
    """Country, check digits (ISO 7064 MOD 97-10), account."""
    plan = below(mix(key, 1), len(_IBAN_DIGITS))
    end = _write_text(_IBAN + plan, out, at) + 2
    last = _write_digits(key, _IBAN_DIGITS[plan], out, end)
    rest = 0
    for place in range(end, last):
        rest = (rest * 10 + out[place] - _ZERO) % 97
    for place in range(at, at + 2):
        rest = (rest * 100 + out[place] - 55) % 97
    check = 98 - rest * 100 % 97
    out[at + 2] = _ZERO + check // 10
    out[at + 3] = _ZERO + check % 10
    return last


@numba.njit(_TWO, cache=True)
def _write_email(key: int, provider: int, out: Bytes, at: int) -> int:
    at = _write_name(key, 5, out, at)
    out[at] = _AT
    at = _write_text(_MAIL, out, at + 1)
    at = _write_name(provider, 1, out, at)
    return _write_text(_ENDING + 0, out, at)


@numba.njit(_ONE, cache=True)
def _write_address(key: int, out: Bytes, at: int) -> int:
    """An address of IPv6 whose zeros are left out as RFC 5952 wants it."""
    at = _write_text(_NET, out, at)
    at = _write_hex(1 + below(mix(key, 1), 65_535), out, at)
    out[at] = _COLON
    at = _write_hex(1 + below(mix(key, 2), 65_535), out, at + 1)
    out[at] = out[at + 1] = _COLON
    return _write_hex(1 + below(mix(key, 3), 65_535), out, at + 2)


@numba.njit("int64(int64, int64)", cache=True)
def _step_bech32(state: int, part: int) -> int:
    top = state >> 25
    state = ((state & 0x1FFFFFF) << 5) ^ part
    if top & 1:
        state ^= 0x3B6A57B2
    if top & 2:
        state ^= 0x26508E6D
    if top & 4:
        state ^= 0x1EA119FA
    if top & 8:
        state ^= 0x3D4233DD
    if top & 16:
        state ^= 0x2A1462B3
    return state


@numba.njit(_ONE, cache=True)
def _write_wallet(key: int, out: Bytes, at: int) -> int:
    """An Ethereum address in lower case, or a Bitcoin address of BIP-173."""
    if below(mix(key, 1), 2):
        at = _write_text(_ETH, out, at)
        return _write_hex_digits(key, 40, out, at)
    at = _write_text(_BTC, out, at)
    out[at], out[at + 1], out[at + 2] = 98, 99, 49  # bc1
    at += 3
    state = 1
    for part in (3, 3, 0, 2, 3):  # "bc", expanded.
        state = _step_bech32(state, part)
    state = _step_bech32(state, 0)  # The version of the witness.
    out[at] = _BECH32_TEXT[0]
    for place in range(32):
        part = below(mix(key, 10 + place), 32)
        state = _step_bech32(state, part)
        out[at + 1 + place] = _BECH32_TEXT[part]
    for _ in range(6):
        state = _step_bech32(state, 0)
    state ^= 1
    for place in range(6):
        out[at + 33 + place] = _BECH32_TEXT[(state >> 5 * (5 - place)) & 31]
    return at + 39


@numba.njit("int64(int64, int64, int64, uint8[::1], int64)", cache=True)
def _write_value(seed: int, kind: int, number: int, out: Bytes, at: int) -> int:
    key = mix(mix(seed, 77 + kind), number)
    if kind == PHONE:
        at = _write_phone(key, number, out, at)
    elif kind == IBAN:
        at = _write_iban(key, out, at)
    elif kind == EMAIL:
        at = _write_email(key, mix(seed, below(mix(key, 5), _PROVIDERS)), out, at)
    elif kind == DOMAIN:
        at = _write_domain(key, out, at)
    elif kind == URL:
        owner = number >> OWNER_SHIFT << OWNER_SHIFT
        domain = owner + (number - owner) // PATHS
        at = _write_text(_HTTPS, out, at)
        at = _write_domain(mix(mix(seed, 77 + DOMAIN), domain), out, at)
        out[at] = _SLASH
        at = _write_name(key, 2, out, at + 1)
    elif kind == IP:
        at = _write_address(key, out, at)
    elif kind == WALLET:
        at = _write_wallet(key, out, at)
    elif kind == HANDLE:
        at = _write_text(_TELEGRAM, out, at)
        at = _write_name(key, 6, out, at)
    elif kind == ACCOUNT:
        plan = below(mix(key, 1), len(_ACCOUNT_DIGITS))
        at = _write_text(_ACCOUNT + plan, out, at)
        at = _write_digits(key, _ACCOUNT_DIGITS[plan], out, at)
    else:
        at = _write_text(_SHA256, out, at)
        at = _write_hex_digits(key, 64, out, at)
    return at


@numba.njit("void(uint8[::1], int64, int64, int64)", cache=True)
def _mistype(out: Bytes, begin: int, end: int, typo: int) -> None:
    """Change one sign of the last two thirds to another of its class."""
    length = end - begin
    for attempt in range(8):
        place = end - 1 - below(mix(typo, attempt), max(1, length * 2 // 3))
        sign = out[place]
        turn = 1 + below(mix(typo, 100), 8)
        if _ZERO <= sign <= _NINE:
            out[place] = _ZERO + (sign - _ZERO + turn) % 10
            return
        if _A <= sign <= _Z:
            out[place] = _A + (sign - _A + turn) % 6
            if out[place] != sign:
                return


@numba.njit("void(int64, int64[::1], int64[::1], uint8[::1], int32[::1])", cache=True)
def write_values(
    seed: int,
    selectors: Ints,
    typos: Ints,
    out: Bytes,
    offsets: npt.NDArray[np.int32],
) -> None:
    """Write the value of each selector to ``out``, mistyped where ``typos`` isn't 0."""
    at = 0
    for place in range(len(selectors)):
        offsets[place] = at
        begin = at
        selector = selectors[place]
        kind = selector >> KIND_SHIFT
        number = selector & ((1 << KIND_SHIFT) - 1)
        at = _write_value(seed, kind, number, out, at)
        if typos[place]:
            _mistype(out, begin, at, typos[place])
    offsets[len(selectors)] = at
