"""Finds, validates and normalises identifiers in text.

A *selector* is an identifier that can join two reports: a phone number, an IBAN, an
e-mail address, a domain, a URL, an IP address, a wallet or a file hash. One linear
pass (RE2) finds candidates; one module per kind under ``kinds`` checks them and gives
their normal form:

======  ==============================================================  ==========
kind    normal form                                                     standard
======  ==============================================================  ==========
phone   ``+381641234567``                                               E.164
iban    ``DE89370400440532013000``                                      ISO 13616
email   lower case, domain as for domain                                RFC 5321
domain  lower case, A-labels (``xn--...``), no trailing dot             RFC 5890
url     scheme and host lower, no default port, user name or fragment   RFC 3986
ip      compressed; an IPv4 address mapped into IPv6 is that address    RFC 5952
wallet  ``btc:``, ``eth:`` (lower case), ``ltc:`` or ``trx:``, address  per chain
hash    ``md5:``, ``sha1:``, ``sha256:`` or ``sha512:``, lower hex      none
======  ==============================================================  ==========

A URL gives two mentions, itself and its host, because the host joins reports where
the path varies. An e-mail address gives itself only, because its domain is shared by
too many.

Example:
    >>> from proxeny import selectors
    >>> [m.selector.value for m in selectors.find("Pay to DE89 3704 0044 0532 0130 00")]
    ['DE89370400440532013000']
"""

from proxeny.selectors.parsing import parse_selector
from proxeny.selectors.scanning import find, scan
from proxeny.selectors.values import (
    MAX_TEXT_CHARS,
    NORMALISER_VERSION,
    Candidate,
    Kind,
    Mention,
    Role,
    Selector,
    SelectorError,
)

__all__ = [
    "MAX_TEXT_CHARS",
    "NORMALISER_VERSION",
    "Candidate",
    "Kind",
    "Mention",
    "Role",
    "Selector",
    "SelectorError",
    "find",
    "parse_selector",
    "scan",
]
