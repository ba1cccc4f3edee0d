"""Domain names: labels by RFC 1035, IDNA (RFC 5891, UTS 46), a known suffix.

The suffix list is the one that tldextract carries; nothing is fetched. Names under
the suffixes reserved by RFC 2606 (``.example``, ``.test``, ``.invalid``) are valid,
names under ``.onion`` (RFC 7686) if their checksum is right.
"""

import re
from functools import cache, lru_cache

import idna
import tldextract

from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.kinds.onions import require_onion
from proxeny.selectors.values import SelectorError

_MAX_CHARS = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_RESERVED = frozenset({"example", "test", "invalid", "onion"})
_CACHED_NAMES = 4_096


@lru_cache(maxsize=_CACHED_NAMES)
def normalise(raw: str) -> str:
    """Give the name in lower case, as A-labels, without the trailing dot.

    Raises:
        SelectorError: labels, length or suffix are wrong.
    """
    name = refang(raw).removesuffix(".")
    if len(name) > _MAX_CHARS:
        raise SelectorError("A domain name has at most 253 characters.")
    name = name.lower() if name.isascii() else _to_a_labels(name)
    if len(name) > _MAX_CHARS or _NAME.fullmatch(name) is None:
        raise SelectorError("The domain name's labels are wrong.")
    if "xn--" in name:
        _require_a_labels(name)
    rest, _, top = name.rpartition(".")
    suffixes = _suffixes()
    if top not in _RESERVED:
        if top not in suffixes:
            raise SelectorError("The domain name ends in no top-level domain.")
        if name in suffixes or (
            f"*.{name.partition('.')[2]}" in suffixes and f"!{name}" not in suffixes
        ):
            raise SelectorError("This is a public suffix, not a domain under it.")
    elif top == "onion":
        require_onion(rest.rpartition(".")[2])
    return name


def is_top_level(label: str) -> bool:
    """A top-level domain, or one of the labels reserved for examples."""
    if label.isascii():
        return label in _suffixes() or label in _RESERVED
    try:
        return _to_a_labels(label) in _suffixes()
    except SelectorError:
        return False


@lru_cache(maxsize=_CACHED_NAMES)
def _to_a_labels(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise SelectorError("The domain name breaks the rules of IDNA.") from None


@lru_cache(maxsize=_CACHED_NAMES)
def _require_a_labels(name: str) -> None:
    try:
        idna.decode(name, uts46=True)
    except idna.IDNAError:
        raise SelectorError("The domain name breaks the rules of IDNA.") from None


@cache
def _suffixes() -> frozenset[str]:
    """The rules of the list as A-labels; ``*.`` and ``!`` stand as the list has them.

    A top-level domain that has rules for its second level only counts by itself too.
    """
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    rules = {
        ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
            for label in rule.split(".")
        )
        for rule in extract.tlds
    }
    return frozenset(rules | {rule.rpartition(".")[2] for rule in rules})
