"""Every component, with hostile text in every place that takes text."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from jinja2 import TemplateNotFound

NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
Show = Callable[..., str]


class Elements(HTMLParser):
    """Which elements there are, and with which attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def require_tame(html: str) -> None:
    """No element or handler came out of the hostile text."""
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "img"}
        assert not [name for name in attributes if name.startswith("on")]
        assert not str(attributes.get("href", "")).lower().startswith("javascript:")


def hostile(**more: Any) -> SimpleNamespace:
    names = (
        "text what article citation source value kind title by link name authority "
        "role handling category tlp reading paragraph href undo previous next level"
    )
    return SimpleNamespace(**{**dict.fromkeys(names.split(), EVIL), **more})


class EveryField(forms.Form):
    title = forms.CharField(label=EVIL, help_text=EVIL, max_length=20)
    words = forms.CharField(label=EVIL, widget=forms.Textarea, max_length=500)
    notes = forms.CharField(widget=forms.Textarea, required=False)
    country = forms.ChoiceField(
        choices=[("", "-"), (EVIL, [("RS", EVIL), ("DE", "Germany")]), (EVIL, "Other")],
        label=EVIL,
        help_text=EVIL,
    )
    urgency = forms.ChoiceField(
        choices=[(EVIL, EVIL), ("b", "B")], widget=forms.RadioSelect, help_text=EVIL
    )
    data = forms.MultipleChoiceField(
        choices=[("s", EVIL)], widget=forms.CheckboxSelectMultiple, required=False
    )
    agree = forms.BooleanField(label=EVIL, help_text=EVIL)
    on = forms.DateField(widget=forms.SelectDateWidget, help_text=EVIL)
    word = forms.CharField(widget=forms.PasswordInput)
    paper = forms.FileField(required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, initial=EVIL)


def filled() -> EveryField:
    return EveryField(
        {
            "title": EVIL,
            "words": f"</textarea>{EVIL}",
            "country": EVIL + "x",
            "on_day": EVIL,
            "on_month": "2",
            "on_year": "2026",
            "word": "a secret that must not come back",
            "hidden": EVIL,
        }
    )


LINES = [
    "{{ c.heading(evil, evil, evil) }}",
    "{% call c.heading(evil) %}{{ evil }}{% endcall %}",
    "{{ c.tag(evil, 'soon', evil) }}",
    "{{ c.state_tag(evil) }}",
    "{{ c.clock(item) }}",
    "{{ c.reasons([item, {'text': evil, 'bits': 3.25}]) }}",
    "{{ c.reasons([], evil) }}",
    "{{ c.fact(item, evil) }}",
    "{{ c.party_chip(item) }}",
    "{{ c.marks(item) }}",
    "{{ c.empty(evil, evil, evil, '/x', evil) }}",
    "{{ c.foreign(evil, evil) }}",
    "{% call c.card(evil, 'soon', '/x') %}{{ evil }}{% endcall %}",
    "{{ c.summary_list([(evil, evil), {'key': evil, 'value': evil, 'href': '/x'}]) }}",
    "{{ c.data_table([evil, {'text': evil}], [[{'text': evil}, evil]], evil, true) }}",
    "{{ c.timeline([item]) }}",
    "{{ c.lifeline([{'text': evil, 'at': now}, {'text': evil, 'current': true}]) }}",
    "{{ c.pager(evil, '/a', '/b') }}",
    "{{ c.button(evil, name=evil, value=evil) }}",
    "{{ c.post_button('/x', evil, about=evil, fields={'a': evil}) }}",
    "{{ c.confirm(evil, evil, '/x', evil, '/b', evil, fields={'a': evil}) }}",
    "{% call c.post_form(evil) %}{{ evil }}{% endcall %}",
    "{% call c.filter_form(evil) %}{{ evil }}{% endcall %}",
    "{{ c.error_summary(form, evil) }}",
    "{{ c.form_fields(form, {'title': [item], 'country': [item]}) }}",
]


@pytest.mark.parametrize("line", LINES)
def test_hostile_text_stays_text(show: Show, line: str) -> None:
    item = hostile(
        due_at=NOW,
        at=NOW,
        as_of=date(2026, 1, 2),
        country="RS",
        stale=True,
        bits=None,
        verified_at=NOW,
        tested_at=None,
    )
    html = show(line, evil=EVIL, item=item, form=filled())
    assert "&lt;script&gt;" in html
    require_tame(html)


def test_only_web_addresses_become_links(show: Show) -> None:
    because = hostile(source="javascript:alert(1)", as_of=None, stale=False)
    html = show("{{ c.fact(item) }}", item=because)
    assert not [tag for tag, _ in Elements(html).found if tag == "a"]
    because.source = "https://www.coe.int/"
    assert 'href="https://www.coe.int/"' in show("{{ c.fact(item) }}", item=because)


def test_fact_says_aloud_that_it_is_stale_and_was_not_re_read(show: Show) -> None:
    because = hostile(reading="not_re_read", as_of=date(2026, 1, 2), stale=True)
    html = show("{{ c.fact(item) }}", item=because)
    assert "not re-read" in html
    assert "Stale: older than 180 days" in html
    assert "2 January 2026" in html


def test_clock_says_the_words_the_date_and_the_article(show: Show) -> None:
    deadline = {
        "due_at": NOW + timedelta(hours=14),
        "article": "ETS 185 Art. 29(7)",
        "source": "https://rm.coe.int/1680081561",
    }
    html = show("{{ c.clock(deadline) }}", deadline=deadline)
    assert "14 h left" in html
    assert "22 Nov 2026, 10:45 UTC" in html
    assert 'href="https://rm.coe.int/1680081561"' in html


def test_overdue_is_said_in_words(show: Show) -> None:
    html = show("{{ c.clock({'due_at': due}) }}", due=NOW - timedelta(hours=2))
    assert "overdue by 2 h" in html


def test_clock_that_binds_nobody_says_so(show: Show) -> None:
    deadline = {"due_at": NOW + timedelta(hours=14), "binding": False}
    assert "Guide only: 14 h left" in show("{{ c.clock(d) }}", d=deadline)


def test_no_deadline_is_said(show: Show) -> None:
    assert "No time limit" in show("{{ c.clock(none) }}")


def test_undo_is_a_post_with_the_token(show: Show) -> None:
    html = show(
        "{{ c.reasons([{'text': 'Same account', 'bits': -2, 'undo': '/undo/7'}]) }}",
        csrf_input='<input name="csrfmiddlewaretoken">',
    )
    form = next(attributes for tag, attributes in Elements(html).found if tag == "form")
    assert form["method"] == "post"
    assert form["action"] == "/undo/7"
    assert "csrfmiddlewaretoken" in html
    assert "−2.0 bits" in html


def test_unknown_state_is_shown_by_its_own_word(show: Show) -> None:
    assert "Half open" in show("{{ c.state_tag('half_open') }}")


def test_unmarked_item_has_no_marks(show: Show) -> None:
    item = SimpleNamespace(tlp="", handling="", category="")
    assert show("{{ c.marks(item) }}", item=item).strip() == ""


def test_table_tells_telephones_the_name_of_each_cell(show: Show) -> None:
    html = show("{{ c.data_table(['Case', {'text': 'Loss'}], [['C-1', 7]], 'Cases') }}")
    cells = [attributes for tag, attributes in Elements(html).found if tag == "td"]
    assert [cell["data-label"] for cell in cells] == ["Loss"]
    assert 'scope="row"' in html


def test_errors_lead_to_their_fields(show: Show) -> None:
    form = filled()
    found = Elements(
        show("{{ c.error_summary(form) }}{{ c.form_fields(form) }}", form=form)
    )
    ids = {attributes.get("id") for _, attributes in found.found}
    links = [
        str(attributes["href"])[1:] for tag, attributes in found.found if tag == "a"
    ]
    assert {"id_title", "id_country", "id_urgency_0", "id_on_day"} <= set(links)
    assert set(links) <= ids


def test_descriptions_of_fields_exist(show: Show) -> None:
    item = SimpleNamespace(level="error", text="Missing.", paragraph="Art. 29(2)(b)")
    findings = {name: [item] for name in EveryField.base_fields}
    html = show("{{ c.form_fields(form, f) }}", form=filled(), f=findings)
    elements = Elements(html).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    named = " ".join(
        str(attributes["aria-describedby"])
        for _, attributes in elements
        if "aria-describedby" in attributes
    ).split()
    assert len(ids) == len(set(ids))
    assert set(named) <= set(ids)
    assert {"id_title-hint", "id_title-error", "id_words-finding-1"} <= set(named)


def test_every_input_has_a_label(show: Show) -> None:
    elements = Elements(show("{{ c.form_fields(form) }}", form=EveryField())).found
    labelled = {a["for"] for tag, a in elements if tag == "label"}
    for tag, attributes in elements:
        if (
            tag in {"input", "select", "textarea"}
            and attributes.get("type") != "hidden"
        ):
            assert attributes["id"] in labelled


def test_what_was_typed_comes_back_but_not_the_password(show: Show) -> None:
    html = show("{{ c.form_fields(form) }}", form=filled())
    values = {a.get("name"): a.get("value") for _, a in Elements(html).found}
    assert values["title"] == EVIL
    assert "a secret that must not come back" not in html


def test_empty_fields_do_not_say_none(show: Show) -> None:
    html = show("{{ c.form_fields(form) }}", form=EveryField())
    assert "None" not in html


def test_chosen_answers_are_selected(show: Show) -> None:
    form = EveryField({"country": "DE", "urgency": "b", "agree": "on"})
    elements = Elements(show("{{ c.form_fields(form) }}", form=form)).found
    chosen = [a["value"] for tag, a in elements if tag == "option" and "selected" in a]
    ticked = [a["id"] for _, a in elements if "checked" in a]
    assert chosen == ["DE"]
    assert ticked == ["id_urgency_1", "id_agree"]


def test_texts_without_a_component_are_escaped_too(show: Show) -> None:
    require_tame(show("{{ evil }}<p title='{{ evil }}'>", evil=EVIL))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{{ Decimal('212000') | money('EUR') }}", "EUR\xa0212,000.00"),
        ("{{ 5000 | money('JPY') }}", "JPY\xa05,000"),
        ("{{ none | money('EUR') }}", ""),
        ("{{ 1234567 | number }}", "1,234,567"),
        ("{{ 'RS' | country }}", "Serbia"),
        ("{{ 'Q?' | country }}", "Q?"),
        ("{{ none | country }}", ""),
        ("{{ none | instant }}", ""),
        ("{{ none | day }}", ""),
        ("{{ now | time_left }}", "due now"),
        (
            "{{ now | instant }}",
            '<time datetime="2026-11-21T20:45:00+00:00">21 Nov 2026, 20:45 UTC</time>',
        ),
        ("{{ now | day }}", '<time datetime="2026-11-21">21 November 2026</time>'),
    ],
)
def test_words_of_filters(show: Show, line: str, words: str) -> None:
    assert show(line, Decimal=Decimal) == words


def test_instants_without_zone_are_refused(show: Show) -> None:
    with pytest.raises(ValueError, match="naive"):
        show("{{ at | instant }}", at=NOW.replace(tzinfo=None))


def test_macros_of_the_design_system_are_found(show: Show) -> None:
    show('{% import "govuk_frontend_jinja/components/tag/macro.html" as t %}')
    with pytest.raises(TemplateNotFound):
        show('{% import "govuk_frontend_jinja/components/none.html" as t %}')
