"""Links reports one by one in memory: for notebooks, and the pattern for the node.

    >>> linker = Linker(load_scorecard())
    >>> verdict = linker.add("R1", at=at, mentions=[(iban, Role.OFFENDER)])

The node does the same with its database; a test there compares the two.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from proxeny.linking.deciding import decide
from proxeny.linking.scorecard import Scorecard
from proxeny.linking.stops import select_linkable
from proxeny.linking.values import (
    MAX_HOLDERS_READ,
    STOP_AFTER_HOLDERS,
    Holder,
    LinkingError,
    Shared,
    Verdict,
)
from proxeny.linking.weighing import weigh
from proxeny.selectors import Role, Selector


class Linker:
    """Holds reports and their series; each new report is linked as it comes in.

    The newest holders of each linkable selector are candidates; a candidate is
    weighed by *all* that it shares with the new report, victims' mentions apart. A
    merge adds an alias and relabels nothing.

    Args:
        scorecard: weights and guard.

    """

    def __init__(self, scorecard: Scorecard) -> None:
        self._scorecard = scorecard
        self._reports: dict[str, Holder] = {}
        self._mentions: dict[str, frozenset[Selector]] = {}
        self._newest: defaultdict[Selector, deque[str]] = defaultdict(
            lambda: deque(maxlen=MAX_HOLDERS_READ)
        )
        self._holders: defaultdict[Selector, int] = defaultdict(int)
        self._alias: dict[str, str] = {}
        self._sizes: dict[str, int] = {}

    def add(
        self,
        ref: str,
        *,
        at: datetime,
        mentions: Iterable[tuple[Selector, Role]],
        country: str | None = None,
        offence: str | None = None,
        amount: float | None = None,
    ) -> Verdict:
        """Hold a report and put it into its series.

        Args:
            ref: reference of the report, new to this linker.
            at: when it was made, aware.
            mentions: its selectors with their roles.
            country: ISO 3166 code.
            offence: class of offence.
            amount: loss, in one currency for all reports.

        Raises:
            LinkingError: the reference is held already, or the time has no zone.

        """
        if ref in self._reports:
            raise LinkingError("The report is held already.", ref=ref)
        new = Holder(ref=ref, at=at, country=country, offence=offence, amount=amount)
        linkable = select_linkable(mentions)
        stops = dict.fromkeys(linkable.selectors, "") | {
            left_out.selector: left_out.why for left_out in linkable.stopped
        }
        for selector in stops:
            self._holders[selector] += 1
        shared = {
            selector: Shared(
                selector=selector, holders=self._holders[selector], stop=stop
            )
            for selector, stop in stops.items()
        }
        candidates = {
            holder
            for selector in linkable.selectors
            if self._holders[selector] <= STOP_AFTER_HOLDERS
            for holder in self._newest[selector]
        }
        evidence = [
            weigh(
                self._scorecard,
                new,
                replace(self._reports[other], series=self.find_series(other)),
                [
                    shared[selector]
                    for selector in shared.keys() & self._mentions[other]
                ],
            )
            for other in candidates
        ]
        verdict = decide(self._scorecard, evidence, sizes=self._sizes)
        for selector in linkable.selectors:
            self._newest[selector].append(ref)
        self._mentions[ref] = frozenset(shared)
        self._reports[ref] = replace(new, series=self._unite(ref, verdict))
        return verdict

    def find_series(self, ref: str) -> str | None:
        """Return the series of a report, or None if it stands alone."""
        series = self._reports[ref].series
        while series is not None and series in self._alias:
            series = self._alias[series]
        return series

    def list_series(self) -> dict[str, tuple[str, ...]]:
        """Return the reports of each series, in the order in which they came."""
        members: dict[str, list[str]] = {}
        for ref in self._reports:
            series = self.find_series(ref)
            if series is not None:
                members.setdefault(series, []).append(ref)
        return {series: tuple(refs) for series, refs in members.items()}

    def _unite(self, ref: str, verdict: Verdict) -> str | None:
        if verdict.join is None and not verdict.found:
            return None
        # A new series bears the reference of the report that founds it.
        series = ref if verdict.join is None else verdict.join
        found = {link.holder.ref for link in verdict.found}
        for other in found:
            self._reports[other] = replace(self._reports[other], series=series)
        for other in verdict.merge:
            self._alias[other] = series
        self._sizes[series] = (
            self._sizes.get(series, 0)
            + sum(self._sizes.pop(other) for other in verdict.merge)
            + len(found)
            + 1
        )
        return series
