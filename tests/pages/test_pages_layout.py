"""What stands round every page, and the one page for refusals."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template.backends.jinja2 import Jinja2

NODE = {
    "name": "Odeljenje za <visokotehnološki> kriminal",
    "country": "RS",
    "role": "contact_point",
    "version": "0.1.0",
    "training": False,
}
NOW = datetime(2026, 11, 21, 20, 45, tzinfo=UTC)


def show(engine: Jinja2, template: str = "base.html", **context: Any) -> str:
    return engine.get_template(template).render({"node": NODE, "now": NOW, **context})


@pytest.fixture(autouse=True)
def _known_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "proxeny.node.pages.jinja.reverse", lambda name, **_: f"/{name}/"
    )


def test_authority_and_country_are_always_named(engine: Jinja2) -> None:
    html = show(engine)
    assert "Odeljenje za &lt;visokotehnološki&gt; kriminal" in html
    assert "Serbia" in html


def test_keyboard_reaches_the_content_first(engine: Jinja2) -> None:
    html = show(engine)
    assert html.index('href="#main-content"') < html.index("<header")
    assert 'id="main-content"' in html


def test_training_node_wears_its_band(engine: Jinja2) -> None:
    assert "TRAINING" not in show(engine)
    assert "TRAINING" in show(engine, node={**NODE, "training": True})


def test_only_given_tabs_are_shown_and_the_present_one_is_said(engine: Jinja2) -> None:
    nav = [
        {"href": "/desk/", "text": "Home", "current": False},
        {"href": "/desk/cases/", "text": "Cases", "current": True},
    ]
    html = show(engine, nav=nav)
    assert html.count('class="govuk-service-navigation__link"') == 2
    assert html.count('aria-current="page"') == 1
    assert "<nav" not in show(engine, nav=[])


def test_signing_out_is_a_post_for_those_signed_in(engine: Jinja2) -> None:
    actor = {"name": "M. <Petrović>", "role_label": "Investigator"}
    html = show(engine, actor=actor, csrf_input="")
    assert '<form method="post" action="/account_logout/">' in html
    assert "M. &lt;Petrović&gt; · Investigator" in html
    assert "account_logout" not in show(engine)


def test_absent_and_forbidden_things_get_the_same_page(engine: Jinja2) -> None:
    page = show(engine, "error.html", status=404, code="PXY-NOT-FOUND")
    assert "Not found, or not yours" in page
    assert "What to do:" in page
    assert "PXY-NOT-FOUND" in page


def test_error_page_stands_without_node_or_request(engine: Jinja2) -> None:
    page = engine.get_template("error.html").render({"status": 500})
    assert "Something failed on our side" in page


def test_messages_are_escaped(engine: Jinja2) -> None:
    class Message:
        level_tag = "success"

        def __str__(self) -> str:
            return "<b>Sent</b>"

    assert "&lt;b&gt;Sent&lt;/b&gt;" in show(engine, messages=[Message()])
