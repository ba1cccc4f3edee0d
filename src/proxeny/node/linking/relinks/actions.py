"""Apply or dismiss what a relink proposes: through the officers' own steps."""

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from proxeny.errors import InputError, StateError
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.actions import gather_reports, merge_series, split_series
from proxeny.node.linking.models import Apart, Decision, Link, Member, Relink, Series
from proxeny.node.linking.queries import find_roots, rows_of
from proxeny.node.linking.relinks.access import access_relink
from proxeny.node.linking.relinks.proposals import (
    APPLIED,
    DISMISSED,
    OPEN,
    SKIPPED,
)

APPLIED_AT_ONCE: Final = 20
CHANGED: Final = "a series in it is another by now"
DECIDED: Final = "an officer has decided on a series in it since"
MOVED: Final = "a report in it is in another series by now"
WHOLE: Final = "nothing would be left of the series"


def apply_relink(actor: Actor, ref: str, number: int | None = None) -> Relink:
    """Do what a relink proposes, each step with its own undo.

    A proposal that no longer fits is skipped, and says why. All are done a few at a
    time, so that reports which come in meanwhile need not wait for the last.

    Args:
        actor: who decides.
        ref: of the relink.
        number: of one proposal; None: every one that is open.

    Raises:
        NotFoundError: it is not there for this actor.
        InputError: it has no such proposal.
        StateError: the proposal was decided on.
    """
    if number is not None:
        return _apply(actor, ref, number)
    relink = _apply(actor, ref)
    while relink.state == Relink.State.OPEN:
        relink = _apply(actor, ref)
    return relink


@transaction.atomic
def _apply(actor: Actor, ref: str, number: int | None = None) -> Relink:
    relink, chosen = _take(actor, ref, number)
    for proposal in chosen[:APPLIED_AT_ONCE]:
        word = _find_hindrance(relink, proposal)
        proposal["state"] = SKIPPED if word else APPLIED
        proposal["word"] = word
        if not word:
            newest = _find_newest_decision(actor.organisation_id)
            _carry_out(actor, relink, proposal)
            own = Decision.objects.filter(
                organisation_id=actor.organisation_id, pk__gt=newest
            )
            proposal["decisions"] = sorted(own.values_list("pk", flat=True))
    return _settle(actor, relink, "relink.apply")


@transaction.atomic
def dismiss_relink(actor: Actor, ref: str, number: int | None = None) -> Relink:
    """Leave everything as it is; the same is not proposed again.

    Args:
        actor: who decides.
        ref: of the relink.
        number: of one proposal; None: every one that is open.

    Raises:
        NotFoundError: it is not there for this actor.
        InputError: it has no such proposal.
        StateError: the proposal was decided on.
    """
    relink, chosen = _take(actor, ref, number)
    for proposal in chosen:
        proposal["state"] = DISMISSED
    return _settle(actor, relink, "relink.dismiss")


def _take(
    actor: Actor, ref: str, number: int | None
) -> tuple[Relink, list[dict[str, Any]]]:
    hold_organisation(actor.organisation_id)
    relink = access_relink(actor, ref)
    actor.require("series.write")
    if relink.state == Relink.State.REPLACED:
        raise StateError("A later relink took its place.", code="PXY-RELINK-OLD")
    chosen = [one for one in relink.proposals if number in {None, one["number"]}]
    if not chosen:
        raise InputError(
            "The relink has no such proposal.",
            code="PXY-RELINK-NUMBER",
            advice="See the proposals on the relink's page.",
        )
    left = [one for one in chosen if one["state"] == OPEN]
    if not left:
        raise StateError("It was decided on already.", code="PXY-RELINK-DECIDED")
    return relink, left


def _settle(actor: Actor, relink: Relink, action: str) -> Relink:
    states = {proposal["state"] for proposal in relink.proposals}
    if OPEN not in states:
        applied = APPLIED in states
        relink.state = Relink.State.APPLIED if applied else Relink.State.DISMISSED
    relink.by, relink.decided_at = actor.name, timezone.now()
    relink.save(update_fields=["proposals", "state", "by", "decided_at"])
    record_write(actor, action, [relink.ref])
    return relink


def _find_hindrance(relink: Relink, proposal: dict[str, Any]) -> str:
    """Why a proposal no longer fits; "" if it does."""
    keys = [*proposal["keys"]["series"]]
    if proposal["to"]:
        keys.append(int(proposal["to"].rpartition("-")[2]))
    rows = Series.objects.in_bulk(keys)
    if any(rows[key].parent_id is not None or not rows[key].size for key in keys):
        return CHANGED
    if _list_decided_since(
        relink, {row for one in rows.values() for row in rows_of(one)}
    ):
        return DECIDED
    reports = proposal["keys"]["reports"]
    members = Member.objects.filter(holder_id__in=reports)
    if proposal["verb"] != "take_out":
        return MOVED if members.exists() else ""
    roots = find_roots(members.values_list("series_id", flat=True).distinct())
    if members.count() < len(reports) or {*roots.values()} != {keys[0]}:
        return MOVED
    return WHOLE if rows[keys[0]].size <= len(reports) else ""


def _list_decided_since(relink: Relink, rows: Collection[int]) -> bool:
    """Whether an officer decided on these rows since, other than by this relink."""
    own = [pk for proposal in relink.proposals for pk in proposal["decisions"]]
    touching = Q(series_id__in=rows) | Q(other_id__in=rows)
    since = Q(pk__gt=relink.figures["newest_decision"]) | Q(
        undone_at__gt=relink.created_at
    )
    decided = Decision.objects.filter(
        touching, since, organisation_id=relink.organisation_id
    )
    # What the machine united meanwhile stands; what an officer undid of it counts.
    by_machine = Q(by=MACHINE, undone_at=None)
    return decided.exclude(by_machine).exclude(pk__in=own).exists()


def _find_newest_decision(organisation_id: int) -> int:
    own = Decision.objects.filter(organisation_id=organisation_id)
    return own.order_by("-pk").values_list("pk", flat=True).first() or 0


def _carry_out(actor: Actor, relink: Relink, proposal: dict[str, Any]) -> None:
    reason = f"proposed by {relink.ref}"
    if proposal["verb"] == "take_out":
        split = split_series(
            actor, proposal["series"][0], proposal["reports"], reason=reason
        )
        if proposal["to"]:
            merge_series(actor, proposal["to"], split.ref, reason=reason)
            # These reports were the other's: that says nothing of the two series.
            Apart.objects.filter(Q(decision__other=split) | Q(series=split)).delete()
    else:
        first = next(iter(proposal["series"]), "")
        for other in proposal["series"][1:]:
            merge_series(actor, first, other, reason=reason)
        if proposal["reports"]:
            gather_reports(actor, proposal["reports"], into=first, reason=reason)
    _keep_links(proposal)


def _keep_links(proposal: dict[str, Any]) -> None:
    """The reasons stand on the page of the series from now on."""
    if proposal["verb"] == "take_out" and not proposal["to"]:
        return
    now = timezone.now()
    for link in proposal["because"]:
        left, right = max(link["keys"]), min(link["keys"])
        terms = [{"name": term["kind"], **term} for term in link["terms"]]
        held = Link.objects.filter(left_id=left, right_id=right)
        if held.exists():
            held.update(kind=Link.Kind.ACCEPTED, bits=link["bits"], terms=terms)
        else:
            Link.objects.create(
                left_id=left,
                right_id=right,
                kind=Link.Kind.ACCEPTED,
                bits=link["bits"],
                terms=terms,
                created_at=now,
            )
