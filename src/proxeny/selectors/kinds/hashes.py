"""File hashes in hexadecimal: MD5, SHA-1, SHA-256, SHA-512, told apart by length."""

import re

from proxeny.selectors.values import SelectorError

_NAME_BY_DIGITS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_HEX = re.compile(r"[0-9a-f]+")


def is_hash_like(raw: str) -> bool:
    """The right length and hexadecimal, with letters and digits among them.

    A real hash without any letter turns up about once in three million, a long order
    number in every other bank statement.
    """
    return (
        len(raw) in _NAME_BY_DIGITS
        and not raw.isdigit()
        and not raw.isalpha()
        and _HEX.fullmatch(raw.lower()) is not None
    )


def normalise(raw: str) -> str:
    """Give ``sha256:`` (or md5, sha1, sha512) and the digits in lower case.

    Raises:
        SelectorError: it is no such hash.
    """
    name, mark, digits = raw.lower().rpartition(":")
    if not is_hash_like(digits):
        raise SelectorError("A hash has 32, 40, 64 or 128 hexadecimal digits.")
    found = _NAME_BY_DIGITS[len(digits)]
    if mark and name.replace("-", "") != found:
        raise SelectorError("The hash's length does not fit its name.")
    return f"{found}:{digits}"
