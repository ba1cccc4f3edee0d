"""Looks at two nodes' databases from outside: nothing lost, nothing twice.

A program of its own, without Django and without the nodes' code: it reads rows and
compares. Only the receipts' signatures are checked by the pure `proxeny.exchange`.

    python tests/federation/inspector.py RS/24-7 DATABASE DE/24-7 DATABASE

A database is a path of SQLite or a ``postgresql://`` address. Prints one JSON
document with the counts and every fault found; ends with 1 if there is one.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.federation.databases import Row, parse_json, read_rows

from proxeny import exchange
from proxeny.errors import ProxenyError

# Steps of a life line that may stand there once, whatever the network did.
ONCE = ("drafted", "approved", "sent", "receipt", "received", "withdrawn", "expired")
ANSWERS = ("answered", "answered_partly", "refused")
HAS_LEFT = ("sent", "accepted", *ANSWERS, "partly", "withdrawn", "expired", "closed")


@dataclass(frozen=True, slots=True)
class Side:
    """One node's rows."""

    authority: str
    messages: list[Row]
    requests: list[Row]
    events: list[Row]
    case_events: list[Row]
    jobs: list[Row]
    audit: list[Row]
    trees: list[Row]
    cards: dict[str, exchange.Card]
    partners: dict[int, str]

    def asked(self, direction: str, partner: str) -> list[Row]:
        """Its requests to or from one partner."""
        return self._with(self.requests, direction, partner)

    def ways(self, direction: str, partner: str) -> list[Row]:
        """Its messages to or from one partner."""
        return self._with(self.messages, direction, partner)

    def _with(self, rows: list[Row], direction: str, partner: str) -> list[Row]:
        return [
            row
            for row in rows
            if row["direction"] == direction
            and self.partners.get(row["partner_id"]) == partner
        ]


def read_side(authority: str, database: str) -> Side:
    """Everything of a node that this inspection looks at."""

    def rows(table: str) -> list[Row]:
        return read_rows(database, f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - our own words

    partners = rows("directory_partner")
    return Side(
        authority=authority,
        messages=rows("exchange_message"),
        requests=rows("requests_request"),
        events=rows("requests_requestevent"),
        case_events=rows("cases_caseevent"),
        jobs=rows("jobs_job"),
        audit=rows("audit_entry"),
        trees=rows("audit_tree"),
        cards={row["authority"]: exchange.read_card(row["card"]) for row in partners},
        partners={row["id"]: row["authority"] for row in partners},
    )


def inspect(one: Side, other: Side) -> Iterator[str]:
    """Every fault between two nodes, as lines for people."""
    for sender, receiver in ((one, other), (other, one)):
        yield from _messages(sender, receiver)
        yield from _requests(sender, receiver)
    for side in (one, other):
        yield from _life_lines(side)
        yield from _jobs(side)
        yield from _audit(side)


def _messages(sender: Side, receiver: Side) -> Iterator[str]:
    """Each message is there once, byte for byte, with the same receipt."""
    way = f"{sender.authority} -> {receiver.authority}"
    there = _group(receiver.ways("received", sender.authority), "jti")
    sent = sender.ways("sent", receiver.authority)
    for row in sent:
        name = f"{way} {row['kind']} {row['ref']} no. {row['seq']}"
        copies = there.pop(row["jti"], [])
        if len(copies) != 1:
            yield f"{name}: {len(copies)} times on the other side"
        elif (row["state"], copies[0]["state"]) != ("accepted", "accepted"):
            yield f"{name}: {row['state']} here, {copies[0]['state']} there"
        else:
            for column in ("inner", "receipt"):
                if bytes(row[column]) != bytes(copies[0][column]):
                    yield f"{name}: {column} differs between the sides"
            yield from _receipt(name, row, sender, receiver)
    for jti in there:
        yield f"{way}: {jti} arrived and was never sent"
    for ref, rows in _group(sent, "ref").items():
        numbers = sorted(row["seq"] for row in rows)
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{way} {ref}: numbered {numbers}"


def _group(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def _receipt(name: str, row: Row, sender: Side, receiver: Side) -> Iterator[str]:
    try:
        receipt = exchange.verify_receipt(
            bytes(row["receipt"]),
            sender=sender.cards[receiver.authority].keys,
            message_digest=exchange.digest(bytes(row["inner"])),
            expected_aud=sender.authority,
        )
    except ProxenyError as error:
        yield f"{name}: {error.message}"
        return
    if (receipt.event, receipt.jti) != (exchange.ReceiptEvent.ACCEPTED, row["jti"]):
        yield f"{name}: the receipt says {receipt.event} of {receipt.jti}"


def _requests(asking: Side, asked: Side) -> Iterator[str]:
    """Each request that left is there once, in the same state, with its answers."""
    there = _group(asked.asked("received", asking.authority), "asked_ref")
    replies = Counter(
        row["ref"]
        for row in asked.ways("sent", asking.authority)
        if row["kind"] == "reply"
    )
    for row in asking.asked("sent", asked.authority):
        copies = there.pop(row["asked_ref"], [])
        name = f"{asking.authority} {row['asked_ref']}"
        if row["state"] not in HAS_LEFT:
            continue
        if len(copies) != 1:
            yield f"{name}: {len(copies)} times on the other side"
            continue
        if copies[0]["state"] != row["state"]:
            yield f"{name}: {row['state']} here, {copies[0]['state']} there"
        if parse_json(copies[0]["reply"]) != parse_json(row["reply"]):
            yield f"{name}: the answers differ"
        for side, request in ((asking, row), (asked, copies[0])):
            steps = _steps(side, request)
            answers = sum(steps[event] for event in ANSWERS)
            if answers != replies[row["asked_ref"]]:
                yield f"{name}: {answers} answers at {side.authority}"
    for ref in there:
        yield f"{asked.authority}: {ref} arrived and was never asked"


def _steps(side: Side, request: Row) -> Counter[str]:
    return Counter(
        event["event"] for event in side.events if event["request_id"] == request["id"]
    )


def _life_lines(side: Side) -> Iterator[str]:
    for request in side.requests:
        steps = _steps(side, request)
        for event in ONCE:
            if steps[event] > 1:
                name = f"{side.authority} {request['asked_ref']}"
                yield f"{name}: {event} {steps[event]}x"
        taken = sum(
            row["action"] == "request.receive"
            and _own_ref(side, request) in parse_json(row["refs"])
            for row in side.audit
        )
        if taken != (request["direction"] == "received"):
            yield f"{side.authority} {request['asked_ref']}: audited {taken}x"
    lines = Counter(
        (row["case_id"], row["ref"], row["text"]) for row in side.case_events
    )
    for (case, ref, text), count in lines.items():
        if count > 1:
            yield f"{side.authority} case {case}, {ref}: «{text}» {count}x"


def _own_ref(side: Side, request: Row) -> str:
    return f"{side.authority[:2]}-Q-{request['id']:06d}"


def _jobs(side: Side) -> Iterator[str]:
    """Every message has its job, and every job has ended well."""
    states = {row["key"]: row["state"] for row in side.jobs}
    for row in side.messages:
        sent = row["direction"] == "sent"
        key = f"deliver:{row['jti']}" if sent else f"open:{row['outer_digest']}"
        if states.pop(key, "absent") != "done":
            yield f"{side.authority}: the job of {row['kind']} {row['ref']} is not done"
    for key, state in states.items():
        # Alerts of linking are jobs too, of reports and of no message.
        if not key.startswith("linking.alert:"):
            yield f"{side.authority}: job {key} is {state} and of no message"
        elif state != "done":
            yield f"{side.authority}: job {key} is {state}"


def _audit(side: Side) -> Iterator[str]:
    places = sorted(
        row["leaf_index"] for row in side.audit if row["leaf_index"] is not None
    )
    if places != list(range(len(side.audit))):
        rows = len(side.audit)
        yield f"{side.authority}: {rows} audit rows have {len(places)} places"
    if [tree["size"] for tree in side.trees] != [len(side.audit)]:
        yield f"{side.authority}: the audit tree has another size than its rows"


def main(arguments: list[str]) -> int:
    """Inspect, print, and say by the exit code whether all is well."""
    one, other = (read_side(*arguments[at : at + 2]) for at in (0, 2))
    faults = list(inspect(one, other))
    counts = {
        side.authority: {
            "sent": len(side.ways("sent", peer.authority)),
            "received": len(side.ways("received", peer.authority)),
            "requests": len(side.requests),
            "jobs": len(side.jobs),
            "audit": len(side.audit),
        }
        for side, peer in ((one, other), (other, one))
    }
    print(json.dumps({"faults": faults, **counts}))  # noqa: T201 - its answer
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
