"""What an adversary gains who plants other people's numbers in a thousand reports."""

from collections import defaultdict

import pytest
from tests.linking.linking_facts import (
    OFFENDER,
    UNKNOWN,
    VICTIM,
    day,
    make_scorecard,
)
from tests.linking.linking_world import WorldReport, make_world

from proxeny.linking import Linker
from proxeny.selectors import Kind, Role, Selector

SCORECARD = make_scorecard(
    last=2.0,
    curves={
        "holders": ((2, 10, 30, 3_000), (6.0, 3.0, 0.0, -3.0)),
        "hours": ((0, 240, 2_400), (1.0, 0.0, -4.0)),
        "offence": ((0, 1), (-1.0, 1.0)),
        "company_offence": ((0, 0.5, 1), (-6.0, 0.0, 4.0)),
        "company_others": ((0, 0.5, 3), (-1.0, 2.0, 6.0)),
    },
)
HONEST, PLANTED = 1_200, 1_000
VICTIMS = Selector(kind=Kind.IBAN, value="victims-own")
POPULAR = Selector(kind=Kind.PHONE, value="couriers-line")


def make_honest() -> list[WorldReport]:
    """A world in which a courier's line is named by many and one victim names hers."""
    honest = []
    for number, report in enumerate(make_world(7, HONEST, largest=120)):
        more: list[tuple[Selector, Role]] = []
        if number % 6 == 0:
            more.append((POPULAR, UNKNOWN))
        if number % 300 == 0:
            more.append((VICTIMS, VICTIM))
        honest.append((report, (*report.mentions, *more)))
    return [
        WorldReport(
            ref=report.ref,
            at=report.at,
            country=report.country,
            offence=report.offence,
            amount=None,
            mentions=mentions,
            campaign=report.campaign,
        )
        for report, mentions in honest
    ]


def find_rival(honest: list[WorldReport]) -> Selector:
    """A number of the largest campaign."""
    by_campaign: defaultdict[str, list[WorldReport]] = defaultdict(list)
    for report in honest:
        by_campaign[report.campaign].append(report)
    largest = max(by_campaign.values(), key=len)
    return next(
        selector
        for report in largest
        for selector, role in report.mentions
        if role is Role.OFFENDER and selector != POPULAR
    )


def group(honest: list[WorldReport], *, planted: bool, source: str | None) -> list[int]:
    """The honest reports' series, numbered in the order in which they appear."""
    linker = Linker(SCORECARD)
    rival = find_rival(honest)
    numbers = [(VICTIMS, OFFENDER), (rival, OFFENDER), (POPULAR, OFFENDER)]
    for number, report in enumerate(honest):
        linker.add(
            report.ref,
            at=report.at,
            mentions=report.mentions,
            country=report.country,
            offence=report.offence,
        )
        if planted and number >= HONEST - PLANTED:
            linker.add(
                f"planted-{number}",
                at=report.at,
                mentions=numbers,
                country="RS",
                offence="phishing",
                source=source,
            )
    names: dict[str, int] = {}
    return [
        names.setdefault(linker.find_series(report.ref) or report.ref, len(names))
        for report in honest
    ]


@pytest.mark.parametrize("source", [None, "planter"])
def test_no_unplanted_series_changes_by_more_than_one_in_a_hundred(
    source: str | None,
) -> None:
    honest = make_honest()
    rival = find_rival(honest)
    before = group(honest, planted=False, source=source)
    after = group(honest, planted=True, source=source)
    touched = {
        before[number]
        for number, report in enumerate(honest)
        if rival in dict(report.mentions)
    }
    members: defaultdict[int, set[int]] = defaultdict(set)
    now: defaultdict[int, set[int]] = defaultdict(set)
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        members[old].add(number)
        now[new].add(number)
    changed = {
        series: min(len(reports ^ now[after[one]]) for one in reports) / len(reports)
        for series, reports in members.items()
        if series not in touched
    }
    assert len(changed) > 100
    assert max(changed.values()) <= 0.01


def test_a_victims_own_number_links_no_victim_with_those_who_planted_it() -> None:
    linker = Linker(SCORECARD)
    linker.add("victim", at=day(0), mentions=[(VICTIMS, VICTIM)])
    for number in range(20):
        linker.add(f"planted-{number}", at=day(1), mentions=[(VICTIMS, OFFENDER)])
    linker.add("again", at=day(2), mentions=[(VICTIMS, VICTIM)])
    assert linker.find_series("victim") is linker.find_series("again") is None
