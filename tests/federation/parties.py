"""Partners made of keys alone, for tests inside one node."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from proxeny import exchange
from proxeny.node.accounts.models import Organisation
from proxeny.node.directory.models import Partner
from proxeny.node.exchange.models import Message
from proxeny.node.exchange.secrets import FILE_NAME, read_keys, write_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A partner of the test node, seen from its own side."""

    keys: exchange.NodeKeys
    row: Partner

    def sign(
        self, *, jti: str = "", now: datetime | None = None, **changes: Any
    ) -> bytes:
        """A signed message to the test node."""
        now = now or timezone.now()
        said = {
            "iss": self.keys.authority,
            "aud": settings.CONFIG.authority.id,
            "jti": jti or new_jti(),
            "iat": now,
            "exp": now + timedelta(days=14),
            "case": "X-1",
            "seq": 1,
            "kind": "note",
            "body": {"text": "hello"},
        }
        return exchange.sign_message(exchange.Payload(**{**said, **changes}), self.keys)

    def seal(self, inner: bytes | None = None) -> bytes:
        """The same, sealed for the test node."""
        return exchange.seal_message(inner or self.sign(), own_keys().public)

    def receipt(self, message: Message, **changes: Any) -> str:
        """What an honest partner answers."""
        given = {
            "keys": self.keys,
            "to": settings.CONFIG.authority.id,
            "message_digest": message.inner_digest,
            "jti": message.jti,
            "event": "accepted",
            "at": timezone.now(),
        }
        return exchange.sign_receipt(**{**given, **changes}).decode()


def new_jti() -> str:
    return exchange.uuid7(timezone.now(), secrets.token_bytes(10))


def own_keys() -> exchange.NodeKeys:
    """The test node's keys, made when first asked for."""
    folder = settings.CONFIG.keys_folder
    if not (folder / FILE_NAME).exists():
        write_keys(folder, exchange.generate_keys(settings.CONFIG.authority.id))
    return read_keys(folder)


def own_organisation() -> Organisation:
    """The unit that takes what arrives."""
    found, _ = Organisation.objects.get_or_create(
        takes_incoming=True, defaults={"name": "Unit of the tests"}
    )
    return found


def make_peer(authority: str, endpoint: str = "http://127.0.0.1:9") -> Peer:
    """A partner in the directory, whose private keys the test holds."""
    keys = exchange.generate_keys(authority)
    row, _ = Partner.objects.update_or_create(
        authority=authority, defaults=directory_entry(keys, endpoint)
    )
    return Peer(keys=keys, row=row)


def directory_entry(keys: exchange.NodeKeys, endpoint: str) -> dict[str, Any]:
    """What `partner add` writes of a card with these keys."""
    return {
        "name": keys.authority,
        "country": keys.authority[:2],
        "role": "contact_point",
        "endpoint": endpoint,
        "sign_jwk": dict(keys.public.sign_jwk),
        "seal_jwk": dict(keys.public.seal_jwk),
        "fingerprint": exchange.render_fingerprint(keys.public),
        "card": "",
        "added_by": "test",
        "verified_at": timezone.now(),
    }
