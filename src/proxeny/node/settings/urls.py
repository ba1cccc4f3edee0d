"""Every door's addresses (CONTRACTS, HTTP)."""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import include, path
from django.views.generic import RedirectView

from proxeny.node.api.health import healthz
from proxeny.node.api.schema import api
from proxeny.node.exchange.views import take_message

# A forgotten password is mended by a new one-time code, not by mail.
sign_in_urls = [
    pattern
    for pattern in account_urls
    if not str(pattern.name).startswith("account_reset_password")
]

handler500 = "proxeny.node.pages.errors.failed"

urlpatterns = [
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
    path("api/v1/", api.urls),
    path("exchange/v1/messages", take_message, name="exchange-messages"),
    path("healthz", healthz, name="healthz"),
]
