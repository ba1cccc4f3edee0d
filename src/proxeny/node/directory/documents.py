"""A partner as a JSON document: the same from the command line and from the API."""

from typing import Any

from proxeny.node.directory.models import Partner


def partner_document(partner: Partner) -> dict[str, Any]:
    """A partner, and who compared its fingerprint when."""
    return {
        "authority": partner.authority,
        "name": partner.name,
        "country": partner.country,
        "role": partner.role,
        "endpoint": partner.endpoint,
        "fingerprint": partner.fingerprint,
        "added_by": partner.added_by,
        "verified_at": partner.verified_at,
    }
