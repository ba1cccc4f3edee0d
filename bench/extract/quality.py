"""How well a contestant reads: labelled lines, and real texts with a certain truth.

`lines.jsonl` holds lines that no extractor was tuned on. ``expect`` are the selectors
of a line; ``also`` and the hosts of expected URLs and mailboxes may be found or not,
because tools differ in whether they give them besides.
"""

import base64
import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from extract.contestants import KINDS, Found, find
from proxeny.selectors import Kind

LINES = Path(__file__).parent / "lines.jsonl"
_ONION = re.compile(r"(?<![\w.-])((?:[a-z0-9-]+\.)*)([a-z2-7]{56})\.onion")
_MAILBOX = re.compile(
    r"(?<![\w.+-])[a-z0-9][a-z0-9._-]*[a-z0-9]@[a-z0-9-]+\.(?:com|org|net|ch|me|io|cc|ru)(?![\w.-])",
    re.IGNORECASE,
)
_TOX = re.compile(r"(?<![0-9A-F])[0-9A-F]{76}(?![0-9A-F])")
_CALL = re.compile(
    r"\bcall(?: us)?(?: now)?(?: on)? ?(0[789][0-9]{9})(?![0-9])", re.IGNORECASE
)
_WEBSITE = re.compile(
    r"(?<![\w./@-])www\.[a-z0-9-]+\.(?:co\.uk|com|net)(?![\w.-])", re.IGNORECASE
)


class Quality(TypedDict):
    """One contestant on the labelled lines."""

    what: str
    lines: int
    precision: float
    recall: float
    recall_of_its_kinds: float
    by_kind: dict[str, list[float]]
    wrong: list[dict[str, object]]


class Recall(TypedDict):
    """One contestant on one kind of selector in real texts."""

    what: str
    where: str
    kind: str
    certain: int
    recall: float


def measure_lines(name: str) -> Quality:
    """Precision and recall over all kinds; one that a tool has not counts as missed."""
    hits: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    false: Counter[str] = Counter()
    wrong: list[dict[str, object]] = []
    lines = [json.loads(line) for line in LINES.read_text("utf-8").splitlines()]
    for line in lines:
        expected = {(kind, value) for kind, value in line["expect"]}
        allowed = {(kind, value) for kind, value in line["also"]}
        allowed |= _list_hosts(expected | allowed)
        found = find(name, line["text"], line["country"])
        hits.update(kind for kind, _ in found & expected)
        missed.update(kind for kind, _ in expected - found)
        false.update(kind for kind, _ in found - expected - allowed)
        if expected - found or found - expected - allowed:
            wrong.append(
                {
                    "text": line["text"],
                    "missed": sorted(expected - found),
                    "false": sorted(found - expected - allowed),
                }
            )
    own = KINDS[name]
    return Quality(
        what=name,
        lines=len(lines),
        precision=_share(hits.total(), false.total()),
        recall=_share(hits.total(), missed.total()),
        recall_of_its_kinds=_share(
            sum(hits[kind] for kind in own), sum(missed[kind] for kind in own)
        ),
        by_kind={
            kind: [_share(hits[kind], false[kind]), _share(hits[kind], missed[kind])]
            for kind in Kind
            if hits[kind] + missed[kind] + false[kind]
        },
        wrong=wrong,
    )


def measure_real(name: str, data: Path) -> list[Recall]:
    """Recall on real texts, of those selectors that other means make certain."""
    notes = [
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted((data / "ransom-notes" / "notes").iterdir())
    ]
    with (data / "sms" / "sms.csv").open(encoding="utf-8", newline="") as file:
        messages = [row["text"] for row in csv.DictReader(file)]
    truths = (
        ("ransom notes", "domain", notes, None, _list_onions),
        ("ransom notes", "email", notes, None, _list_mailboxes),
        ("ransom notes", "handle", notes, None, _list_tox),
        ("text messages", "phone", messages, "GB", _list_calls),
        ("text messages", "domain", messages, "GB", _list_websites),
    )
    figures = []
    for where, kind, texts, country, list_certain in truths:
        certain = hits = 0
        for text in texts:
            truth = {(kind, value) for value in list_certain(text)}
            if truth:
                found = find(name, text, country)
                found |= _list_hosts(found)
                certain += len(truth)
                hits += len(truth & found)
        figures.append(
            Recall(
                what=name,
                where=where,
                kind=kind,
                certain=certain,
                recall=hits / certain if certain else 0.0,
            )
        )
    return figures


def _list_hosts(found: Iterable[Found]) -> set[Found]:
    """The hosts of URLs and mailboxes, as domain and as address."""
    hosts: set[Found] = set()
    for kind, value in found:
        try:
            host = (
                urlsplit(value).hostname or ""
                if kind == "url"
                else value.rpartition("@")[2]
                if kind == "email"
                else ""
            )
        except ValueError:
            continue
        hosts |= {("domain", host), ("ip", host)}
    return hosts


def _share(hits: int, others: int) -> float:
    return hits / (hits + others) if hits + others else 1.0


def _list_onions(text: str) -> set[str]:
    """Version 3 names whose checksum holds (Tor's rend-spec-v3, section 6)."""
    names = set()
    for labels, name in _ONION.findall(text.lower()):
        data = base64.b32decode(name.upper())
        key, checksum, version = data[:32], data[32:34], data[34:]
        if (
            hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2]
            == checksum
        ):
            names.add(f"{labels}{name}.onion")
    return names


def _list_mailboxes(text: str) -> set[str]:
    return {address.lower() for address in _MAILBOX.findall(text)}


def _list_tox(text: str) -> set[str]:
    """Identifiers whose checksum holds, as the key that they begin with."""
    keys = set()
    for digits in _TOX.findall(text):
        pairs = [int(digits[at : at + 4], 16) for at in range(0, len(digits), 4)]
        total = 0
        for pair in pairs:
            total ^= pair
        if total == 0:
            keys.add(f"tox:{digits[:64].lower()}")
    return keys


def _list_calls(text: str) -> set[str]:
    return {f"+44{digits[1:]}" for digits in _CALL.findall(text)}


def _list_websites(text: str) -> set[str]:
    return {name.lower() for name in _WEBSITE.findall(text)}
