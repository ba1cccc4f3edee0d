"""Sketches what came in before anybody knew which wording is rare.

A new report is linked by its wording to those that were sketched. The first relink of
a node counts how rare phrases are; what was held by then is sketched from there on, a
few holders at a time, each few in a transaction of their own: reports that come in
meanwhile wait for none, and a relink that is ended goes on the next night.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Max, QuerySet

from proxeny import linking
from proxeny.linking import Rarity, Sketch
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.linking.holders import note_said
from proxeny.node.linking.models import Unsketched
from proxeny.node.linking.relinks.exporting import read_narratives
from proxeny.node.selectors.actions import (
    add_mentions,
    add_postings,
    judge_selectors,
    pack_phrases,
)
from proxeny.node.selectors.models import Holder

HOLDERS_AT_ONCE: Final = 50
MAX_SKETCHED: Final = 200_000
"""One night sketches no more: the worker has other work."""

_NONE: Final = Sketch(keys=(), phrases=())


def note_unsketched(organisation_id: int) -> None:
    """What this organisation holds by now came in before phrases were rated."""
    own = Holder.objects.filter(organisation_id=organisation_id)
    newest = own.aggregate(newest=Max("pk"))["newest"]
    if newest is not None:
        Unsketched.objects.get_or_create(
            organisation_id=organisation_id, defaults={"after": 0, "up_to": newest}
        )


def sketch_earlier(organisation_id: int, rarity: Rarity) -> int:
    """Sketch what is not yet, the oldest first, as the newest phrases are rated.

    Returns:
        How many narratives were sketched.
    """
    sketched = 0
    left = Unsketched.objects.filter(organisation_id=organisation_id).first()
    while left is not None and sketched < MAX_SKETCHED:
        page = list(_list_left(left)[:HOLDERS_AT_ONCE])
        if not page:
            left.delete()
            break
        narratives = read_narratives([holder.ref for holder in page])
        # Before the transaction, while nobody waits for it.
        sketches = {
            ref: linking.sketch_narrative(narrative, rarity)
            for ref, narrative in narratives.items()
        }
        sketched += _keep_sketches(left, page, sketches)
    return sketched


def count_unsketched(organisation_id: int) -> int:
    """How many holders are left to be looked at."""
    left = Unsketched.objects.filter(organisation_id=organisation_id).first()
    return 0 if left is None else _list_left(left).count()


def _list_left(left: Unsketched) -> QuerySet[Holder]:
    return Holder.objects.filter(
        organisation_id=left.organisation_id,
        pk__gt=left.after,
        pk__lte=left.up_to,
        phrases=b"",
    ).order_by("pk")


@transaction.atomic
def _keep_sketches(
    left: Unsketched, page: Sequence[Holder], sketches: Mapping[str, Sketch]
) -> int:
    """Keep the phrases of these, and post them by their shingles; how many had any."""
    hold_organisation(left.organisation_id)
    told = [holder for holder in page if sketches.get(holder.ref, _NONE) != _NONE]
    for holder in told:
        sketch = sketches[holder.ref]
        rows = add_mentions(holder, (), linking.list_text_keys(sketch)).values()
        said = note_said(holder, [row.pk for row in rows])
        judge_selectors(
            (row.pk, row.holders - 1, row.company) for row in rows if row.pk in said
        )
        add_postings(holder, [row.pk for row in rows if row.pk not in said])
        holder.phrases = pack_phrases(sketch.phrases)
    Holder.objects.bulk_update(told, ["phrases"])
    left.after = page[-1].pk
    left.save(update_fields=["after"])
    return len(told)
