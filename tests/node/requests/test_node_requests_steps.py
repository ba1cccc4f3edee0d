"""A request from draft to answer: what is in it, who may do what, what leaves."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.node.node_world import (
    FORM,
    Given,
    World,
    at_day,
    make_actor,
    make_message,
    make_partner,
    mention,
    ours,
    receive_sound_request,
)
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import requests as pure
from proxeny.errors import (
    ForbiddenError,
    InputError,
    NotFoundError,
    ProxenyError,
    StateError,
)
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry
from proxeny.node.cases.actions import open_case
from proxeny.node.cases.models import CaseEvent
from proxeny.node.exchange.models import Message
from proxeny.node.jobs.models import Job
from proxeny.node.linking.holders import link_holder
from proxeny.node.linking.models import Series
from proxeny.node.reports.models import Report
from proxeny.node.requests import actions
from proxeny.node.requests.access import access_request
from proxeny.node.requests.models import Request, RequestEvent
from proxeny.node.requests.queries import list_requests
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.models import Mention
from proxeny.selectors import Role

pytestmark = pytest.mark.django_db
FACTS = "Victims typed their credentials into a copy of a page."
DRAFT, CHECKED, APPROVED, SENT = "draft", "checked", "approved", "sent"


@pytest.fixture
def drafter() -> Actor:
    return make_actor("investigator")


@pytest.fixture
def approver() -> Actor:
    return make_actor("supervisor")


def draft(world: World, drafter: Actor) -> Request:
    return actions.draft_request(
        drafter,
        case_ref=world.case.ref,
        form_id=FORM,
        partner_id=world.partner.authority,
    )


def bring_to(state: str, world: World, drafter: Actor, approver: Actor) -> Request:
    """A complete request in that state."""
    row = draft(world, drafter)
    actions.edit_request(drafter, row.ref, complete_request(reference=row.ref))
    if state in {CHECKED, APPROVED, SENT}:
        actions.check_request(drafter, row.ref)
    if state in {APPROVED, SENT}:
        actions.approve_request(approver, row.ref)
    if state == SENT:
        actions.send_request(drafter, row.ref)
    row.refresh_from_db()
    assert row.state == state
    return row


def test_a_draft_holds_no_victims_selector_and_no_narrative(world, drafter) -> None:
    text = json.dumps(draft(world, drafter).body, ensure_ascii=False)
    victims = Mention.objects.filter(role=Role.VICTIM.value)
    values = set(victims.values_list("selector__value", flat=True))
    raws = set(victims.values_list("raw", flat=True)) - {""}
    assert len(values) > 10
    assert [value for value in values | raws if value in text] == []
    for report in Report.objects.exclude(narrative="").only("narrative"):
        sentences = [part.strip() for part in report.narrative.split(".")]
        assert [part for part in sentences if len(part) > 25 and part in text] == []


@pytest.mark.parametrize("elsewhere", [Role.OFFENDER, Role.UNKNOWN])
def test_a_selector_that_is_a_victims_in_one_report_does_not_leave(
    approver, elsewhere
) -> None:
    """The same phone in two reports of a series: a victim's in one of them."""
    account = mention("iban", "DE89370400440532013000")
    phone, offenders = ("phone", "+381641234567"), ("phone", "+381640000001")
    link(900_001, account, mention(*phone, Role.VICTIM), mention(*offenders))
    link(900_002, account, mention(*phone, elsewhere))
    case = open_case(
        approver,
        series_ref=Series.objects.order_by("-pk")[0].ref,
        title="One",
        offence="ETS185:8",
    )
    partner, _ = make_partner(approver, "DE/other")
    row = actions.draft_request(
        approver, case_ref=case.ref, form_id=FORM, partner_id=partner.authority
    )
    named = {item["value"] for item in row.body["selectors"]}
    assert named == {account.selector.value, offenders[1]}
    assert phone[1] not in json.dumps(row.body)


def link(number: int, *mentions: Given) -> None:
    link_holder(
        HolderFacts(
            organisation_id=ours().pk,
            ref=f"RS-R-{number:06d}",
            at=at_day(1),
            country="RS",
            offence=None,
            amount=None,
            currency=None,
        ),
        mentions,
    )


def test_a_fresh_draft_lacks_what_only_an_officer_knows(world, drafter) -> None:
    row, findings = actions.check_request(drafter, draft(world, drafter).ref)
    errors = {
        finding.paragraph: finding.field
        for finding in findings
        if finding.level is pure.Level.ERROR and "." not in finding.field
    }
    assert errors == {
        "29(2)(d)": "custodian",
        "29(2)(e)": "necessity",
        "29(2)(f)": "intention",
    }
    assert row.state == DRAFT


def test_the_whole_life_up_to_the_answer(world, drafter, approver) -> None:
    row = bring_to(SENT, world, drafter, approver)
    assert (row.drafted_by, row.approved_by) == (drafter.name, approver.name)
    events = row.events.order_by("pk").values_list("event", "state")
    assert list(events) == [
        ("drafted", DRAFT),
        ("edited", DRAFT),
        ("check_passed", CHECKED),
        ("approved", APPROVED),
        ("sent", SENT),
    ]
    settle(row, Message.State.ACCEPTED)
    receive_reply(row)
    row.refresh_from_db()
    assert row.state == "answered"
    assert row.reply["outcome"] == "preserved"
    written = Entry.objects.filter(wrote=True).values_list("action", "refs")
    assert [action for action, refs in written if row.ref in refs] == [
        *(f"request.{step}" for step in ("draft", "edit", "check", "approve", "send")),
        "request.settle",
        "reply.receive",
    ]


def settle(row: Request, state: Message.State, reason: str = "") -> None:
    message = Message.objects.get(direction=Message.Direction.SENT, ref=row.asked_ref)
    message.state, message.reason = state, reason
    message.save()
    actions.settle_request(message)
    row.refresh_from_db()


def receive_reply(row: Request, **changes: object) -> None:
    form = pure.load_form(row.form)
    wire = pure.reply_to_wire(form, complete_reply(**changes))
    body = {"asked_ref": row.asked_ref, "wire": wire}
    actions.receive_reply(make_message(row.partner, body, kind=actions.REPLY))
    row.refresh_from_db()


@pytest.mark.parametrize("state", [CHECKED, APPROVED])
def test_an_edit_takes_check_and_approval_away(world, drafter, approver, state) -> None:
    row = bring_to(state, world, drafter, approver)
    row = actions.edit_request(drafter, row.ref, {"facts": "Other facts."})
    assert (row.state, row.approved_by, row.approved_at) == (DRAFT, "", None)
    with pytest.raises(StateError):
        actions.send_request(drafter, row.ref)
    with pytest.raises(StateError):
        actions.approve_request(approver, row.ref)


def test_four_eyes(world, drafter, approver) -> None:
    row = bring_to(CHECKED, world, approver, approver)
    with pytest.raises(ForbiddenError) as caught:
        actions.approve_request(approver, row.ref)
    assert caught.value.stable_code == "PXY-FOUR-EYES"
    second = make_actor("supervisor", name="second")
    # Who changes the text last is its drafter from then on.
    actions.edit_request(second, row.ref, {"facts": FACTS})
    actions.check_request(approver, row.ref)
    with pytest.raises(ForbiddenError):
        actions.approve_request(second, row.ref)
    assert actions.approve_request(approver, row.ref).state == APPROVED


def test_a_request_goes_back_with_a_note(world, drafter, approver) -> None:
    row = bring_to(CHECKED, world, drafter, approver)
    row = actions.return_request(approver, row.ref, note="name the provider " * 100)
    assert row.state == DRAFT
    last = row.events.order_by("-pk").first()
    assert last.note.startswith("name the provider")
    assert len(last.note) <= 500


def test_what_no_longer_passes_its_check_is_not_approved(
    world, drafter, approver
) -> None:
    row = bring_to(CHECKED, world, drafter, approver)
    row.body["custodian"] = ""
    row.save()
    with pytest.raises(StateError) as caught:
        actions.approve_request(approver, row.ref)
    assert caught.value.stable_code == "PXY-REQUEST-FINDINGS"


def test_sending_queues_one_message_and_one_job(world, drafter, approver) -> None:
    row = bring_to(SENT, world, drafter, approver)
    message = Message.objects.get(direction=Message.Direction.SENT)
    job = Job.objects.get(kind="exchange.deliver")
    assert (message.kind, message.ref, message.seq) == ("request", row.asked_ref, 1)
    assert job.payload == {"message": message.pk}
    assert message.body["wire"]["body"]["custodian"] == "Not known"
    assert CaseEvent.objects.filter(ref=row.ref, text__contains=" sent to ").exists()
    with pytest.raises(StateError):
        actions.send_request(drafter, row.ref)
    assert job_count() == 1


def job_count() -> int:
    return Job.objects.filter(kind="exchange.deliver").count()


@pytest.mark.parametrize("state", [DRAFT, CHECKED])
def test_nothing_leaves_without_approval(world, drafter, approver, state) -> None:
    row = bring_to(state, world, drafter, approver)
    with pytest.raises(StateError):
        actions.send_request(drafter, row.ref)
    assert job_count() == 0
    assert not Message.objects.filter(direction=Message.Direction.SENT).exists()


def test_a_rejected_request_is_a_draft_again_and_may_be_sent_anew(
    world, drafter, approver
) -> None:
    row = bring_to(SENT, world, drafter, approver)
    settle(row, Message.State.REJECTED, "PXY-ROUTE-ROLE")
    assert row.state == DRAFT
    actions.check_request(drafter, row.ref)
    actions.approve_request(approver, row.ref)
    actions.send_request(drafter, row.ref)
    sent = Message.objects.filter(direction=Message.Direction.SENT).order_by("pk")
    assert [message.seq for message in sent] == [1, 2]


def test_a_receipt_that_comes_after_the_answer_changes_no_state(
    world, drafter, approver
) -> None:
    row = bring_to(SENT, world, drafter, approver)
    receive_reply(row)
    settle(row, Message.State.ACCEPTED)
    assert row.state == "answered"


@pytest.mark.parametrize("state", [DRAFT, APPROVED, SENT])
def test_a_withdrawal_tells_the_partner_what_it_has(
    world, drafter, approver, state
) -> None:
    row = bring_to(state, world, drafter, approver)
    row = actions.withdraw_request(drafter, row.ref, note="resolved")
    assert row.state == "withdrawn"
    kinds = list(
        Message.objects.filter(direction=Message.Direction.SENT)
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    assert kinds == (["request", "withdrawal"] if state == SENT else [])
    with pytest.raises(StateError):
        actions.withdraw_request(drafter, row.ref, note="")


def take(step: str, who: Actor, world: World, row: Request) -> None:
    """Let somebody take a step."""
    match step:
        case "draft":
            draft(world, who)
        case "edit":
            actions.edit_request(who, row.ref, {"facts": "x"})
        case "check":
            actions.check_request(who, row.ref)
        case "approve":
            actions.approve_request(who, row.ref)
        case "return":
            actions.return_request(who, row.ref, note="")
        case "send":
            actions.send_request(who, row.ref)
        case "withdraw":
            actions.withdraw_request(who, row.ref, note="")
        case "answer":
            actions.answer_request(who, world.received.ref, complete_reply())


MAY = {
    "investigator": {"draft", "edit", "check", "send", "withdraw", "answer"},
    "supervisor": {
        *("draft", "edit", "check", "send", "withdraw", "answer"),
        *("approve", "return"),
    },
    "intake": set(),
    "auditor": set(),
}


@pytest.mark.parametrize("step", sorted(MAY["supervisor"]))
def test_each_step_needs_its_role(world, drafter, approver, step) -> None:
    row = bring_to(APPROVED if step == "send" else CHECKED, world, drafter, approver)
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    refused = [make_actor(role) for role in MAY if step not in MAY[role]]
    events = RequestEvent.objects.count()
    for actor in (stranger, *refused):
        with pytest.raises((ForbiddenError, NotFoundError)):
            take(step, actor, world, row)
    assert RequestEvent.objects.count() == events
    who = make_actor("supervisor", name="third")
    take(step, who, world, row)
    if step != "check":
        assert RequestEvent.objects.count() > events


def test_a_draft_goes_to_a_partner_whose_role_can_take_it(world, approver) -> None:
    court, _ = make_partner(approver, "DE/court", role="court")
    with pytest.raises(InputError) as caught:
        actions.draft_request(
            approver,
            case_ref=world.case.ref,
            form_id=FORM,
            partner_id=court.authority,
        )
    assert caught.value.stable_code == "PXY-ROUTE-ROLE"
    for form, partner in (("none", "DE/24-7"), ("../x", "DE/24-7"), (FORM, "XX/no")):
        with pytest.raises(ProxenyError):
            actions.draft_request(
                approver, case_ref=world.case.ref, form_id=form, partner_id=partner
            )
    assert not Request.objects.filter(partner=court).exists()


def test_a_received_request_can_be_answered_and_not_changed(world, approver) -> None:
    ref = world.received.ref
    for step in (
        lambda: actions.edit_request(approver, ref, {"facts": "x"}),
        lambda: actions.check_request(approver, ref),
        lambda: actions.send_request(approver, ref),
        lambda: actions.withdraw_request(approver, ref, note=""),
    ):
        with pytest.raises(StateError) as caught:
            step()
        assert caught.value.stable_code == "PXY-REQUEST-DIRECTION"
    with pytest.raises(StateError):
        actions.answer_request(approver, world.sent.ref, complete_reply())


def test_an_answer_goes_to_the_partner_once(world, drafter) -> None:
    row, findings = actions.answer_request(
        drafter, world.received.ref, complete_reply()
    )
    assert not pure.has_errors(findings)
    assert (row.state, job_count()) == ("answered", 1)
    message = Message.objects.get(direction=Message.Direction.SENT)
    assert (message.kind, message.ref) == ("reply", "DE-Q-000007")


def test_an_incomplete_answer_is_not_sent(world, drafter) -> None:
    row, findings = actions.answer_request(
        drafter, world.received.ref, complete_reply(preserved_until=None)
    )
    assert pure.has_errors(findings)
    assert (row.state, job_count()) == ("accepted", 0)


def test_lists_give_the_least_time_first_and_nothing_of_others(
    world, drafter, approver
) -> None:
    late = receive_sound_request(world.partner, "DE-Q-000008")
    Request.objects.filter(pk=late.pk).update(
        next_due_at=timezone.now() + timedelta(hours=1)
    )
    assert list_requests(approver)[0] == late
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    assert list_requests(stranger) == []
    with pytest.raises(NotFoundError):
        access_request(stranger, late.ref)
