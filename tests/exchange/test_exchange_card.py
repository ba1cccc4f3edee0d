"""Cards: what a partner can read from one, and what it must not take."""

import pytest
from tests.exchange.parties import DE, FR, NOW, claims_of, jws_by_hand

from proxeny import exchange

HEADER = {"alg": "Ed25519", "kid": DE.kid, "typ": "pxe-card+jws"}


def make(**changes):
    return exchange.make_card(
        DE,
        **{
            "name": "Kontaktstelle 24/7 (erfunden)",
            "country": "DE",
            "role": "contact_point",
            "endpoint": "https://node.example/exchange/v1/",
            "issued_at": NOW,
            **changes,
        },
    )


def test_card_survives_a_round_trip():
    card = exchange.read_card(f"\n {make()}\n")
    assert (card.authority, card.country, card.role) == (
        "DE/24-7",
        "DE",
        exchange.AuthorityRole.CONTACT_POINT,
    )
    assert card.name == "Kontaktstelle 24/7 (erfunden)"
    assert card.endpoint == "https://node.example/exchange/v1/"
    assert card.issued_at == NOW
    assert card.keys == DE.public


def test_unknown_members_of_a_card_survive():
    claims = {**claims_of(make().encode()), "phone": "+49 30 000000"}
    card = exchange.read_card(jws_by_hand(HEADER, claims, DE).decode())
    assert card.extra == {"phone": "+49 30 000000"}


def test_fingerprint_is_eight_groups_of_four_and_compares_as_typed():
    shown = exchange.read_card(make()).fingerprint
    assert [len(group) for group in shown.split(" ")] == [4] * 8
    assert exchange.compare_fingerprint(shown.upper().replace(" ", ""), shown)
    assert exchange.compare_fingerprint(f" {shown}\n", shown)


@pytest.mark.parametrize("typed", ["", " ", "0000", "é" * 32])
def test_half_a_fingerprint_equals_nothing_not_even_itself(typed):
    shown = exchange.render_fingerprint(DE.public)
    assert not exchange.compare_fingerprint(typed, shown)
    assert not exchange.compare_fingerprint(typed, typed)
    assert not exchange.compare_fingerprint(shown[:-1], shown)


def test_fingerprint_changes_with_authority_and_with_either_key():
    shown = {
        exchange.render_fingerprint(
            exchange.PublicKeys(authority=name, sign_jwk=sign, seal_jwk=seal)
        )
        for name in ("DE/24-7", "FR/24-7")
        for sign in (DE.public.sign_jwk, FR.public.sign_jwk)
        for seal in (DE.public.seal_jwk, FR.public.seal_jwk)
    }
    assert len(shown) == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "de"},
        {"country": "QQ"},
        {"country": 49},
        {"role": "admin"},
        {"role": ["hub"]},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "two\nlines"},
        {"name": "right-to-left \u202e"},
        {"endpoint": "ftp://node.example/"},
        {"endpoint": "https://"},
        {"endpoint": "https://user:secret@node.example/"},
        {"endpoint": "https://node.example/?next=1"},
        {"endpoint": "https://node.example/#x"},
        {"endpoint": "https://node.example:99999/"},
        {"endpoint": "https://[::1/"},
        {"endpoint": "https://node.example/ x"},
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://node.example/" + "a" * 500},
        {"v": "PXE/2"},
        {"kem": "0x647A"},
        {"kem": None},
        {"iss": "de"},
        {"iat": -1},
        {"iat": True},
        {"iat": 10**15},
        {"sign": {**FR.public.sign_jwk}},
        {"sign": {**DE.public.sign_jwk, "d": "x"}},
        {"sign": None},
        {"seal": {**DE.public.seal_jwk, "d": "x"}},
        {"seal": DE.public.sign_jwk},
    ],
)
def test_self_signed_card_with_a_wrong_value_is_refused(changes):
    claims = {**claims_of(make().encode()), **changes}
    with pytest.raises(exchange.CardError) as caught:
        exchange.read_card(jws_by_hand(HEADER, claims, DE).decode())
    assert caught.value.stable_code == "PXY-CARD"


@pytest.mark.parametrize("member", ["iss", "name", "country", "endpoint", "iat", "kem"])
def test_card_without_a_member_is_refused(member):
    claims = claims_of(make().encode())
    del claims[member]
    with pytest.raises(exchange.CardError):
        exchange.read_card(jws_by_hand(HEADER, claims, DE).decode())


def test_loopback_endpoint_is_allowed_for_a_node_on_this_machine():
    card = exchange.read_card(make(endpoint="http://127.0.0.1:8801/exchange/v1/"))
    assert card.endpoint == "http://127.0.0.1:8801/exchange/v1/"


def test_card_signed_by_another_key_is_refused():
    forged = jws_by_hand(HEADER, claims_of(make().encode()), FR)
    with pytest.raises(exchange.CardError, match="signature"):
        exchange.read_card(forged.decode())


def test_card_that_names_another_key_than_it_carries_is_refused():
    header = {**HEADER, "kid": FR.kid}
    forged = jws_by_hand(header, claims_of(make().encode()), FR)
    with pytest.raises(exchange.CardError, match="another key"):
        exchange.read_card(forged.decode())


def test_altered_card_is_refused():
    head, body, signature = make().split(".")
    altered = f"{head}.{body[:60]}{'A' if body[60] != 'A' else 'B'}{body[61:]}"
    with pytest.raises(exchange.CardError):
        exchange.read_card(f"{altered}.{signature}")


@pytest.mark.parametrize("text", ["", "a.b.c", "é" * 9, "." * 9, "\ud800", "x" * 10**6])
def test_what_is_no_card_is_refused(text):
    with pytest.raises(exchange.CardError):
        exchange.read_card(text)


def test_node_never_makes_a_card_that_partners_would_refuse():
    with pytest.raises(exchange.CardError):
        make(role="admin")
    with pytest.raises(exchange.CardError):
        make(issued_at=NOW.replace(tzinfo=None))
