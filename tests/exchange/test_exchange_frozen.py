"""The wire is long-lived: what release 0.1 wrote must load for ever."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from proxeny import exchange

FOLDER = Path(__file__).parents[1] / "vectors" / "frozen" / "0.1"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))
INNER = (FOLDER / "message.inner.jws").read_bytes()


def keys_of(country):
    text = (FOLDER / f"{country}.private.jwks.json").read_text("utf-8")
    return exchange.NodeKeys.from_private_jwks(text)


def card_of(country):
    return exchange.read_card((FOLDER / f"{country}.card.jws").read_text("utf-8"))


@pytest.mark.parametrize("country", ["rs", "de"])
def test_frozen_card_and_keys_load(country):
    card, expected = card_of(country), EXPECTED["cards"][country]
    assert card.keys == keys_of(country).public
    assert card.extra == {}
    assert expected == {
        "authority": card.authority,
        "name": card.name,
        "country": card.country,
        "role": card.role.value,
        "endpoint": card.endpoint,
        "issued_at": card.issued_at.isoformat(),
        "fingerprint": card.fingerprint,
        "kid": card.keys.kid,
        "seal_kid": card.keys.seal_kid,
    }


def test_frozen_envelope_opens():
    sender = card_of("rs").keys
    opened = exchange.open_message(
        (FOLDER / "message.pxe").read_bytes(),
        keys=keys_of("de"),
        find_sender=lambda authority, kid: (
            sender if (authority, kid) == (sender.authority, sender.kid) else None
        ),
        now=datetime.fromisoformat(EXPECTED["payload"]["iat"]),
    )
    assert opened.inner == INNER
    assert opened.digest == EXPECTED["digest"]
    expected = dict(EXPECTED["payload"])
    for name in ("iat", "exp"):
        assert getattr(opened.payload, name).isoformat() == expected.pop(name)
    assert {name: getattr(opened.payload, name) for name in expected} == expected


def test_frozen_message_is_still_evidence():
    payload = exchange.verify_message(INNER, sender=card_of("rs").keys)
    assert payload.jti == EXPECTED["payload"]["jti"]


@pytest.mark.parametrize(
    ("event", "reason", "extra"),
    [("accepted", None, {"log_index": 4}), ("rejected", "PXY-ENVELOPE-EXPIRED", {})],
)
def test_frozen_receipt_verifies(event, reason, extra):
    receipt = exchange.verify_receipt(
        (FOLDER / f"receipt.{event}.jws").read_bytes(),
        sender=card_of("de").keys,
        message_digest=EXPECTED["digest"],
        expected_aud="RS/24-7",
    )
    assert (receipt.event.value, receipt.reason, receipt.extra) == (
        event,
        reason,
        extra,
    )
    assert receipt.at.isoformat() == EXPECTED["receipt_at"]


def test_frozen_checkpoint_verifies():
    expected = EXPECTED["checkpoint"]
    checkpoint = exchange.log.verify_checkpoint(
        (FOLDER / "checkpoint.txt").read_text("utf-8"),
        signer=card_of("de").keys,
        origin=expected["origin"],
    )
    leaves = [exchange.log.leaf_hash(bytes([number])) for number in range(5)]
    assert (checkpoint.size, checkpoint.root_hash.hex()) == (5, expected["root"])
    assert checkpoint.root_hash == exchange.log.root(leaves)
