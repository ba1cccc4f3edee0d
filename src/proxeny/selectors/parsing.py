"""One selector, given by itself: from a form, a field of a file or the command line."""

from typing import assert_never

from proxeny.countries import require_country
from proxeny.selectors.kinds import (
    domains,
    emails,
    hashes,
    ibans,
    ips,
    phones,
    urls,
    wallets,
)
from proxeny.selectors.values import (
    MAX_SELECTOR_CHARS,
    Kind,
    Selector,
    SelectorError,
)


def parse_selector(
    kind: str | Kind, raw: str, *, country: str | None = None
) -> Selector:
    """Check one selector and give its normal form.

    Args:
        kind: one of the eight kinds.
        raw: as written; a normal form comes back unchanged.
        country: ISO 3166-1 alpha-2, for phone numbers in national format.

    Raises:
        SelectorError: it is none of that kind (code ``PXY-SELECTOR``).
        InputError: the country is none (code ``PXY-COUNTRY``).
    """
    try:
        wanted = Kind(kind)
    except ValueError:
        raise SelectorError(
            "This is not a kind of selector.",
            advice=f"Kinds are {', '.join(Kind)}.",
        ) from None
    if len(raw) > MAX_SELECTOR_CHARS:
        raise SelectorError(f"A selector has at most {MAX_SELECTOR_CHARS} characters.")
    region = None if country is None else require_country(country)
    return Selector(kind=wanted, value=_normalise(wanted, raw.strip(), region))


def _normalise(kind: Kind, raw: str, country: str | None) -> str:
    match kind:
        case Kind.PHONE:
            return phones.normalise(raw, country)
        case Kind.IBAN:
            return ibans.normalise(raw)
        case Kind.EMAIL:
            return emails.normalise(raw)
        case Kind.DOMAIN:
            return domains.normalise(raw)
        case Kind.URL:
            return urls.normalise(raw)
        case Kind.IP:
            return ips.normalise(raw)
        case Kind.WALLET:
            return wallets.normalise(raw)
        case Kind.HASH:
            return hashes.normalise(raw)
        case _:
            assert_never(kind)
