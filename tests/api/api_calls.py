"""Every operation of the client API, how it is called and who may."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from tests.node.node_world import FORM, World, make_actor
from tests.requests.request_bodies import complete_reply, complete_request

from proxeny import exchange
from proxeny.linking import load_scorecard
from proxeny.node.accounts.actions import add_token
from proxeny.node.accounts.models import User
from proxeny.node.linking.actions import confirm_series
from proxeny.node.linking.models import Relink, Series
from proxeny.node.linking.queries import list_holders
from proxeny.node.linking.relinks.comparing import Change
from proxeny.node.linking.relinks.proposals import make_proposals
from proxeny.node.requests import actions
from proxeny.node.requests.models import Request

API = "/api/v1"
ABSENT = "999999"
Made = dict[str, Any]


def send(client: Client, method: str, path: str, body: Any = None) -> HttpResponse:
    """Call an operation with a JSON body, if there is one."""
    if method == "GET":
        return client.get(API + path)
    text = "" if body is None else json.dumps(body)
    return client.generic(method, API + path, text, content_type="application/json")


def program_of(user: User, **defaults: Any) -> Client:
    """A program that acts as this person, by a token."""
    token = add_token(user.username, name="test")
    return Client(headers={"Authorization": f"Bearer {token}"}, **defaults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation.

    Args:
        id: its id in the document, and its action in the audit log.
        read: the permission to know of the thing at all.
        write: the further permission that a change needs.
        names: which part of the world its address names.
        body: makes a sound body.
    """

    id: str
    method: str
    path: str
    read: str
    write: str | None = None
    names: str | None = None
    body: Callable[[World], Made] | None = None
    made: int = 200
    query: dict[str, str] = field(default_factory=dict)

    def address(self, named: str | None) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        filled = self.path.format(ref=named, authority=named)
        return filled + (f"?{query}" if query else "")


def new_card(_: World) -> Made:
    keys = exchange.generate_keys("AT/24-7")
    card = exchange.make_card(
        keys,
        name="Kontaktstelle",
        country="AT",
        role="contact_point",
        endpoint="http://127.0.0.1:1",
        issued_at=timezone.now(),
    )
    fingerprint = exchange.render_fingerprint(keys.public)
    return {"card": card, "fingerprint": fingerprint}


def one_member(world: World) -> Made:
    series = Series.objects.get(pk=int(world.series[0][-6:]))
    return {"reports": [list_holders(series)[0].ref], "reason": "another voice"}


CALLS = (
    Call(id="report.list", method="GET", path="/reports", read="report.read"),
    Call(
        id="report.show",
        method="GET",
        path="/reports/{ref}",
        read="report.read",
        names="report",
    ),
    Call(
        id="report.import",
        method="POST",
        path="/reports",
        read="report.read",
        write="report.write",
        body=lambda _: {"narrative": "They called me and took 300 euro."},
    ),
    Call(id="series.list", method="GET", path="/series", read="series.read"),
    Call(
        id="series.show",
        method="GET",
        path="/series/{ref}",
        read="series.read",
        names="series",
    ),
    Call(
        id="series.merge",
        method="POST",
        path="/series/{ref}/merge",
        read="series.read",
        write="series.write",
        names="series",
        body=lambda world: {"other": world.series[1], "reason": "same voice"},
    ),
    Call(
        id="series.split",
        method="POST",
        path="/series/{ref}/split",
        read="series.read",
        write="series.write",
        names="series",
        body=one_member,
    ),
    Call(
        id="series.confirm",
        method="POST",
        path="/series/{ref}/confirm",
        read="series.read",
        write="series.write",
        names="series",
    ),
    Call(
        id="series.undo",
        method="POST",
        path="/series/{ref}/undo",
        read="series.read",
        write="series.write",
        names="confirmed",
    ),
    Call(id="alert.list", method="GET", path="/alerts", read="series.read"),
    Call(
        id="alert.confirm",
        method="POST",
        path="/alerts/{ref}/confirm",
        read="series.read",
        write="series.write",
        names="alert",
    ),
    Call(
        id="alert.dismiss",
        method="POST",
        path="/alerts/{ref}/dismiss",
        read="series.read",
        write="series.write",
        names="alert",
    ),
    Call(
        id="selector.search",
        method="GET",
        path="/selectors",
        read="report.read",
        query={"kind": "domain", "value": "shop.example"},
    ),
    Call(id="relink.list", method="GET", path="/relinks", read="series.read"),
    Call(
        id="relink.show",
        method="GET",
        path="/relinks/{ref}",
        read="series.read",
        names="relink",
    ),
    Call(
        id="relink.apply",
        method="POST",
        path="/relinks/{ref}/apply",
        read="series.read",
        write="series.write",
        names="open relink",
        body=lambda _: {},
    ),
    Call(
        id="relink.dismiss",
        method="POST",
        path="/relinks/{ref}/dismiss",
        read="series.read",
        write="series.write",
        names="open relink",
        body=lambda _: {"number": 1},
    ),
    Call(id="case.list", method="GET", path="/cases", read="case.read"),
    Call(
        id="case.show",
        method="GET",
        path="/cases/{ref}",
        read="case.read",
        names="case",
    ),
    Call(
        id="case.open",
        method="POST",
        path="/cases",
        read="case.read",
        write="case.write",
        body=lambda world: {"series": world.series[0], "title": "Second case"},
        made=201,
    ),
    Call(
        id="routes",
        method="GET",
        path="/routes",
        read="routes.read",
        query={"from": "RS", "to": "DE", "data": "subscriber"},
    ),
    Call(id="request.list", method="GET", path="/requests", read="request.read"),
    Call(
        id="request.show",
        method="GET",
        path="/requests/{ref}",
        read="request.read",
        names="draft",
    ),
    Call(
        id="request.draft",
        method="POST",
        path="/requests",
        read="request.read",
        write="request.draft",
        body=lambda world: {"case": world.case.ref, "to": "DE/24-7"},
        made=201,
    ),
    Call(
        id="request.edit",
        method="PATCH",
        path="/requests/{ref}",
        read="request.read",
        write="request.draft",
        names="draft",
        body=lambda _: {"body": {"custodian": "Example Hosting GmbH"}},
    ),
    Call(
        id="request.check",
        method="POST",
        path="/requests/{ref}/check",
        read="request.read",
        write="request.draft",
        names="draft",
    ),
    Call(
        id="request.approve",
        method="POST",
        path="/requests/{ref}/approve",
        read="request.read",
        write="request.approve",
        names="checked",
    ),
    Call(
        id="request.return",
        method="POST",
        path="/requests/{ref}/return",
        read="request.read",
        write="request.approve",
        names="checked",
        body=lambda _: {"note": "name the provider"},
    ),
    Call(
        id="request.send",
        method="POST",
        path="/requests/{ref}/send",
        read="request.read",
        write="request.send",
        names="approved",
    ),
    Call(
        id="request.withdraw",
        method="POST",
        path="/requests/{ref}/withdraw",
        read="request.read",
        write="request.send",
        names="approved",
        body=lambda _: {"note": "solved"},
    ),
    Call(
        id="request.close",
        method="POST",
        path="/requests/{ref}/close",
        read="request.read",
        write="request.send",
        names="withdrawn",
    ),
    Call(
        id="request.answer",
        method="POST",
        path="/requests/{ref}/answer",
        read="request.read",
        write="request.answer",
        names="received",
        body=lambda _: {"reply": complete_reply()},
    ),
    Call(
        id="request.pdf",
        method="GET",
        path="/requests/{ref}/paper.pdf",
        read="request.read",
        names="draft",
    ),
    Call(id="directory.list", method="GET", path="/partners", read="directory.read"),
    Call(
        id="directory.show",
        method="GET",
        path="/partners/{authority}",
        read="directory.read",
        names="partner",
    ),
    Call(
        id="partner.add",
        method="POST",
        path="/partners",
        read="directory.read",
        write="directory.write",
        body=new_card,
        made=201,
    ),
    Call(id="audit.list", method="GET", path="/audit", read="audit.read"),
    Call(id="me.show", method="GET", path="/me", read="desk.open"),
)
# The directory belongs to the node and not to one of its organisations.
OF_THE_NODE = {"directory.show"}


def name_in(world: World, what: str) -> str:
    """A reference of a thing in the state in which the operation can be done."""
    match what:
        case "report":
            return world.reports[0]
        case "series":
            return world.series[0]
        case "confirmed":
            return confirm_series(make_actor("supervisor"), world.series[0]).ref
        case "alert" | "relink":
            return world.refs()[what]
        case "open relink":
            return tear_series(world).ref
        case "case":
            return world.case.ref
        case "partner":
            return world.partner.authority
        case "draft":
            return world.sent.ref
        case "received":
            return world.received.ref
        case _:
            return request_in(world, what).ref


def tear_series(world: World) -> Relink:
    """A relink that proposes to add a report which was in a series before."""
    series = Series.objects.get(pk=int(world.series[0][-6:]))
    member = series.members.get(holder=list_holders(series)[-1])
    change = Change(verb="unite", series=(series.pk,), reports=(member.holder_id,))
    member.delete()
    series.size -= 1
    series.save()
    return Relink.objects.create(
        organisation_id=series.organisation_id,
        created_at=timezone.now(),
        scorecard=load_scorecard().version,
        figures={"reports": 2, "proposals": 1, "newest_decision": 0},
        proposals=make_proposals([change], [[]], load_scorecard()),
    )


def request_in(world: World, state: str) -> Request:
    """A request of a drafter who is nobody of the world, in this state."""
    drafter = make_actor("supervisor", name="drafter")
    row = actions.draft_request(
        drafter,
        case_ref=world.case.ref,
        form_id=FORM,
        partner_id=world.partner.authority,
    )
    actions.edit_request(drafter, row.ref, complete_request(reference=row.ref))
    actions.check_request(drafter, row.ref)
    if state == "approved":
        actions.approve_request(make_actor("supervisor"), row.ref)
    if state == "withdrawn":
        actions.withdraw_request(drafter, row.ref, note="solved")
    return Request.objects.get(pk=row.pk)


def absent_like(named: str) -> str:
    """A reference of the same shape that names nothing."""
    return "DE/nobody" if "/" in named else named[:-6] + ABSENT
