"""Series: is this one offender, and how do we know?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from proxeny.node.accounts.desk import DeskRequest, desk_page
from proxeny.node.linking import actions, queries
from proxeny.node.linking.access import access_series
from proxeny.node.pages.paging import read_page

PAGE = 50
MEMBERS = 100


@desk_page("series.list", "series.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Series that stand, the largest first."""
    number = read_page(request.GET.get("page", ""))
    rows = queries.list_series(request.actor, limit=PAGE, offset=(number - 1) * PAGE)
    request.seen += [row.series.ref for row in rows]
    total = queries.count_series(request.actor)
    context = {
        "rows": rows,
        "total": total,
        "previous": f"?page={number - 1}" if number > 1 else "",
        "next": f"?page={number + 1}" if number * PAGE < total else "",
    }
    return render(request, "linking/list.html", context, using="jinja2")


@desk_page("series.show", "series.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One series: headline, reasons, members, what is related, what was decided."""
    series = access_series(request.actor, ref)
    if series.ref != ref:
        messages.info(request, _("%(ref)s was merged into this series.") % {"ref": ref})
        return redirect("series", series.ref)
    number = read_page(request.GET.get("page", ""))
    members = queries.explain_series(
        series, limit=MEMBERS, offset=(number - 1) * MEMBERS
    )
    related = queries.list_related(series)
    request.seen += [series.ref, *(member.holder.ref for member in members)]
    request.seen += [other.ref for other, _link in related]
    context = {
        "previous": f"?page={number - 1}" if number > 1 else "",
        "next": f"?page={number + 1}" if number * MEMBERS < series.size else "",
        "series": series,
        "headline": queries.headline_of(series),
        "members": members,
        "related": related,
        "decisions": queries.list_decisions(series),
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
