"""What needs me now, and the first sign-in."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from proxeny.errors import InputError
from proxeny.node.accounts.actions import use_code
from proxeny.node.accounts.desk import REFUSED, DeskRequest, desk_page
from proxeny.node.accounts.forms import FirstSignInForm
from proxeny.node.pages.registry import list_home

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@desk_page("home", "desk.open")
def home(request: DeskRequest) -> HttpResponse:
    """Everything that needs this person, least time left first."""
    items = list_home(request.actor, timezone.now())
    request.seen += [item.ref for item in items if item.ref]
    return render(request, "accounts/home.html", {"items": items}, using="jinja2")


@never_cache
@sensitive_post_parameters("code", "password", "again")
@require_http_methods(["GET", "POST"])
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Spend a one-time code, set a password, and be in."""
    form = FirstSignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            try:
                user = use_code(
                    form.cleaned_data["username"],
                    form.cleaned_data["code"],
                    form.cleaned_data["password"],
                    now=timezone.now(),
                )
            except InputError as error:
                field = "password" if error.stable_code == "PXY-PASSWORD" else "code"
                form.add_error(field, error.message)
            else:
                login(request, user, backend=BACKEND)
                return redirect("home")
    context = {"form": form}
    return render(
        request, "accounts/first_sign_in.html", context, status=status, using="jinja2"
    )
