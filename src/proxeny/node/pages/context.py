"""What every page of the desk gets: the node, the tabs, the person, the time."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from proxeny import law
from proxeny.node.pages.registry import list_nav


def desk(request: HttpRequest) -> dict[str, Any]:
    """Context of every page, signed in or not."""
    authority = settings.CONFIG.authority
    actor = getattr(request, "actor", None)
    path = request.path
    nav = []
    if actor is not None:
        for item in list_nav(actor.permissions):
            href = reverse(item.url_name)
            nav.append(
                {"text": item.text, "href": href, "current": path.startswith(href)}
            )
    return {
        "node": {
            "name": authority.name,
            "id": authority.id,
            "country": authority.country,
            "role": authority.role,
            "version": settings.VERSION,
            "edition": law.load_lawbook().edition,
            "training": settings.CONFIG.serve.training,
        },
        "nav": nav,
        "actor": actor,
        "now": timezone.now(),
    }
