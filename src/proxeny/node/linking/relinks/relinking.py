"""Links all that an organisation holds anew, and keeps what that would change."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.learning.scorecards import find_weights
from proxeny.node.linking.models import Decision, PhraseRarity, Relink
from proxeny.node.linking.relinks.comparing import (
    Change,
    compare_series,
    list_reasons,
)
from proxeny.node.linking.relinks.decided import list_decided
from proxeny.node.linking.relinks.exporting import Exported, export_holders
from proxeny.node.linking.relinks.proposals import OPEN, make_proposals
from proxeny.node.linking.relinks.sketching import (
    count_unsketched,
    note_unsketched,
    sketch_earlier,
)

MAX_PROPOSALS: Final = 500
"""An officer reads no more of one night; what is left comes the next night."""

MAX_REPORTS_MOVED: Final = 10_000
"""No officer can judge a change of more: it is counted and not shown."""

LEAST_TEXTS: Final = 100
"""Of fewer narratives nobody can say which wording is rare."""

RARITIES_KEPT: Final = 2


def make_relink(actor: Actor) -> Relink:
    """Link all reports of the actor's organisation anew.

    It changes no series: what the batch sees otherwise becomes proposals. And it
    counts how rare phrases are, for the reports to come, and sketches by that what
    came in before anybody had counted.

    Raises:
        ForbiddenError: the role may not change series.
        ProxenyError: the batch has too little memory or disk.
    """
    from proxeny.engines.duckdb import link
    from proxeny.engines.values import Batch
    from proxeny.engines.workplace import open_workplace

    actor.require("series.write")
    organisation = actor.organisation_id
    scorecard = find_weights(organisation).scorecard
    # From here on what an officer decides is newer than what is compared.
    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True).first()
    with open_workplace(settings.CONFIG.home / "relink") as folder:
        exported = export_holders(organisation, folder)
        lists = settings.CONFIG.linking.warning_lists
        batch = Batch(
            reports=folder,
            out=folder / "out",
            scorecard=scorecard,
            memory_bytes=settings.CONFIG.linking.memory_mib << 20,
            threads=os.cpu_count() or 1,
            warning_lists=Path(lists) if lists else None,
        )
        outcome = link(batch, lambda _step, _done, _total: None)
        compared = compare_series(folder, batch.out)
        sifted = _sift(organisation, compared.changes)
        shown = sifted.allowed[:MAX_PROPOSALS]
        reasons = list_reasons(folder, batch.out, shown)
        levels = _rate_phrases(folder, exported)
    with transaction.atomic():
        hold_organisation(organisation)
        relink = Relink.objects.create(
            organisation_id=organisation,
            created_at=timezone.now(),
            scorecard=scorecard.version,
            figures={
                "reports": exported.reports,
                "series": outcome.series,
                "proposals": len(shown),
                "left_out": sifted.refused,
                "too_large": sifted.too_large,
                "not_held": compared.not_held,
                "not_shown": len(sifted.allowed) - len(shown),
                "newest_decision": newest or 0,
            },
            proposals=make_proposals(shown, reasons, scorecard),
        )
        if not relink.proposals:
            relink.state = Relink.State.APPLIED
            relink.save(update_fields=["state"])
        _replace_earlier(relink)
        if levels:
            _keep_rarity(organisation, levels)
        record_write(actor, "series.relink", [relink.ref])
    sketched = sketch_earlier(organisation, find_weights(organisation).rarity)
    relink.figures["sketched"] = sketched
    relink.figures["unsketched"] = count_unsketched(organisation)
    relink.save(update_fields=["figures"])
    return relink


def _replace_earlier(relink: Relink) -> None:
    """What nobody decided on is dropped: it is proposed anew, or no longer."""
    earlier = Relink.objects.filter(
        organisation_id=relink.organisation_id,
        pk__lt=relink.pk,
        state=Relink.State.OPEN,
    )
    for one in earlier:
        one.state = Relink.State.REPLACED
        one.proposals = [p for p in one.proposals if p["state"] != OPEN]
        one.save(update_fields=["state", "proposals"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sifted:
    """What may be proposed, most telling first, and how many changes may not.

    Attributes:
        allowed: what may be.
        refused: of how many a decision of an officer ruled out all or a part.
        too_large: how many are of more reports than anybody can judge.
    """

    allowed: tuple[Change, ...]
    refused: int
    too_large: int


def _sift(organisation_id: int, changes: tuple[Change, ...]) -> _Sifted:
    decided = list_decided(organisation_id)
    allowed, refused, too_large = [], 0, 0
    for change in changes:
        left, is_cut = decided.allow(change)
        refused += is_cut
        if left is None:
            continue
        if len(left.reports) > MAX_REPORTS_MOVED:
            too_large += 1
        else:
            allowed.append(left)
    allowed.sort(key=lambda change: (change.verb == "take_out", -len(change.reports)))
    return _Sifted(allowed=tuple(allowed), refused=refused, too_large=too_large)


def _rate_phrases(folder: Path, exported: Exported) -> bytes:
    if exported.texts < LEAST_TEXTS:
        return b""
    from proxeny.engines import narratives
    from proxeny.engines.duckdb.inputs import open_reports
    from proxeny.linking.narratives import ALONE, rate_rarity

    with open_reports(folder) as file:
        levels = narratives.rate_phrases(file)
    # A phrase of one text alone joins nobody in a batch; the next report may have it.
    levels[levels == ALONE] = rate_rarity(1, exported.texts)
    return levels.tobytes()


def _keep_rarity(organisation_id: int, levels: bytes) -> None:
    PhraseRarity.objects.create(
        organisation_id=organisation_id, counted_at=timezone.now(), levels=levels
    )
    own = PhraseRarity.objects.filter(organisation_id=organisation_id)
    if own.count() == 1:
        note_unsketched(organisation_id)
    kept = own.order_by("-pk").values_list("pk", flat=True)[:RARITIES_KEPT]
    own.exclude(pk__in=list(kept)).delete()
