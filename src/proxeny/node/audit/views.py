"""Audit: who saw and did what?"""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from proxeny.node.accounts.desk import DeskRequest, desk_page
from proxeny.node.audit.queries import count_folded, list_entries
from proxeny.node.pages.paging import read_before

PAGE = 100


@desk_page("audit.list", "audit.read")
def list_(request: DeskRequest) -> HttpResponse:
    """The log, newest first."""
    search = request.GET.get("search", "")[:64].strip()
    rows = list_entries(
        request.actor,
        search=search,
        limit=PAGE + 1,
        before=read_before(request.GET.get("before", "")),
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
