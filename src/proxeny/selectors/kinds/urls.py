"""Web addresses (RFC 3986): scheme and host normalised, path and query as written.

User names, default ports and fragments are dropped: they do not change which page
the server gives. Characters outside ASCII become percent-encoded UTF-8 (RFC 3987). Of
a payment card's number in the path or query only the issuer's digits are kept.
"""

import re
from typing import NamedTuple
from urllib.parse import quote

from proxeny.selectors.kinds import domains, ips
from proxeny.selectors.kinds.cards import mask_cards
from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.values import Kind, Selector, SelectorError

MAX_URL_CHARS = 4_096
_SCHEME = re.compile(
    r"(h(?:tt|xx|\*\*)ps?|f[tx]ps?)(?:(?::|\[:\])(?://|\\\\)|\[://\]|\[:\]\[//\])",
    re.IGNORECASE,
)
_REAL_SCHEMES = {
    "hxxp": "http",
    "hxxps": "https",
    "h**p": "http",
    "h**ps": "https",
    "fxp": "ftp",
    "fxps": "ftps",
}
_AUTHORITY_END = re.compile(r"[/?#\\]")
_OTHER_SCHEME = re.compile(r"(?:mailto|tel|javascript|data|file|about):", re.IGNORECASE)
_MAX_PORT = 65_535
_AMPERSAND = re.compile(r"&(?:amp;)+")
_HEX_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,8}")
_PORT = re.compile(r"(?:\[:\]|:)([0-9]{0,5})$")
_DEFAULT_PORTS = {"http": "80", "https": "443", "ftp": "21", "ftps": "990"}
_KEPT = "%/?:@!$&'()*+,;=~[]"
_UNSAFE = re.compile(r"[^A-Za-z0-9_.~%/?:@!$&'()*+,;=\[\]-]")


class Pieces(NamedTuple):
    """Where the host stands in a URL as written, and what is around it."""

    scheme: str
    host_start: int
    host_end: int
    port: str
    tail: str


def split(raw: str) -> Pieces:
    """Take a URL as written apart; without a scheme it is taken as http."""
    scheme = _SCHEME.match(raw)
    start = 0 if scheme is None else scheme.end()
    stop = _AUTHORITY_END.search(raw, start)
    authority_end = len(raw) if stop is None else stop.start()
    host_start = raw.rfind("@", start, authority_end) + 1 or start
    port = None
    if raw.find(":", host_start, authority_end) >= 0:
        port = _PORT.search(raw, host_start, authority_end)
    # [2001:db8::1] ends in a bracket, so that its last group is not taken for a port.
    host_end = authority_end if port is None else port.start()
    name = "http" if scheme is None else scheme[1].lower()
    return Pieces(
        scheme=_REAL_SCHEMES.get(name, name),
        host_start=host_start,
        host_end=host_end,
        port="" if port is None else port[1].lstrip("0"),
        tail=raw[authority_end:],
    )


def normalise_host(host: str) -> Selector:
    """Read a URL's host as an IP address or else as a domain.

    Raises:
        SelectorError: it is neither.
    """
    # A name's last label is never a number (RFC 1123, section 2.1).
    if host[-1:].isdigit() or host.endswith("]"):
        return Selector(kind=Kind.IP, value=ips.normalise_url_host(host))
    if _HEX_NUMBER.fullmatch(host) is not None:
        return Selector(kind=Kind.IP, value=ips.normalise_url_host(host))
    return Selector(kind=Kind.DOMAIN, value=domains.normalise(host))


def normalise(raw: str) -> str:
    """Give the URL in its normal form.

    Raises:
        SelectorError: its host is neither a domain nor an IP address, or it is too
            long.
    """
    if _OTHER_SCHEME.match(raw) is not None:
        raise SelectorError("Only http, https and ftp name a page.")
    pieces = split(raw)
    return join(pieces, normalise_host(raw[pieces.host_start : pieces.host_end]))


def join(pieces: Pieces, host: Selector) -> str:
    """Put the normal form together.

    Raises:
        SelectorError: it is longer than ``MAX_URL_CHARS``.
    """
    name = f"[{host.value}]" if ":" in host.value else host.value
    port = pieces.port
    if port and int(port) > _MAX_PORT:
        raise SelectorError("A port has at most 16 bits.")
    if port and port != _DEFAULT_PORTS[pieces.scheme]:
        name = f"{name}:{port}"
    tail = refang(pieces.tail.partition("#")[0]).replace("\\", "/")
    if "&amp;" in tail:
        tail = _AMPERSAND.sub("&", tail)
    tail = mask_cards(tail, "*")
    if not tail.startswith("/"):
        tail = f"/{tail}"
    if not tail.isascii() or _UNSAFE.search(tail) is not None:
        tail = quote(tail, safe=_KEPT, errors="replace")
    url = f"{pieces.scheme}://{name}{tail}"
    if len(url) > MAX_URL_CHARS:
        raise SelectorError(f"The URL has more than {MAX_URL_CHARS} characters.")
    return url
