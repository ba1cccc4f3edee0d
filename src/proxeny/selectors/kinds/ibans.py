"""International Bank Account Numbers (ISO 13616): length and structure by country.

The registry of structures is python-stdnum's; the check digits are ISO 7064 mod
97-10. National check digits inside the number are not enforced: several countries
have banks that do not keep to them.
"""

import re
from functools import cache
from string import ascii_uppercase

from stdnum import numdb

from proxeny.selectors.values import SelectorError

_SEPARATORS = re.compile(r"[ \t\r\n.\u00a0\u202f-]")
_PART = re.compile(r"([1-9][0-9]*)!([nac])")
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
# Each letter counts as two digits: A is 10, Z is 35.
_DIGITS = {
    ord(letter): str(number) for number, letter in enumerate(ascii_uppercase, 10)
}
_HEAD_CHARS = 4


def length(country: str) -> int | None:
    """Characters of an IBAN of that country, or None if it has none."""
    structure = _structure(country)
    return None if structure is None else structure[0]


def compact(raw: str) -> str:
    """Without separators, in capitals."""
    return _SEPARATORS.sub("", raw).upper()


def has_structure(compacted: str) -> bool:
    """Length and classes of characters are those of its country."""
    structure = _structure(compacted[:2])
    return structure is not None and structure[1].fullmatch(compacted) is not None


def normalise(raw: str) -> str:
    """Give the compact form in capitals.

    Raises:
        SelectorError: country, structure or check digits are wrong.
    """
    number = compact(raw)
    if not has_structure(number):
        if _structure(number[:2]) is None:
            raise SelectorError("No country's IBAN begins with these letters.")
        raise SelectorError("The IBAN has not the length or form of its country.")
    return require_check_digits(number)


def require_check_digits(number: str) -> str:
    """Give back a number in compact form whose structure is known to be right.

    Raises:
        SelectorError: its check digits are wrong.
    """
    turned = number[_HEAD_CHARS:] + number[:_HEAD_CHARS]
    # ISO 13616 counts from 02 to 98; 00, 01 and 99 satisfy the sum as well.
    if int(turned.translate(_DIGITS)) % 97 != 1 or number[2:4] in {"00", "01", "99"}:
        raise SelectorError("The IBAN's check digits are wrong.")
    return number


@cache
def _structures() -> numdb.NumDB:
    return numdb.get("iban")


@cache
def _structure(country: str) -> tuple[int, re.Pattern[str]] | None:
    if not (country.isascii() and country.isalpha()):
        return None
    parts = _PART.findall(_structures().info(country)[0][1].get("bban", ""))
    if not parts:
        return None
    body = "".join(f"{_CLASSES[kind]}{{{count}}}" for count, kind in parts)
    total = _HEAD_CHARS + sum(int(count) for count, _ in parts)
    return total, re.compile(rf"{country}[0-9]{{2}}{body}")
