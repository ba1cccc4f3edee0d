"""JSON between nodes: strict in shape, and keeps what it does not know."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.requests.request_bodies import FORM, NOW, complete_reply, complete_request

from proxeny import requests
from proxeny.requests import RequestError


def through_json(wire):
    return json.loads(json.dumps(wire))


def test_a_request_survives_the_wire():
    body = complete_request()
    wire = through_json(requests.to_wire(FORM, body))
    arrived = requests.parse_wire("ETS185-29", wire)
    assert arrived == requests.normalise_body(FORM, body)
    assert requests.check_request(FORM, arrived, now=NOW) == ()


def test_a_reply_survives_the_wire():
    wire = through_json(requests.reply_to_wire(FORM, complete_reply()))
    assert requests.parse_reply_wire("ETS185-29", wire) == complete_reply()


def test_fields_of_a_newer_edition_are_kept_and_sent_on_in_their_place():
    wire = requests.to_wire(FORM, complete_request())
    wire["edition"] = 2
    wire["body"]["dna_hash"] = {"a": [1, None, "š"]}
    arrived = requests.parse_wire("ETS185-29", through_json(wire))
    assert arrived["extra"] == {"dna_hash": {"a": [1, None, "š"]}}
    again = requests.to_wire(FORM, arrived)
    assert again["body"] == wire["body"]
    findings = requests.check_request(FORM, arrived, now=NOW)
    assert [finding.code for finding in findings] == ["PXY-FIELD-EXTRA"]
    assert not requests.has_errors(findings)


def test_a_kept_field_does_not_replace_a_known_one():
    body = complete_request(extra={"reference": "forged", "new": 1})
    wire = requests.to_wire(FORM, body)
    assert wire["body"]["reference"] == "RS-2026-0007"
    assert wire["body"]["new"] == 1


def test_the_digest_does_not_hang_on_the_order_of_fields():
    body = complete_request()
    turned = dict(reversed(body.items()))
    digest = requests.digest_wire(requests.to_wire(FORM, body))
    assert digest == requests.digest_wire(requests.to_wire(FORM, turned))
    changed = requests.to_wire(FORM, body | {"reference": "RS-2026-0008"})
    assert digest != requests.digest_wire(changed)
    assert len(digest) == 64


def test_the_wire_form_of_edition_1_is_frozen():
    # Partners compare this digest with the paper: it may never change.
    assert requests.digest_wire(requests.to_wire(FORM, complete_request())) == (
        "7c796457ccb6b434a6cf103eeca0de2800477829ec32f9e10e1677049809d668"
    )


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def wire_of(**body):
    return {"form": "ETS185-29", "edition": 1, "body": body}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"form": "ETS185-29", "edition": 1},
        {"form": "ETS185-29", "edition": 1, "body": []},
        {"form": "ETS185-31", "edition": 1, "body": {}},
        {"form": "ETS185-29", "edition": True, "body": {}},
        {"form": "ETS185-29", "body": {}},
        wire_of(facts=7),
        wire_of(intention="yes"),
        wire_of(preserve_days="60"),
        wire_of(preserve_days=True),
        wire_of(selectors={"kind": "ip"}),
        wire_of(selectors=[{"kind": "ip"}]),
        wire_of(requesting_authority={"organisation": ["A"]}),
        wire_of(new=1.5),
        wire_of(new=float("nan")),
        wire_of(new=2**60),
        wire_of(new=nested(3_000)),
        wire_of(new=[0] * 1_001),
        wire_of(**{f"new{number}": 1 for number in range(65)}),
        wire_of(facts="x" * 100_001),
        wire_of(**{f"n{number}": "x" * 99_000 for number in range(6)}),
        wire_of(facts="half \ud83d"),
        wire_of(facts="null \x00"),
        wire_of(new={1: 2}),
        wire_of(new={"x" * 100_001: 2}),
    ],
)
def test_a_wrong_shape_is_refused(data):
    with pytest.raises(RequestError) as refused:
        requests.parse_wire("ETS185-29", data)
    assert refused.value.stable_code == "PXY-REQUEST-WIRE"
    assert len(refused.value.message) < 200


def test_an_unknown_form_is_refused():
    with pytest.raises(RequestError) as refused:
        requests.parse_wire("ETS185-30", wire_of())
    assert refused.value.stable_code == "PXY-REQUEST-FORM"


def test_a_body_that_no_partner_could_read_is_not_sent():
    for body in (complete_request(intention="maybe"), complete_request(extra=5)):
        with pytest.raises(RequestError):
            requests.to_wire(FORM, body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(body=st.dictionaries(st.text(max_size=9).map("new_{}".format), JSON, max_size=5))
def test_any_unknown_fields_are_refused_or_come_back_unchanged(body):
    wire = wire_of(**body)
    try:
        arrived = requests.parse_wire("ETS185-29", wire)
    except RequestError:
        # Fractions, too large numbers and the character 0 are the only reasons here.
        with pytest.raises(RequestError, match=r"fraction|53 bits|character 0|half"):
            requests.parse_wire("ETS185-29", wire)
        return
    assert requests.to_wire(FORM, arrived)["body"] == wire["body"]
