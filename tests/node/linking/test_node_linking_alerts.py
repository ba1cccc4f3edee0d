"""Alerts: raised by a job of the same commit, once, decided with one click."""

from decimal import Decimal
from typing import Any

import pytest
from tests.node.node_world import Given, link_report, make_actor, mention

from proxeny.errors import ForbiddenError, NotFoundError
from proxeny.node.audit.models import Entry
from proxeny.node.jobs.models import Job
from proxeny.node.linking.actions import (
    decide_alert,
    gather_reports,
    merge_series,
    undo_decision,
)
from proxeny.node.linking.holders import Linked
from proxeny.node.linking.models import Alert
from proxeny.node.linking.queries import list_alerts
from proxeny.node.worker import run_due_jobs

pytestmark = pytest.mark.django_db
IBAN = mention("iban", "DE89370400440532013000")
PHONE = mention("phone", "+381641234567")


def link(number: int, *mentions: Given, **facts: Any) -> Linked:
    return link_report(number, *mentions, **({"country": "RS"} | facts))


def kinds() -> list[str]:
    run_due_jobs()
    return sorted(Alert.objects.values_list("kind", flat=True))


def test_the_third_report_on_an_account_raises_one_alert() -> None:
    for number in (1, 2):
        link(number, IBAN)
    assert kinds() == []
    for number in (3, 4, 5):
        link(number, IBAN)
    assert kinds() == ["account"]
    alert = Alert.objects.get()
    assert alert.holder.ref == "RS-R-000003"
    assert alert.reason == "3 reports name DE89370400440532013000"
    assert alert.series is not None


def test_a_telephone_number_is_no_account() -> None:
    for number in range(1, 6):
        link(number, PHONE)
    assert kinds() == []


def test_the_same_source_again_is_no_further_report() -> None:
    for number in range(1, 6):
        link(number, IBAN, source="a")
    assert kinds() == []


def test_a_series_that_crosses_a_border_raises_one_alert() -> None:
    link(1, PHONE)
    link(2, PHONE)
    assert kinds() == []
    link(3, PHONE, country="DE")
    link(4, PHONE, country="FR")
    assert kinds() == ["border"]
    assert Alert.objects.get().reason == "reports from DE, RS"


def test_losses_that_reach_the_line_raise_one_alert() -> None:
    lost = {"amount": Decimal("40000.00"), "currency": "EUR"}
    for number in (1, 2):
        link(number, PHONE, **lost)
    link(3, PHONE, amount=Decimal("9999999.00"), currency="RSD")
    assert kinds() == []
    link(4, PHONE, **lost)
    link(5, PHONE, **lost)
    assert kinds() == ["loss"]
    assert Alert.objects.get().reason == "losses of EUR 120,000.00"


def test_an_alert_is_written_with_the_report_and_raised_again_changes_nothing() -> None:
    for number in (1, 2, 3):
        link(number, IBAN)
    job = Job.objects.get(kind="linking.alert")
    assert job.state == Job.State.WAITING
    assert kinds() == ["account"]
    Job.objects.update(state=Job.State.WAITING)
    assert kinds() == ["account"]


def test_officers_say_what_an_alert_was_worth() -> None:
    officer = make_actor("investigator")
    for number in (1, 2, 3):
        link(number, IBAN, country="DE" if number == 3 else "RS")
    assert kinds() == ["account", "border"]
    told = list_alerts(officer)
    assert (told.open, told.precision) == (2, None)
    first, second = told.alerts
    decide_alert(officer, first.ref, confirm=True)
    assert list_alerts(officer).precision == 1.0
    decide_alert(officer, second.ref, confirm=False)
    told = list_alerts(officer)
    assert (told.open, told.confirmed, told.dismissed) == (0, 1, 1)
    assert told.precision == 0.5
    rows = Entry.objects.order_by("pk").values_list("action", "refs")
    assert list(rows) == [
        ("alert.confirm", [first.ref]),
        ("alert.dismiss", [second.ref]),
    ]


def test_who_may_not_decide_is_refused() -> None:
    for number in (1, 2, 3):
        link(number, IBAN)
    kinds()
    ref = Alert.objects.get().ref
    stranger = make_actor("supervisor", name="x", organisation="Another unit")
    for actor, error in (
        (make_actor("intake"), ForbiddenError),
        (make_actor("auditor"), NotFoundError),
        (stranger, NotFoundError),
    ):
        with pytest.raises(error):
            decide_alert(actor, ref, confirm=True)
    assert list_alerts(stranger).alerts == ()


LOST = {"amount": Decimal("60000.00"), "currency": "EUR"}


def test_an_officers_merge_raises_what_it_brings_about_once() -> None:
    officer = make_actor("investigator")
    one = [link(number, IBAN, **LOST) for number in (1, 2)][-1].series
    two = [link(number, PHONE, country="DE") for number in (3, 4)][-1].series
    assert kinds() == ["loss"]
    merge_series(officer, two.ref, one.ref, reason="")
    assert kinds() == ["border", "loss"]
    border = Alert.objects.get(kind="border")
    assert (border.reason, border.series) == ("reports from DE, RS", two)
    undo_decision(officer, two.ref)
    merge_series(officer, two.ref, one.ref, reason="")
    link(5, PHONE)
    assert kinds() == ["border", "loss"]


def test_losses_that_a_merge_adds_up_raise_one_alert() -> None:
    officer = make_actor("investigator")
    one = [link(number, IBAN) for number in (1, 2)][-1].series
    link(3, IBAN, **LOST)
    two = [link(number, PHONE) for number in (4, 5)][-1].series
    link(6, PHONE, **LOST)
    assert "loss" not in kinds()
    merge_series(officer, one.ref, two.ref, reason="")
    assert kinds().count("loss") == 1


def test_gathered_reports_raise_what_they_bring_about() -> None:
    officer = make_actor("investigator")
    link(1, PHONE, **LOST)
    link(2, IBAN, country="DE", **LOST)
    gather_reports(officer, ["RS-R-000001", "RS-R-000002"], reason="")
    assert kinds() == ["border", "loss"]
