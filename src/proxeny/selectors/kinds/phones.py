"""Telephone numbers (ITU-T E.164) by the numbering plans that libphonenumber carries.

Numbers that regulators reserve for films and examples are valid, so that training
and demonstration data can use them.
"""

import phonenumbers

from proxeny.selectors.values import SelectorError

_MAX_CHARS = 40
# Reserved for drama and examples, though no plan assigns them: Ofcom (GB), Arcep (FR),
# ComReg (IE).
_RESERVED = ("+447700900", "+441632960", "+3319900", "+3363998", "+35320910")
_RESERVED_DIGITS = {"+44": 13, "+33": 12, "+353": 13}


def is_international(raw: str) -> bool:
    """Begins with + or the prefix 00, so that no country need be known."""
    return raw.lstrip("( ").startswith(("+", "00"))


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
    text = raw.lstrip("( ")
    if text.startswith("00"):
        text = f"+{text[2:]}"
    elif country is None and not text.startswith("+"):
        raise SelectorError("A number without + needs a country.")
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise SelectorError("This is not a phone number.") from None
    e164 = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
    if not (phonenumbers.is_valid_number(number) or _is_reserved(e164)):
        raise SelectorError("No numbering plan has such a phone number.")
    return e164


def _is_reserved(e164: str) -> bool:
    return e164.startswith(_RESERVED) and any(
        e164.startswith(code) and len(e164) == digits
        for code, digits in _RESERVED_DIGITS.items()
    )
