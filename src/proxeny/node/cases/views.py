"""Cases: where do we stand, and what is next?"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from proxeny.errors import ProxenyError
from proxeny.node.accounts.desk import REFUSED, DeskRequest, desk_page
from proxeny.node.cases.access import access_case
from proxeny.node.cases.actions import open_case
from proxeny.node.cases.forms import OpenForm
from proxeny.node.cases.queries import count_cases, list_cases, list_events, series_of
from proxeny.node.linking.queries import headline_of
from proxeny.node.pages.paging import read_window

PAGE = 50


@desk_page("case.list", "case.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Cases, newest first."""
    page = read_window(request.GET, rows=PAGE)
    rows = list_cases(request.actor, limit=page.rows, offset=page.offset)
    request.seen += [row.case.ref for row in rows]
    total = count_cases(request.actor)
    context = {"rows": rows, "total": total, **page.find_neighbours(total)}
    return render(request, "cases/list.html", context, using="jinja2")


@desk_page("case.open-page", "case.write")
def open_(request: DeskRequest) -> HttpResponse:
    """Open a case on a series."""
    asked = {"series": request.GET.get("series", "")[:32], "offence": "ETS185:8"}
    form = OpenForm(request.POST or None, initial=asked)
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.is_valid():
            try:
                case = open_case(
                    request.actor,
                    series_ref=form.cleaned_data["series"],
                    title=form.cleaned_data["title"],
                    offence=form.cleaned_data["offence"],
                    summary=form.cleaned_data["summary"],
                )
            except ProxenyError as error:
                field = "title" if error.stable_code == "PXY-CASE-TITLE" else "series"
                form.add_error(field, error.message)
            else:
                return redirect("case", case.ref)
    return render(
        request, "cases/open.html", {"form": form}, status=status, using="jinja2"
    )


@desk_page("case.show", "case.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One case: next deadline, series, requests, timeline."""
    case = access_case(request.actor, ref)
    series = series_of(case)
    requests = list(case.requests.select_related("partner").order_by("pk"))
    request.seen += [case.ref, series.ref, *(row.ref for row in requests)]
    due = [(row.next_due_at, row.pk, row) for row in requests if row.next_due_at]
    context = {
        "case": case,
        "series": series,
        "headline": headline_of(series),
        "requests": requests,
        "next": min(due)[-1] if due else None,
        "events": list_events(case),
        "now": timezone.now(),
        "own_country": settings.CONFIG.authority.country,
    }
    return render(request, "cases/show.html", context, using="jinja2")
