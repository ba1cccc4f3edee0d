"""Every door's addresses (CONTRACTS, HTTP)."""

import os
from collections.abc import Sequence

from allauth.account.urls import urlpatterns as account_urls
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from proxeny.node.api.health import healthz
from proxeny.node.api.schema import api
from proxeny.node.exchange.views import take_message

# A forgotten password is mended by a new one-time code: nobody has a mailbox here, and
# no page makes the node write a mail.
_BY_MAIL = (
    "account_reset_password",
    "account_email",
    "account_confirm_email",
    "account_confirm_login_code",
)
sign_in_urls = [
    pattern for pattern in account_urls if not str(pattern.name).startswith(_BY_MAIL)
]

handler500 = "proxeny.node.pages.errors.failed"

DESK: list[URLPattern | URLResolver] = [
    # The public portal comes at a later stage; until then the desk is the front door.
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    path("desk/account/", include(sign_in_urls)),
    path("desk/account/mfa/", include("allauth.mfa.urls")),
    path("desk/", include("proxeny.node.accounts.urls")),
    path("desk/", include("proxeny.node.reports.urls")),
    path("desk/", include("proxeny.node.linking.urls")),
    path("desk/", include("proxeny.node.cases.urls")),
    path("desk/", include("proxeny.node.requests.urls")),
    path("desk/", include("proxeny.node.directory.urls")),
    path("desk/", include("proxeny.node.audit.urls")),
]
API = [path("api/v1/", api.urls)]
EXCHANGE = [path("exchange/v1/messages", take_message, name="exchange-messages")]
DOORS: dict[str, Sequence[URLPattern | URLResolver]] = {
    "desk": DESK,
    "api": API,
    "exchange": EXCHANGE,
}

# `proxeny serve --doors` names which of them this process opens.
_open = os.environ.get("PROXENY_DOORS", ",".join(DOORS)).split(",")
urlpatterns = [
    *(
        pattern
        for door, patterns in DOORS.items()
        if door in _open
        for pattern in patterns
    ),
    path("healthz", healthz, name="healthz"),
]
