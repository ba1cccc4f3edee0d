"""Fits the organisation's scorecard to the links that its officers judged."""

from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from proxeny import linking
from proxeny.errors import StateError
from proxeny.linking import Scorecard
from proxeny.linking.features import FEATURES, Group
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.learning.judged import list_judged
from proxeny.node.linking.models import OrganisationScorecard

STRENGTH: Final = 50.0
"""So many links' worth the packaged weights count: few decisions move them a little."""

MOVES_SHOWN: Final = 8
_LEAST_SHOWN_BITS: Final = 0.05
_GROUPS: Final = {
    Group.SELECTOR: "how many hold it",
    Group.COMPANY: "its other holders",
    Group.TIME: "time between",
    Group.OFFENCE: "class of offence",
    Group.COUNTRY: "country",
    Group.OTHERS: "further selectors",
    Group.TEXT: "texts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A weight that moved: what it is of, and its bits before and now."""

    text: str
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """What came of a refit.

    Attributes:
        version: of the scorecard by which is linked from now on.
        right: links that officers confirmed.
        wrong: links that officers undid.
        moves: what moved most, furthest first.
    """

    version: str
    right: int
    wrong: int
    moves: tuple[Move, ...]


@transaction.atomic
def refit_scorecard(actor: Actor) -> Refit:
    """Fit the packaged scorecard to what officers made of links, and use it.

    From the packaged one each time, and on all that was judged so far, so that no
    decision counts twice.

    Raises:
        StateError: there are not links of both kinds to learn from.
    """
    # Needs numpy, which no page does.
    import numpy as np

    from proxeny.linking.fitting import fit, list_numbers, render_scorecard

    hold_organisation(actor.organisation_id)
    actor.require("series.write")
    right, wrong = list_judged(actor.organisation_id)
    if not right or not wrong:
        raise StateError(
            f"Officers confirmed {len(right):,} links and undid {len(wrong):,}:"
            " a refit needs some of both.",
            code="PXY-SCORECARD-FIT",
            advice="Confirm some series and split or undo some wrong ones first.",
        )
    packaged = linking.load_scorecard()
    judged = [*right, *wrong]
    labels = np.arange(len(judged)) < len(right)
    fitted = fit(
        packaged,
        [comparison.kind for comparison in judged],
        list_numbers(judged),
        labels,
        strength=STRENGTH,
    )
    own = OrganisationScorecard.objects.filter(organisation_id=actor.organisation_id)
    number = own.exclude(text="").count() + 1
    country = settings.CONFIG.authority.country.lower()
    fitted = replace(
        fitted,
        version=f"{packaged.version}+{country}.{number}",
        status="refitted",
        fitted_on=f"{len(right)} links confirmed and {len(wrong)} undone by officers",
    )
    _use(actor, fitted.version, render_scorecard(fitted))
    return Refit(
        version=fitted.version,
        right=len(right),
        wrong=len(wrong),
        moves=tuple(_list_moves(packaged, fitted))[:MOVES_SHOWN],
    )


@transaction.atomic
def use_packaged_scorecard(actor: Actor) -> str:
    """Link by the packaged scorecard again; return its version."""
    hold_organisation(actor.organisation_id)
    actor.require("series.write")
    version = linking.load_scorecard().version
    _use(actor, version, "")
    return version


def _use(actor: Actor, version: str, text: str) -> None:
    OrganisationScorecard.objects.create(
        organisation_id=actor.organisation_id,
        made_at=timezone.now(),
        by=actor.name,
        version=version,
        text=text,
    )
    record_write(actor, "series.refit", [])


def _list_moves(before: Scorecard, now: Scorecard) -> list[Move]:
    moves = [
        Move(text="any shared selector", before=before.prior, now=now.prior),
        *(
            Move(
                text=f"same {weight.name}",
                before=before.kinds[kind].bits,
                now=weight.bits,
            )
            for kind, weight in now.kinds.items()
        ),
    ]
    for feature in FEATURES:
        old, new = before.curves[feature.name], now.curves[feature.name]
        name = f"{_GROUPS[feature.group]} ({feature.name.replace('_', ' ')}"
        moves += [
            Move(text=f"{name} {knot:g})", before=was, now=now_)
            for knot, was, now_ in zip(new.knots, old.bits, new.bits, strict=True)
        ]
        moves.append(
            Move(text=f"{name} not known)", before=old.lacking, now=new.lacking)
        )
    moved = [m for m in moves if abs(m.now - m.before) >= _LEAST_SHOWN_BITS]
    return sorted(moved, key=lambda move: -abs(move.now - move.before))
