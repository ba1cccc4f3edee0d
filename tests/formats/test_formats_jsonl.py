"""JSON Lines of reports: an object a line, and a bad line costs itself."""

import hashlib
import io
import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny.formats import Accepted, Refused
from proxeny.formats.jsonl import MAX_DEPTH, MAX_LINE_BYTES, read_lines
from proxeny.selectors import Role


def _read(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return list(read_lines(io.BytesIO(raw), where="a.jsonl"))


def _one(**members):
    (item,) = _read(json.dumps({"text": "I paid."} | members))
    assert isinstance(item, Accepted), item
    return item


def _code(text):
    (item,) = _read(text)
    assert isinstance(item, Refused), item
    return item.code


def test_lines_become_reports():
    items = _read('\ufeff{"id": 1, "text": "One"}\r\n\n{"text": "Two"}')
    assert [item.where for item in items] == ["a.jsonl:1", "a.jsonl:3"]
    assert items[0].report.source_ref == "1"
    assert items[1].raw == b'{"text": "Two"}'
    assert items[1].report.digest == hashlib.sha256(items[1].raw).hexdigest()


def test_selectors_are_read_in_each_form():
    item = _one(
        ip=["192.0.2.1", "192.0.2.2"],
        victim_ip="192.0.2.3",
        selectors=[{"kind": "ip", "value": "192.0.2.4", "role": "offender"}],
    )
    assert [(one.selector.value, one.role) for one in item.report.given] == [
        ("192.0.2.1", Role.UNKNOWN),
        ("192.0.2.2", Role.UNKNOWN),
        ("192.0.2.3", Role.VICTIM),
        ("192.0.2.4", Role.OFFENDER),
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"loss": {"amount": "10.50", "currency": "EUR"}},
        {"amount": 10.5, "currency": "EUR"},
        {"loss": 10.5, "currency": "EUR"},
    ],
)
def test_loss_is_exact(members):
    assert _one(**members).report.loss.amount == Decimal("10.5")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"title": ["a"]}, "title"),
        ({"country": 7}, "country"),
        ({"amount": True, "currency": "EUR"}, "amount"),
        ({"amount": 10**30, "currency": "EUR"}, "amount"),
        ({"description": "again"}, "description"),
        ({"ip": 7}, "ip"),
        ({"ip": ["192.0.2.1", {}]}, "ip"),
        ({"selectors": "x"}, "selectors"),
        ({"selectors": [{"kind": "ip"}]}, "selectors"),
        ({"selectors": [{"kind": "ip", "value": "192.0.2.1", "role": 1}]}, "selectors"),
        ({"surname": "x"}, "surname"),
        ({"a@b.example": "x"}, "(not a field name)"),
    ],
)
def test_member_that_cannot_be_read_is_left_out_and_said_so(members, field):
    assert [one.field for one in _one(**members).dropped] == [field]


def test_null_is_absent():
    assert _one(title=None, loss={"amount": None}).dropped == ()


def test_unknown_name_is_said_once_for_the_file():
    items = _read('{"text": "a", "x": 1}\n' * 2)
    assert [len(item.dropped) for item in items] == [1, 0]


def test_unknown_names_without_end_are_not_listed_without_end():
    lines = [json.dumps({"text": "a", f"x{number}": 1}) for number in range(200)]
    items = _read("\n".join(lines))
    assert sum(len(item.dropped) for item in items) == 51
    (item,) = _read(json.dumps({"text": "a"} | {f"x{n}": 1 for n in range(200)}))
    assert len(item.dropped) == 51


def test_lone_surrogate_and_nul_do_not_reach_the_report():
    (item,) = _read('{"text": "a\\ud800b\\u0000c", "title": "\\udfff"}')
    assert item.report.narrative == "a\ufffdbc"
    assert item.report.title == "\ufffd"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "PXY-JSON"),
        ("nonsense", "PXY-JSON"),
        ("7", "PXY-JSON-OBJECT"),
        ('{"text": "a", "text": "b"}', "PXY-JSON"),
        ('{"text": "a", "amount": NaN}', "PXY-JSON"),
        ('{"text": "a", "amount": -Infinity}', "PXY-JSON"),
        ('{"text": "a", "amount": ' + "9" * 5_000 + "}", "PXY-JSON"),
        ('{"text": ' + "[" * 10_000 + "]" * 10_000 + "}", "PXY-JSON-DEPTH"),
        ("[" * 10_000, "PXY-JSON-DEPTH"),
        ('{"a":' * 10_000, "PXY-JSON-DEPTH"),
        ('{"title": "a"}', "PXY-NO-NARRATIVE"),
        ('{"text": "' + "x" * MAX_LINE_BYTES + '"}', "PXY-ROW-SIZE"),
        (json.dumps({f"x{n}": 1 for n in range(1_001)}), "PXY-JSON"),
        (b'{"text": "\xff"}', "PXY-ENCODING"),
    ],
)
def test_bad_line_costs_itself(line, code):
    raw = line if isinstance(line, bytes) else line.encode()
    before, item, after = _read(b'{"text": "a"}\n' + raw + b'\n{"text": "b"}\n')
    assert isinstance(before, Accepted)
    assert item.code == code
    assert item.where == "a.jsonl:2"
    assert after.report.narrative == "b"


def test_brackets_in_a_text_are_no_depth():
    assert _one(text='[{"\\' * 1_000).report.narrative == '[{"\\' * 1_000


def test_number_of_any_exponent_is_harmless():
    (item,) = _read('{"text": "a", "amount": 1e999999999, "currency": "EUR"}')
    assert [one.field for one in item.dropped] == ["amount"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "PXY-EMPTY"),
        (b"\xef\xbb\xbf", "PXY-EMPTY"),
        (b"\n \n", "PXY-EMPTY"),
        (b'[{"text": "a"}]', "PXY-JSON-LINES"),
        (b'{\n  "text": "a"\n}\n', "PXY-JSON-LINES"),
        ('{"text": "a"}'.encode("utf-16"), "PXY-ENCODING"),
        ('{"text": "a"}'.encode("utf-16-le"), "PXY-ENCODING"),
    ],
)
def test_file_that_cannot_be_read_is_refused_once(text, code):
    assert _code(text) == code


@pytest.mark.parametrize("piece", ['"', '\\"', '"\\', "[]", '["', "[{}"])
def test_time_grows_with_the_length_only(piece):
    started = time.process_time()
    _read('{"text": "a"}\n' + piece * (MAX_LINE_BYTES // len(piece) - 1))
    assert time.process_time() - started < 3


def test_depth_at_the_limit_is_read():
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    (item,) = _read('{"text": "a", "x": ' + deep + "}")
    assert isinstance(item, Accepted)


@given(st.binary(max_size=300))
def test_no_bytes_raise_and_each_file_gives_an_item(tail):
    for raw in (tail, b'{"text": "a"}\n' + tail, b'{"text": "' + tail):
        items = _read(raw)
        assert items
        assert all(isinstance(item, Accepted | Refused) for item in items)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "text",
        "title",
        "id",
        "date",
        "country",
        "loss",
        "amount",
        "currency",
        "role",
        "ip",
        "victim_iban",
        "selectors",
        "language",
        "offence",
        "x",
    ]
)


@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_no_value_of_any_member_raises(members):
    assert len(_read(json.dumps(members))) == 1
