"""A victim's selector never leaves, whoever types it and wherever."""

import pytest
from django.utils import timezone
from tests.node.node_world import World, make_actor, mention
from tests.requests.request_bodies import complete_request

from proxeny import requests as pure
from proxeny import selectors
from proxeny.errors import StateError
from proxeny.node.accounts.models import Organisation
from proxeny.node.linking.holders import link_holder
from proxeny.node.requests import actions
from proxeny.node.selectors.actions import HolderFacts

pytestmark = pytest.mark.django_db
PHONE = "+381607776665"
VICTIM = selectors.Role.VICTIM


def hold_as_victims(kind: str, value: str, ref: str = "RS-R-900001") -> None:
    facts = HolderFacts(
        organisation_id=Organisation.objects.get(takes_incoming=True).pk,
        ref=ref,
        at=timezone.now(),
        country="RS",
        offence=None,
        amount=None,
        currency=None,
    )
    link_holder(facts, [mention(kind, value, VICTIM)])


@pytest.mark.parametrize(
    "change",
    [
        {"selectors": [{"kind": "phone", "value": "0038160 777 6665"}]},
        {"facts": f"The offender called the victim on {PHONE} several times a day."},
        {"custodian": f"The operator of {PHONE}"},
    ],
    ids=["selectors", "facts", "custodian"],
)
def test_a_request_that_names_a_victims_selector_fails_its_check(
    world: World, change: dict[str, object]
) -> None:
    hold_as_victims("phone", PHONE)
    drafter = make_actor("investigator")
    actions.edit_request(drafter, world.sent.ref, complete_request() | change)
    request, findings = actions.check_request(drafter, world.sent.ref)
    assert [one.code for one in findings if one.level is pure.Level.ERROR] == [
        "PXY-FIELD-VICTIM"
    ]
    assert request.state == "draft"
    assert PHONE not in " ".join(one.text for one in findings)


def test_a_victim_named_after_the_approval_keeps_the_request_at_home(
    world: World,
) -> None:
    drafter, approver = make_actor("investigator"), make_actor("supervisor")
    body = complete_request(selectors=[{"kind": "phone", "value": PHONE}])
    actions.edit_request(drafter, world.sent.ref, body)
    actions.check_request(drafter, world.sent.ref)
    actions.approve_request(approver, world.sent.ref)
    hold_as_victims("phone", PHONE)
    with pytest.raises(StateError) as caught:
        actions.send_request(drafter, world.sent.ref)
    assert caught.value.stable_code == "PXY-REQUEST-FINDINGS"


def test_what_is_somebodys_mule_account_may_be_asked_about(world: World) -> None:
    hold_as_victims("phone", PHONE)
    facts = HolderFacts(
        organisation_id=Organisation.objects.get(takes_incoming=True).pk,
        ref="RS-R-900002",
        at=timezone.now(),
        country="RS",
        offence=None,
        amount=None,
        currency=None,
    )
    link_holder(facts, [mention("phone", PHONE, selectors.Role.OFFENDER)])
    drafter = make_actor("investigator")
    body = complete_request(selectors=[{"kind": "phone", "value": PHONE}])
    actions.edit_request(drafter, world.sent.ref, body)
    request, _findings = actions.check_request(drafter, world.sent.ref)
    assert request.state == "checked"


def test_a_draft_wishes_for_an_answer_so_that_a_clock_runs_there(world: World) -> None:
    assert world.sent.body["reply_wanted_by"]
    deadlines = pure.list_deadlines(
        pure.load_form(world.sent.form),
        facts={"sent": timezone.now()},
        reply=None,
        now=timezone.now(),
        body=world.sent.body,
    )
    assert [clock.binding for clock in deadlines] == [False]
