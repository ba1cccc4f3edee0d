"""Telephone numbers (ITU-T E.164) by the numbering plans that libphonenumber carries.

Numbers that regulators reserve for films and examples are valid, so that training
and demonstration data can use them.

libphonenumber reads slowly, because it must understand every way of writing. A number
in plain digits is therefore held against its plan directly, and goes to the library
only where the plan alone doesn't settle it (carrier codes, moved area codes).
"""

import re
from functools import cache
from typing import NamedTuple

import phonenumbers

from proxeny.selectors.values import SelectorError

_MAX_CHARS = 40
_MIN_DIGITS = 7
_MAX_DIGITS = 15
_MAX_CODE_DIGITS = 3
_NATIONAL_PREFIX = "0"
# Reserved for drama and examples, though no plan assigns them: Ofcom (GB), Arcep (FR),
# ComReg (IE).
_RESERVED = ("+447700900", "+441632960", "+3319900", "+3363998", "+35320910")
_RESERVED_DIGITS = {"+44": 13, "+33": 12, "+353": 13}
_PLAIN = re.compile(r"\+?[0-9 ()./\u00a0\u2009\u2010-\u2015\u202f-]+")
_LETTERS = re.compile(r"[A-Za-z]")
_SIGNS = re.compile(r"[^0-9]+")
_NOTHING = "[^0-9]"
_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)


class _Plan(NamedTuple):
    """The numbers of one territory, after its country code and without any prefix."""

    leading: re.Pattern[str] | None
    numbers: str
    general: re.Pattern[str]
    prefix: re.Pattern[str] | None
    has_plain_prefix: bool


def is_international(raw: str) -> bool:
    """Begins with + or the prefix 00, so that no country need be known."""
    return raw.lstrip("( ").startswith(("+", "00"))


@cache
def trunk_prefix(country: str) -> str:
    """What is dialled before a number of another area in that country, or nothing."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country)
    return "" if plan is None else plan.national_prefix or ""


def normalise(raw: str, country: str | None = None) -> str:
    """Give the number in E.164 with its plus sign.

    Args:
        raw: in international format (``+`` or ``00``), or in ``country``'s own.
        country: ISO 3166-1 alpha-2.

    Raises:
        SelectorError: no numbering plan has such a number.
    """
    if len(raw) > _MAX_CHARS:
        raise SelectorError("A phone number with signs has at most 40 characters.")
    text = raw.removeprefix("tel:").lstrip("( ")
    if text.startswith("00"):
        text = f"+{text[2:]}"
    elif country is None and not text.startswith("+"):
        raise SelectorError("A number without + needs a country.")
    if _PLAIN.fullmatch(text) is not None:
        quick = _read_plain(text, country)
        if quick is not None:
            return quick
    elif _LETTERS.search(text) is not None:
        raise SelectorError("A phone number has no letters.")
    return _read_thoroughly(text, country)


def _read_plain(text: str, country: str | None) -> str | None:
    """The number in E.164, or None where the plan alone doesn't settle it."""
    digits = _SIGNS.sub("", text)
    if text[0] == "+":
        if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS + 1:
            raise SelectorError("A phone number has 7 to 15 digits.")
        code = _find_code(digits)
        if code is None:
            raise SelectorError("No numbering plan has such a phone number.")
        number = digits[len(code) :]
    elif country is not None:
        code, number = _code_of(country), digits
        if code is None or not _is_dialled_plainly(code, country, digits):
            return None
    else:
        return None
    main = _plan(code)
    if main is None:
        return None
    if number.startswith(_NATIONAL_PREFIX) and _has_prefix(main, number):
        number = number[1:]
    elif _may_have_prefix(main, number):
        return None
    if not (_is_assigned(code, number) or _is_reserved(f"+{code}{number}")):
        raise SelectorError("No numbering plan has such a phone number.")
    return f"+{code}{number}"


def _read_thoroughly(text: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise SelectorError("This is not a phone number.") from None
    e164 = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
    if not (phonenumbers.is_valid_number(number) or _is_reserved(e164)):
        raise SelectorError("No numbering plan has such a phone number.")
    return e164


def _is_dialled_plainly(code: str, country: str, digits: str) -> bool:
    """Begins with the prefix 0, or is a whole number of a country without prefixes."""
    trunk = trunk_prefix(country)
    if trunk:
        return trunk == _NATIONAL_PREFIX and digits.startswith(trunk)
    plan = _plan(code, country)
    return (
        plan is not None
        and plan.prefix is None
        and plan.general.fullmatch(digits) is not None
    )


def _has_prefix(plan: _Plan, number: str) -> bool:
    """The number begins with the plan's 0, and is no number with it (as in Italy)."""
    return plan.has_plain_prefix and not (
        plan.general.fullmatch(number) and not plan.general.fullmatch(number[1:])
    )


def _may_have_prefix(plan: _Plan, number: str) -> bool:
    return plan.prefix is not None and plan.prefix.match(number) is not None


def _is_assigned(code: str, number: str) -> bool:
    """Some territory of the code has the number; seldom is more than one asked."""
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        plan = _plan(code, region)
        if (
            plan is not None
            and (plan.leading is None or plan.leading.match(number) is not None)
            and _compiled(plan.numbers).fullmatch(number) is not None
        ):
            return True
    return False


def _find_code(digits: str) -> str | None:
    return _code_at(digits[:_MAX_CODE_DIGITS])


@cache
def _code_at(digits: str) -> str | None:
    for length in range(1, _MAX_CODE_DIGITS + 1):
        if int(digits[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return digits[:length]
    return None


@cache
def _code_of(country: str) -> str | None:
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else None


@cache
def _plan(code: str, region: str | None = None) -> _Plan | None:
    """The plan of a territory, by default the main one of its country code."""
    number = int(code)
    if region is None:
        region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[number][0]
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(
        number, region
    )
    return None if metadata is None else _read_plan(metadata)


def _read_plan(metadata: phonenumbers.PhoneMetadata) -> _Plan:
    kinds = [getattr(metadata, name) for name in _TYPES]
    assigned = [
        f"(?:{kind.national_number_pattern})"
        for kind in kinds
        if kind is not None and kind.national_number_pattern
    ]
    general = metadata.general_desc
    every = general.national_number_pattern if general is not None else None
    prefix = metadata.national_prefix_for_parsing
    leading = metadata.leading_digits
    return _Plan(
        leading=re.compile(leading) if leading else None,
        numbers="|".join(assigned) or _NOTHING,
        general=re.compile(every or _NOTHING),
        prefix=re.compile(prefix) if prefix else None,
        has_plain_prefix=(prefix or "").split("|")[0] == _NATIONAL_PREFIX,
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile what is asked for: code 1 has 25 territories, few of which are met."""
    return re.compile(pattern)


def _is_reserved(e164: str) -> bool:
    return e164.startswith(_RESERVED) and any(
        e164.startswith(code) and len(e164) == digits
        for code, digits in _RESERVED_DIGITS.items()
    )
