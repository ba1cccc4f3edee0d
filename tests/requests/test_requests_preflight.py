"""Pre-flight: what is missing is named by the paragraph that demands it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.requests.request_bodies import FORM, NOW, complete_reply, complete_request

from proxeny import requests
from proxeny.requests import Event, Level, RequestError

DEMANDED = {
    "requesting_authority": "29(2)(a)",
    "offence": "29(2)(b)",
    "facts": "29(2)(b)",
    "data_to_preserve": "29(2)(c)",
    "relationship": "29(2)(c)",
    "custodian": "29(2)(d)",
    "necessity": "29(2)(e)",
    "intention": "29(2)(f)",
}


def check(**changes):
    return requests.check_request(FORM, complete_request(**changes), now=NOW)


def test_a_complete_request_passes():
    assert check() == ()


@pytest.mark.parametrize(("name", "paragraph"), DEMANDED.items())
@pytest.mark.parametrize("empty", [None, "", "   \n ", {}, []])
def test_a_missing_content_gives_one_finding_with_its_paragraph(name, paragraph, empty):
    findings = check(**{name: empty})
    assert [(f.code, f.field, f.paragraph, f.level) for f in findings] == [
        ("PXY-FIELD-MISSING", name, paragraph, Level.ERROR)
    ]


@pytest.mark.parametrize(
    "name",
    [name for name in DEMANDED if name not in {"requesting_authority", "intention"}],
)
def test_a_content_that_says_nothing_is_too_short(name):
    (finding,) = check(**{name: "x"})
    assert finding.code == "PXY-FIELD-SHORT"
    assert finding.paragraph == DEMANDED[name]


def test_an_intention_that_is_denied_is_missing():
    (finding,) = check(intention=False)
    assert (finding.code, finding.paragraph) == ("PXY-FIELD-MISSING", "29(2)(f)")


def test_each_missing_part_of_the_authority_names_29_2_a():
    findings = check(requesting_authority={"organisation": "A", "country": "RS"})
    assert {finding.field for finding in findings} == {
        f"requesting_authority.{part}"
        for part in ("person", "address", "telephone", "email")
    }
    assert {finding.paragraph for finding in findings} == {"29(2)(a)"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"facts": "x" * 20_001}, "PXY-FIELD-LONG", "facts"),
        ({"facts": 7}, "PXY-FIELD-TYPE", "facts"),
        ({"facts": "evil \u202e text that is long enough to pass the length"},
         "PXY-FIELD-CHARACTERS", "facts"),
        ({"facts": "a null \x00 in a text that is long enough to pass the length"},
         "PXY-FIELD-CHARACTERS", "facts"),
        ({"status": "newest"}, "PXY-FIELD-CHOICE", "status"),
        ({"status": ["new"]}, "PXY-FIELD-CHOICE", "status"),
        ({"status": "extension"}, "PXY-FIELD-MISSING", "previous_reference"),
        ({"urgency": "urgent"}, "PXY-FIELD-MISSING", "urgency_reason"),
        ({"preserve_days": 59}, "PXY-FIELD-RANGE", "preserve_days"),
        ({"preserve_days": "sixty"}, "PXY-FIELD-TYPE", "preserve_days"),
        ({"preserve_days": True}, "PXY-FIELD-TYPE", "preserve_days"),
        ({"date": "21.11.2026"}, "PXY-FIELD-DATE", "date"),
        ({"date": "2026-02-30"}, "PXY-FIELD-DATE", "date"),
        ({"date": "1999-01-01"}, "PXY-FIELD-DATE", "date"),
        ({"date": "2026-11-23"}, "PXY-FIELD-DATE", "date"),
        ({"reply_wanted_by": "2026-11-24T12:00"}, "PXY-FIELD-DATE", "reply_wanted_by"),
        ({"selectors": "203.0.113.77"}, "PXY-FIELD-TYPE", "selectors"),
        ({"selectors": [{"kind": "iban", "value": "DE00"}]},
         "PXY-FIELD-SELECTOR", "selectors"),
        ({"selectors": [{"kind": "shoe", "value": "42"}]},
         "PXY-FIELD-SELECTOR", "selectors"),
        ({"selectors": [5]}, "PXY-FIELD-SELECTOR", "selectors"),
        ({"selectors": [{"kind": "ip", "value": "203.0.113.7"}] * 501},
         "PXY-FIELD-LONG", "selectors"),
        ({"colour": "red"}, "PXY-FIELD-UNKNOWN", "colour"),
        ({"requested_authority": {"organisation": "A", "country": "Q1"}},
         "PXY-FIELD-FORMAT", "requested_authority.country"),
        ({"requested_authority": "A"}, "PXY-FIELD-TYPE", "requested_authority"),
    ],
)  # fmt: skip
def test_a_wrong_content_is_one_error(changes, code, field):
    (finding,) = check(**changes)
    assert (finding.code, finding.field) == (code, field)
    assert finding.level is Level.ERROR


def test_a_request_without_selectors_is_warned_of_and_may_go():
    findings = check(selectors=None)
    assert [(f.level, f.field) for f in findings] == [(Level.WARNING, "selectors")]
    assert not requests.has_errors(findings)


def test_an_answer_wanted_in_the_past_is_warned_of_only_when_now_is_known():
    past = (NOW - timedelta(hours=1)).isoformat()
    (finding,) = check(reply_wanted_by=past)
    assert (finding.level, finding.code) == (Level.WARNING, "PXY-FIELD-PAST")
    body = complete_request(reply_wanted_by=past)
    assert requests.check_request(FORM, body) == ()


def test_the_date_may_be_tomorrows_where_it_is_tomorrow_already():
    assert check(date="2026-11-22") == ()


def test_a_complete_reply_passes():
    assert requests.check_reply(FORM, complete_reply()) == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"outcome": None}, ["outcome"]),
        ({"preserved_until": None}, ["preserved_until"]),
        ({"preserved_until": "2027-01-20"}, ["preserved_until"]),
        ({"outcome": "refused"}, ["ground", "note"]),
        ({"outcome": "refused", "ground": "no_time", "note": "busy"}, ["ground"]),
        ({"outcome": "more_information"}, ["note"]),
        ({"outcome": "preserved_in_part"}, ["note"]),
        ({"reference": None}, ["reference"]),
    ],
)
def test_a_reply_that_lacks_something_names_the_field(changes, fields):
    findings = requests.check_reply(FORM, complete_reply(**changes))
    assert [finding.field for finding in findings] == fields


def test_fifty_nine_days_of_preservation_break_29_7():
    reply = complete_reply(preserved_until="2027-01-20")
    (finding,) = requests.check_reply(FORM, reply)
    assert (finding.paragraph, finding.code) == ("29(7)", "PXY-FIELD-DISTANCE")


def test_the_outcome_decides_what_happens_to_the_request():
    outcomes = {
        "preserved": Event.ANSWERED,
        "preserved_in_part": Event.ANSWERED_PARTLY,
        "refused": Event.REFUSED,
        "more_information": Event.QUESTION,
    }
    for outcome, event in outcomes.items():
        assert requests.event_of_reply(FORM, {"outcome": outcome}) is event
    for outcome in ({}, {"outcome": "sold"}, {"outcome": ["refused"]}):
        with pytest.raises(RequestError):
            requests.event_of_reply(FORM, outcome)


def test_a_web_forms_texts_take_their_normal_form():
    typed = complete_request(
        preserve_days=" 90 ",
        intention="on",
        facts="  Line one is long enough to say it.\r\nLine two says the rest.  ",
        selectors=[
            {"kind": "email", "value": " Info@Example.ORG "},
            {"kind": "email", "value": "info@example.org"},
        ],
        reply_wanted_by="2026-11-24T13:00+01:00",
        custodian="Cafe\u0301",
    )
    tidy = requests.normalise_body(FORM, typed)
    assert tidy["preserve_days"] == 90
    assert tidy["intention"] is True
    assert tidy["facts"].splitlines()[1] == "Line two says the rest."
    assert "\r" not in tidy["facts"]
    assert len(tidy["selectors"]) == 1
    assert tidy["reply_wanted_by"] == "2026-11-24T12:00:00Z"
    assert tidy["custodian"] == "Café"
    assert requests.check_request(FORM, typed, now=NOW) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from([field.name for field in FORM.fields]) | st.text(max_size=8)


@settings(max_examples=60, deadline=None)
@given(body=st.dictionaries(NAMES, JSON, max_size=8))
def test_no_body_makes_the_check_fail_and_normalising_twice_changes_nothing(body):
    findings = requests.check_request(FORM, body, now=NOW)
    assert requests.has_errors(findings)
    once = requests.normalise_body(FORM, body)
    assert requests.normalise_body(FORM, once) == once
