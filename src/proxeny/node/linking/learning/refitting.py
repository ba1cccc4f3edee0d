"""Fits the organisation's scorecard to the links that its officers judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from proxeny import linking
from proxeny.errors import StateError
from proxeny.linking import Comparison, Scorecard
from proxeny.linking.features import FEATURES, Group
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import MACHINE, Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.learning.comparisons import unpack_comparison
from proxeny.node.linking.models import (
    APART,
    Decision,
    Link,
    OrganisationScorecard,
    Series,
)
from proxeny.node.linking.queries import rows_of

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
    right, wrong = _list_judged(actor.organisation_id)
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


def _list_judged(
    organisation_id: int,
) -> tuple[list[Comparison], list[Comparison]]:
    """Links that officers stand behind, and links that they took apart."""
    standing = Decision.objects.filter(
        organisation_id=organisation_id, undone_at=None
    ).select_related("series", "other")
    right: dict[int, str] = {}
    for decision in standing.filter(verb=Decision.Verb.CONFIRM):
        rows = rows_of(decision.series)
        right |= _links_between(rows, rows)
    for decision in standing.filter(verb=Decision.Verb.MERGE).exclude(by=MACHINE):
        one, other = _sides(decision)
        right |= _links_between(one, other)
    wrong: dict[int, str] = {}
    for decision in Decision.objects.filter(
        APART, organisation_id=organisation_id
    ).select_related("series", "other"):
        one, other = _sides(decision)
        wrong |= _links_between(one, other)
    # What an officer took apart later is no longer confirmed.
    kept = {pk: packed for pk, packed in right.items() if pk not in wrong}
    return _unpack(kept.values()), _unpack(wrong.values())


def _sides(decision: Decision) -> tuple[list[int], list[int]]:
    """Rows on both sides of a merge or a split, as they stand now."""
    other = decision.other or Series()
    theirs = rows_of(other) if other.pk else []
    ours = [row for row in rows_of(decision.series) if row not in theirs]
    return ours, theirs


def _links_between(one: Sequence[int], other: Sequence[int]) -> dict[int, str]:
    there = Q(left__member__series_id__in=one, right__member__series_id__in=other)
    back = Q(left__member__series_id__in=other, right__member__series_id__in=one)
    links = Link.objects.filter(there | back).exclude(comparison="")
    return dict(links.values_list("pk", "comparison"))


def _unpack(packed: Iterable[str]) -> list[Comparison]:
    return [unpack_comparison(text) for text in packed]


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
