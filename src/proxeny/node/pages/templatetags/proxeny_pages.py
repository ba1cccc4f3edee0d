"""Shows parts of the Jinja2 pages inside Django's templates (those of allauth).

So that header, footer and form fields exist once.
"""

from typing import Any

from django import template
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def page_part(context: Context, name: str) -> SafeString:
    """One of the parts round every page: head, header, messages or footer."""
    return _render(name, {}, context.get("request"))


@register.simple_tag
def gov_fields(form: BaseForm) -> SafeString:
    """Every field of a form in the GOV.UK pattern."""
    return _render("form_fields", {"form": form})


@register.simple_tag
def gov_errors(form: BaseForm | str) -> SafeString | str:
    """The error summary of a form; nothing when there is no form or no error."""
    if not isinstance(form, BaseForm) or not form.errors:
        return ""
    return _render("form_errors", {"form": form})


def _render(
    name: str, context: dict[str, Any], request: HttpRequest | None = None
) -> SafeString:
    part = render_to_string(f"parts/{name}.html", context, request, using="jinja2")
    # The Jinja2 environment has escaped whatever came from outside.
    return mark_safe(part)  # noqa: S308 - see the line above
