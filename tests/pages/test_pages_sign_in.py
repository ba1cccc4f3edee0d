"""The pages of django-allauth, in the node's own look and from its own parts."""

import pytest
from django import forms
from django.template.loader import get_template, render_to_string
from django.test import override_settings

EVIL = "\"'><script>alert(1)</script>"


class Form(forms.Form):
    login = forms.CharField(label=EVIL, help_text=EVIL)
    password = forms.CharField(widget=forms.PasswordInput)


@pytest.mark.parametrize(
    "name",
    [
        "allauth/layouts/base.html",
        "allauth/elements/fields.html",
        "account/login.html",
        "mfa/totp/activate_form.html",
        "mfa/recovery_codes/index.html",
    ],
)
def test_our_template_stands_before_the_one_of_allauth(name: str) -> None:
    origin = get_template(name, using="django").origin.name
    assert "/pages/templates/" in origin.replace("\\", "/")


@override_settings(ROOT_URLCONF="allauth.urls")
def test_sign_in_page_is_of_our_parts_and_tame() -> None:
    form = Form({"login": EVIL, "password": ""})
    html = render_to_string("account/login.html", {"form": form}, using="django")
    assert 'class="govuk-input"' in html
    assert "There is a problem" in html
    assert 'class="px-header"' in html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@override_settings(ROOT_URLCONF="allauth.urls")
def test_pages_without_a_form_stand_too() -> None:
    html = render_to_string("account/account_inactive.html", {}, using="django")
    assert 'id="main-content"' in html
    assert "There is a problem" not in html


def test_buttons_say_what_they_are() -> None:
    context = {"attrs": {"tags": ["danger"]}, "slots": {"default": ["Go"]}}
    html = render_to_string("allauth/elements/button.html", context, using="django")
    assert "govuk-button--warning" in html
    assert 'type="submit"' in html
