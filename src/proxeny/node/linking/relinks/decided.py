"""What officers decided: a relink proposes nothing that would undo it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q

from proxeny.node.accounts.actor import MACHINE
from proxeny.node.linking.models import Decision, Member, Relink
from proxeny.node.linking.queries import find_roots
from proxeny.node.linking.relinks.comparing import Change
from proxeny.node.linking.relinks.proposals import DISMISSED, read_change
from proxeny.node.linking.standing import list_apart


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Decisions of officers, in units (see `comparing`) as they stand now.

    Attributes:
        apart: of each of these no two units come into one series.
        dismissed: each of these does not come into one series as a whole.
        kept: series that an officer confirmed, merged or added to: nothing is taken
            out of them.
        stay: series and report of which an officer said that it stays there.
    """

    apart: tuple[frozenset[int], ...]
    dismissed: tuple[frozenset[int], ...]
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
        missing = self._list_dismissed_within(change.units)
        if set(change.units) in missing:
            return None, True
        allowed: list[int] = []
        ruled: set[int] = set()
        for unit in change.units:
            groups = self._groups.get(unit, frozenset())
            if not ruled.isdisjoint(groups) or {unit} in missing:
                continue
            allowed.append(unit)
            ruled |= groups
            for group in missing:
                group.discard(unit)
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

    @cached_property
    def _dismissed_with(self) -> dict[int, list[frozenset[int]]]:
        """What was dismissed, each under one of its units."""
        found: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
        for group in self.dismissed:
            found[min(group)].append(group)
        return dict(found)

    def _list_dismissed_within(self, units: Iterable[int]) -> list[set[int]]:
        """What was dismissed and would come about again, alone or as part of more."""
        have = set(units)
        return [
            set(group)
            for unit in have
            for group in self._dismissed_with.get(unit, ())
            if group <= have
        ]

    def _are_apart(self, one: int, other: int) -> bool:
        groups = self._groups
        return not groups.get(one, frozenset()).isdisjoint(groups.get(other, ()))


def list_decided(organisation_id: int) -> Decided:
    """Every decision that a relink of this organisation has to leave as it is."""
    own = Decision.objects.filter(organisation_id=organisation_id)
    standing = Q(undone_at=None) & ~Q(verb=Decision.Verb.SPLIT) & ~Q(by=MACHINE)
    reunited = Q(undone_at__isnull=False, verb=Decision.Verb.SPLIT)
    kept = set(own.filter(standing | reunited).values_list("series_id", flat=True))
    stay: set[tuple[int, int]] = set()
    dismissed: list[tuple[int, ...]] = []
    for change in _list_dismissed(organisation_id):
        if change.verb == "take_out":
            stay |= {(change.series[0], report) for report in change.reports}
        else:
            dismissed.append(change.units)
    rows = {unit for group in dismissed for unit in group if unit > 0}
    joined = _find_joined({-unit for group in dismissed for unit in group if unit < 0})
    rows |= {*joined.values()}
    roots = find_roots(rows | kept | {series for series, _ in stay})
    stand = roots | {-holder: roots[row] for holder, row in joined.items()}
    groups = {frozenset(stand.get(unit, unit) for unit in group) for group in dismissed}
    return Decided(
        apart=tuple(list_apart(organisation_id)),
        # What has come into one series since is dismissed no longer.
        dismissed=tuple(group for group in groups if len(group) > 1),
        kept=frozenset(roots[series] for series in kept),
        stay=frozenset((roots[series], report) for series, report in stay),
    )


def _find_joined(holder_ids: Iterable[int]) -> Mapping[int, int]:
    """For each of these holders that is in a series by now: the row of that."""
    members = Member.objects.in_bulk(holder_ids, field_name="holder_id")
    return {holder: member.series_id for holder, member in members.items()}


def _list_dismissed(organisation_id: int) -> list[Change]:
    """What officers did not want."""
    relinks = Relink.objects.filter(organisation_id=organisation_id)
    return [
        read_change(proposal)
        for proposals in relinks.values_list("proposals", flat=True)
        for proposal in proposals
        if proposal["state"] == DISMISSED
    ]
