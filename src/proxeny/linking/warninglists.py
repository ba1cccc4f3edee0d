"""Warning lists: what very many people share, in the format of MISP's warning lists.

A list is a JSON object with ``name``, ``type`` (string, hostname, cidr, regex or
substring), ``list`` and ``matching_attributes``, MISP's names of what it speaks of;
https://github.com/MISP/misp-warninglists has the form and some hundred lists. A folder
holds them as ``NAME.json`` or, as MISP does, as ``NAME/list.json``.

A list warns an analyst there; here it stops a link, so that each entry is read
narrowly. Where this departs from MISP:

- A host's entry speaks of that host, never of mailboxes or of pages there: a mailbox at
  a disposable provider is one person's, and an exact URL says whom it serves.
- A hostname's entry holds for all below it, but not where customers get names of their
  own (public suffixes, dynamic DNS): ``offender.github.io`` counts.
- A pattern has to fit the whole value, a phone number with or without its trunk 0.
- What is no selector of ours (file names, fuzzy hashes) is passed over.

RE2 runs the patterns, so that no list can make a look-up slow.
"""

import functools
import ipaddress
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import re2
import tldextract

from proxeny.linking.warningformat import (
    Comparison,
    WarningList,
    WarningListError,
    complain,
    engine_options,
    read_host,
    read_list,
    translate_pattern,
)
from proxeny.selectors import Kind, Selector, SelectorError, parse_selector

MAX_LISTS: Final = 1_000
MAX_ENTRIES: Final = 3_000_000
"""Entries of all lists of a folder together."""

MAX_PATTERNS: Final = 2_000
_MIN_SUBSTRING_CHARS: Final = 4
_MIN_PREFIX_BITS: Final = {4: 3, 6: 7}
_LONGEST_COUNTRY_CODE: Final = 3

# Lists of names under which customers get names of their own, by the lists' names.
_LISTS_OF_LENT: Final = frozenset(
    {
        "List of known dynamic DNS domains",
        "List of LOTS (Living Off Trusted Sites) Project Domains",
        "List of known public IPFS gateways",
        "Second level TLDs as known by Mozilla Foundation",
        "TLDs as known by IANA",
    }
)
_HOST_KINDS: Final = frozenset({Kind.DOMAIN, Kind.URL})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ranges:
    """Disjoint ranges of addresses, by where they begin."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    names: tuple[str, ...]

    def find_name(self, first: int, last: int) -> str:
        """The list whose range holds all addresses from first to last, or ""."""
        at = bisect_right(self.firsts, first) - 1
        return self.names[at] if at >= 0 and last <= self.lasts[at] else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """Patterns of one kind of selector, matched all at once."""

    engine: "re2.Set"
    names: tuple[str, ...]

    def find_name(self, value: str) -> str:
        fitting = self.engine.Match(value.encode("utf-8", "replace"))
        return self.names[min(fitting)] if fitting else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLists:
    """The lists of one folder, compiled; it doesn't change.

    Attributes:
        names: of the lists, in the order in which they are asked.
        entries: how many entries they have together.

    """

    names: tuple[str, ...]
    entries: int
    _hosts: Mapping[str, str]
    _hosts_with_all_below: Mapping[str, str]
    _lent: AbstractSet[str]
    _most_labels: int
    _values: Mapping[tuple[Kind, str], str]
    _ranges: Mapping[int, _Ranges]
    _patterns: Mapping[Kind, _Patterns]

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of selectors that may be on a list."""
        return frozenset(
            (Kind.IP, Kind.DOMAIN, *(kind for kind, _ in self._values), *self._patterns)
        )

    def find_name(
        self, selector: Selector, *, lent: AbstractSet[str] = frozenset()
    ) -> str:
        """The name of a list that the selector is on, or "".

        Args:
            selector: in normal form, as `proxeny.selectors` gives it.
            lent: domains, besides those known here, whose customers get names below
                them: an entry for such a domain doesn't hold for those.

        """
        kind, value = selector.kind, selector.value
        if kind is Kind.IP:
            return self._find_network(value)
        if kind is Kind.DOMAIN and (name := self._find_host(value, lent)):
            return name
        if name := self._values.get((kind, value), ""):
            return name
        patterns = self._patterns.get(kind)
        if patterns is None:
            return ""
        writings = _list_writings(value) if kind is Kind.PHONE else (value,)
        return next(filter(None, map(patterns.find_name, writings)), "")

    def _find_host(self, domain: str, lent: AbstractSet[str]) -> str:
        name = self._hosts.get(domain) or self._hosts.get(domain.removeprefix("www."))
        if name:
            return name
        # Only so many of the last labels can be listed; a hostile name has thousands.
        labels = domain.rsplit(".", self._most_labels)[-self._most_labels :]
        for first in range(1 if labels[0] == domain else 0, len(labels)):
            parent = ".".join(labels[first:])
            if parent in self._lent or parent in lent:
                return ""
            if name := self._hosts_with_all_below.get(parent, ""):
                return "" if _is_suffix(parent) else name
        return ""

    def _find_network(self, value: str) -> str:
        try:
            network = ipaddress.ip_network(value)
        except ValueError:
            return ""
        first = int(network.network_address)
        last = int(network.broadcast_address)
        return self._ranges[network.version].find_name(first, last)


def load_warning_lists(folder: Path) -> WarningLists:
    """Read every list of a folder, or none of them.

    Args:
        folder: with ``NAME.json`` or ``NAME/list.json``; nothing else is opened.

    Raises:
        WarningListError: the folder has no list, or one of them is damaged, of an
            unknown type or over a limit (code ``PXY-WARNINGLIST``).

    """
    paths = sorted((*folder.glob("*.json"), *folder.glob("*/list.json")))
    if not paths:
        raise WarningListError("The folder has no warning list.")
    if len(paths) > MAX_LISTS:
        raise WarningListError(f"A folder has at most {MAX_LISTS} warning lists.")
    compiler = _Compiler()
    for path in paths:
        where = str(path.relative_to(folder))
        compiler.add(read_list(path, where), where)
    return compiler.finish()


class _Compiler:
    """Takes list after list, and gives them in the form in which they are asked."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._entries = 0
        self._hosts: dict[str, str] = {}
        self._below: dict[str, str] = {}
        self._lent: set[str] = set()
        self._values: dict[tuple[Kind, str], str] = {}
        self._networks: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
        self._patterns: dict[Kind, list[tuple[str, str]]] = defaultdict(list)

    def add(self, source: WarningList, where: str) -> None:
        """Take the entries of one list; where two lists agree, the first counts."""
        self._names.append(source.name)
        self._entries += len(source.entries)
        if self._entries > MAX_ENTRIES:
            raise WarningListError(f"The lists have over {MAX_ENTRIES} entries.")
        for entry in source.entries:
            text = entry.strip()
            if source.type is Comparison.REGEX:
                self._add_pattern(source, translate_pattern(text, where))
            elif text and not self._add_network(source, text, where):
                self._add_text(source, text, where)
        if sum(map(len, self._patterns.values())) > MAX_PATTERNS:
            raise WarningListError(f"The lists have over {MAX_PATTERNS} patterns.")

    def _add_pattern(self, source: WarningList, pattern: str) -> None:
        for kind in source.kinds:
            self._patterns[kind].append((pattern, source.name))

    def _add_network(self, source: WarningList, text: str, where: str) -> bool:
        """Whether the entry is an address or a range of addresses."""
        if (
            source.type is not Comparison.CIDR
            and not text[-1].isdigit()
            and ":" not in text
        ):
            return False
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            if source.type is Comparison.CIDR:
                raise complain(where, "has an entry that is no address") from None
            return False
        if network.prefixlen < _MIN_PREFIX_BITS[network.version]:
            raise complain(where, "has a range that is too wide")
        if Kind.IP in source.kinds:
            first = int(network.network_address)
            last = int(network.broadcast_address)
            self._networks[network.version].append((first, last, source.name))
        return True

    def _add_text(self, source: WarningList, text: str, where: str) -> None:
        if source.kinds & _HOST_KINDS and (host := read_host(text)):
            self._add_host(source, host)
        elif Kind.URL in source.kinds and "/" in text:
            self._add_value(source, Kind.URL, text)
        elif source.type is Comparison.SUBSTRING:
            # A part of a host's name would stop every name that ends like it.
            if len(text) < _MIN_SUBSTRING_CHARS:
                raise complain(where, "has a part of a value that is too short")
            if not read_host(text):
                self._add_pattern(source, rf"(?is:.*{re2.escape(text)}.*)")
        else:
            for kind in source.kinds - _HOST_KINDS:
                self._add_value(source, kind, text)

    def _add_host(self, source: WarningList, host: str) -> None:
        name = host.removeprefix(".")
        self._hosts.setdefault(name, source.name)
        if source.name in _LISTS_OF_LENT:
            self._lent.add(name)
        elif source.type is not Comparison.STRING or host.startswith("."):
            self._below.setdefault(name, source.name)

    def _add_value(self, source: WarningList, kind: Kind, text: str) -> None:
        try:
            value = parse_selector(kind, text).value
        except SelectorError:
            return
        self._values.setdefault((kind, value), source.name)

    def finish(self) -> WarningLists:
        """Compile what was added."""
        return WarningLists(
            names=tuple(self._names),
            entries=self._entries,
            _hosts=self._hosts,
            _hosts_with_all_below=self._below,
            _lent=self._lent,
            _most_labels=1 + max((name.count(".") for name in self._hosts), default=0),
            _values=self._values,
            _ranges={v: _join_ranges(found) for v, found in self._networks.items()},
            _patterns={k: _compile(found) for k, found in self._patterns.items()},
        )


def _compile(found: list[tuple[str, str]]) -> _Patterns:
    engine = re2.Set.FullMatchSet(engine_options())
    for pattern, _ in found:
        engine.Add(pattern)
    engine.Compile()
    return _Patterns(engine=engine, names=tuple(name for _, name in found))


def _join_ranges(found: list[tuple[int, int, str]]) -> _Ranges:
    """Drop the ranges inside wider ones: two networks overlap in no other way."""
    found = sorted(found, key=lambda item: (item[0], -item[1]))
    kept: list[tuple[int, int, str]] = []
    for item in found:
        if not kept or item[0] > kept[-1][1]:
            kept.append(item)
    return _Ranges(
        firsts=tuple(first for first, _, _ in kept),
        lasts=tuple(last for _, last, _ in kept),
        names=tuple(name for _, _, name in kept),
    )


def _list_writings(phone: str) -> Iterator[str]:
    """A number in E.164, then with a trunk 0 after what may be its country code."""
    yield phone
    for digits in range(1, _LONGEST_COUNTRY_CODE + 1):
        yield f"{phone[: digits + 1]}0{phone[digits + 1 :]}"


@functools.lru_cache(maxsize=1 << 14)
def _is_suffix(name: str) -> bool:
    """A public suffix: people register names below it."""
    return not _suffixes().extract_str(name).domain


@functools.cache
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )
