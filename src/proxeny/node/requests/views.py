"""Requests and routes: which channel is open, can it go, when must they answer?"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from proxeny import law
from proxeny import requests as pure
from proxeny.errors import ProxenyError
from proxeny.node.accounts.actor import Actor
from proxeny.node.accounts.desk import REFUSED, DeskRequest, desk_page
from proxeny.node.directory.queries import list_partners
from proxeny.node.exchange.queries import list_messages
from proxeny.node.requests import actions
from proxeny.node.requests.access import access_request
from proxeny.node.requests.forms import (
    PART,
    RoutesForm,
    build_form,
    keep_readable,
    list_sections,
    read_form,
)
from proxeny.node.requests.models import Request
from proxeny.node.requests.paper import render_paper
from proxeny.node.requests.queries import (
    list_clocks,
    list_findings,
    list_held,
    list_requests,
    list_unoffered,
)

MAX_UNOFFERED = 40
LIFE = (
    pure.State.DRAFT,
    pure.State.CHECKED,
    pure.State.APPROVED,
    pure.State.SENT,
    pure.State.ACCEPTED,
)


@desk_page("routes", "routes.read")
def routes(request: DeskRequest) -> HttpResponse:
    """Which channel is open between two countries for these data?"""
    asked = {"case": request.GET.get("case", "")[:32]}
    asking = "requested" in request.GET
    form = RoutesForm(request.GET if asking else None, initial=asked)
    found: tuple[law.Route, ...] = ()
    problem = ""
    if asking and form.is_valid():
        given = form.cleaned_data
        try:
            found = law.list_routes(
                law.load_lawbook(),
                requesting=given["requesting"],
                requested=given["requested"],
                data=law.DataKind(given["kind"]),
                on=timezone.now().date(),
                emergency=given["emergency"],
                offence=given["offence"] or "other",
            )
        except ProxenyError as error:
            problem = error.message
    partners = [
        partner
        for partner in list_partners()
        if asking and partner.country == request.GET.get("requested")
    ]
    context = {
        "form": form,
        "routes": found,
        "asked": asking,
        "problem": problem,
        "partners": partners,
        "is_stale": law.is_stale,
        "today": timezone.now().date(),
        "case_ref": request.GET.get("case", "")[:32],
        "edition": law.load_lawbook().edition,
        "form_roles": {form.id: form.to_roles for form in pure.list_forms()},
    }
    status = REFUSED if problem or (asking and not form.is_valid()) else 200
    return render(
        request, "requests/routes.html", context, status=status, using="jinja2"
    )


@desk_page("request.list", "request.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Requests by the time left."""
    direction = request.GET.get("direction", "")
    rows = list_requests(
        request.actor,
        direction=direction if direction in Request.Direction.values else "",
        limit=200,
    )
    request.seen += [row.ref for row in rows]
    context = {"rows": rows, "direction": direction, "title_of": _title_of}
    return render(request, "requests/list.html", context, using="jinja2")


def _title_of(form_id: str) -> str:
    return pure.load_form(form_id).short_title


@desk_page("request.draft-page", "request.draft")
def draft(request: DeskRequest) -> HttpResponse:
    """Draft a request for a case on a form to a partner."""
    if request.method != "POST":
        return redirect("routes")
    made = actions.draft_request(
        request.actor,
        case_ref=request.POST.get("case", "").strip()[:32],
        form_id=request.POST.get("form", "")[:64],
        partner_id=request.POST.get("partner", "")[:64],
    )
    return redirect("request-edit", made.ref)


@desk_page("request.show", "request.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One request: clocks, findings, contents, life line, answer."""
    row = access_request(request.actor, ref)
    request.seen += [row.ref, *([row.case.ref] if row.case else [])]
    form = pure.load_form(row.form)
    incoming = row.direction == Request.Direction.RECEIVED
    findings = list_findings(row, timezone.now())
    context = {
        "request_row": row,
        "body": keep_readable(form.fields, row.body),
        "law_form": form,
        "incoming": incoming,
        "findings": findings if row.sent_at is None or incoming else (),
        "clocks": list_clocks(row, timezone.now()),
        "life": _life(row),
        "events": list(row.events.order_by("-pk")),
        "messages_sent": list(
            list_messages(row.asked_ref, row.partner, row.organisation_id)
        ),
        "held": list_held(request.actor, row) if incoming else [],
        "next_step": _next_step(row, request.actor),
        "may": {
            event.value: event in pure.allowed_events(pure.State(row.state))
            for event in pure.Event
        },
        "reply_fields": form.reply_fields,
    }
    return render(request, "requests/show.html", context, using="jinja2")


def _life(row: Request) -> list[dict[str, Any]]:
    """The states that a request passes, with the day it reached each."""
    reached: dict[str, Any] = {}
    for event in row.events.order_by("pk"):
        reached[event.state] = event.at
    usual = LIFE if row.direction == Request.Direction.SENT else LIFE[-1:]
    states = [state.value for state in usual]
    last = row.state if row.state not in states else pure.State.ANSWERED.value
    words = {
        "draft": _("Draft"),
        "checked": _("Checked"),
        "approved": _("Approved"),
        "sent": _("Sent"),
        "accepted": _("Received there")
        if row.direction == Request.Direction.SENT
        else _("Received"),
        "answered": _("Answered"),
        "partly": _("Answered in part"),
        "refused": _("Refused"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Expired"),
        "closed": _("Closed"),
    }
    at = states.index(row.state) if row.state in states else len(states)
    return [
        {
            "text": words[state],
            "at": reached.get(state) if number <= at else None,
            "current": state == row.state,
        }
        for number, state in enumerate([*states, last])
    ]


def _next_step(row: Request, actor: Actor) -> Mapping[str, str]:
    """The one next action that this person may take."""
    if row.direction == Request.Direction.RECEIVED:
        if row.state == pure.State.ACCEPTED and actor.may("request.answer"):
            return {"text": _("Answer it"), "url": "request-answer"}
        return {}
    steps = {
        pure.State.DRAFT: ("check", _("Check it"), "request.draft"),
        pure.State.CHECKED: ("approve", _("Approve it"), "request.approve"),
        pure.State.APPROVED: ("send", _("Send it"), "request.send"),
    }
    step, text, permission = steps.get(pure.State(row.state), ("", "", ""))
    if not step or not actor.may(permission):
        return {}
    if step == "approve" and row.drafted_by == actor.name:
        return {"why_not": _("A second person approves: you drafted it yourself.")}
    return {"text": text, "step": step}


@desk_page("request.edit-page", "request.draft")
def edit(request: DeskRequest, ref: str) -> HttpResponse:
    """The form, with the findings beside its fields."""
    row = access_request(request.actor, ref)
    request.seen.append(row.ref)
    form = pure.load_form(row.form)
    posted = request.POST if request.method == "POST" else None
    body = keep_readable(form.fields, row.body)
    page_form = build_form(form.fields, body, posted)
    if posted is not None and page_form.is_valid():
        actions.edit_request(request.actor, ref, read_form(form.fields, page_form))
        row, findings = actions.check_request(request.actor, ref)
        if pure.has_errors(findings):
            messages.warning(request, _("Kept as a draft: something is missing."))
            return redirect("request-edit", row.ref)
        messages.success(request, _("Complete. A second person can approve it now."))
        return redirect("request", row.ref)
    context = {
        "request_row": row,
        "law_form": form,
        "form": page_form,
        "findings": _by_field(list_findings(row, timezone.now()), page_form.fields),
        "total": len(list_findings(row, timezone.now())),
        "sections": list_sections(form.fields, body),
        "unoffered": list_unoffered(row)[:MAX_UNOFFERED],
        "own_country": settings.CONFIG.authority.country,
    }
    status = REFUSED if posted is not None else 200
    return render(request, "requests/edit.html", context, status=status, using="jinja2")


def _by_field(
    findings: tuple[pure.Finding, ...], fields: Mapping[str, Any]
) -> dict[str, list[pure.Finding]]:
    """Findings under the control that mends them."""
    found: dict[str, list[pure.Finding]] = defaultdict(list)
    for finding in findings:
        name = finding.field.replace(".", PART)
        if name not in fields:
            begins = f"{finding.field}{PART}"
            name = next((one for one in fields if one.startswith(begins)), name)
        found[name].append(finding)
    return found


@desk_page("request.answer-page", "request.answer")
def answer(request: DeskRequest, ref: str) -> HttpResponse:
    """Answer what a partner asked."""
    row = access_request(request.actor, ref)
    request.seen.append(row.ref)
    form = pure.load_form(row.form)
    posted = request.POST if request.method == "POST" else None
    page_form = build_form(form.reply_fields, row.reply or {}, posted)
    findings: tuple[pure.Finding, ...] = ()
    if posted is not None and page_form.is_valid():
        reply = read_form(form.reply_fields, page_form)
        row, findings = actions.answer_request(request.actor, ref, reply)
        if not pure.has_errors(findings):
            messages.success(request, _("The answer is on its way."))
            return redirect("request", row.ref)
    context = {
        "request_row": row,
        "law_form": form,
        "form": page_form,
        "sections": list_sections(form.reply_fields, row.reply or {}),
        "findings": _by_field(findings, page_form.fields),
        "clocks": list_clocks(row, timezone.now()),
    }
    status = REFUSED if posted is not None else 200
    return render(
        request, "requests/answer.html", context, status=status, using="jinja2"
    )


@desk_page("request.step-page", "request.read")
def step(request: DeskRequest, ref: str, step: str) -> HttpResponse:
    """Check, approve, return, send or withdraw."""
    note = request.POST.get("note", "")
    steps: Mapping[str, Callable[[], object]] = {
        "check": lambda: actions.check_request(request.actor, ref),
        "approve": lambda: actions.approve_request(request.actor, ref),
        "return": lambda: actions.return_request(request.actor, ref, note=note),
        "send": lambda: actions.send_request(request.actor, ref),
        "close": lambda: actions.close_request(request.actor, ref),
        "withdraw": lambda: actions.withdraw_request(request.actor, ref, note=note),
    }
    access_request(request.actor, ref)
    if request.method == "POST" and step in steps:
        steps[step]()
        row = access_request(request.actor, ref)
        if step == "check" and row.state == pure.State.DRAFT:
            messages.warning(request, _("Something is missing: see the findings."))
            return redirect("request-edit", ref)
    return redirect("request", ref)


@desk_page("request.pdf", "request.read")
def paper(request: DeskRequest, ref: str) -> HttpResponse:
    """The request on paper."""
    row = access_request(request.actor, ref)
    request.seen.append(row.ref)
    response = HttpResponse(render_paper(row), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{row.ref}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
