"""No plaintext of one node's database stands with the other but what was sent.

What to look for is computed from the owner's database: every value of a selector,
every title, pieces of every narrative, cases, and names of accounts. It is looked for
in everything that the other side keeps: the bytes of its database and of every file
in its home, and each value of each table, unpacked where it is packed.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from importlib.resources import as_file, files

import pytest
from tests.federation import steps
from tests.federation.nodes import Node, body_of
from tests.federation.steps import Pair

from proxeny import formats, reports

pytestmark = pytest.mark.federation

WORDS_IN_A_PIECE = 5
MIN_CHARS = 8  # Shorter values, such as a year, stand everywhere by chance.


def cut_pieces(text: str) -> Iterator[str]:
    """A text as runs of five words, each as it stands there."""
    for line in text.splitlines():
        words = list(re.finditer(r"\S+", line))
        for at in range(0, len(words) - WORDS_IN_A_PIECE + 1, WORDS_IN_A_PIECE):
            last = words[at + WORDS_IN_A_PIECE - 1]
            yield line[words[at].start() : last.end()]


def list_secrets(node: Node) -> set[str]:
    """What a node knows and has no business to be found elsewhere."""
    found = {row["value"] for row in node.rows("SELECT value FROM selectors_selector")}
    found |= {row["raw"] for row in node.rows("SELECT raw FROM selectors_mention")}
    for row in node.rows("SELECT title, narrative FROM reports_report"):
        found.add(row["title"])
        found |= set(cut_pieces(row["narrative"]))
    for row in node.rows("SELECT title, summary FROM cases_case"):
        found |= {row["title"], row["summary"]}
    found |= {
        row["username"] for row in node.rows("SELECT username FROM accounts_user")
    }
    return {secret for secret in found if len(secret) >= MIN_CHARS}


def tables_of(node: Node) -> list[str]:
    query = (
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public'"
        if node.url
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return [row["name"] for row in node.rows(query)]


def unpack(value: object) -> Iterator[str]:
    """A value as text, and what is packed in it: deflated, or the parts of a JWS."""
    if isinstance(value, bytes | memoryview):
        content = bytes(value)
        try:
            yield zlib.decompress(content, wbits=47).decode("utf-8", "replace")
        except zlib.error:
            yield content.decode("utf-8", "replace")
        for part in content.split(b"."):
            try:
                yield base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
    elif isinstance(value, str):
        yield value
        if "\\u" in value:  # JSON of SQLite writes letters beyond ASCII so.
            yield json.dumps(json.loads(value), ensure_ascii=False)
    elif isinstance(value, dict | list):
        yield json.dumps(value, ensure_ascii=False)


def read_everything(node: Node) -> str:
    """All that a node keeps, as one text."""
    texts = [
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(node.home.rglob("*"))
        if path.is_file()
    ]
    for table in tables_of(node):
        for row in node.rows(f'SELECT * FROM "{table}"'):  # noqa: S608 - from its own catalogue
            texts += [text for value in row.values() for text in unpack(value)]
    return "\n".join(texts)


def own_reports(node: Node) -> str:
    """What a node was told itself, read from the files that it imported."""
    folder = files("proxeny.cli.demo") / "reports" / node.country.lower()
    texts = []
    with as_file(folder) as path:
        for item in formats.read_reports([path]):
            if isinstance(item, formats.Accepted):
                report = item.report
                texts += [report.title, report.narrative]
                for found in reports.find_mentions(report):
                    texts += [found.selector.value, found.raw]
    return "\n".join(texts)


def sent_by(node: Node, other: Node) -> str:
    """Every body that it sent there, and its own card, which it hands out."""
    rows = node.rows(
        "SELECT body, authority FROM exchange_message m JOIN directory_partner p"
        " ON p.id = m.partner_id WHERE m.direction = 'sent'"
    )
    sent = [
        json.dumps(body_of(row), ensure_ascii=False)
        for row in rows
        if row["authority"] == other.authority
    ]
    card = node.cli("partner", "card")["card"]
    claims = card.split(".")[1]
    return "\n".join([*sent, *unpack(claims.encode())])


@pytest.mark.parametrize("asking_side", [True, False], ids=["RS-in-DE", "DE-in-RS"])
def test_nothing_but_what_was_sent_stands_with_the_partner(
    pair: Pair, case: str, de_reports: None, *, asking_side: bool
) -> None:
    ref = steps.send_request(pair.rs, case)
    steps.answer_preserved(pair.de, steps.await_received(pair.de, ref))
    steps.await_state(pair.rs, ref, "answered")
    owner, other = pair.both() if asking_side else reversed(pair.both())
    secrets, own = list_secrets(owner), read_everything(owner)
    seen = {secret for secret in secrets if secret in own}
    assert len(seen) > 0.9 * len(secrets), "the search does not even find them at home"
    kept = read_everything(other)
    known = sent_by(owner, other) + own_reports(other)
    assert ref in known
    unsent = {secret for secret in secrets if secret not in known}
    assert len(unsent) > 200, len(unsent)
    leaked = sorted(secret for secret in unsent if secret in kept)
    assert leaked == [], f"{len(leaked)} of {len(unsent)}"
