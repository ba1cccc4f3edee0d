"""The envelope: what goes through, and each attack by its name."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.parties import (
    DE,
    FR,
    IMPOSTOR,
    JTI,
    NOW,
    RS,
    claims_of,
    jws_by_hand,
    open_as,
    payload,
    render_header,
    seal_by_hand,
)

from proxeny import exchange
from proxeny.exchange.envelope import CLOCK_SKEW, MAX_ENVELOPE_BYTES
from proxeny.exchange.envelope import EnvelopeReason as Reason
from proxeny.exchange.wire import parse_base64url

HEADER = {"alg": "Ed25519", "kid": RS.kid, "typ": "pxe-msg+jws"}
INNER = exchange.sign_message(payload(), RS)
OUTER = exchange.seal_message(INNER, DE.public)
CLAIMS = claims_of(INNER)


def refused(outer: bytes, **changes) -> Reason:
    """Why DE refuses this envelope."""
    with pytest.raises(exchange.EnvelopeError) as caught:
        open_as(DE, outer, **changes)
    reason = caught.value.reason
    word = reason.value.upper().replace("_", "-")
    assert caught.value.stable_code == f"PXY-ENVELOPE-{word}"
    assert caught.value.what_to_do
    return reason


# --- What goes through


def test_message_arrives_as_it_was_said():
    opened = open_as(DE, OUTER)
    assert opened.payload == payload()
    assert opened.inner == INNER
    assert opened.digest == exchange.digest(INNER)
    assert opened.kid == RS.kid


def test_bytes_on_the_wire_are_header_line_and_raw_hpke_output():
    header, sealed = OUTER.split(b"\n", 1)
    assert header == render_header(DE.public)
    assert json.loads(header) == {
        "v": "PXE/1",
        "to": "DE/24-7",
        "ekid": DE.seal_kid,
        "kem": "0x0020",
    }
    # 32 bytes of encapsulated key and 16 of tag, and no base64 round them.
    assert len(sealed) == 32 + len(INNER) + 16


def test_inner_message_has_exactly_the_header_of_the_design():
    assert json.loads(parse_base64url(INNER.split(b".")[0])) == HEADER


def test_post_office_reads_the_header_without_opening():
    header = exchange.read_header(OUTER)
    assert (header.to, header.ekid, header.kem) == ("DE/24-7", DE.seal_kid, "0x0020")


def test_signing_gives_the_same_bytes_and_sealing_never_does():
    assert exchange.sign_message(payload(), RS) == INNER
    assert exchange.seal_message(INNER, DE.public) != OUTER


def test_unknown_payload_members_survive():
    said = payload(extra={"dirver": 41, "att": [{"sha256": "00"}]})
    outer = exchange.seal_message(exchange.sign_message(said, RS), DE.public)
    assert open_as(DE, outer).payload.extra == {"dirver": 41, "att": [{"sha256": "00"}]}


def test_message_without_case_and_answer_goes_through():
    said = payload(case=None, re=None, seq=0)
    inner = exchange.sign_message(said, RS)
    assert {"case", "re"}.isdisjoint(claims_of(inner))
    assert open_as(DE, exchange.seal_message(inner, DE.public)).payload == said


def test_stored_message_is_evidence_long_after_it_expired():
    assert exchange.verify_message(INNER, sender=RS.public) == payload()
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.verify_message(INNER, sender=FR.public)
    assert caught.value.reason is Reason.UNKNOWN_SENDER


def test_clock_skew_is_allowed_either_way_and_no_more():
    late, early = payload().exp + CLOCK_SKEW, NOW - CLOCK_SKEW
    assert open_as(DE, OUTER, now=late).payload.jti == JTI
    assert open_as(DE, OUTER, now=early).payload.jti == JTI
    second = timedelta(seconds=1)
    assert refused(OUTER, now=late + second) is Reason.EXPIRED
    assert refused(OUTER, now=early - second) is Reason.NOT_YET_VALID


json_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | json_texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(json_texts, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.dictionaries(json_texts, json_values, max_size=5))
def test_any_json_body_survives_sealing_and_opening(body):
    inner = exchange.sign_message(payload(body=body), RS)
    opened = open_as(DE, exchange.seal_message(inner, DE.public))
    assert json.dumps(opened.payload.body) == json.dumps(body)


@settings(max_examples=120)
@given(st.integers(0, len(OUTER) * 8 - 1))
def test_one_flipped_bit_never_opens(bit):
    flipped = bytearray(OUTER)
    flipped[bit // 8] ^= 1 << bit % 8
    assert refused(bytes(flipped)) in {
        Reason.CANNOT_OPEN,
        Reason.MALFORMED,
        Reason.NOT_FOR_US,
    }


@settings(max_examples=60)
@given(st.integers(0, len(INNER) * 8 - 1))
def test_one_flipped_bit_of_the_signed_message_never_passes(bit):
    flipped = bytearray(INNER)
    flipped[bit // 8] ^= 1 << bit % 8
    assert refused(seal_by_hand(bytes(flipped), DE.public)) in {
        Reason.BAD_SIGNATURE,
        Reason.MALFORMED,
        Reason.UNKNOWN_SENDER,
    }


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_noise_is_refused_in_one_line(noise):
    assert refused(noise) is Reason.MALFORMED
    assert refused(seal_by_hand(noise, DE.public)) is Reason.MALFORMED
    assert refused(render_header(DE.public) + b"\n" + noise) is Reason.CANNOT_OPEN


# --- Attacks on the outer envelope


def test_envelope_sealed_for_another_is_refused():
    assert refused(seal_by_hand(INNER, FR.public)) is Reason.NOT_FOR_US


def test_envelope_readdressed_from_another_to_us_does_not_open():
    _, sealed = seal_by_hand(INNER, FR.public).split(b"\n", 1)
    assert refused(render_header(DE.public) + b"\n" + sealed) is Reason.CANNOT_OPEN


def test_header_altered_after_sealing_does_not_open():
    # The header fits the receiver, but another one was bound when it was sealed.
    header = render_header(DE.public, to="FR/24-7")
    _, sealed = seal_by_hand(INNER, DE.public, header).split(b"\n", 1)
    assert refused(render_header(DE.public) + b"\n" + sealed) is Reason.CANNOT_OPEN


def test_envelope_sealed_under_wrong_info_does_not_open():
    suite = DE.public.suite.hpke
    for info in (None, b"PXE/1", b"PXE/1" + bytes(32)):
        sealed = suite.encrypt(INNER, DE.public.seal_key, info=info)
        outer = render_header(DE.public) + b"\n" + sealed
        assert refused(outer) is Reason.CANNOT_OPEN


@pytest.mark.parametrize("kem", ["0x647A", "0x0010", "none"])
def test_message_cannot_choose_the_suite(kem):
    header = render_header(DE.public, kem=kem)
    assert refused(seal_by_hand(INNER, DE.public, header)) is Reason.CANNOT_OPEN


def test_envelope_for_a_former_key_says_to_seal_it_anew():
    header = render_header(DE.public, ekid=FR.seal_kid)
    assert refused(seal_by_hand(INNER, DE.public, header)) is Reason.CANNOT_OPEN


@pytest.mark.parametrize(
    "header",
    [
        render_header(DE.public, v="PXE/2"),
        render_header(DE.public, note="x"),
        render_header(DE.public).replace(b",", b", "),
        render_header(DE.public).replace(b'"v"', b'"v":"PXE/1","v"'),
        render_header(DE.public).replace(b"DE", b"\\u0044E"),
        render_header(DE.public, to="nobody"),
        render_header(DE.public, ekid="x" * 65),
        b"[]",
        b"",
        b'"' + b"x" * 600 + b'"',
    ],
)
def test_header_in_another_spelling_is_refused(header):
    assert refused(seal_by_hand(INNER, DE.public, header)) is Reason.MALFORMED


def test_envelope_without_body_or_cut_short_does_not_open():
    assert refused(OUTER.split(b"\n")[0]) is Reason.MALFORMED
    assert refused(OUTER.split(b"\n")[0] + b"\n") is Reason.CANNOT_OPEN
    assert refused(OUTER[:-1]) is Reason.CANNOT_OPEN
    assert refused(OUTER + b"\0") is Reason.CANNOT_OPEN


def test_encapsulated_key_of_small_order_does_not_open():
    sealed = bytes(32) + OUTER.split(b"\n", 1)[1][32:]
    assert refused(render_header(DE.public) + b"\n" + sealed) is Reason.CANNOT_OPEN


def test_envelope_of_two_mebibytes_is_refused_unread():
    outer = render_header(DE.public) + b"\n" + bytes(2 * 1024 * 1024)
    assert refused(outer) is Reason.TOO_LARGE


def test_largest_envelope_goes_through_and_one_more_byte_does_not_leave():
    # Base64 adds a third; what is left over is header, signature and HPKE.
    room = MAX_ENVELOPE_BYTES * 3 // 4 - 800
    inner = exchange.sign_message(payload(body={"text": "x" * room}), RS)
    outer = exchange.seal_message(inner, DE.public)
    assert MAX_ENVELOPE_BYTES - 1000 < len(outer) <= MAX_ENVELOPE_BYTES
    assert len(open_as(DE, outer).payload.body["text"]) == room
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.sign_message(payload(body={"text": "x" * (room + 1000)}), RS)
    assert caught.value.reason is Reason.TOO_LARGE


# --- Attacks on the signed message inside


def test_message_resealed_for_a_third_party_is_refused():
    # Davis 2001: FR opens what RS said to FR and seals it anew for DE.
    said_to_fr = exchange.sign_message(payload(aud="FR/24-7"), RS)
    assert refused(seal_by_hand(said_to_fr, DE.public)) is Reason.NOT_FOR_US


def test_our_own_code_never_seals_for_another_than_the_addressee():
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.seal_message(INNER, FR.public)
    assert caught.value.reason is Reason.NOT_FOR_US


def test_foreign_key_under_a_known_key_id_is_refused():
    forged = jws_by_hand(HEADER, CLAIMS, IMPOSTOR)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.BAD_SIGNATURE


def test_foreign_key_under_its_own_key_id_is_an_unknown_sender():
    header = {**HEADER, "kid": IMPOSTOR.kid}
    forged = jws_by_hand(header, CLAIMS, IMPOSTOR)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.UNKNOWN_SENDER


def test_partner_cannot_speak_in_the_name_of_another():
    # FR is known, its signature holds, and yet the message says that RS wrote it.
    forged = jws_by_hand({**HEADER, "kid": FR.kid}, CLAIMS, FR)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.UNKNOWN_SENDER


def test_swapped_key_id_is_refused_even_if_the_look_up_is_careless():
    forged = jws_by_hand({**HEADER, "kid": FR.kid}, CLAIMS, FR)
    outer = seal_by_hand(forged, DE.public)
    for careless in (RS.public, FR.public):
        why = refused(outer, find_sender=lambda _iss, _kid, found=careless: found)
        assert why is Reason.UNKNOWN_SENDER


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "EdDSA"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "crit": ["exp"], "exp": 1},
        {**HEADER, "crit": []},
        {**HEADER, "jwk": dict(IMPOSTOR.public.sign_jwk)},
        {**HEADER, "jku": "https://attacker.example/keys"},
        {**HEADER, "x5u": "https://attacker.example/cert"},
        {**HEADER, "zip": "DEF"},
        {**HEADER, "b64": False},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "pxe-receipt+jws"},
        {**HEADER, "typ": "pxe-card+jws"},
        {"alg": "Ed25519", "kid": RS.kid},
        {"alg": "Ed25519", "typ": "pxe-msg+jws"},
        {**HEADER, "kid": None},
        {**HEADER, "kid": [RS.kid]},
        {**HEADER, "kid": "x" * 300},
        b'{"alg":"none","alg":"Ed25519","kid":"x","typ":"pxe-msg+jws"}',
        b"[" * 150,
        b"[]",
        b"\xff",
    ],
    ids=lambda header: str(header)[:70],
)
def test_header_member_of_an_attack_is_refused(header):
    forged = jws_by_hand(header, CLAIMS, RS)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.MALFORMED


def test_unsigned_message_is_refused():
    head, body, _ = INNER.split(b".")
    for token in (head + b"." + body + b".", head + b"." + body, body, b"", b".."):
        assert refused(seal_by_hand(token, DE.public)) is Reason.MALFORMED


def test_signature_in_another_spelling_is_refused():
    # The last character carries two bits only; the other spellings must not pass,
    # or one message would have several digests.
    spelled = INNER[:-1] + bytes([INNER[-1] + 1])
    assert refused(seal_by_hand(spelled, DE.public)) in {
        Reason.MALFORMED,
        Reason.BAD_SIGNATURE,
    }
    assert refused(seal_by_hand(INNER + b"==", DE.public)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": ["DE/24-7", "FR/24-7"]},
        {"iss": None},
        {"iss": "rs"},
        {"jti": "7"},
        {"jti": "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b"},
        {"jti": JTI.upper()},
        {"iat": "now"},
        {"iat": 1.5},
        {"iat": True},
        {"exp": None},
        {"exp": 10**18},
        {"exp": CLAIMS["iat"]},
        {"seq": -1},
        {"seq": None},
        {"seq": 1.0},
        {"case": 7},
        {"case": ""},
        {"case": "x" * 201},
        {"re": ["x"]},
        {"kind": ""},
        {"kind": "a b"},
        {"kind": None},
        {"body": []},
        {"body": None},
    ],
    ids=str,
)
def test_signed_payload_against_the_schema_is_refused(changes):
    forged = jws_by_hand(HEADER, {**CLAIMS, **changes}, RS)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"\xff"}',
        b'{"a":1}//',
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_json_that_two_readers_could_read_differently_is_refused(body):
    whole = json.dumps(CLAIMS).encode()
    claims = whole.replace(json.dumps(CLAIMS["body"]).encode(), body)
    assert claims != whole
    forged = jws_by_hand(HEADER, claims, RS)
    assert refused(seal_by_hand(forged, DE.public)) is Reason.MALFORMED


# --- What our own node must not send


@pytest.mark.parametrize(
    "body",
    [
        {"at": NOW},
        {"pair": (1, 2)},
        {1: "x"},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": "\0"},
        {"a": "\ud800"},
    ],
    ids=str,
)
def test_body_that_partners_would_refuse_is_not_signed(body):
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.sign_message(payload(body=body), RS)
    assert caught.value.reason is Reason.MALFORMED


def test_node_signs_in_its_own_name_only():
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.sign_message(payload(iss="FR/24-7"), RS)
    assert caught.value.reason is Reason.MALFORMED


def test_extra_member_cannot_replace_a_named_one():
    with pytest.raises(exchange.EnvelopeError):
        payload(extra={"aud": "FR/24-7"})


def test_what_is_no_message_is_not_sealed():
    with pytest.raises(exchange.EnvelopeError) as caught:
        exchange.seal_message(b"hello", DE.public)
    assert caught.value.reason is Reason.MALFORMED


def test_error_tells_nothing_of_what_the_message_said():
    forged = jws_by_hand(HEADER, CLAIMS, IMPOSTOR)
    with pytest.raises(exchange.EnvelopeError) as caught:
        open_as(DE, seal_by_hand(forged, DE.public))
    assert "RS-2026-17" not in str(caught.value)
    assert caught.value.__cause__ is None
