"""What a mail's headers say about who sent it, in the order in which they are trusted.

- What the receiver's own servers wrote stands on top: each server puts its `Received`
  above those that were there (RFC 5321, 4.4). The first one that names a public
  address, and is no hop between two machines of one provider, names the machine that
  handed the mail over (field ``received``); its ``for`` names the recipient.
- Everything below, and every other header, is the sender's word: From, Reply-To
  (fields ``from``, ``reply-to``), X-Originating-IP (``originating-ip``), the host
  behind List-Unsubscribe (``unsubscribe``), the hosts of pictures (``picture``). They
  can be forged, so their role is unknown: only what links elsewhere makes them the
  offender's.
- Return-Path and Message-ID are not given: bulk senders write the recipient into the
  one, and mailing hosts share the other.
- To, Cc, Delivered-To, X-Original-To and Envelope-To are the victim's.
- Of a header's addresses, those in angle brackets count, else all: the name before
  them is free text that forgers fill with addresses.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from email.message import Message

from proxeny import selectors
from proxeny.errors import InputError
from proxeny.reports import GivenSelector
from proxeny.selectors import Kind, Role, Selector

MAX_ADDRESS_HEADER_CHARS = 100_000
MAX_RECEIVED_CHARS = 4_000
MAX_RECEIVED = 30
MAX_PICTURE_HOSTS = 20

_SENDERS = ("from", "reply-to")
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_IN_BRACKETS = re.compile(r"<\s*([^\s<>@]{1,64}@[^\s<>@]{1,255})\s*>")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_FROM_PART = re.compile(r"\bby\s", re.IGNORECASE)
_HOP = re.compile(
    r"\s*from\s+([A-Za-z0-9.-]{1,255})\s.*?\bby\s+([A-Za-z0-9.-]{1,255})",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED_IP = re.compile(r"[\[(](?:IPv6:)?([0-9a-fA-F:.]{3,45})[\])]")
_FOR = re.compile(r"\bfor\s+<?([^\s<>;@]{1,64}@[^\s<>;@]{1,255})>?", re.IGNORECASE)
_BARE_IP = re.compile(r"[0-9a-fA-F:.]{3,45}")
_LINK = re.compile(r"<\s*(https?://[^<>\s]{1,2000})\s*>", re.IGNORECASE)
_INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"),
        *("169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
    )
)

_Given = dict[Selector, GivenSelector]


def list_values(messages: Sequence[Message], names: Sequence[str]) -> Iterator[str]:
    """The raw values of headers by lower-case names, in the order of the mail."""
    for message in messages:
        for name, value in message.raw_items():
            if name.lower() in names:
                yield str(value)


def list_given(
    outer: Message, inner: Message | None, pictures: Sequence[str]
) -> list[GivenSelector]:
    """The selectors that headers and pictures name, the sender's before the victim's.

    Args:
        outer: the mail as it came.
        inner: the mail that it carries whole, if any; then the report is about that
            one, and who sent the outer one is a victim who passes it on.
        pictures: the addresses of pictures in the text.
    """
    given: _Given = {}
    reported = inner or outer
    bearers = [outer, *([inner] if inner is not None else [])]
    for value in list_values(bearers, _RECIPIENTS):
        _give_addresses(given, value, Role.VICTIM, "recipient")
    if inner is not None:
        for value in list_values([outer], _SENDERS):
            _give_addresses(given, value, Role.VICTIM, "recipient")
    for name in _SENDERS:
        for value in list_values([reported], (name,)):
            _give_addresses(given, value, Role.UNKNOWN, name)
    _give_received(given, reported)
    _give_claims(given, reported)
    for picture in pictures[:MAX_PICTURE_HOSTS]:
        _give_host(given, picture, "picture")
    # Senders are few and stand first, so that a mass mail's recipients don't crowd
    # them out.
    return sorted(given.values(), key=lambda one: one.role is Role.VICTIM)


def _give(given: _Given, kind: Kind, raw: str, role: Role, field: str) -> bool:
    try:
        selector = selectors.parse_selector(kind, raw)
    except InputError:
        # Headers hold much that is no address; that is no loss to report.
        return False
    given.setdefault(selector, GivenSelector(selector=selector, role=role, field=field))
    return True


def _give_addresses(given: _Given, header: str, role: Role, field: str) -> None:
    header = header[:MAX_ADDRESS_HEADER_CHARS]
    for address in _IN_BRACKETS.findall(header) or _ADDRESS.findall(header):
        _give(given, Kind.EMAIL, address, role, field)


def _give_received(given: _Given, message: Message) -> None:
    """The machine that handed the mail over, and for whom, by the first who say so."""
    received = list(list_values([message], ("received",)))[:MAX_RECEIVED]
    for value in received:
        text = value[:MAX_RECEIVED_CHARS]
        recipient = _FOR.search(text)
        if recipient is not None:
            _give(given, Kind.EMAIL, recipient[1], Role.VICTIM, "recipient")
        if _is_inside(text):
            continue
        peer = _FROM_PART.split(text, maxsplit=1)[0]
        addresses = _BRACKETED_IP.findall(peer)
        if any(_give_ip(given, address, "received") for address in addresses):
            return


def _is_inside(hop: str) -> bool:
    """From one machine of a provider to the next: both names end alike."""
    names = _HOP.match(hop)
    return names is not None and (
        names[1].lower().split(".")[-2:] == names[2].lower().split(".")[-2:]
    )


def _give_claims(given: _Given, message: Message) -> None:
    for value in list_values([message], ("x-originating-ip", "x-sender-ip")):
        for address in _BARE_IP.findall(value[:MAX_RECEIVED_CHARS])[:1]:
            _give_ip(given, address, "originating-ip")
    for value in list_values([message], ("list-unsubscribe",)):
        for link in _LINK.findall(value[:MAX_ADDRESS_HEADER_CHARS]):
            _give_host(given, link, "unsubscribe")


def _give_ip(given: _Given, raw: str, field: str) -> bool:
    """Give a public address; machines inside a network bear the others."""
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return False
    if any(address in network for network in _INSIDE):
        return False
    return _give(given, Kind.IP, raw, Role.UNKNOWN, field)


def _give_host(given: _Given, link: str, field: str) -> None:
    for mention in selectors.find(link):
        if mention.selector.kind in {Kind.DOMAIN, Kind.IP}:
            _give(
                given,
                mention.selector.kind,
                mention.selector.value,
                Role.UNKNOWN,
                field,
            )
            return
