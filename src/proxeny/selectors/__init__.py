"""Finds, validates and normalises identifiers in text.

A *selector* is an identifier that can join two reports. One linear pass (RE2) finds
candidates; one module per kind under ``kinds`` checks them and gives their normal form:

========  ============================================================  ===========
kind      normal form                                                   standard
========  ============================================================  ===========
phone     ``+381641234567``                                             E.164
iban      ``DE89370400440532013000``                                    ISO 13616
account   ``RS:260005601001611379``, national, where a word calls it    per country
          an account
email     lower case, domain as for domain                              RFC 5321
domain    lower case, A-labels (``xn--...``), no trailing dot           RFC 5890
url       scheme and host lower, no default port, user name, fragment   RFC 3986
ip        compressed; a network in CIDR without host bits; an IPv4      RFC 5952,
          address mapped into IPv6 is that address                      RFC 4632
wallet    the chain, a colon, the address: ``btc:``, ``eth:``,          per chain
          ``ltc:``, ``trx:``, ``xmr:``, ``sol:``, ``doge:``, ``dash:``,
          ``zec:``, ``xrp:``
hash      ``md5:``, ``sha1:``, ``sha256:`` or ``sha512:``, lower hex    none
handle    the platform, a colon, the name in lower case:                per platform
          ``telegram:name``; ``tox:`` and ``session:`` with a key
card_bin  eight digits of a card's number of 16, six of any other       ISO/IEC 7812
asn       ``AS64496``                                                   RFC 5396
========  ============================================================  ===========

A URL gives two mentions, itself and its host, because the host joins reports where
the path varies; a profile on a platform gives the handle besides. An e-mail address
gives itself only, because its domain is shared by too many. Of a payment card's number
nothing leaves this package but the issuer's digits, also where it stands in a URL.

Example:
    >>> from proxeny import selectors
    >>> [m.selector.value for m in selectors.find("Pay to DE89 3704 0044 0532 0130 00")]
    ['DE89370400440532013000']
"""

from proxeny.selectors.kinds.cards import blank_cards
from proxeny.selectors.parsing import parse_selector
from proxeny.selectors.scanning import find, prepare, scan
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
    "blank_cards",
    "find",
    "parse_selector",
    "prepare",
    "scan",
]
