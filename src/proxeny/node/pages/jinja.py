"""Makes the Jinja2 environment of a node's own pages.

Named in Django's `TEMPLATES` as `proxeny.node.pages.jinja.environment`. Escaping is
always on. Words go through Django's catalogues in the language of the request.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import (
    get_language,
    get_language_bidi,
    gettext,
    ngettext,
    npgettext,
    pgettext,
)
from jinja2 import (
    BaseLoader,
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    pass_context,
)
from jinja2.runtime import Context

from proxeny.node.pages import clocks, fields, wording


def environment(*, loader: BaseLoader, **options: Any) -> Environment:
    """Builds the environment from what Django's Jinja2 backend hands over.

    Args:
        loader: finds the templates of the apps; the GOV.UK macros are added to it.
        options: further arguments of `jinja2.Environment`; `autoescape` and
            `undefined` are ours.
    """
    macros = PrefixLoader(
        {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
    )
    ours = {
        "autoescape": True,
        # The GOV.UK macros read through parameters that were not given.
        "undefined": ChainableUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": ["jinja2.ext.i18n"],
    }
    env = Environment(loader=ChoiceLoader([loader, macros]), **{**options, **ours})  # noqa: S701 - autoescape stands in `ours`
    env.install_gettext_callables(  # type: ignore[attr-defined] # Added by the i18n extension.
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals.update(
        static=static,
        url=get_url,
        get_language=get_language,
        get_language_bidi=get_language_bidi,
        kind_of=fields.find_kind,
        widget_attributes=fields.get_widget_attributes,
        widget_value=fields.get_widget_value,
        choices=fields.list_choices,
        options=fields.list_options,
        target=fields.get_target,
    )
    env.filters.update(
        instant=wording.render_instant,
        day=wording.render_day,
        money=wording.render_money,
        number=wording.render_number,
        country=wording.render_country,
        time_left=_time_left,
        urgency=_urgency,
        without=_without,
    )
    env.tests.update(web_address=_is_web_address)
    return env


def get_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a named page: `url("case", ref)` or `url("case", ref=ref)`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


@pass_context
def _time_left(context: Context, due_at: datetime) -> str:
    return clocks.time_left(due_at, context["now"])


@pass_context
def _urgency(context: Context, due_at: datetime) -> str:
    return clocks.find_urgency(due_at, context["now"])


def _without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}


def _is_web_address(text: object) -> bool:
    # Anything else ("javascript:", "data:") is shown as text and never becomes a link.
    return str(text).lower().startswith(("https://", "http://"))
