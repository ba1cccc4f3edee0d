"""Reads a bound Django field the way the form components need it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.forms import widgets
from django.forms.boundfield import BoundField

# The component writes these itself; a placeholder is no help to anyone (WCAG 3.3.2).
_OWN_ATTRIBUTES = frozenset(
    {"aria-describedby", "aria-invalid", "class", "id", "placeholder", "rows", "type"}
)
# The first that fits counts: a subclass stands before its parent.
_KINDS: tuple[tuple[type[widgets.Widget], str], ...] = (
    (widgets.CheckboxSelectMultiple, "checkboxes"),
    (widgets.RadioSelect, "radios"),
    (widgets.SelectMultiple, "select_several"),
    (widgets.Select, "select"),
    (widgets.SelectDateWidget, "date"),
    (widgets.CheckboxInput, "checkbox"),
    (widgets.PasswordInput, "password"),
    (widgets.FileInput, "file"),
    (widgets.Textarea, "textarea"),
    (widgets.Input, "text"),
)


class Choice(NamedTuple):
    """One answer of a choice field; `group` is "" outside a named group."""

    value: str
    text: str
    selected: bool
    group: str


def find_kind(field: BoundField) -> str:
    """Which GOV.UK pattern shows the field; "" leaves it to Django."""
    widget = field.field.widget
    return next((kind for known, kind in _KINDS if isinstance(widget, known)), "")


def get_widget_attributes(field: BoundField) -> dict[str, Any]:
    """The widget's own attributes, such as `autocomplete` or `hx-get`."""
    return {
        name: value if value is not True else name
        for name, value in field.field.widget.attrs.items()
        if name not in _OWN_ATTRIBUTES and value not in (None, False)
    }


def get_widget_value(field: BoundField) -> Any:
    """What the widget shows: what was typed, else what was there before."""
    return field.field.widget.format_value(field.value())


def list_choices(field: BoundField) -> Iterator[Choice]:
    """The answers of a choice field in their order, with the given ones selected."""
    widget = field.field.widget
    if not isinstance(widget, widgets.ChoiceWidget):
        return
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()), {})
    for group, options, _ in groups:
        for option in options:
            yield Choice(
                str(option["value"] if option["value"] is not None else ""),
                str(option["label"]),
                bool(option["selected"]),
                str(group or ""),
            )


def list_options(field: BoundField) -> list[dict[str, Any]]:
    """The same answers as the GOV.UK macros for radios and tick boxes take them."""
    return [
        {
            "id": f"{field.auto_id}_{number}",
            "value": choice.value,
            "text": choice.text,
            "checked": choice.selected,
            "disabled": field.field.disabled,
        }
        for number, choice in enumerate(list_choices(field))
    ]


def get_target(field: BoundField) -> str:
    """The id of the input to which an error message leads."""
    match find_kind(field):
        case "date":
            return f"{field.auto_id}_day"
        case "checkboxes" | "radios":
            return f"{field.auto_id}_0"
        case _:
            return field.id_for_label or field.auto_id
