"""Find who holds a selector."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

from proxeny import linking, selectors
from proxeny.node.accounts.actor import Actor
from proxeny.node.selectors.models import Mention, Selector
from proxeny.node.selectors.stoplists import find_warning_lists

VICTIM = selectors.Role.VICTIM.value
OFFENDER = selectors.Role.OFFENDER.value
# SQLite refuses a compound of more than 500 parts.
NEWEST_AT_ONCE: Final = 100

# Written out because every new report asks it: the ORM takes longer to build it than
# the database to answer it, and has no limit for each part of a compound on SQLite.
# Marks for values are all that is put into it.
_NEWEST: Final = """
    SELECT selector_id, holder_id FROM (
        SELECT selector_id, holder_id FROM selectors_posting
        WHERE selector_id = %s ORDER BY holder_id DESC LIMIT %s
    ) AS newest
"""
_SHARING: Final = """
    SELECT holder_id, selector_id FROM selectors_mention
    WHERE holder_id IN ({holders}) AND selector_id IN ({selectors}) AND role <> %s
    UNION
    SELECT holder_id, selector_id FROM selectors_posting
    WHERE holder_id IN ({holders}) AND selector_id IN ({selectors})
"""


def list_newest(selector_ids: Sequence[int], *, at_most: int) -> dict[int, list[int]]:
    """The newest holders by which each selector links, newest first; primary keys."""
    newest: dict[int, list[int]] = {pk: [] for pk in selector_ids}
    with connection.cursor() as cursor:
        for first in range(0, len(selector_ids), NEWEST_AT_ONCE):
            some = selector_ids[first : first + NEWEST_AT_ONCE]
            values = [value for pk in some for value in (pk, at_most)]
            cursor.execute(" UNION ALL ".join([_NEWEST] * len(some)), values)
            for selector, holder in cursor.fetchall():
                newest[selector].append(holder)
    return newest


def list_sharing(
    holder_ids: Sequence[int], selector_ids: Sequence[int]
) -> list[tuple[int, int]]:
    """Who of these holds which of these, victims' mentions apart; primary keys."""
    if not holder_ids or not selector_ids:
        return []
    marks = {
        "holders": ", ".join(["%s"] * len(holder_ids)),
        "selectors": ", ".join(["%s"] * len(selector_ids)),
    }
    both = [*holder_ids, *selector_ids]
    with connection.cursor() as cursor:
        cursor.execute(_SHARING.format(**marks), [*both, VICTIM, *both])
        return sorted(cursor.fetchall())


def list_mentions(holder_refs: Iterable[str]) -> list[Mention]:
    """Every mention of these holders, with its selector."""
    return list(
        Mention.objects.filter(holder__ref__in=list(holder_refs))
        .select_related("selector", "holder")
        .order_by("holder_id", "start", "pk")
    )


def list_offenders(holder_refs: Iterable[str]) -> list[Selector]:
    """Selectors that one of these holders names as the offender's and none a victim's.

    What a request to a partner may carry without more; most mentioned first.
    """
    refs = list(holder_refs)
    named = Mention.objects.filter(holder__ref__in=refs, role=OFFENDER)
    victims = Mention.objects.filter(holder__ref__in=refs, role=VICTIM)
    rows = Selector.objects.filter(pk__in=named.values("selector_id")).exclude(
        pk__in=victims.values("selector_id")
    )
    return sorted(rows, key=_most_mentioned)


def list_unconfirmed(holder_refs: Iterable[str]) -> list[Selector]:
    """Selectors of these holders of which nobody has said whose they are.

    They go to a partner only if an officer puts them into the request. None that any
    report of the organisation names as a victim's, and no stop values.
    """
    refs = list(holder_refs)
    here = Mention.objects.filter(holder__ref__in=refs)
    rows = (
        Selector.objects.filter(pk__in=here.values("selector_id"))
        .exclude(pk__in=here.filter(role=OFFENDER).values("selector_id"))
        .exclude(mentions__role=VICTIM)
    )
    return sorted(
        (row for row in rows if not find_stop_reason(row)), key=_most_mentioned
    )


def list_victims(
    organisation_id: int, wanted: Iterable[selectors.Selector]
) -> list[Selector]:
    """Which of these some report names as a victim's and none as the offender's."""
    keys = [selector.key for selector in wanted]
    rows = Selector.objects.filter(organisation_id=organisation_id, key__in=keys)
    victims = rows.filter(mentions__role=VICTIM)
    offenders = rows.filter(mentions__role=OFFENDER)
    return sorted(
        victims.exclude(pk__in=offenders.values("pk")).distinct(), key=_most_mentioned
    )


def find_stop_reason(row: Selector) -> str:
    """Why a selector links nobody here, or ""."""
    return linking.find_stop_reason(value_of(row), find_warning_lists())


def value_of(row: Selector) -> selectors.Selector:
    """The selector that a row holds."""
    return selectors.Selector(kind=selectors.Kind(row.kind), value=row.value)


def _most_mentioned(row: Selector) -> tuple[int, str, str]:
    return (-row.holders, row.kind, row.value)


def find_held(actor: Actor, wanted: Iterable[selectors.Selector]) -> list[Selector]:
    """Which of these the actor's organisation holds other than as victims'."""
    keys = [selector.key for selector in wanted]
    return list(
        Selector.objects.filter(
            organisation_id=actor.organisation_id, key__in=keys, holders__gt=0
        ).order_by("-holders")
    )
