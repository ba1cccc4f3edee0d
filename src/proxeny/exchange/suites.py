"""Which HPKE suite seals for which kind of key.

The recipient's own key, as its card and the directory give it, decides the suite;
a message never does. RFC 9180 names the parts of 0x0020: DHKEM(X25519,
HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Another suite is another line here.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hpke


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSuite:
    """An HPKE suite under the id of its KEM in the IANA registry."""

    kem: str
    hpke: hpke.Suite


SUITES_BY_CURVE = {
    "X25519": SealSuite(
        kem="0x0020",
        hpke=hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
    ),
}
