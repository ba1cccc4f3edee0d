"""Hostile peers: at our door, and behind the doors that we post to."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.federation import steps
from tests.federation.fake_partner import FakePartner, open_fake_partner
from tests.federation.nodes import DOOR, WORKER, Node, body_of, wait_until
from tests.federation.parties import new_jti
from tests.federation.steps import Pair

from proxeny import exchange
from proxeny import requests as pure

pytestmark = pytest.mark.federation


# ------------------------------------------------------------------ at our door


def stored(node: Node) -> int:
    return node.rows("SELECT COUNT(*) AS n FROM exchange_message")[0]["n"]


def header(to: str) -> bytes:
    words = {"v": "PXE/1", "to": to, "ekid": "x", "kem": "0x0020"}
    return json.dumps(words, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("outer", "status", "code"),
    [
        (b"", 400, "PXY-ENVELOPE-MALFORMED"),
        (b"\x00\xff" * 5000, 400, "PXY-ENVELOPE-MALFORMED"),
        (b"{" * 100_000 + b"\n", 400, "PXY-ENVELOPE-MALFORMED"),
        (header("FR/24-7") + b"\nabc", 400, "PXY-ENVELOPE-NOT-FOR-US"),
        (header("DE/24-7") + b"\n" + b"a" * 2**21, 413, "PXY-LIMIT"),
    ],
    ids=["empty", "junk", "nested", "wrong-recipient", "two-mebibytes"],
)
def test_door_refuses_and_keeps_nothing(
    pair: Pair, outer: bytes, status: int, code: str
) -> None:
    before = stored(pair.de)
    answered, document = pair.de.post(outer)
    assert (answered, document["code"]) == (status, code)
    assert stored(pair.de) == before


def test_other_methods_are_refused(pair: Pair) -> None:
    assert pair.de.ask("GET", DOOR)[0] == 405


def test_half_a_post_keeps_nothing_and_stops_nothing(pair: Pair) -> None:
    before = stored(pair.de)
    connection = HTTPConnection("127.0.0.1", pair.de.port, timeout=10)
    connection.putrequest("POST", DOOR)
    connection.putheader("Content-Length", "1000")
    connection.endheaders(header("DE/24-7"))
    connection.close()
    pair.de.await_door()
    assert stored(pair.de) == before


def await_answer(node: Node, outer: bytes, *statuses: int) -> dict[str, Any]:
    """Post the same bytes until the worker has looked at them; the final answer."""

    def final() -> dict[str, Any] | None:
        status, document = node.post(outer)
        return document if status in statuses else None

    return wait_until(final, f"the door answers {statuses}")


def test_junk_under_a_sound_header_is_kept_by_digest_alone(pair: Pair) -> None:
    keys = pair.de.keys
    outer = json.dumps(
        {"v": "PXE/1", "to": "DE/24-7", "ekid": keys.seal_kid, "kem": "0x0020"},
        separators=(",", ":"),
    ).encode()
    outer += b"\n" + b"\xaa" * 5000
    told = await_answer(pair.de, outer, 409)
    assert told["code"] == "PXY-ENVELOPE-CANNOT-OPEN"

    def forgotten() -> bool:
        digest = hashlib.sha256(outer).hexdigest()
        rows = pair.de.rows("SELECT * FROM exchange_message")
        return [row["outer"] for row in rows if row["outer_digest"] == digest] == [None]

    wait_until(forgotten, "the bytes are dropped, their digest stays")


@pytest.fixture
def delivered(pair: Pair, case: str) -> tuple[str, dict[str, Any]]:
    """A request that DE has taken: its reference, and the message at RS."""
    ref = steps.send_request(pair.rs, case)
    steps.await_received(pair.de, ref)
    steps.await_state(pair.rs, ref, "accepted")
    return ref, pair.rs.messages("sent", ref)[0]


def untouched(pair: Pair, ref: str, message: dict[str, Any]) -> None:
    """DE still has the request once, as it came, with the receipt that it gave."""
    copies = pair.de.messages("received", ref)
    opened = [row for row in copies if row["partner_id"] is not None]
    assert len(opened) == 1
    for column in ("inner", "receipt"):
        assert bytes(opened[0][column]) == bytes(message[column])
    assert body_of(opened[0]) == body_of(message)
    assert steps.find_received(pair.de, ref)["state"] == "accepted"


def test_replayed_envelope_gets_the_same_receipt(
    pair: Pair, delivered: tuple[str, dict[str, Any]]
) -> None:
    ref, message = delivered
    status, document = pair.de.post(bytes(message["outer"]))
    assert status == 200
    assert document["receipt"].encode() == bytes(message["receipt"])
    untouched(pair, ref, message)


def test_resealed_message_gets_the_same_receipt(
    pair: Pair, delivered: tuple[str, dict[str, Any]]
) -> None:
    ref, message = delivered
    outer = exchange.seal_message(bytes(message["inner"]), pair.de.keys.public)
    assert outer != bytes(message["outer"])
    document = await_answer(pair.de, outer, 200)
    assert document["receipt"].encode() == bytes(message["receipt"])
    untouched(pair, ref, message)


def test_twin_of_a_message_is_an_alarm_and_changes_nothing(
    pair: Pair, delivered: tuple[str, dict[str, Any]]
) -> None:
    ref, message = delivered
    said = exchange.verify_message(bytes(message["inner"]), sender=pair.rs.keys.public)
    twin = exchange.Payload(
        iss=said.iss,
        aud=said.aud,
        jti=said.jti,
        iat=said.iat,
        exp=said.exp,
        case=said.case,
        seq=said.seq,
        kind="withdrawal",
        body={"asked_ref": ref, "note": "forged"},
    )
    inner = exchange.sign_message(twin, pair.rs.keys)
    outer = exchange.seal_message(inner, pair.de.keys.public)
    document = await_answer(pair.de, outer, 409)
    assert document == {"state": "rejected", "code": "PXY-MESSAGE-TWIN"}
    untouched(pair, ref, message)


# ---------------------------------------------------------- partners made of keys


@pytest.fixture
def france() -> Iterator[FakePartner]:
    with open_fake_partner("FR/24-7") as partner:
        yield partner


def add_partner(node: Node, partner: FakePartner, folder: Path) -> None:
    card = folder / "FR.card"
    card.write_text(partner.card(), encoding="ascii")
    shown = exchange.render_fingerprint(partner.keys.public)
    listed = node.cli("partner", "list")["partners"]
    known = [one["fingerprint"] for one in listed if one["authority"] == "FR/24-7"]
    replaces = [part for was in known for part in ("--replaces", was)]
    node.cli("partner", "add", str(card), "--fingerprint", shown, *replaces)


def seal_from(
    partner: FakePartner, node: Node, kind: str, ref: str, body: dict[str, Any]
) -> bytes:
    now = datetime.now(UTC)
    said = exchange.Payload(
        iss=partner.keys.authority,
        aud=node.authority,
        jti=new_jti(),
        iat=now,
        exp=now + timedelta(days=14),
        case=ref,
        seq=1,
        kind=kind,
        body=body,
    )
    inner = exchange.sign_message(said, partner.keys)
    return exchange.seal_message(inner, node.keys.public)


def test_unknown_sender_is_taken_once_its_card_is_added(
    pair: Pair, case: str, france: FakePartner, tmp_path: Path
) -> None:
    ref = steps.send_request(pair.rs, case)
    body = {**body_of(pair.rs.messages("sent", ref)[0]), "asked_ref": "FR-Q-000007"}
    outer = seal_from(france, pair.de, "request", "FR-Q-000007", body)
    told = await_answer(pair.de, outer, 409)
    assert told["code"] == "PXY-ENVELOPE-UNKNOWN-SENDER"
    assert steps.find_received(pair.de, "FR-Q-000007") is None
    add_partner(pair.de, france, tmp_path)
    document = await_answer(pair.de, outer, 200)
    receipt = exchange.verify_receipt(
        document["receipt"].encode(),
        sender=pair.de.keys.public,
        message_digest=pair.de.messages("received", "FR-Q-000007")[0]["inner_digest"],
        expected_aud="FR/24-7",
    )
    assert receipt.event is exchange.ReceiptEvent.ACCEPTED
    assert steps.find_received(pair.de, "FR-Q-000007")["state"] == "accepted"
    assert pair.de.post(outer)[1] == document


def test_answer_of_a_partner_who_was_not_asked_is_rejected(
    pair: Pair, case: str, france: FakePartner, tmp_path: Path
) -> None:
    ref = steps.send_request(pair.rs, case)
    steps.await_state(pair.rs, ref, "accepted")
    add_partner(pair.rs, france, tmp_path)
    refusal = {
        "outcome": "refused",
        "reference": "FR-1",
        "ground": "political_offence",
        "note": "Not for you.",
    }
    form = pure.load_form("ETS185-29")
    wire = pure.reply_to_wire(form, pure.normalise_reply(form, refusal))
    body = {"asked_ref": ref, "wire": wire}
    outer = seal_from(france, pair.rs, "reply", ref, body)
    document = await_answer(pair.rs, outer, 200)
    forged = [
        row
        for row in pair.rs.messages("received", ref)
        if row["reason"] == "PXY-REQUEST-REFERENCE"
    ]
    assert len(forged) == 1
    receipt = exchange.verify_receipt(
        document["receipt"].encode(),
        sender=pair.rs.keys.public,
        message_digest=forged[0]["inner_digest"],
        expected_aud="FR/24-7",
    )
    assert (receipt.event, receipt.reason) == ("rejected", "PXY-REQUEST-REFERENCE")
    assert steps.state_of(pair.rs, ref) == "accepted"


# --------------------------------------------------- behind the doors we post to


def why(node: Node, ref: str) -> str:
    waiting = node.try_cli("exchange", "status").document["waiting"]
    return next((one["why"] for one in waiting if one["ref"] == ref), "")


def test_no_manner_of_a_door_counts_as_delivered(
    pair: Pair, case: str, france: FakePartner, tmp_path: Path
) -> None:
    """The message waits, the worker works, and others get through."""
    france.sender = pair.rs.keys.public
    add_partner(pair.rs, france, tmp_path)
    france.manner = "forging"
    ref = steps.send_request(pair.rs, case, to="FR/24-7")
    for manner, told in {
        "forging": "the receipt is not sound: Receipt refused: ",
        "redirecting": "the partner answered 307",
        "babbling": "the partner answered 200",
        "lying": "the partner answered 409",
        "not_http": "The partner's node can't be reached (BadStatusLine).",
        "endless": "The partner's answer is over its limit.",
        "dripping": "The partner's node can't be reached (TimeoutError).",
    }.items():
        france.manner = manner
        before = france.posts[manner]
        wait_until(lambda: why(pair.rs, ref).startswith(told), f"{manner} is noted")  # noqa: B023 - called here
        assert france.posts[manner] > before
        assert steps.state_of(pair.rs, ref) == "sent", manner
    assert france.paths == {DOOR}, "a redirect was followed"

    # One partner hangs; a request to another is held up by that one post at most.
    france.manner = "hanging"
    wait_until(lambda: france.posts["hanging"], "a post hangs")
    steps.await_received(pair.de, steps.send_request(pair.rs, case))

    posts = france.posts["hanging"]
    wait_until(lambda: france.posts["hanging"] > posts, "a post hangs again")
    assert pair.rs.stop(WORKER) < 2.0  # A second, and one for a busy machine.
    assert [row["lease_until"] for row in waiting_jobs(pair.rs)] == [None]

    france.manner = "honest"
    france.released.set()
    pair.rs.start(WORKER)
    steps.await_state(pair.rs, ref, "accepted")
    assert why(pair.rs, ref) == ""
    assert len(france.messages) == 1, "every try brought the same message"
    (said,) = france.messages.values()
    assert (said.case, said.kind, said.seq) == (ref, "request", 1)


def waiting_jobs(node: Node) -> list[dict[str, Any]]:
    return node.rows("SELECT lease_until FROM jobs_job WHERE state = 'waiting'")
