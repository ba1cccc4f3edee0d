"""Relinks on the desk: what did the night see otherwise?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from proxeny.node.accounts.desk import DeskRequest, desk_page, one_by_one
from proxeny.node.linking.models import Relink
from proxeny.node.linking.relinks import actions
from proxeny.node.linking.relinks.access import access_every_relink, access_relink
from proxeny.node.linking.relinks.documents import list_relink_refs
from proxeny.node.linking.relinks.proposals import APPLIED, SKIPPED, describe_proposal
from proxeny.node.pages.paging import read_window

PAGE = 30
PROPOSALS = 50
_MAX_NUMBER_CHARS = 6


@desk_page("relink.list", "series.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Relinks, the newest first."""
    page = read_window(request.GET, rows=PAGE)
    every = access_every_relink(request.actor)
    # Proposals are read on a relink's own page.
    newest = every.defer("proposals").order_by("-pk")
    rows = list(newest[page.offset : page.offset + page.rows])
    request.seen += [row.ref for row in rows]
    total = every.count()
    context = {"rows": rows, "total": total, **page.find_neighbours(total)}
    return render(request, "linking/relinks.html", context, using="jinja2")


@desk_page("relink.show", "series.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One relink: each proposal in words, with its strongest links."""
    relink = access_relink(request.actor, ref)
    page = read_window(request.GET, rows=PROPOSALS)
    relink_shown = relink.proposals[page.offset : page.offset + page.rows]
    total = len(relink.proposals)
    request.seen += list_relink_refs([Relink(pk=relink.pk, proposals=relink_shown)])
    context = {
        "relink": relink,
        "is_open": relink.state == Relink.State.OPEN,
        "proposals": [(one, describe_proposal(one)) for one in relink_shown],
        "total": total,
        **page.find_neighbours(total),
    }
    return render(request, "linking/relink.html", context, using="jinja2")


@desk_page("relink.apply-page", "series.write")
@one_by_one
def apply(request: DeskRequest, ref: str) -> HttpResponse:
    """Do one proposal, or all that are open."""
    if request.method != "POST":
        return redirect("relink", access_relink(request.actor, ref).ref)
    relink = actions.apply_relink(request.actor, ref, _read_number(request))
    states = [proposal["state"] for proposal in relink.proposals]
    done, skipped = states.count(APPLIED), states.count(SKIPPED)
    messages.success(
        request,
        ngettext(
            "%(num)s proposal applied: undo it on the page of its series.",
            "%(num)s proposals applied: undo each on the page of its series.",
            done,
        )
        % {"num": done},
    )
    if skipped:
        words = ngettext(
            "%(num)s was skipped: it says why.",
            "%(num)s were skipped: each says why.",
            skipped,
        )
        messages.info(request, words % {"num": skipped})
    return redirect("relink", relink.ref)


@desk_page("relink.dismiss-page", "series.write")
def dismiss(request: DeskRequest, ref: str) -> HttpResponse:
    """Leave everything as it is."""
    if request.method != "POST":
        return redirect("relink", access_relink(request.actor, ref).ref)
    relink = actions.dismiss_relink(request.actor, ref, _read_number(request))
    messages.success(request, _("Dismissed: the same is not proposed again."))
    return redirect("relink", relink.ref)


def _read_number(request: DeskRequest) -> int | None:
    typed = request.POST.get("number", "")[:_MAX_NUMBER_CHARS]
    if not typed:
        return None
    # No proposal has the number 0: what is no number names none.
    return int(typed) if typed.isascii() and typed.isdigit() else 0
