"""Countries by ISO 3166-1 alpha-2 code, with names from CLDR."""

from functools import cache, lru_cache

from babel import Locale

from proxeny.errors import InputError

# User-assigned code in general use; shown with the Council of Europe's note.
KOSOVO = "XK"
ALPHA_2 = 2
MAX_NAMES = 8_192
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def codes() -> frozenset[str]:
    """Every ISO 3166-1 alpha-2 code that CLDR names, and XK."""
    named = map(str, Locale("en").territories)
    return frozenset(
        code
        for code in named
        if len(code) == ALPHA_2 and code.isalpha() and code not in _NOT_COUNTRIES
    )


def require_country(code: str) -> str:
    """Return the code in capitals.

    Raises:
        InputError: it is no ISO 3166-1 alpha-2 code.
    """
    country = code.strip().upper()
    if country not in codes():
        raise InputError(
            f"'{code[:20]}' is not a country code.",
            code="PXY-COUNTRY",
            advice="Give two letters after ISO 3166-1, such as RS or DE.",
        )
    return country


@lru_cache(maxsize=MAX_NAMES)
def name(code: str, locale: str = "en") -> str:
    """The country's name in CLDR for that language, or the code if there is none."""
    return str(Locale.parse(locale, sep="-").territories.get(code, code))
