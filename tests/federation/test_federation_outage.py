"""A partner that is down, a server that is killed alone, a worker that is stopped."""

import pytest
from tests.federation import steps
from tests.federation.nodes import SERVE, WORKER, wait_until
from tests.federation.steps import Pair

pytestmark = pytest.mark.federation


def status(pair: Pair, ref: str) -> dict:
    """What `exchange status` of RS says about one reference; empty when delivered."""
    ran = pair.rs.try_cli("exchange", "status")
    assert ran.code == bool(ran.document["waiting"])
    return next((one for one in ran.document["waiting"] if one["ref"] == ref), {})


def test_request_waits_for_a_partner_that_is_down(pair: Pair, case: str) -> None:
    pair.de.stop(SERVE, WORKER)
    ref = steps.send_request(pair.rs, case)
    wait_until(lambda: status(pair, ref).get("attempts", 0) >= 2, "RS tries twice")
    told = status(pair, ref)
    assert told["to"] == "DE/24-7"
    assert told["next_at"]
    assert (
        told["why"] == "The partner's node can't be reached (ConnectionRefusedError)."
    )
    assert steps.state_of(pair.rs, ref) == "sent"

    pair.de.start(SERVE)
    stored = "stored by the partner, not opened yet"
    wait_until(lambda: status(pair, ref)["why"] == stored, "DE's door stores it")
    pair.de.start(WORKER)
    steps.await_state(pair.rs, ref, "accepted")
    assert status(pair, ref) == {}
    assert steps.find_received(pair.de, ref)


def test_withdrawal_never_overtakes_its_request(pair: Pair, case: str) -> None:
    pair.de.stop(SERVE)
    ref = steps.send_request(pair.rs, case)
    pair.rs.cli("request", "withdraw", ref, "--note", "resolved", account="ana")
    wait_until(
        lambda: status(pair, ref).get("attempts", 0) >= 1, "RS tries while DE is down"
    )
    pair.de.start(SERVE)
    there = steps.await_received(pair.de, ref)
    steps.await_state(pair.de, there, "withdrawn")
    sent = pair.rs.messages("sent", ref)
    wait_until(
        lambda: all(m["state"] == "accepted" for m in pair.rs.messages("sent", ref)),
        "both receipts arrive",
    )
    assert [(m["kind"], m["seq"]) for m in sent] == [("request", 1), ("withdrawal", 2)]


def test_server_leaves_with_its_main_process(pair: Pair) -> None:
    """An orphan would hold the port, and a new server could not start."""
    pair.de.kill_main(SERVE)
    wait_until(lambda: not pair.de.is_open(), "the orphan leaves")
    pair.de.start(SERVE)
    pair.de.await_door()
    assert pair.de.is_alive(SERVE)


def test_worker_stops_within_a_second(pair: Pair) -> None:
    assert pair.rs.stop(WORKER) < 2.0  # A second, and one for a busy machine.
    pair.rs.start(WORKER)
