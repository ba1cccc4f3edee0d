"""The form of Article 29 as data, and what a damaged form costs."""

import copy
import tomllib
from datetime import date

import pytest
from tests.requests.request_bodies import FORM

from proxeny import lawbook, requests
from proxeny.law import Reading
from proxeny.requests import FieldKind, Form, FormError, RequestError


@pytest.fixture
def raw():
    text = (lawbook.path() / "forms" / "ETS185-29.toml").read_text("utf-8")
    return tomllib.loads(text)


def test_every_content_that_article_29_2_demands_has_a_required_field():
    demanded = {field.paragraph for field in FORM.fields if field.required}
    assert {f"29(2)({letter})" for letter in "abcdef"} <= demanded


def test_the_treatys_grounds_for_refusal_are_the_only_ones():
    paragraphs = [ground.paragraph for ground in FORM.refusal_grounds]
    assert paragraphs == ["29(4)", "29(5)(a)", "29(5)(b)"]
    offered = requests.require_field(FORM.reply_fields, "ground").choices
    assert [value for value, _ in offered] == [
        ground.code for ground in FORM.refusal_grounds
    ]


def test_every_source_says_how_and_as_of_when_it_was_read():
    assert FORM.sources
    for source in FORM.sources:
        assert source.source.startswith("https://")
        assert source.reading is Reading.READ
        assert source.as_of < date(2026, 11, 21)


def test_the_only_binding_clock_is_that_of_29_7():
    binding = [limit.article for limit in FORM.time_limits if limit.binding]
    assert binding == ["ETS 185 Art. 29(7)"]


def test_every_prefill_of_the_form_is_known(raw):
    from proxeny.requests.drafts import _SOURCES

    for field in FORM.fields:
        if field.prefill and field.kind is not FieldKind.CHOICE:
            assert field.prefill in {*_SOURCES, "least"}, field.name


def test_list_forms_gives_each_form_under_its_own_name():
    forms = requests.list_forms()
    assert FORM in forms
    assert [form.id for form in forms] == sorted(form.id for form in forms)
    assert all(isinstance(form, Form) for form in forms)


@pytest.mark.parametrize(
    "form_id", ["ETS185-99", "../../errors", "", "ETS185-29.toml", "a\x00b", "x" * 500]
)
def test_an_unknown_form_is_refused_by_name(form_id):
    with pytest.raises(RequestError) as refused:
        requests.load_form(form_id)
    assert refused.value.stable_code == "PXY-REQUEST-FORM"


def _without_source(raw):
    raw["sources"] = []


def _binding_but_not_re_read(raw):
    raw["time_limits"][1]["reading"] = "not_re_read"


def _unknown_key(raw):
    raw["fields"][0]["colour"] = "red"


def _two_of_a_name(raw):
    raw["fields"].append(copy.deepcopy(raw["fields"][0]))


def _condition_on_nothing(raw):
    raw["fields"][3]["required_when"] = {"field": "nothing", "values": ["x"]}


def _clock_on_nothing(raw):
    raw["time_limits"][0]["due"] = [{"request": "nothing"}]


def _outcome_without_event(raw):
    del raw["reply_events"]["refused"]


def _event_that_does_not_exist(raw):
    raw["reply_events"]["refused"] = "exploded"


def _choice_without_choices(raw):
    del raw["fields"][2]["choices"]


def _nobody_approves(raw):
    raw["approvals"] = 0


def _reserved_name(raw):
    raw["fields"][0]["name"] = "extra"


@pytest.mark.parametrize(
    "damage",
    [
        _without_source,
        _binding_but_not_re_read,
        _unknown_key,
        _two_of_a_name,
        _condition_on_nothing,
        _clock_on_nothing,
        _outcome_without_event,
        _event_that_does_not_exist,
        _choice_without_choices,
        _nobody_approves,
        _reserved_name,
    ],
)
def test_a_form_that_breaks_a_rule_does_not_load(raw, damage):
    assert requests.parse_form(copy.deepcopy(raw)) == FORM
    damage(raw)
    with pytest.raises(FormError) as refused:
        requests.parse_form(raw)
    assert refused.value.stable_code == "PXY-FORM"


def test_an_operators_edition_is_read_from_its_own_folder(tmp_path):
    text = (lawbook.path() / "forms" / "ETS185-29.toml").read_text("utf-8")
    (tmp_path / "ETS185-29.toml").write_text(
        text.replace("edition = 1", "edition = 2", 1), "utf-8"
    )
    assert requests.load_form("ETS185-29", tmp_path).edition == 2
    (tmp_path / "ETS185-30.toml").write_text(text, "utf-8")
    with pytest.raises(FormError, match="calls itself"):
        requests.list_forms(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"id = ", b"# " + b"x" * 300_000])
def test_a_damaged_or_huge_file_is_refused(tmp_path, content):
    (tmp_path / "A.toml").write_bytes(content)
    with pytest.raises(FormError):
        requests.load_form("A", tmp_path)
