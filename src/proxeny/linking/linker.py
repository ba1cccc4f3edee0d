"""Links reports one by one in memory: for notebooks, and the pattern for the node.

    >>> linker = Linker(load_scorecard())
    >>> verdict = linker.add("R1", at=at, mentions=[(iban, Role.OFFENDER)])

The node does the same with its database; a test there compares the two.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from proxeny.linking.deciding import Ties, decide, list_kept_votes
from proxeny.linking.features import NOBODY, TEXT, Company
from proxeny.linking.narratives import Rarity, sketch_narrative
from proxeny.linking.scorecard import Scorecard
from proxeny.linking.stops import select_linkable
from proxeny.linking.values import (
    MAX_HOLDERS_READ,
    Evidence,
    Held,
    Holder,
    Key,
    LinkingError,
    Verdict,
    Vote,
    choose_keys,
    list_text_keys,
)
from proxeny.linking.warninglists import WarningLists
from proxeny.linking.weighing import weigh
from proxeny.selectors import Role, Selector

NO_RARITY: Final = Rarity()


class Linker:
    """Holds reports and their series; each new report is linked as it comes in.

    The newest holders of each key are candidates; a candidate is weighed by *all* that
    it shares with the new report, victims' mentions apart. A merge adds an alias and
    relabels no member.

    Args:
        scorecard: weights and guard.
        rarity: of phrases, as the batch counted it.
        lists: warning lists that stop values besides the packaged ones.

    """

    def __init__(
        self,
        scorecard: Scorecard,
        rarity: Rarity = NO_RARITY,
        lists: WarningLists | None = None,
    ) -> None:
        self._scorecard = scorecard
        self._rarity = rarity
        self._lists = lists
        self._reports: dict[str, Holder] = {}
        self._keys: dict[str, frozenset[Key]] = {}
        self._newest: defaultdict[Key, deque[str]] = defaultdict(
            lambda: deque(maxlen=MAX_HOLDERS_READ)
        )
        self._holders: defaultdict[Key, int] = defaultdict(int)
        self._said: set[tuple[str, Key]] = set()
        self._companies: dict[Key, Company] = {}
        self._alias: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._ties: defaultdict[str, dict[str, list[Vote]]] = defaultdict(dict)

    def add(
        self,
        ref: str,
        *,
        at: datetime,
        mentions: Iterable[tuple[Selector, Role]],
        narrative: str = "",
        country: str | None = None,
        offence: str | None = None,
        source: str | None = None,
    ) -> Verdict:
        """Hold a report and put it into its series.

        Args:
            ref: reference of the report, new to this linker.
            at: when it was made, aware.
            mentions: its selectors with their roles.
            narrative: what it tells.
            country: ISO 3166 code.
            offence: class of offence.
            source: who made it, if the report says so.

        Raises:
            LinkingError: the reference is held already, or the time has no zone.

        """
        if ref in self._reports:
            raise LinkingError("The report is held already.", ref=ref)
        sketch = sketch_narrative(narrative, self._rarity)
        linkable = select_linkable(mentions, self._lists)
        new = Holder(
            ref=ref,
            at=at,
            country=country,
            offence=offence,
            named=len(linkable.selectors),
            source=source,
            phrases=frozenset(sketch.phrases),
        )
        own = [
            *(Key.of(selector) for selector in linkable.selectors),
            *list_text_keys(sketch),
        ]
        stops = {Key.of(left.selector): left.why for left in linkable.stopped}
        echoes = self._find_echoes(new, own)
        held = self._hold(own, stops, echoes)
        candidates = {
            other for item in held.values() if item.counts for other in item.newest
        }
        weighed = weigh(
            self._scorecard,
            new,
            [
                (
                    replace(self._reports[other], series=self.find_series(other)),
                    self._keys[other],
                )
                for other in candidates
            ],
            held,
            rarity=self._rarity,
        )
        verdict = decide(
            self._scorecard,
            weighed.evidence,
            sizes=self._sizes,
            ties=self._list_ties(weighed.evidence),
        )
        self._companies.update(weighed.companies)
        posted = [key for key in own if key not in echoes]
        for key in posted:
            self._newest[key].appendleft(ref)
        # The shingles of an echo are held by the report that it repeats.
        self._keys[ref] = frozenset(
            (*stops, *posted, *(key for key in own if key.kind != TEXT))
        )
        self._reports[ref] = replace(new, series=self._unite(ref, verdict))
        for link in verdict.related:
            votes = list_kept_votes(link)
            if not votes:
                continue
            one, other = self._name(ref), self._name(link.holder.ref)
            self._ties[one].setdefault(other, []).extend(votes)
            self._ties[other].setdefault(one, []).extend(votes)
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

    def _find_echoes(self, new: Holder, own: Sequence[Key]) -> frozenset[Key]:
        """Keys by which the source of a report is held already; now it is by all."""
        if new.source is None:
            return frozenset()
        echoes = frozenset(key for key in own if (new.source, key) in self._said)
        self._said.update((new.source, key) for key in own)
        return echoes

    def _hold(
        self, own: Sequence[Key], stops: Mapping[Key, str], echoes: Collection[Key]
    ) -> dict[Key, Held]:
        """Count one holder more of each key, and choose those that are weighed."""
        for key in (*own, *stops):
            self._holders[key] += 1
        chosen = choose_keys({key: self._holders[key] for key in own})
        for key in echoes:
            self._holders[key] -= 1
        held = {
            key: Held(
                key=key,
                holders=self._holders[key],
                company=self._companies.get(key, NOBODY),
                newest=tuple(self._newest[key]),
                is_echo=key in echoes,
            )
            for key in chosen
        }
        for key in choose_keys({key: self._holders[key] for key in stops}):
            held[key] = Held(key=key, holders=self._holders[key], stop=stops[key])
        return held

    def _list_ties(self, evidence: Sequence[Evidence]) -> Ties:
        names = {link.holder.cluster for link in evidence}
        return {
            frozenset((one, other)): votes
            for one in names
            if one in self._ties
            for other, votes in self._ties[one].items()
            if other in names
        }

    def _name(self, ref: str) -> str:
        return self.find_series(ref) or ref

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
        for other in (*sorted(found), *verdict.merge):
            self._pass_ties(other, series)
        return series

    def _pass_ties(self, name: str, series: str) -> None:
        """What was kept for one cluster is now kept for that which took it in."""
        for other, votes in self._ties.pop(name, {}).items():
            del self._ties[other][name]
            if other != series:
                self._ties[series].setdefault(other, []).extend(votes)
                self._ties[other].setdefault(series, []).extend(votes)
