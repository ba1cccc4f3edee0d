"""A complete preservation request and reply, shared by the tests of requests."""

from datetime import UTC, datetime
from typing import Any

from proxeny import requests

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
FORM = requests.load_form("ETS185-29")


def complete_request(**changes: Any) -> dict[str, Any]:
    """A request that passes; ``None`` takes a content away."""
    body: dict[str, Any] = {
        "date": "2026-11-21",
        "reference": "RS-2026-0007",
        "status": "new",
        "requested_authority": {"organisation": "Kontaktstelle", "country": "DE"},
        "requesting_authority": {
            "organisation": "Посебно одељење",
            "country": "RS",
            "person": "Марија Ђорђевић",
            "address": "Savska 1\n11000 Beograd",
            "telephone": "+381 11 000 0000",
            "email": "kontakt@posebno.example",
        },
        "offence": "Computer-related fraud",
        "facts": "Victims typed their credentials into a copy of their bank's page.",
        "data_to_preserve": "Subscriber and traffic data of the listed addresses.",
        "relationship": "The page that took the credentials stood at that address.",
        "custodian": "Not known",
        "necessity": "The provider keeps traffic data for seven days only.",
        "intention": True,
        "selectors": [{"kind": "ip", "value": "203.0.113.77"}],
        "preserve_days": 60,
        "urgency": "expedited",
        "confidentiality": "keep_confidential",
    }
    return {
        name: value for name, value in (body | changes).items() if value is not None
    }


def complete_reply(**changes: Any) -> dict[str, Any]:
    """A reply that preserves for sixty days; ``None`` takes a content away."""
    reply: dict[str, Any] = {
        "outcome": "preserved",
        "reference": "DE-4711",
        "preserved_on": "2026-11-22",
        "preserved_until": "2027-01-21",
    }
    return {
        name: value for name, value in (reply | changes).items() if value is not None
    }
