"""Find who holds a selector."""

from collections.abc import Collection, Iterable

from proxeny import linking, selectors
from proxeny.node.accounts.actor import Actor
from proxeny.node.selectors.models import Holder, Mention, Selector

VICTIM = selectors.Role.VICTIM.value
OFFENDER = selectors.Role.OFFENDER.value


def list_holders(
    organisation_id: int, key: int, *, other_than: int, at_most: int
) -> list[Holder]:
    """The newest holders that mention the selector other than as a victim's."""
    mentions = (
        Mention.objects.filter(
            selector__organisation_id=organisation_id, selector__key=key
        )
        .exclude(holder_id=other_than)
        .exclude(role=VICTIM)
        .select_related("holder")
        .order_by("-holder_id")[:at_most]
    )
    return [mention.holder for mention in mentions]


def list_shared(
    holder_ids: Iterable[int], keys: Iterable[int]
) -> list[tuple[int, int]]:
    """Which of these holders mention which of these selectors, victims' apart."""
    return list(
        Mention.objects.filter(
            holder_id__in=list(holder_ids), selector__key__in=list(keys)
        )
        .exclude(role=VICTIM)
        .values_list("holder_id", "selector__key")
    )


def count_holders(organisation_id: int, keys: Collection[int]) -> dict[int, int]:
    """How many holders mention each selector other than as a victim's."""
    rows = Selector.objects.filter(organisation_id=organisation_id, key__in=keys)
    return dict(rows.values_list("key", "holders"))


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
        (row for row in rows if not linking.find_stop_reason(value_of(row))),
        key=_most_mentioned,
    )


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
