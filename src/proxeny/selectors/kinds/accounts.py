"""Bank accounts in national form, without an IBAN: ``RS:260005601001611379``.

Only forms whose check digits tell a number from a typing error are read, and the three
that no public rule checks but that two parts fix: sort code and account (GB), BLZ and
account (DE), routing number and account (US). The normal form is the country, a colon
and every digit of the national form with its inner noughts.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from stdnum import luhn
from stdnum.ar import cbu
from stdnum.es import ccc
from stdnum.exceptions import ValidationError
from stdnum.no import kontonr
from stdnum.nz import bankaccount as nz_account
from stdnum.us import rtn

from proxeny.selectors.values import SelectorError

_SIGNS = re.compile(r"[ .\u00a0\u202f\u2010-\u2015/-]")
_MODULUS = 97
_CLABE_WEIGHTS = (3, 7, 1)
_HU_WEIGHTS = (9, 7, 3, 1)
_HU_BLOCK = 8
_CZ_PREFIX = 6
_CZ_BANK = 16
_CZ_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
_LETTER_VALUES = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789"
)


def _has_mod97(digits: str) -> bool:
    """ISO 7064 mod 97-10 over the whole number, as Yugoslavia left it to its heirs."""
    return int(digits) % _MODULUS == 1


def _has_french_key(number: str) -> bool:
    """RIB: bank, branch, account and key; letters stand for digits."""
    return int(number.translate(_LETTER_VALUES)) % _MODULUS == 0


def _has_belgian_check(digits: str) -> bool:
    return (int(digits[:-2]) % _MODULUS or _MODULUS) == int(digits[-2:])


def _has_clabe_digit(digits: str) -> bool:
    total = sum(
        int(digit) * _CLABE_WEIGHTS[index % 3] % 10
        for index, digit in enumerate(digits[:-1])
    )
    return -total % 10 == int(digits[-1])


def _has_hungarian_digits(digits: str) -> bool:
    """Bank and branch by one digit, the account by another (GIRO)."""
    return all(
        sum(int(digit) * _HU_WEIGHTS[i % 4] for i, digit in enumerate(part)) % 10 == 0
        for part in (digits[:_HU_BLOCK], digits[_HU_BLOCK:])
    )


def _has_czech_digits(digits: str) -> bool:
    """Prefix and number, each by weights mod 11 (CNB decree 169/2011)."""
    return digits[_CZ_PREFIX:_CZ_BANK].strip("0") != "" and all(
        sum(
            w * int(digit)
            for w, digit in zip(_CZ_WEIGHTS[::-1], part[::-1], strict=False)
        )
        % 11
        == 0
        for part in (digits[:_CZ_PREFIX], digits[_CZ_PREFIX:_CZ_BANK])
    )


def _has_polish_check(digits: str) -> bool:
    """NRB: the IBAN without its country (P is 25, L is 21)."""
    return int(f"{digits[2:]}2521{digits[:2]}") % _MODULUS == 1


def _by_stdnum(check: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda digits: bool(check(digits))


class _Form(NamedTuple):
    """How a country writes its accounts: layout, check, and the digits that it has."""

    layout: re.Pattern[str]
    holds: Callable[[str], bool]
    join: Callable[[re.Match[str]], str] = lambda match: _SIGNS.sub("", match[0])


def _yugoslav(*widths: int) -> _Form:
    bank, account, check = widths
    return _Form(
        re.compile(
            rf"([0-9]{{{bank}}})[ -]?([0-9]{{1,{account}}})[ -]?([0-9]{{{check}}})"
        ),
        _has_mod97,
        lambda match: f"{match[1]}{match[2]:0>{account}}{match[3]}",
    )


def _two_parts(first: str, second: str, width: int) -> _Form:
    return _Form(
        re.compile(rf"({first})[ /:,-]{{1,3}}({second})"),
        lambda digits: len(set(digits)) > 1,
        lambda match: f"{_SIGNS.sub('', match[1])}{match[2]:0>{width}}",
    )


_CZECH = _Form(
    re.compile(r"(?:([0-9]{1,6})-)?([0-9]{2,10})/([0-9]{4})"),
    _has_czech_digits,
    lambda match: f"{match[1] or '':0>6}{match[2]:0>10}{match[3]}",
)
_FORMS = {
    "RS": _yugoslav(3, 13, 2),
    "ME": _yugoslav(3, 13, 2),
    "BA": _yugoslav(6, 8, 2),
    "MK": _yugoslav(3, 10, 2),
    "SI": _yugoslav(5, 8, 2),
    "XK": _yugoslav(4, 10, 2),
    "PT": _Form(
        re.compile(r"[0-9]{4}[ .-]?[0-9]{4}[ .-]?[0-9]{11}[ .-]?[0-9]{2}"), _has_mod97
    ),
    "ES": _Form(
        re.compile(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{10}"),
        _by_stdnum(ccc.is_valid),
    ),
    "FR": _Form(
        re.compile(r"[0-9]{5}[ -]?[0-9]{5}[ -]?[0-9A-Z]{11}[ -]?[0-9]{2}"),
        _has_french_key,
    ),
    "BE": _Form(re.compile(r"[0-9]{3}-?[0-9]{7}-?[0-9]{2}"), _has_belgian_check),
    "NO": _Form(
        re.compile(r"[0-9]{4}[ .]?[0-9]{2}[ .]?[0-9]{5}"), _by_stdnum(kontonr.is_valid)
    ),
    "HU": _Form(
        re.compile(r"[0-9]{8}[ -]?[0-9]{8}(?:[ -]?[0-9]{8})?"), _has_hungarian_digits
    ),
    "PL": _Form(re.compile(r"[0-9]{2}(?:[ -]?[0-9]{4}){6}"), _has_polish_check),
    "CZ": _CZECH,
    "SK": _CZECH,
    "AR": _Form(re.compile(r"[0-9]{8}[ -]?[0-9]{14}"), _by_stdnum(cbu.is_valid)),
    "MX": _Form(
        re.compile(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{11}[ -]?[0-9]"), _has_clabe_digit
    ),
    "NZ": _Form(
        re.compile(r"[0-9]{2}-?[0-9]{4}-?[0-9]{7}-?[0-9]{2,3}"),
        _by_stdnum(nz_account.is_valid),
    ),
    "SE": _Form(re.compile(r"[0-9]{3,4}-[0-9]{4}"), _by_stdnum(luhn.is_valid)),
    "GB": _two_parts("[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}", "[0-9]{7,8}", 8),
    "DE": _two_parts("[1-8][0-9]{2} ?[0-9]{3} ?[0-9]{2}", "[0-9]{4,10}", 10),
    "US": _Form(
        re.compile(r"([0-9]{9})[ /:,-]{1,3}([0-9]{4,17})"),
        lambda digits: rtn.is_valid(digits[:9]),
        lambda match: f"{match[1]}{match[2]}",
    ),
}
_MONTENEGRIN = re.compile(r"5(?:0[5-9]|[1-7][0-9]|80)|907")
COUNTRIES = frozenset(_FORMS)


def normalise(raw: str, country: str | None = None) -> str:
    """Give the country, a colon and the digits.

    Args:
        raw: in the national form, or as ``CC:digits``.
        country: ISO 3166-1 alpha-2, where ``raw`` does not begin with it.

    Raises:
        SelectorError: country, form or check digits are wrong.
    """
    named, mark, number = raw.partition(":")
    if mark and len(named) == 2 and named.isalpha():  # noqa: PLR2004 - alpha-2
        return _normalise_stored(named.upper(), number.strip())
    form = _FORMS.get(country or "")
    if form is None or country is None:
        raise SelectorError("An account without IBAN needs a country that is known.")
    match = form.layout.fullmatch(raw.upper())
    if match is None:
        raise SelectorError("The account has not the form of its country.")
    digits = form.join(match)
    if not _holds(form, digits):
        raise SelectorError("The account's check digits are wrong.")
    return f"{country}:{digits}"


def guess_country(raw: str) -> str:
    """Serbia's or Montenegro's: their forms are one, their banks' numbers are not."""
    return "ME" if _MONTENEGRIN.match(raw) is not None else "RS"


def _normalise_stored(country: str, number: str) -> str:
    """``CC:digits`` in its own normal form, or the national form after ``CC:``."""
    form = _FORMS.get(country)
    if form is None:
        raise SelectorError("Accounts of this country are not read.")
    if country in _STORED and _STORED[country].fullmatch(number):
        if _holds(form, number):
            return f"{country}:{number}"
        raise SelectorError("The account's check digits are wrong.")
    return normalise(number, country)


# Where the parts of the national form can't be told apart once they are joined.
_STORED = {
    "CZ": re.compile(r"[0-9]{20}"),
    "SK": re.compile(r"[0-9]{20}"),
    "GB": re.compile(r"[0-9]{14}"),
    "DE": re.compile(r"[0-9]{18}"),
    "US": re.compile(r"[0-9]{13,26}"),
    "SE": re.compile(r"[0-9]{7,8}"),
}


def _holds(form: _Form, digits: str) -> bool:
    try:
        return form.holds(digits)
    except (ValidationError, ValueError):
        return False
