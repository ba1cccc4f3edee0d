"""The ways in which the demo reports spell a selector, by name of the style.

A citizen writes ``DE.. .... ..``, ``hxxp://`` or ``060/0000-123``; the table
``spellings.csv`` says which style stands where, so that another value can be put
in its place in the same style.
"""

from collections.abc import Callable

import phonenumbers
from phonenumbers import PhoneNumberFormat


def _format_phone(value: str, style: int) -> str:
    return phonenumbers.format_number(phonenumbers.parse(value), style)


def _group(value: str, sign: str) -> str:
    return sign.join(value[at : at + 4] for at in range(0, len(value), 4))


def _defang(value: str) -> str:
    return value.replace(".", "[.]")


def _defang_host(box: str, host: str) -> tuple[str, str]:
    return box, _defang(host)


def _format_national(value: str) -> str:
    return _format_phone(value, PhoneNumberFormat.NATIONAL)


_STYLES: dict[tuple[str, str], Callable[[str], str]] = {
    ("phone", "spaced"): lambda v: _format_phone(v, PhoneNumberFormat.INTERNATIONAL),
    ("phone", "national"): _format_national,
    ("phone", "slashed"): lambda v: _format_national(v).replace(" ", "/", 1),
    ("phone", "zeros"): lambda v: "00" + v.removeprefix("+"),
    ("iban", "spaced"): lambda v: _group(v, " "),
    ("iban", "dashed"): lambda v: _group(v, "-"),
    ("iban", "lower"): str.lower,
    ("email", "at"): lambda v: " [at] ".join(_defang_host(*v.split("@"))),
    ("domain", "defanged"): _defang,
    ("ip", "defanged"): _defang,
    ("url", "defanged"): lambda v: _defang(v).replace("http", "hxxp", 1),
    ("hash", "upper"): str.upper,
}


def spell(kind: str, value: str, style: str) -> str:
    """Write a value in a named style; ``plain`` is the value as it stands.

    Raises:
        KeyError: there is no such style for this kind.

    """
    return value if style == "plain" else _STYLES[kind, style](value)
