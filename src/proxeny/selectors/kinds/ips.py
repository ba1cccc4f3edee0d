"""IPv4 and IPv6 addresses and networks, also defanged (``185[.]220[.]1[.]1``)."""

import ipaddress
import re

from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.values import SelectorError

_MAX_PREFIX_CHARS = 3
_URL_PART = re.compile(r"0[xX][0-9a-fA-F]{1,8}|[0-9]{1,11}")
_MAX_PARTS = 4
_OCTAL, _DECIMAL, _HEXADECIMAL = 8, 10, 16


def normalise(raw: str) -> str:
    """Give the compressed form of RFC 5952, of a network the CIDR form of RFC 4632.

    A network's host bits are cleared, and a network of one address is that address.
    An IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2) is given as IPv4,
    because it reaches the same host.

    Raises:
        SelectorError: it is no IP address or network.
    """
    text = refang(raw)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    text, slash, prefix = text.partition("/")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise SelectorError("This is not an IP address.") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise SelectorError("An address with a zone has meaning on one link only.")
        if address.ipv4_mapped is not None and not slash:
            return address.ipv4_mapped.compressed
    if not slash:
        return address.compressed
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= _MAX_PREFIX_CHARS):
        raise SelectorError("A network's prefix is a number.")
    bits = int(prefix)
    if not 0 < bits <= address.max_prefixlen:
        raise SelectorError("A network's prefix is too long or zero.")
    if bits == address.max_prefixlen:
        return normalise(text)
    return ipaddress.ip_network((address, bits), strict=False).compressed


def normalise_url_host(raw: str) -> str:
    """Read a URL's host made of numbers, as browsers do (WHATWG URL, section 3.5).

    ``3232235777``, ``0xC0A80101`` and ``0300.0250.1.1`` are all ``192.168.1.1``.

    Raises:
        SelectorError: it is no IP address.
    """
    text = refang(raw)
    parts = text.split(".")
    canonical = len(parts) == _MAX_PARTS and not any(
        len(part) > 1 and part[0] == "0" for part in parts
    )
    if canonical or ":" in text or len(parts) > _MAX_PARTS:
        return normalise(text)
    if not all(_URL_PART.fullmatch(part) for part in parts):
        raise SelectorError("This is not an IP address.")
    try:
        *heads, last = [int(part, _find_radix(part)) for part in parts]
    except ValueError:
        raise SelectorError("This is not an IP address.") from None
    free_bytes = _MAX_PARTS - len(heads)
    if any(head > 0xFF for head in heads) or last >= 1 << (8 * free_bytes):  # noqa: PLR2004 - a byte
        raise SelectorError("This is not an IP address.")
    number = last
    for index, head in enumerate(heads):
        number += head << (8 * (_MAX_PARTS - 1 - index))
    return ipaddress.IPv4Address(number).compressed


def _find_radix(part: str) -> int:
    if part[:2] in {"0x", "0X"}:
        return _HEXADECIMAL
    return _OCTAL if len(part) > 1 and part[0] == "0" else _DECIMAL
