"""What officers decided: a relink proposes nothing that would undo it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q

from proxeny.node.accounts.actor import MACHINE
from proxeny.node.linking.models import APART, Decision, Relink
from proxeny.node.linking.queries import find_roots
from proxeny.node.linking.relinks.comparing import Change
from proxeny.node.linking.relinks.proposals import DISMISSED, read_change


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Decisions of officers, in units (see `comparing`) as they stand now.

    Attributes:
        apart: of each of these no two units come into one series.
        kept: series that an officer confirmed, merged or added to: nothing is taken
            out of them.
        stay: series and report of which an officer said that it stays there.
    """

    apart: tuple[frozenset[int], ...]
    kept: frozenset[int]
    stay: frozenset[tuple[int, int]]

    def allow(self, change: Change) -> tuple[Change | None, bool]:
        """What is left of a change, and whether a decision took something away."""
        if change.verb == "take_out":
            (series,) = change.series
            refused = (
                series in self.kept
                or any((series, report) in self.stay for report in change.reports)
                or (change.to is not None and self._are_apart(series, change.to))
            )
            return (None, True) if refused else (change, False)
        allowed: list[int] = []
        ruled: set[int] = set()
        for unit in change.units:
            groups = self._groups.get(unit, frozenset())
            if ruled.isdisjoint(groups):
                allowed.append(unit)
                ruled |= groups
        if len(allowed) == len(change.units):
            return change, False
        left = replace(
            change,
            series=tuple(unit for unit in allowed if unit > 0),
            reports=tuple(-unit for unit in allowed if unit < 0),
        )
        left = left if left.series else replace(left, verb="found")
        return (left if len(allowed) > 1 else None), True

    @cached_property
    def _groups(self) -> dict[int, frozenset[int]]:
        """Of each unit the numbers of the groups in `apart` that it is in."""
        groups: defaultdict[int, set[int]] = defaultdict(set)
        for number, group in enumerate(self.apart):
            for unit in group:
                groups[unit].add(number)
        return {unit: frozenset(numbers) for unit, numbers in groups.items()}

    def _are_apart(self, one: int, other: int) -> bool:
        groups = self._groups
        return not groups.get(one, frozenset()).isdisjoint(groups.get(other, ()))


def list_decided(organisation_id: int) -> Decided:
    """Every decision that a relink of this organisation has to leave as it is."""
    own = Decision.objects.filter(organisation_id=organisation_id)
    apart = [
        {one, other}
        for one, other in own.filter(APART, other__isnull=False).values_list(
            "series_id", "other_id"
        )
    ]
    added = own.filter(verb=Decision.Verb.ADD)
    undone = added.filter(undone_at__isnull=False)
    apart += [
        {series, *(-holder for holder in moved.values())}
        for series, moved in undone.values_list("series_id", "moved")
    ]
    standing = Q(undone_at=None) & ~Q(verb=Decision.Verb.SPLIT) & ~Q(by=MACHINE)
    reunited = Q(undone_at__isnull=False, verb=Decision.Verb.SPLIT)
    kept = set(own.filter(standing | reunited).values_list("series_id", flat=True))
    stay: set[tuple[int, int]] = set()
    for change in _list_dismissed(organisation_id):
        if change.verb == "take_out":
            stay |= {(change.series[0], report) for report in change.reports}
        else:
            apart.append(set(change.units))
    rows = {unit for group in apart for unit in group if unit > 0}
    roots = find_roots(rows | kept | {series for series, _ in stay})
    return Decided(
        apart=tuple(_stand(group, roots) for group in apart),
        kept=frozenset(roots[series] for series in kept),
        stay=frozenset((roots[series], report) for series, report in stay),
    )


def _stand(group: Iterable[int], roots: dict[int, int]) -> frozenset[int]:
    return frozenset(roots[unit] if unit > 0 else unit for unit in group)


def _list_dismissed(organisation_id: int) -> list[Change]:
    """What officers did not want."""
    relinks = Relink.objects.filter(organisation_id=organisation_id)
    return [
        read_change(proposal)
        for proposals in relinks.values_list("proposals", flat=True)
        for proposal in proposals
        if proposal["state"] == DISMISSED
    ]
