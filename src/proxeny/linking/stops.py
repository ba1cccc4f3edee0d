"""Which mentions may link: no victim's, and no value that half the world shares."""

import functools
import ipaddress
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import SplitResult, urlsplit

from proxeny.linking.warninglists import WarningLists
from proxeny.selectors import Kind, Role, Selector

_MAX_LISTED_LABELS: Final = 3
_WITH_ALL_BELOW: Final = (
    "plumbing",
    "tool_or_reference",
    "free_mail",
    "shortener",
    "file_host",
    "well_known",
    "bank_or_post",
)
_WITH_MAILBOXES: Final = ("well_known", "bank_or_post")
_WITH_EVERY_URL: Final = ("plumbing", "tool_or_reference")

# Addresses for documentation stand for an offender's in the demo, as example.org
# does, so they count although no such address is reachable.
_DOCUMENTATION: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "192.0.2.0/24",  # RFC 5737
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",  # RFC 3849
        "3fff::/20",  # RFC 9637
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A selector that doesn't link, and why."""

    selector: Selector
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkable:
    """The selectors of one report, each once, by what they may do.

    Attributes:
        selectors: these link.
        stopped: stop values: never looked up, but a pair that is linked otherwise
            may show them with their reason.
        victims: never link and are never shown as shared.

    """

    selectors: tuple[Selector, ...]
    stopped: tuple[LeftOut, ...]
    victims: tuple[LeftOut, ...]


def select_linkable(
    mentions: Iterable[tuple[Selector, Role]], lists: WarningLists | None = None
) -> Linkable:
    """Sort the mentions of one report by whether they may link.

    This is the one place of the rule that a victim's mention never links. A selector
    that is a victim's in one place of the report is a victim's in all of it.

    Args:
        mentions: selectors of one report with the role in which each is mentioned.
        lists: warning lists that stop values besides the packaged ones.

    Returns:
        Three lists, each sorted by kind and value, whatever the order given.

    """
    roles: dict[Selector, set[Role]] = {}
    for selector, role in mentions:
        roles.setdefault(selector, set()).add(role)
    selectors: list[Selector] = []
    stopped: list[LeftOut] = []
    victims: list[LeftOut] = []
    for selector in sorted(roles, key=lambda s: (s.kind, s.value)):
        if Role.VICTIM in roles[selector]:
            victims.append(LeftOut(selector=selector, why="mentioned as a victim's"))
        elif why := find_stop_reason(selector, lists):
            stopped.append(LeftOut(selector=selector, why=why))
        else:
            selectors.append(selector)
    return Linkable(
        selectors=tuple(selectors), stopped=tuple(stopped), victims=tuple(victims)
    )


def find_stop_reason(selector: Selector, lists: WarningLists | None = None) -> str:
    """Say why a selector links nobody, or "" if it counts.

    Args:
        selector: in normal form, as `proxeny.selectors` gives it.
        lists: warning lists that stop values besides the packaged ones, examples
            and reserved addresses too if they name them.

    """
    reason = _find_packaged_reason(selector)
    if reason or lists is None:
        return reason
    name = _find_listed(selector, lists)
    return f"on the warning list '{name}'" if name else ""


def list_kinds_stopped(lists: WarningLists | None = None) -> frozenset[Kind]:
    """The kinds of which any value can be a stop value: of the others none is."""
    packaged = frozenset(Kind(kind) for kind, _ in _load_stops().values)
    listed = frozenset() if lists is None else lists.kinds
    return listed | packaged | {Kind.DOMAIN, Kind.EMAIL, Kind.URL, Kind.IP}


def _find_packaged_reason(selector: Selector) -> str:
    value = selector.value
    match selector.kind:
        case Kind.DOMAIN:
            return _find_domain_reason(value)
        case Kind.EMAIL:
            domain = value.rpartition("@")[2]
            return _find_below(domain, _WITH_MAILBOXES)
        case Kind.URL:
            return _find_url_reason(value)
        case Kind.IP:
            return _find_address_reason(value)
        case _:
            return _load_stops().values.get((selector.kind, value), "")


def _find_listed(selector: Selector, lists: WarningLists) -> str:
    """The name of the list that a selector, or the host of its root URL, is on."""
    lent = _load_stops().domains["hosting"]
    name = lists.find_name(selector, lent=lent)
    if name or selector.kind is not Kind.URL:
        return name
    parts = urlsplit(selector.value)
    host = parts.hostname or ""
    if not _is_root(parts):
        return ""
    kind = Kind.IP if _is_address(host) else Kind.DOMAIN
    return lists.find_name(Selector(kind=kind, value=host), lent=lent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stops:
    """The packaged lists: reason and domains by name of the list; exact values."""

    reasons: Mapping[str, str]
    domains: Mapping[str, frozenset[str]]
    values: Mapping[tuple[str, str], str]


@functools.cache
def _load_stops() -> _Stops:
    text = resources.files(__package__).joinpath("stops.toml").read_text("utf-8")
    lists = {k: v for k, v in tomllib.loads(text).items() if isinstance(v, dict)}
    exact = {
        "addresses": Kind.IP,
        "asns": Kind.ASN,
        "card_bins": Kind.CARD_BIN,
        "handles": Kind.HANDLE,
        "hashes": Kind.HASH,
        "wallets": Kind.WALLET,
    }
    return _Stops(
        reasons={name: entry["reason"] for name, entry in lists.items()},
        domains={name: frozenset(e.get("domains", ())) for name, e in lists.items()},
        values={
            (kind, value): entry["reason"]
            for entry in lists.values()
            for key, kind in exact.items()
            for value in entry.get(key, ())
        },
    )


def _find_domain_reason(domain: str) -> str:
    stops = _load_stops()
    if domain.removeprefix("www.") in stops.domains["hosting"]:
        return stops.reasons["hosting"]
    return _find_below(domain, _WITH_ALL_BELOW)


def _find_below(domain: str, lists: tuple[str, ...]) -> str:
    stops = _load_stops()
    for parent in _list_parents(domain):
        for name in lists:
            if parent in stops.domains[name]:
                return stops.reasons[name]
    return ""


def _list_parents(domain: str) -> Iterator[str]:
    # Only the last labels can be listed; a hostile name has thousands.
    labels = domain.rsplit(".", _MAX_LISTED_LABELS)[-_MAX_LISTED_LABELS:]
    for first in range(len(labels)):
        yield ".".join(labels[first:])


def _find_url_reason(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "not a URL in normal form"
    if _is_address(host):
        return _find_address_reason(host)
    if _is_root(parts):
        return _find_domain_reason(host)
    return _find_below(host, _WITH_EVERY_URL)


def _is_root(parts: SplitResult) -> bool:
    return not (parts.path.strip("/") or parts.query or parts.fragment)


def _find_address_reason(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        return "not an address in normal form"
    if any(
        block.version == network.version and network.subnet_of(block)  # type: ignore[arg-type]  # the versions were compared
        for block in _DOCUMENTATION
    ):
        return ""
    # A network has the properties that its first and its last address share.
    if not network.is_global or network.is_multicast:
        return "a private or reserved address that many networks use"
    return _load_stops().values.get((Kind.IP, value), "")


def _is_address(host: str) -> bool:
    if ":" not in host and not host[-1:].isdigit():
        return False  # To fail below takes ten times as long.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
