"""Add a partner from its signed card, the fingerprint compared."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from proxeny import exchange
from proxeny.errors import ForbiddenError, InputError, StateError
from proxeny.node.accounts.actor import Actor
from proxeny.node.accounts.models import Organisation
from proxeny.node.audit.actions import record_write
from proxeny.node.directory.models import Partner

MAX_CARD_CHARS = 16_384


@transaction.atomic
def add_partner(
    actor: Actor, *, card_text: str, fingerprint: str, replaces: str = ""
) -> Partner:
    """Add or renew a partner whose card bears the fingerprint that was compared.

    Args:
        actor: who compared it.
        card_text: the card as the partner gave it (`proxeny partner card`).
        fingerprint: as read out by the partner over another channel.
        replaces: the fingerprint that the directory has now, if the partner has new
            keys: nobody's keys are replaced unseen.

    Raises:
        InputError: the card is not sound (PXY-CARD...), the fingerprint differs
            (PXY-FINGERPRINT), or the card is this node's own (PXY-CARD-OWN).
    """
    actor.require("directory.write")
    if not Organisation.objects.filter(
        pk=actor.organisation_id, takes_incoming=True
    ).exists():
        # One directory serves the whole node.
        raise ForbiddenError(
            "Only the organisation that takes what arrives keeps the directory."
        )
    card = exchange.read_card(card_text)
    if card.authority == settings.CONFIG.authority.id:
        raise InputError("This is the node's own card.", code="PXY-CARD-OWN")
    if not exchange.compare_fingerprint(card.fingerprint, fingerprint):
        raise InputError(
            "The fingerprint is not the card's: don't use this card.",
            code="PXY-FINGERPRINT",
            advice="Call the partner on a number you already know and compare again.",
        )
    known = Partner.objects.filter(authority=card.authority).first()
    if known is not None and not exchange.compare_fingerprint(
        known.fingerprint, card.fingerprint
    ):
        _require_seen(known, replaces)
    partner, _ = Partner.objects.update_or_create(
        authority=card.authority,
        defaults={
            "name": card.name,
            "country": card.country,
            "role": card.role.value,
            "endpoint": card.endpoint,
            "sign_jwk": dict(card.keys.sign_jwk),
            "seal_jwk": dict(card.keys.seal_jwk),
            "fingerprint": card.fingerprint,
            "card": card_text.strip(),
            "added_by": actor.name,
            "verified_at": timezone.now(),
        },
    )
    was = f"was {known.fingerprint}" if known is not None else "new"
    record_write(
        actor, "partner.add", [partner.authority, f"is {partner.fingerprint}", was]
    )
    return partner


def _require_seen(known: Partner, replaces: str) -> None:
    """Whoever replaces a partner's keys has seen which ones.

    Raises:
        StateError: the present fingerprint was not given (PXY-PARTNER-KEYS).
    """
    if not exchange.compare_fingerprint(known.fingerprint, replaces):
        raise StateError(
            f"{known.authority} is in the directory with other keys: fingerprint "
            f"{known.fingerprint}.",
            code="PXY-PARTNER-KEYS",
            advice="If the partner confirms by telephone that its keys are new, give "
            "the present fingerprint with --replaces.",
        )
