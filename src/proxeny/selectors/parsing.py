"""One selector, given by itself: from a form, a field of a file or the command line."""

from collections.abc import Callable

from proxeny.countries import require_country
from proxeny.selectors.folding import fold
from proxeny.selectors.kinds import (
    accounts,
    asns,
    cards,
    domains,
    emails,
    handles,
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
        kind: one of the kinds.
        raw: as written; a normal form comes back unchanged.
        country: ISO 3166-1 alpha-2, for phone numbers and accounts in national form.

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
    folded = fold(raw).text.strip()
    if wanted is Kind.PHONE:
        return Selector(kind=wanted, value=phones.normalise(folded, region))
    if wanted is Kind.ACCOUNT:
        return Selector(kind=wanted, value=accounts.normalise(folded, region))
    return Selector(kind=wanted, value=_NORMALISE[wanted](folded))


_NORMALISE: dict[Kind, Callable[[str], str]] = {
    Kind.IBAN: ibans.normalise,
    Kind.EMAIL: emails.normalise,
    Kind.DOMAIN: domains.normalise,
    Kind.URL: urls.normalise,
    Kind.IP: ips.normalise,
    Kind.WALLET: wallets.normalise,
    Kind.HASH: hashes.normalise,
    Kind.HANDLE: handles.normalise,
    Kind.CARD_BIN: cards.normalise,
    Kind.ASN: asns.normalise,
}
