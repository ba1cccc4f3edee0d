"""The node's extractor and its peers behind one call: a text in, selectors out.

Every peer runs with the settings of its own manual. What it finds is brought into the
node's normal form where that is possible, so that nobody loses for another spelling;
that work is done for the quality figures only and never timed.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from proxeny import selectors
from proxeny.selectors import Kind, SelectorError, parse_selector

Found = tuple[str, str]
Raw = Callable[[str, str | None], Any]

NODE = "proxeny"
IOCSEARCHER = "iocsearcher 3.1.0"
IOCEXTRACT = "iocextract 1.16.1"
IOC_FINDER = "ioc-finder 9.4.1"
MATCHER = "phonenumbers matcher"
CONTESTANTS = (NODE, IOCSEARCHER, IOC_FINDER, IOCEXTRACT, MATCHER)

# The kinds that a peer has any rule for, as its manual says.
_WEB = frozenset({"url", "domain", "email", "ip", "hash"})
KINDS = {
    NODE: frozenset(Kind),
    IOCSEARCHER: _WEB | {"phone", "iban", "wallet", "handle"},
    IOC_FINDER: _WEB | {"asn", "wallet"},
    IOCEXTRACT: (_WEB - {"domain"}) | {"phone"},
    MATCHER: frozenset({"phone"}),
}

_IOCSEARCHER_KINDS = {
    "bitcoin": "wallet",
    "email": "email",
    "ethereum": "wallet",
    "fqdn": "domain",
    "iban": "iban",
    "ip4": "ip",
    "ip4Net": "ip",
    "ip6": "ip",
    "litecoin": "wallet",
    "md5": "hash",
    "monero": "wallet",
    "onionAddress": "domain",
    "phoneNumber": "phone",
    "sha1": "hash",
    "sha256": "hash",
    "sha512": "hash",
    "tron": "wallet",
    "url": "url",
}
_IOCSEARCHER_HANDLES = {
    "facebookHandle": "facebook",
    "instagramHandle": "instagram",
    "telegramHandle": "telegram",
    "tox": "tox",
    "twitterHandle": "x",
}
_IOC_FINDER_KINDS = {
    "asns": "asn",
    "bitcoin_addresses": "wallet",
    "domains": "domain",
    "email_addresses": "email",
    "ethereum_addresses": "wallet",
    "ipv4_cidrs": "ip",
    "ipv4s": "ip",
    "ipv6s": "ip",
    "md5s": "hash",
    "monero_addresses": "wallet",
    "sha1s": "hash",
    "sha256s": "hash",
    "sha512s": "hash",
    "urls": "url",
}


@cache
def load(name: str) -> Raw:
    """The call that is timed; imports and tables are loaded before it returns."""
    raw = _LOADERS[name]()
    raw("warm up: someone@mail.example.com", None)
    return raw


def find(name: str, text: str, country: str | None) -> set[Found]:
    """What a contestant finds, as kinds and values in normal form."""
    return {
        (kind, _normalise(kind, value, country))
        for kind, value in _READERS[name](load(name)(text, country))
    }


def _normalise(kind: str, value: str, country: str | None) -> str:
    try:
        return parse_selector(kind, value, country=country).value
    except SelectorError:
        return value


def _load_node() -> Raw:
    selectors.prepare()
    return lambda text, country: selectors.find(text, country=country)


def _load_iocsearcher() -> Raw:
    from iocsearcher.searcher import Searcher

    searcher = Searcher()
    return lambda text, _: searcher.search_raw(text)


def _load_ioc_finder() -> Raw:
    from ioc_finder import find_iocs

    return lambda text, _: find_iocs(text)


def _load_iocextract() -> Raw:
    import iocextract

    calls = (
        ("url", iocextract.extract_urls),
        ("ip", iocextract.extract_ips),
        ("email", iocextract.extract_emails),
    )

    def extract(text: str, _: str | None) -> list[Found]:
        found = [(kind, v) for kind, call in calls for v in call(text, refang=True)]
        found += [("hash", value) for value in iocextract.extract_hashes(text)]
        numbers = iocextract.extract_telephone_nums(text)
        return found + [("phone", value) for value in numbers]

    return extract


def _load_matcher() -> Raw:
    from phonenumbers import PhoneNumberMatcher

    return lambda text, country: list(PhoneNumberMatcher(text, country or "ZZ"))


def _read_node(mentions: Iterable[Any]) -> Iterator[Found]:
    for mention in mentions:
        yield mention.selector.kind, mention.selector.value


def _read_iocsearcher(rows: Iterable[Any]) -> Iterator[Found]:
    for name, value, *_ in rows:
        if name in _IOCSEARCHER_KINDS:
            yield _IOCSEARCHER_KINDS[name], value
        elif name in _IOCSEARCHER_HANDLES:
            yield "handle", f"{_IOCSEARCHER_HANDLES[name]}:{value}"


def _read_ioc_finder(document: Any) -> Iterator[Found]:
    for key, kind in _IOC_FINDER_KINDS.items():
        for value in document.get(key, ()):
            yield kind, value


def _read_pairs(pairs: list[Found]) -> Iterator[Found]:
    yield from pairs


def _read_matcher(matches: Iterable[Any]) -> Iterator[Found]:
    for match in matches:
        number = match.number
        yield "phone", f"+{number.country_code}{number.national_number}"


_LOADERS: dict[str, Callable[[], Raw]] = {
    NODE: _load_node,
    IOCSEARCHER: _load_iocsearcher,
    IOC_FINDER: _load_ioc_finder,
    IOCEXTRACT: _load_iocextract,
    MATCHER: _load_matcher,
}
_READERS: dict[str, Callable[[Any], Iterator[Found]]] = {
    NODE: _read_node,
    IOCSEARCHER: _read_iocsearcher,
    IOC_FINDER: _read_ioc_finder,
    IOCEXTRACT: _read_pairs,
    MATCHER: _read_matcher,
}
