"""The steps of the thread between two nodes, by commands, for tests to build on."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tests.federation.nodes import Node, Row, wait_until

DRAFTER, CLERK = "ana", "mira"
# What a person has to judge, and the machine leaves empty on purpose.
JUDGED = {
    "custodian": "Example Hosting GmbH, Berlin.",
    "necessity": "The mailboxes of such offers are closed and emptied within days.",
    "intention": "true",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The asking and the requested side."""

    rs: Node
    de: Node

    def both(self) -> tuple[Node, Node]:
        return self.rs, self.de


def import_reports(node: Node) -> dict[str, Any]:
    """The bundled demo reports of its country; one of them is refused as empty."""
    folder = files("proxeny.cli.demo") / "reports" / node.country.lower()
    with as_file(folder) as path:
        ran = node.try_cli("report", "import", str(path), account=CLERK)
    assert ran.code in {0, 1}, ran
    return ran.document


def open_case(node: Node) -> str:
    """A case on the largest series."""
    series = node.cli("series", "list", account=DRAFTER)["series"][0]["series"]
    return node.cli(
        *("case", "open", "--series", series, "--title", "Zlatni kvadrat investments"),
        *("--summary", "Several persons were deceived by the same offender."),
        account=DRAFTER,
    )["ref"]


def _sets(fields: dict[str, str]) -> list[str]:
    return [
        part for name, text in fields.items() for part in ("--set", f"{name}={text}")
    ]


def prepare_request(node: Node, case: str, to: str = "DE/24-7") -> str:
    """Drafted, completed, checked, and approved by a second person."""
    ref = node.cli(
        *("request", "draft", "--case", case, "--to", to, *_sets(JUDGED)),
        account=DRAFTER,
    )["ref"]
    node.cli("request", "check", ref, account=DRAFTER)
    node.cli("request", "approve", ref)
    return ref


def send_request(node: Node, case: str, to: str = "DE/24-7") -> str:
    """A request on its way; the reference by which both sides know it."""
    ref = prepare_request(node, case, to)
    node.cli("request", "send", ref, account=DRAFTER)
    return ref


def find_received(node: Node, asked_ref: str) -> Row | None:
    """The other side's request, if it has arrived."""
    rows = node.rows("SELECT * FROM requests_request WHERE direction = 'received'")
    found = [row for row in rows if row["asked_ref"] == asked_ref]
    assert len(found) <= 1, f"{asked_ref} is there {len(found)} times"
    return found[0] if found else None


def await_received(node: Node, asked_ref: str) -> str:
    """The node's own reference of a request that a partner sent."""
    row = wait_until(lambda: find_received(node, asked_ref), f"{asked_ref} arrives")
    return f"{node.country}-Q-{row['id']:06d}"


def state_of(node: Node, ref: str) -> str:
    """Where a request stands, by the node's own reference."""
    number = int(ref.rpartition("-")[2])
    rows = node.rows(f"SELECT state FROM requests_request WHERE id = {number}")  # noqa: S608 - a number
    return rows[0]["state"]


def await_state(node: Node, ref: str, *states: str) -> None:
    """Return once a request stands there."""
    wait_until(lambda: state_of(node, ref) in states, f"{ref} becomes {states}")


def answer_preserved(node: Node, ref: str) -> None:
    """The data are preserved for ninety days."""
    today = datetime.now(UTC).date()
    fields = {
        "outcome": "preserved",
        "reference": f"file {ref}",
        "preserved_on": today.isoformat(),
        "preserved_until": (today + timedelta(days=90)).isoformat(),
    }
    node.cli("request", "answer", ref, *_sets(fields), account=DRAFTER)


def answer_refused(node: Node, ref: str) -> None:
    """Refused on a ground that the form knows."""
    fields = {
        "outcome": "refused",
        "reference": f"file {ref}",
        "ground": "essential_interests",
        "note": "The execution would prejudice the security of the State.",
    }
    node.cli("request", "answer", ref, *_sets(fields), account=DRAFTER)


def copy_database(node: Node, path: Path) -> None:
    """A copy of a node's SQLite file, with what its log holds."""
    with (
        closing(sqlite3.connect(node.database)) as here,
        closing(sqlite3.connect(path)) as there,
    ):
        here.backup(there)
