"""Series: is this one offender, and how do we know?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from proxeny import selectors
from proxeny.node.accounts.desk import DeskRequest, desk_page
from proxeny.node.linking import actions, queries
from proxeny.node.linking.access import access_alert, access_series
from proxeny.node.linking.documents import list_alert_refs, list_search_refs
from proxeny.node.pages.paging import Window, read_page, read_window

PAGE = 50
MAX_TYPED_CHARS = 2_000
SEARCHED_AT_ONCE = 10


@desk_page("series.list", "series.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Series that stand, the largest first."""
    page = read_window(request.GET, rows=PAGE)
    rows = queries.list_series(request.actor, limit=page.rows, offset=page.offset)
    request.seen += [row.series.ref for row in rows]
    total = queries.count_series(request.actor)
    context = {"rows": rows, "total": total, **page.find_neighbours(total)}
    return render(request, "linking/list.html", context, using="jinja2")


@desk_page("series.show", "series.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One series: headline, reasons, members, what is related, what was decided."""
    series = access_series(request.actor, ref)
    if series.ref != ref:
        messages.info(request, _("%(ref)s was merged into this series.") % {"ref": ref})
        return redirect("series", series.ref)
    page = read_window(request.GET, rows=PAGE)
    members = queries.explain_series(series, limit=page.rows, offset=page.offset)
    related = queries.list_related(series)
    request.seen += [series.ref, *(member.holder.ref for member in members)]
    request.seen += [other.ref for other, _link in related]
    context = {
        "series": series,
        "headline": queries.headline_of(series),
        "members": members,
        "related": related,
        "decisions": queries.list_decisions(series),
        **page.find_neighbours(series.size),
    }
    return render(request, "linking/show.html", context, using="jinja2")


@desk_page("series.confirm-page", "series.write")
def confirm(request: DeskRequest, ref: str) -> HttpResponse:
    """An officer stands behind the series."""
    if request.method != "POST":
        return redirect("series", ref)
    actions.confirm_series(request.actor, ref)
    messages.success(request, _("Confirmed. You can undo it below."))
    return redirect("series", ref)


@desk_page("series.merge-page", "series.write")
def merge(request: DeskRequest, ref: str) -> HttpResponse:
    """Another series joins this one."""
    if request.method != "POST":
        return redirect("series", ref)
    series = actions.merge_series(
        request.actor,
        ref,
        request.POST.get("other", "").strip()[:32],
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("Merged. You can undo it below."))
    return redirect("series", series.ref)


@desk_page("series.split-page", "series.write")
def split(request: DeskRequest, ref: str) -> HttpResponse:
    """The ticked reports become a series of their own."""
    if request.method != "POST":
        return redirect("series", ref)
    made = actions.split_series(
        request.actor,
        ref,
        request.POST.getlist("member"),
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("Split off. You can undo it on the series it left."))
    return redirect("series", made.ref)


@desk_page("series.undo-page", "series.write")
def undo(request: DeskRequest, ref: str) -> HttpResponse:
    """Take back the newest decision."""
    if request.method != "POST":
        return redirect("series", ref)
    decision = actions.undo_decision(request.actor, ref)
    messages.success(request, _("Undone."))
    return redirect("series", decision.series.ref)


@desk_page("alert.list", "series.read")
def alerts(request: DeskRequest) -> HttpResponse:
    """What officers should hear of at once, the open ones first."""
    page = read_window(request.GET, rows=PAGE)
    told = queries.list_alerts(request.actor, limit=page.rows, offset=page.offset)
    request.seen += list_alert_refs(told.alerts)
    total = told.open + told.confirmed + told.dismissed
    context = {"told": told, "total": total, **page.find_neighbours(total)}
    return render(request, "linking/alerts.html", context, using="jinja2")


@desk_page("alert.confirm-page", "series.write")
def confirm_alert(request: DeskRequest, ref: str) -> HttpResponse:
    """The alert was worth its while."""
    return _decide_alert(request, ref, confirm=True)


@desk_page("alert.dismiss-page", "series.write")
def dismiss_alert(request: DeskRequest, ref: str) -> HttpResponse:
    """It was not."""
    return _decide_alert(request, ref, confirm=False)


def _decide_alert(request: DeskRequest, ref: str, *, confirm: bool) -> HttpResponse:
    access_alert(request.actor, ref)
    if request.method == "POST":
        actions.decide_alert(request.actor, ref, confirm=confirm)
        messages.success(request, _("Noted: it counts in the figures of alerts."))
    return redirect("alerts")


@desk_page("selector.search", "report.read")
def search(request: DeskRequest) -> HttpResponse:
    """Who mentions this? Whatever is typed is read for selectors.

    A further page is of one of them: which, counted from 1, is in its address.
    """
    typed = request.GET.get("q", "")[:MAX_TYPED_CHARS].strip()
    found = list(dict.fromkeys(mention.selector for mention in selectors.find(typed)))
    found = found[:SEARCHED_AT_ONCE]
    number = read_page(request.GET.get("page", ""))
    of = read_page(request.GET.get("of", "")) if number > 1 else 0
    searches = []
    for place, selector in enumerate(found, 1):
        if of not in {0, place}:
            continue
        page = Window(rows=PAGE, number=number, address={"q": typed, "of": place})
        one = queries.search_selector(
            request.actor, selector, limit=page.rows, offset=page.offset
        )
        request.seen += list_search_refs(one)
        searches.append({"found": one, **page.find_neighbours(one.mentions)})
    context = {"typed": typed, "searches": searches}
    return render(request, "linking/search.html", context, using="jinja2")
