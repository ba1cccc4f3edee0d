"""A program reads relinks and decides on what they propose, as an officer does."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.api.api_calls import send, tear_series
from tests.node.node_world import World

from proxeny.node.linking.models import Member
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db
Program = Callable[[str], Client]


def test_a_proposal_is_read_applied_and_undone(world: World, program: Program) -> None:
    client = program("supervisor")
    made = tear_series(world)
    newest = send(client, "GET", "/relinks?limit=1").json()
    assert [row["relink"] for row in newest["relinks"]] == [made.ref]
    assert newest["next"]
    shown = send(client, "GET", f"/relinks/{made.ref}").json()
    (proposal,) = shown["proposals"]
    (report,) = proposal["reports"]
    assert proposal["text"] == f"Add {report} to {world.series[0]}"
    assert "newest_decision" not in shown["figures"]
    applied = send(client, "POST", f"/relinks/{made.ref}/apply", {"number": 1})
    assert applied.json()["proposals"][0]["state"] == "applied"
    assert applied.json()["state"] == "applied"
    member = Member.objects.get(holder=Holder.objects.get(ref=report))
    assert member.series_id == int(world.series[0][-6:])
    undone = send(client, "POST", f"/series/{world.series[0]}/undo")
    assert undone.status_code == 200
    assert not Member.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("body", [{}, {"number": 1}])
def test_dismissed_it_changes_nothing_and_is_decided_once(
    world: World, program: Program, body: dict[str, int]
) -> None:
    client = program("supervisor")
    made = tear_series(world)
    path = f"/relinks/{made.ref}/dismiss"
    before = Member.objects.count()
    assert send(client, "POST", path, body).json()["state"] == "dismissed"
    assert Member.objects.count() == before
    again = send(client, "POST", path, body)
    assert again.status_code == 409
    assert again.json()["code"] == "PXY-RELINK-DECIDED"


@pytest.mark.parametrize("number", [0, 501, "x", 9])
def test_a_number_that_no_proposal_has_is_refused(
    world: World, program: Program, number: object
) -> None:
    made = tear_series(world)
    path = f"/relinks/{made.ref}/apply"
    answer = send(program("supervisor"), "POST", path, {"number": number})
    assert answer.status_code == 422
