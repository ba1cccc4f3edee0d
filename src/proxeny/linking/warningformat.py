"""Reads one warning list as MISP writes it: the file, its limits, its patterns.

https://github.com/MISP/misp-warninglists, ``schema.json``.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeGuard

import re2

from proxeny.errors import InputError
from proxeny.selectors import Kind, SelectorError, parse_selector

MAX_LIST_BYTES: Final = 64 << 20
MAX_ENTRY_CHARS: Final = 2_048
MAX_NAME_CHARS: Final = 200
_MAX_AUTOMATON_BYTES: Final = 64 << 20

_KINDS_BY_ATTRIBUTE: Final = {
    "AS": Kind.ASN,
    "bank-account-nr": Kind.ACCOUNT,
    "bin": Kind.CARD_BIN,
    "btc": Kind.WALLET,
    "dns-soa-email": Kind.EMAIL,
    "domain": Kind.DOMAIN,
    "email": Kind.EMAIL,
    "email-dst": Kind.EMAIL,
    "email-reply-to": Kind.EMAIL,
    "email-src": Kind.EMAIL,
    "hostname": Kind.DOMAIN,
    "iban": Kind.IBAN,
    "ip": Kind.IP,
    "ip-dst": Kind.IP,
    "ip-src": Kind.IP,
    "link": Kind.URL,
    "md5": Kind.HASH,
    "phone-number": Kind.PHONE,
    "sha1": Kind.HASH,
    "sha256": Kind.HASH,
    "sha512": Kind.HASH,
    "target-email": Kind.EMAIL,
    "uri": Kind.URL,
    "url": Kind.URL,
    "whois-registrant-email": Kind.EMAIL,
    "whois-registrant-phone": Kind.PHONE,
    "xmr": Kind.WALLET,
}
_ALL_KINDS: Final = frozenset(_KINDS_BY_ATTRIBUTE.values())
_PATTERN = re.compile(r"/(?P<body>.*)/(?P<flags>[a-z]*)", re.DOTALL)
_FLAGS: Final = {"g": "", "u": "", "i": "i", "m": "m", "s": "s"}
_HOST = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


class WarningListError(InputError):
    """A folder of warning lists can't be used; none of it was taken."""

    code = "PXY-WARNINGLIST"
    advice = "Mend or remove the list that the message names and load the folder again."


class Comparison(StrEnum):
    """How MISP compares the entries of a list."""

    STRING = "string"
    HOSTNAME = "hostname"
    CIDR = "cidr"
    REGEX = "regex"
    SUBSTRING = "substring"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningList:
    """One list as read, its entries within the limits."""

    name: str
    type: Comparison
    kinds: frozenset[Kind]
    entries: tuple[str, ...]


def read_list(path: Path, where: str) -> WarningList:
    """Read one file.

    Args:
        path: the file.
        where: what an error calls it, so that no message tells the machine's folders.

    Raises:
        WarningListError: it is damaged, of an unknown type or over a limit.

    """
    data = _read(path, where)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise complain(where, "is no JSON") from None
    if not isinstance(document, dict):
        raise complain(where, "is no JSON object")
    name, entries = document.get("name"), document.get("list")
    attributes = document.get("matching_attributes") or []
    if not (isinstance(name, str) and name.isprintable() and name.strip()):
        raise complain(where, "has no name that can be shown")
    if len(name) > MAX_NAME_CHARS:
        raise complain(where, f"has a name of more than {MAX_NAME_CHARS} characters")
    if document.get("type") not in list(Comparison):
        raise complain(where, f"is of none of the types {', '.join(Comparison)}")
    if not _is_texts(entries) or not _is_texts(attributes):
        raise complain(where, "has entries or attributes that are no texts")
    if not _is_unicode(entries):
        raise complain(where, "has half a character in an entry")
    if max(map(len, entries), default=0) > MAX_ENTRY_CHARS:
        raise complain(where, f"has an entry of over {MAX_ENTRY_CHARS} characters")
    return WarningList(
        name=name.strip(),
        type=Comparison(document["type"]),
        kinds=_list_kinds(attributes),
        entries=tuple(entries),
    )


def _read(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LIST_BYTES + 1)
    except OSError:
        raise complain(where, "can't be read") from None
    if len(data) > MAX_LIST_BYTES:
        raise complain(where, f"has more than {MAX_LIST_BYTES} bytes")
    return data


def complain(where: str, what: str) -> WarningListError:
    """The error of one list."""
    return WarningListError(f"The warning list {where!r} {what}.", where=where)


def _is_texts(values: object) -> TypeGuard[list[str]]:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _is_unicode(texts: list[str]) -> bool:
    """JSON can write half of a surrogate pair, which no encoding can."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _list_kinds(attributes: list[str]) -> frozenset[Kind]:
    """Ours among the kinds of MISP; a list that names none speaks of all."""
    parts = {part for attribute in attributes for part in attribute.split("|")}
    found = {_KINDS_BY_ATTRIBUTE[part] for part in parts & _KINDS_BY_ATTRIBUTE.keys()}
    return frozenset(found) if attributes else _ALL_KINDS


def read_host(text: str) -> str:
    """The entry as a name of a host, with its leading dot, or "" if it is none."""
    name = text.lower()
    if not name.isascii():
        try:
            name = parse_selector(Kind.DOMAIN, name.removeprefix(".")).value
        except SelectorError:
            return ""
    return name if _HOST.fullmatch(name) else ""


def translate_pattern(text: str, where: str) -> str:
    """A pattern between slashes, as PHP writes it, in the form of RE2.

    Raises:
        WarningListError: it isn't written so, RE2 has no such pattern (look-around,
            back references), or it fits the empty text and so every text.

    """
    parts = _PATTERN.fullmatch(text)
    if parts is None or not set(parts["flags"]) <= _FLAGS.keys():
        raise complain(where, "has a pattern that isn't written /.../ with flags")
    flags = "".join(sorted({_FLAGS[flag] for flag in parts["flags"]}))
    pattern = f"(?{flags}:{parts['body']})" if flags else parts["body"]
    try:
        compiled = re2.compile(pattern, engine_options())
    except re2.error:
        raise complain(where, "has a pattern that RE2 refuses") from None
    if compiled.fullmatch(b"") is not None:
        raise complain(where, "has a pattern that fits the empty text")
    return pattern


def engine_options() -> "re2.Options":
    """RE2 within its memory, silent on its own errors."""
    options = re2.Options()
    options.max_mem = _MAX_AUTOMATON_BYTES
    options.never_capture = True
    options.log_errors = False
    return options
