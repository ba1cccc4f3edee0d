"""Receipts: evidence for exactly one message, from exactly one authority."""

import pytest
from tests.exchange.parties import (
    DE,
    FR,
    JTI,
    NOW,
    RS,
    claims_of,
    jws_by_hand,
    payload,
)

from proxeny import exchange

HEADER = {"alg": "Ed25519", "kid": DE.kid, "typ": "pxe-receipt+jws"}
INNER = exchange.sign_message(payload(), RS)
DIGEST = exchange.digest(INNER)


def sign(**changes):
    return exchange.sign_receipt(
        **{
            "keys": DE,
            "to": "RS/24-7",
            "message_digest": DIGEST,
            "jti": JTI,
            "event": "accepted",
            "at": NOW,
            **changes,
        }
    )


def verify(receipt, **changes):
    return exchange.verify_receipt(
        receipt,
        **{
            "sender": DE.public,
            "message_digest": DIGEST,
            "expected_aud": "RS/24-7",
            **changes,
        },
    )


def test_receipt_proves_acceptance():
    receipt = verify(sign())
    assert receipt == exchange.Receipt(
        iss="DE/24-7",
        aud="RS/24-7",
        digest=DIGEST,
        jti=JTI,
        event=exchange.ReceiptEvent.ACCEPTED,
        at=NOW,
    )


def test_receipt_proves_rejection_with_its_reason():
    receipt = verify(sign(event="rejected", reason="PXY-ENVELOPE-EXPIRED"))
    assert receipt.event is exchange.ReceiptEvent.REJECTED
    assert receipt.reason == "PXY-ENVELOPE-EXPIRED"


def test_repeated_receipt_is_the_same_byte_for_byte():
    assert sign() == sign()


def test_further_members_are_signed_and_kept():
    extra = {"log_index": 7, "checkpoint": "o\n8\n"}
    assert verify(sign(extra=extra)).extra == extra


def test_altered_receipt_is_refused():
    rejected = sign(event="rejected", reason="PXY-ENVELOPE-EXPIRED").split(b".")
    accepted = sign().split(b".")
    swapped = b".".join([accepted[0], accepted[1], rejected[2]])
    with pytest.raises(exchange.ReceiptError, match="signature"):
        verify(swapped)


def test_receipt_for_another_digest_is_refused():
    with pytest.raises(exchange.ReceiptError, match="another message"):
        verify(sign(message_digest=exchange.digest(b"another")))


def test_receipt_signed_by_another_is_refused():
    with pytest.raises(exchange.ReceiptError):
        verify(sign(keys=FR))


def test_receipt_signed_by_another_in_our_partners_name_is_refused():
    forged = jws_by_hand(HEADER, claims_of(sign()), FR)
    with pytest.raises(exchange.ReceiptError, match="signature"):
        verify(forged)


def test_receipt_of_a_partner_in_the_name_of_another_is_refused():
    forged = jws_by_hand(HEADER, {**claims_of(sign()), "iss": "FR/24-7"}, DE)
    with pytest.raises(exchange.ReceiptError, match="another authority"):
        verify(forged)


def test_receipt_under_another_key_id_is_refused():
    forged = jws_by_hand({**HEADER, "kid": FR.kid}, claims_of(sign()), DE)
    with pytest.raises(exchange.ReceiptError, match="another authority or key"):
        verify(forged)


def test_receipt_for_somebody_else_is_refused():
    with pytest.raises(exchange.ReceiptError, match="for another"):
        verify(sign(to="FR/24-7"))


def test_message_is_no_receipt_and_receipt_is_no_message():
    with pytest.raises(exchange.ReceiptError):
        verify(exchange.sign_message(payload(iss="DE/24-7", aud="RS/24-7"), DE))
    with pytest.raises(exchange.EnvelopeError):
        exchange.verify_message(sign(), sender=DE.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "opened"},
        {"event": None},
        {"event": "rejected"},
        {"reason": "accepted things have none"},
        {"event": "rejected", "reason": "x" * 201},
        {"event": "rejected", "reason": {"a": 1}},
        {"digest": DIGEST.upper()},
        {"digest": None},
        {"jti": "1"},
        {"at": "2026-11-21"},
        {"iss": 7},
        {"aud": None},
    ],
    ids=str,
)
def test_signed_receipt_against_the_schema_is_refused(changes):
    with pytest.raises(exchange.ReceiptError) as caught:
        verify(jws_by_hand(HEADER, {**claims_of(sign()), **changes}, DE))
    assert caught.value.stable_code == "PXY-RECEIPT"


@pytest.mark.parametrize("noise", [b"", b"a.b.c", b"\xff" * 40, b"x" * 20_000])
def test_what_is_no_receipt_is_refused(noise):
    with pytest.raises(exchange.ReceiptError):
        verify(noise)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "delivered"},
        {"event": "rejected"},
        {"extra": {"digest": "0"}},
        {"extra": {"text": "x" * 17_000}},
        {"extra": {"at": NOW}},
        {"message_digest": "abc"},
        {"at": NOW.replace(tzinfo=None)},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_receipt_that_the_sender_would_refuse_is_not_signed(changes):
    with pytest.raises(exchange.ReceiptError):
        sign(**changes)
