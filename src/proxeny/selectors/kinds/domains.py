"""Domain names: labels by RFC 1035, IDNA (RFC 5891, UTS 46), a known suffix.

The suffix list is the one that tldextract carries; nothing is fetched. Names under
the suffixes reserved by RFC 2606 (``.example``, ``.test``, ``.invalid``) and under
``.onion`` (RFC 7686) are valid.
"""

import re
from functools import cache, lru_cache

import idna
import tldextract

from proxeny.selectors.kinds.defanging import refang
from proxeny.selectors.values import SelectorError

_MAX_CHARS = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_RESERVED = frozenset({"example", "test", "invalid", "onion"})
_CACHED_NAMES = 16_384


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
    complaint = _complain_of_suffix(name)
    if complaint:
        raise SelectorError(complaint)
    return name


@lru_cache(maxsize=_CACHED_NAMES)
def is_top_level(label: str) -> bool:
    """A top-level domain, or one of the labels reserved for examples."""
    return label in _RESERVED or bool(_suffixes().extract_str(f"x.{label}").suffix)


def _to_a_labels(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise SelectorError("The domain name breaks the rules of IDNA.") from None


@cache
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=_CACHED_NAMES)
def _complain_of_suffix(name: str) -> str:
    parts = _suffixes().extract_str(name)
    if not parts.suffix:
        if name.rpartition(".")[2] in _RESERVED:
            return ""
        return "The domain name ends in no top-level domain."
    return "" if parts.domain else "This is a public suffix, not a domain under it."
