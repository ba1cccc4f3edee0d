"""Writes dates, sums and countries in the reader's language (CLDR, through Babel)."""

from datetime import date, datetime
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, to_locale

from proxeny import countries

# Bare "en" is American in CLDR; officers of Europe read day before month.
_ENGLISH = Locale("en", "GB")
_INSTANT_FORMAT = "d MMM y, HH:mm"
_DAY_FORMAT = "d MMMM y"
# The code of the currency, not its sign: "$" and "kr" are several currencies.
_MONEY_FORMAT = "¤¤\xa0#,##0.00"


def find_locale() -> Locale:
    """The CLDR locale of the request's language; British English when unknown."""
    language = get_language() or "en"
    if language.partition("-")[0] == "en":
        return _ENGLISH
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return _ENGLISH


def render_instant(at: datetime | None) -> SafeString | str:
    """An instant in the node's time zone, with the zone's name, as a `time` element.

    Raises:
        ValueError: the instant has no time zone.
    """
    if at is None:
        return ""
    local = localtime(at)
    words = format_datetime(local, _INSTANT_FORMAT, tzinfo=None, locale=find_locale())
    return format_html(
        '<time datetime="{}">{} {}</time>', at.isoformat(), words, local.tzname()
    )


def render_day(on: date | None) -> SafeString | str:
    """A day as a `time` element; of an instant, its day in the node's time zone."""
    if on is None:
        return ""
    day = localtime(on).date() if isinstance(on, datetime) else on
    words = format_date(day, _DAY_FORMAT, locale=find_locale())
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), words)


def render_money(amount: Decimal | int | None, currency: str) -> str:
    """A sum after the code of its currency: "EUR 212,000.00"."""
    if amount is None:
        return ""
    return format_currency(
        Decimal(amount), currency, format=_MONEY_FORMAT, locale=find_locale()
    )


def render_number(number: Decimal | float | None) -> str:
    """A number with the reader's separators."""
    if number is None:
        return ""
    return format_decimal(number, locale=find_locale())


def render_country(code: str | None) -> str:
    """A country's name in the reader's language; an unknown code stays as it is."""
    if not code:
        return ""
    return countries.name(code, locale=str(find_locale()).replace("_", "-"))
