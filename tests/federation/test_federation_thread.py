"""A request crosses a border and comes back answered, by commands and processes."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.federation import steps
from tests.federation.nodes import Node, wait_until
from tests.federation.steps import DRAFTER, Pair

from proxeny import exchange

pytestmark = pytest.mark.federation


def show(node: Node, ref: str) -> dict:
    return node.cli("request", "show", ref, account=DRAFTER)


def events_of(shown: dict) -> list[str]:
    return [event["event"] for event in shown["events"]]


def verify_stored_receipts(sender: Node, receiver: Node, ref: str) -> list[str]:
    """Verify each receipt from its stored bytes with the card's keys alone."""
    kinds = []
    for row in sender.messages("sent", ref):
        card = exchange.read_card(
            next(
                partner["card"]
                for partner in sender.rows("SELECT * FROM directory_partner")
                if partner["authority"] == receiver.authority
            )
        )
        receipt = exchange.verify_receipt(
            bytes(row["receipt"]),
            sender=card.keys,
            message_digest=exchange.digest(bytes(row["inner"])),
            expected_aud=sender.authority,
        )
        assert receipt.event is exchange.ReceiptEvent.ACCEPTED
        kinds.append(row["kind"])
    return kinds


def test_request_is_answered_with_preservation(pair: Pair, case: str) -> None:
    ref = steps.prepare_request(pair.rs, case)
    refused = pair.rs.try_cli("request", "approve", ref, account=DRAFTER)
    assert (refused.code, "PXY-" in refused.err) == (2, True)
    pair.rs.cli("request", "send", ref, account=DRAFTER)
    there = steps.await_received(pair.de, ref)
    received = show(pair.de, there)
    assert received["state"] == "accepted"
    assert received["body"]["custodian"] == steps.JUDGED["custodian"]

    steps.answer_preserved(pair.de, there)
    steps.await_state(pair.rs, ref, "answered")
    shown = show(pair.rs, ref)
    until = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    assert shown["reply"]["preserved_until"] == until
    clocks = [clock for clock in shown["deadlines"] if clock["binding"]]
    assert [clock["article"] for clock in clocks] == ["ETS 185 Art. 29(7)"]
    timeline = pair.rs.cli("case", "show", case, account=DRAFTER)["events"]
    told = [event["text"] for event in timeline if event["ref"] == ref]
    assert any("answered: answered" in text for text in told)

    wait_until(
        lambda: pair.de.messages("sent", ref)[0]["state"] == "accepted", "DE's receipt"
    )
    assert verify_stored_receipts(pair.rs, pair.de, ref) == ["request"]
    assert verify_stored_receipts(pair.de, pair.rs, ref) == ["reply"]


def test_clock_of_a_received_request_runs(pair: Pair, case: str) -> None:
    wanted = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    ref = steps.prepare_request(pair.rs, case)
    pair.rs.cli(
        *("request", "edit", ref, "--set", f"reply_wanted_by={wanted}"), account=DRAFTER
    )
    pair.rs.cli("request", "check", ref, account=DRAFTER)
    pair.rs.cli("request", "approve", ref)
    pair.rs.cli("request", "send", ref, account=DRAFTER)
    there = steps.await_received(pair.de, ref)
    clocks = show(pair.de, there)["deadlines"]
    assert [clock["due_at"][:16] for clock in clocks] == [wanted[:-1]]
    listed = pair.de.cli("request", "list", account=DRAFTER)["requests"]
    due = {one["ref"]: one["next_due_at"] for one in listed}
    assert due[there][:16] == wanted[:-1]


def test_request_is_refused_with_a_ground(pair: Pair, case: str) -> None:
    ref = steps.send_request(pair.rs, case)
    steps.answer_refused(pair.de, steps.await_received(pair.de, ref))
    steps.await_state(pair.rs, ref, "refused")
    shown = show(pair.rs, ref)
    assert shown["reply"]["ground"] == "essential_interests"
    assert events_of(shown).count("refused") == 1


def test_withdrawal_reaches_the_partner(pair: Pair, case: str) -> None:
    ref = steps.send_request(pair.rs, case)
    there = steps.await_received(pair.de, ref)
    pair.rs.cli("request", "withdraw", ref, "--note", "resolved", account=DRAFTER)
    steps.await_state(pair.de, there, "withdrawn")
    assert show(pair.de, there)["events"][-1]["note"] == "resolved"
