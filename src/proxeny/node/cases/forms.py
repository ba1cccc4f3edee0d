"""What opens a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from proxeny import law
from proxeny.node.cases.actions import SUMMARY_CHARS, TITLE_CHARS


def _offences() -> list[tuple[str, str]]:
    """The Convention's own classes: those that its routes are asked by."""
    return [
        (offence.code, f"{offence.label_en} ({offence.code})")
        for offence in law.list_offences(law.load_lawbook())
        if offence.scheme in {"ETS185", "ETS189"}
    ]


class OpenForm(forms.Form):
    """A case on a series."""

    series = forms.CharField(label=_("Series"), max_length=32)
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_CHARS,
        help_text=_("What people will call it. No victim's name."),
    )
    offence = forms.ChoiceField(label=_("Offence"), choices=_offences)
    summary = forms.CharField(
        label=_("Short facts"),
        max_length=SUMMARY_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Goes into requests to partners: leave out what identifies victims."
        ),
    )
