"""A draft from the case: what is known is written, what must be judged is asked."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.requests.request_bodies import FORM, NOW, complete_request

from proxeny import requests
from proxeny.requests import CaseFacts
from proxeny.selectors import parse_selector

AUTHORITY = complete_request()["requesting_authority"]


def case(**changes):
    facts = {
        "ref": "RS-2026-0007",
        "title": "Copies of bank pages",
        "offence": "Computer-related fraud (ETS 185 Art. 8)",
        "summary": "Victims typed their credentials into a copy of a page.",
        "first_at": datetime(2026, 10, 2, 23, tzinfo=UTC),
        "last_at": datetime(2026, 11, 19, tzinfo=UTC),
        "reports": 47,
        "losses": ((Decimal(212000), "EUR"), (Decimal("50.5"), "RSD")),
        "selectors": (parse_selector("ip", "203.0.113.77"),),
    }
    return CaseFacts(**facts | changes)


def draft(**changes):
    return requests.prefill(
        FORM,
        case=case(**changes),
        authority=AUTHORITY | {"secret": "x"},
        requested={"organisation": "Kontaktstelle", "country": "DE"},
        now=NOW,
    )


def test_a_draft_lacks_only_what_a_person_must_judge():
    findings = requests.check_request(FORM, draft(), now=NOW)
    assert [finding.paragraph for finding in findings] == [
        "29(2)(d)",
        "29(2)(e)",
        "29(2)(f)",
    ]


def test_the_facts_tell_number_period_and_loss():
    facts = draft()["facts"]
    assert "47 reports of victims" in facts
    assert "from 2026-10-02 to 2026-11-19" in facts
    assert "EUR 212,000.00 and RSD 50.50" in facts


def test_what_is_not_known_is_not_said():
    facts = draft(reports=0, first_at=None, last_at=None, losses=())["facts"]
    assert facts == "Victims typed their credentials into a copy of a page."
    assert "on 2026-11-19" in draft(first_at=None)["facts"]
    assert "One victim's report" in draft(reports=1)["facts"]


def test_without_selectors_no_data_are_named():
    body = draft(selectors=())
    assert not {"data_to_preserve", "relationship", "selectors"} & set(body)


def test_the_authority_brings_only_what_the_form_asks():
    assert draft()["requesting_authority"] == AUTHORITY


def test_a_draft_without_now_has_no_date():
    body = requests.prefill(FORM, case=case(), authority={})
    assert "date" not in body
    assert "requesting_authority" not in body


@pytest.mark.parametrize("name", ["custodian", "necessity", "intention"])
def test_judgements_are_left_to_a_person(name):
    assert name not in draft()
