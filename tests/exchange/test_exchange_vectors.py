"""Official vectors: RFC 8037 (JWS) and RFC 9180 (HPKE), with a second HPKE."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jws
from joserfc.jwk import OKPKey
from tests.exchange.parties import DE, RS, payload

from proxeny import exchange
from proxeny.exchange.jws import SignatureError, Typ, parse_jws, sign_jws, verify_jws
from proxeny.exchange.wire import parse_base64url

RFC_8037_KEY = OKPKey.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
)
RFC_8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr"
    "_MuM0KAg"
)


def test_ed25519_signature_of_rfc_8037_a4_and_a5():
    """The RFC's token says EdDSA; the key and library make exactly its signature."""
    signing_input, _, signature = RFC_8037_JWS.rpartition(".")
    private = RFC_8037_KEY.private_key
    assert isinstance(private, Ed25519PrivateKey)
    made = private.sign(signing_input.encode())
    assert made == parse_base64url(signature.encode())
    ours = sign_jws(b"x", key=RFC_8037_KEY, kid="k", typ=Typ.CARD)
    verify_jws(parse_jws(ours, typ=Typ.CARD), key=RFC_8037_KEY)
    assert jws.deserialize_compact(ours, RFC_8037_KEY, ["Ed25519"]).payload == b"x"


def test_token_of_rfc_8037_itself_is_refused_for_its_old_algorithm_name():
    with pytest.raises(ValueError, match="header"):
        parse_jws(RFC_8037_JWS.encode(), typ=Typ.MESSAGE)


def test_signature_of_another_key_is_refused():
    token = sign_jws(b"x", key=RFC_8037_KEY, kid="k", typ=Typ.MESSAGE)
    with pytest.raises(SignatureError):
        verify_jws(parse_jws(token, typ=Typ.MESSAGE), key=DE.public.sign_key)


# --- HPKE base mode after RFC 9180, a second time, from primitives alone.


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    whole = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, whole + b"\x01", "sha256")[:length]


def open_hpke(
    secret: bytes, sealed: bytes, info: bytes, aad: bytes, aead: int
) -> bytes:
    private = X25519PrivateKey.from_private_bytes(secret)
    enc, ciphertext = sealed[:32], sealed[32:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM\x00\x20"
    prk = extract(kem, b"", b"eae_prk", shared)
    context = enc + private.public_key().public_bytes_raw()
    shared_secret = expand(kem, prk, b"shared_secret", context, 32)
    suite = b"HPKE\x00\x20\x00\x01" + aead.to_bytes(2, "big")
    hashes = extract(suite, b"", b"psk_id_hash", b"") + extract(
        suite, b"", b"info_hash", info
    )
    secret = extract(suite, shared_secret, b"secret", b"")
    schedule = b"\x00" + hashes
    key = expand(suite, secret, b"key", schedule, 16 * aead)
    nonce = expand(suite, secret, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, aad)


VECTOR_INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
VECTORS = (
    # RFC 9180 appendix A.1.1: X25519, HKDF-SHA256, AES-128-GCM, sequence number 0.
    (
        1,
        "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
        "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
        (
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
            "6d8770ac83d07bea87e13c512a"
        ),
    ),
    # The RFC authors' vector of our own suite: AES-256-GCM instead.
    (
        2,
        "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
        "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
        (
            "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be99319"
            "80a41de125a925cdad859d5b7a"
        ),
    ),
)


@pytest.mark.parametrize(("aead", "secret", "enc", "ciphertext"), VECTORS)
def test_second_hpke_opens_the_vector_of_rfc_9180(aead, secret, enc, ciphertext):
    sealed = bytes.fromhex(enc + ciphertext)
    opened = open_hpke(
        bytes.fromhex(secret), sealed, VECTOR_INFO, aad=b"Count-0", aead=aead
    )
    assert opened == b"Beauty is truth, truth beauty"


def test_second_hpke_opens_our_envelope():
    """Two implementations agree on the bytes that stand in the module's docstring."""
    inner = exchange.sign_message(payload(), RS)
    header, sealed = exchange.seal_message(inner, DE.public).split(b"\n", 1)
    info = b"PXE/1" + hashlib.sha256(header).digest()
    secret = DE.seal.private_bytes_raw()
    assert open_hpke(secret, sealed, info, aad=b"", aead=2) == inner
