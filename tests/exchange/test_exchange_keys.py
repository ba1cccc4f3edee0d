"""Keys: RFC 7638 ids, JWK sets that survive, and keys that nobody should take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.parties import DE, RS

from proxeny import exchange
from proxeny.errors import InputError
from proxeny.exchange.wire import encode_base64url

# RFC 8037 appendix A.1-A.3.
RFC_8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_8037_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def public(**changes):
    return exchange.PublicKeys(
        **{
            "authority": "DE/24-7",
            "sign_jwk": DE.public.sign_jwk,
            "seal_jwk": DE.public.seal_jwk,
            **changes,
        }
    )


def test_key_id_is_the_thumbprint_of_rfc_8037_a3():
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X}
    assert public(sign_jwk=jwk).kid == RFC_8037_THUMBPRINT


def test_private_set_survives_a_round_trip():
    again = exchange.NodeKeys.from_private_jwks(DE.to_private_jwks())
    assert again.public == DE.public
    assert again.to_private_jwks() == DE.to_private_jwks()
    message = exchange.log.sign_checkpoint
    assert message(keys=again, origin="o", size=0, root_hash=bytes(32)) == message(
        keys=DE, origin="o", size=0, root_hash=bytes(32)
    )


def test_private_set_is_a_jwk_set_that_names_use_and_key_ids():
    document = json.loads(DE.to_private_jwks())
    told = [(key["use"], key["kid"], key["crv"]) for key in document["keys"]]
    assert told == [("sig", DE.kid, "Ed25519"), ("enc", DE.seal_kid, "X25519")]


def test_generated_keys_are_new_each_time():
    first, second = (exchange.generate_keys("DE/24-7") for _ in range(2))
    assert first.kid != second.kid
    assert first.seal_kid != second.seal_kid


def test_no_secret_is_printed():
    secrets = [key["d"] for key in json.loads(DE.to_private_jwks())["keys"]]
    assert not any(secret in repr(DE) for secret in secrets)


def _damaged_sets():
    whole = json.loads(DE.to_private_jwks())
    sign, seal = whole["keys"]
    foreign = json.loads(RS.to_private_jwks())["keys"][0]
    yield "one key is missing", {**whole, "keys": [sign]}
    yield "the same key twice", {**whole, "keys": [sign, sign]}
    yield "halves of two keys", {**whole, "keys": [{**sign, "x": foreign["x"]}, seal]}
    yield (
        "no private half",
        {
            **whole,
            "keys": [{k: v for k, v in sign.items() if k != "d"}, seal],
        },
    )
    yield "a foreign key id", {**whole, "keys": [{**sign, "kid": foreign["kid"]}, seal]}
    yield "no authority", {"keys": whole["keys"]}
    yield "keys is no list", {**whole, "keys": {"crv": "Ed25519"}}
    yield "another curve", {**whole, "keys": [{**sign, "crv": "P-256"}, seal]}
    yield "a curve that is a list", {**whole, "keys": [{**sign, "crv": []}, seal]}


@pytest.mark.parametrize(
    "document", [pytest.param(item, id=name) for name, item in _damaged_sets()]
)
def test_damaged_private_set_is_refused_without_quoting_it(document):
    with pytest.raises(exchange.KeysError) as caught:
        exchange.NodeKeys.from_private_jwks(json.dumps(document))
    assert caught.value.stable_code == "PXY-KEYS"
    assert json.loads(DE.to_private_jwks())["keys"][0]["d"] not in str(caught.value)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_as_a_key_set(text):
    with pytest.raises(exchange.KeysError):
        exchange.NodeKeys.from_private_jwks(text)


@pytest.mark.parametrize("member", ["d", "p", "k", "priv"])
def test_public_key_with_a_private_member_is_refused(member):
    jwk = {**DE.public.sign_jwk, member: RFC_8037_D}
    with pytest.raises(exchange.KeysError, match="private"):
        public(sign_jwk=jwk)


def test_unknown_members_of_a_public_key_do_no_harm():
    jwk = {**DE.public.sign_jwk, "nbf": 1, "exp": 2}
    assert public(sign_jwk=jwk) == DE.public


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sign_jwk": DE.public.seal_jwk}, "curve swapped"),
        ({"seal_jwk": DE.public.sign_jwk}, "curve swapped"),
        ({"sign_jwk": {**DE.public.sign_jwk, "kty": "EC"}}, "key type"),
        ({"sign_jwk": {**DE.public.sign_jwk, "use": "enc"}}, "use"),
        ({"sign_jwk": {**DE.public.sign_jwk, "alg": "EdDSA"}}, "algorithm"),
        ({"sign_jwk": {**DE.public.sign_jwk, "kid": RS.kid}}, "foreign id"),
        ({"sign_jwk": {**DE.public.sign_jwk, "x": "AAAA"}}, "short"),
        ({"sign_jwk": {**DE.public.sign_jwk, "x": RFC_8037_X + "="}}, "padding"),
        ({"sign_jwk": {**DE.public.sign_jwk, "x": RFC_8037_X[:-1] + "p"}}, "bits"),
        ({"sign_jwk": {**DE.public.sign_jwk, "x": 7}}, "number"),
        ({"sign_jwk": []}, "no object"),
        ({"authority": "Germany"}, "id"),
        ({"authority": "DE/24-7\n"}, "id with line feed"),
        ({"authority": "DE/a|b"}, "id with the separator of the fingerprint"),
    ],
)
def test_key_of_another_kind_is_refused(changes, why):
    with pytest.raises(InputError):
        public(**changes)


@pytest.mark.parametrize(
    "point",
    [
        "00" * 32,
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "ff",
    ],
)
def test_signing_key_of_small_order_is_refused(point):
    # Under such a key a signature fits many messages: its owner can deny them all.
    jwk = {**DE.public.sign_jwk, "x": encode_base64url(bytes.fromhex(point))}
    with pytest.raises(exchange.KeysError, match="small order"):
        public(sign_jwk=jwk)


@pytest.mark.parametrize("point", ["A" * 43, "AQ" + "A" * 41])
def test_sealing_key_of_small_order_is_refused(point):
    # Whatever is sealed for such a key can be opened by everybody.
    with pytest.raises(exchange.KeysError, match="small order"):
        public(seal_jwk={**DE.public.seal_jwk, "x": point})
