"""Audit: who saw and did what?"""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from proxeny.node.accounts.desk import DeskRequest, desk_page
from proxeny.node.audit.queries import count_folded, list_entries

PAGE = 100


@desk_page("audit.list", "audit.read")
def list_(request: DeskRequest) -> HttpResponse:
    """The log, newest first."""
    search = request.GET.get("search", "")[:64].strip()
    before = request.GET.get("before", "")
    rows = list_entries(
        request.actor,
        search=search,
        limit=PAGE + 1,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    later = urlencode({"search": search, "before": rows[-1].pk}) if more else ""
    context = {
        "rows": rows,
        "search": search,
        "later": later,
        "folded": count_folded(),
    }
    return render(request, "audit/list.html", context, using="jinja2")
