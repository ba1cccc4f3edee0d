"""IPv4 and IPv6 addresses, also defanged (``185[.]220[.]1[.]1``)."""

import ipaddress

from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.values import SelectorError


def normalise(raw: str) -> str:
    """Give the compressed form of RFC 5952.

    An IPv4 address mapped into IPv6 (RFC 4291, section 2.5.5.2) is given as IPv4,
    because it reaches the same host.

    Raises:
        SelectorError: it is no IP address.
    """
    text = refang(raw)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise SelectorError("This is not an IP address.") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise SelectorError("An address with a zone has meaning on one link only.")
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped.compressed
    return address.compressed
