"""Nobody's keys are replaced unseen, and one directory has one keeper."""

import pytest
from django.utils import timezone
from tests.node.node_world import THEIRS, World, make_actor, make_partner

from proxeny import exchange
from proxeny.errors import ForbiddenError, StateError
from proxeny.node.audit.models import Entry
from proxeny.node.directory.actions import add_partner
from proxeny.node.directory.models import Partner

pytestmark = pytest.mark.django_db


def other_card(authority: str) -> tuple[str, str]:
    keys = exchange.generate_keys(authority)
    card = exchange.make_card(
        keys,
        name="Impostor",
        country=authority[:2],
        role="contact_point",
        endpoint="http://127.0.0.1:2",
        issued_at=timezone.now(),
    )
    return card, exchange.render_fingerprint(keys.public)


def test_new_keys_of_a_known_partner_are_refused_unless_the_old_ones_are_named(
    world: World,
) -> None:
    actor = make_actor("supervisor")
    card, fingerprint = other_card(world.partner.authority)
    with pytest.raises(StateError) as caught:
        add_partner(actor, card_text=card, fingerprint=fingerprint)
    assert caught.value.stable_code == "PXY-PARTNER-KEYS"
    before = Partner.objects.get(pk=world.partner.pk).fingerprint
    assert before == world.partner.fingerprint
    add_partner(actor, card_text=card, fingerprint=fingerprint, replaces=before)
    row = Entry.objects.filter(action="partner.add").latest("pk")
    assert f"was {before}" in row.refs
    assert f"is {fingerprint}" in row.refs


def test_another_organisation_does_not_keep_the_directory(world: World) -> None:
    stranger = make_actor("supervisor", name="elsewhere", organisation=THEIRS)
    with pytest.raises(ForbiddenError):
        make_partner(stranger, "FR/24-7")
    assert not Partner.objects.filter(authority="FR/24-7").exists()
