"""Directory: who is there, how are they reached, and is the key theirs?"""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proxeny.errors import InputError, StateError
from proxeny.node.accounts.desk import REFUSED, DeskRequest, desk_page
from proxeny.node.directory.actions import MAX_CARD_CHARS, add_partner
from proxeny.node.directory.queries import get_partner, list_partners

_FIELD_OF = {"PXY-FINGERPRINT": "fingerprint", "PXY-PARTNER-KEYS": "replaces"}


class AddForm(forms.Form):
    """A partner's card and the fingerprint that was read out."""

    card = forms.CharField(
        label=gettext_lazy("The partner's card"),
        max_length=MAX_CARD_CHARS,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy("The whole text of the card file."),
    )
    fingerprint = forms.CharField(
        label=gettext_lazy("Fingerprint, as the partner read it out"),
        max_length=100,
        help_text=gettext_lazy(
            "Call on a number you already know; never take it from the same e-mail."
        ),
    )
    replaces = forms.CharField(
        label=gettext_lazy("Fingerprint that it replaces"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Only if the partner is here already with other keys."),
    )


@desk_page("directory.list", "directory.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Partners by country."""
    context = {"partners": list_partners()}
    return render(request, "directory/list.html", context, using="jinja2")


@desk_page("directory.show", "directory.read")
def show(request: DeskRequest, authority: str) -> HttpResponse:
    """One partner."""
    partner = get_partner(authority)
    request.seen.append(partner.authority)
    context = {"partner": partner}
    return render(request, "directory/show.html", context, using="jinja2")


@desk_page("directory.add-page", "directory.write")
def add(request: DeskRequest) -> HttpResponse:
    """Add a partner whose fingerprint was compared."""
    form = AddForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            try:
                partner = add_partner(
                    request.actor,
                    card_text=form.cleaned_data["card"],
                    fingerprint=form.cleaned_data["fingerprint"],
                    replaces=form.cleaned_data["replaces"],
                )
            except (InputError, StateError) as error:
                field = _FIELD_OF.get(error.stable_code, "card")
                form.add_error(field, error.message)
            else:
                messages.success(request, _("Partner added; its fingerprint agrees."))
                return redirect("partner", partner.authority)
    return render(
        request, "directory/add.html", {"form": form}, status=status, using="jinja2"
    )
