"""The node's linking and the one in memory say the same of the same reports."""

import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.demo.demo_reports import REPORTS, _find_time, _list_once, read_folder
from tests.linking.linking_facts import STORY, make_scorecard
from tests.node.node_world import (
    Given,
    at_day,
    link_report,
    make_actor,
    mention,
    ours,
)

from proxeny import linking
from proxeny.node.linking.holders import link_holder
from proxeny.node.linking.models import Link, Member, Series
from proxeny.node.linking.queries import find_series_of
from proxeny.node.linking.standing import list_ties
from proxeny.node.reports.actions import _find_source, take_report
from proxeny.node.reports.models import Report
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.models import Holder, Mention, Selector
from proxeny.reports import find_mentions
from proxeny.selectors import Role

pytestmark = pytest.mark.django_db
Pairs = set[tuple[frozenset[str], str, float]]


def partition_of_node(refs: Iterable[str]) -> set[frozenset[str]]:
    series = find_series_of(refs)
    groups: dict[int, set[str]] = {}
    for ref, found in series.items():
        groups.setdefault(found.pk, set()).add(ref)
    return set(map(frozenset, groups.values()))


def links_of_node() -> Pairs:
    return {
        (frozenset((link.left.ref, link.right.ref)), link.kind, round(link.bits, 3))
        for link in Link.objects.select_related("left", "right")
    }


def links_of(ref: str, verdict: linking.Verdict) -> Pairs:
    kinds = (
        (Link.Kind.ACCEPTED, (*verdict.because, *verdict.found)),
        (Link.Kind.RELATED, verdict.related),
    )
    return {
        (frozenset((ref, item.holder.ref)), kind, round(item.bits, 3))
        for kind, items in kinds
        for item in items
    }


def require_sizes() -> None:
    roots = Series.objects.filter(parent=None)
    sizes = sum(roots.values_list("size", flat=True))
    assert sizes == Member.objects.count()


@pytest.mark.parametrize("scope", ["rs/", "de/", ""], ids=["rs", "de", "joint"])
def test_demo_reports_make_the_same_series_and_links(scope: str) -> None:
    actor = make_actor("intake")
    linker = linking.Linker(linking.load_scorecard())
    expected: Pairs = set()
    refs = []
    for where, item in _list_once(read_folder(REPORTS)[0]):
        if not where.startswith(scope):
            continue
        value = replace(item.report, sent_at=_find_time(item))
        taken = take_report(actor, replace(item, report=value))
        ref = taken.report.ref
        mentions = find_mentions(value)
        verdict = linker.add(
            ref,
            at=value.happened_at or value.sent_at,
            country=value.country,
            offence=value.offence,
            narrative=value.narrative,
            source=_find_source(value, mentions) or None,
            mentions=[(one.selector, one.role) for one in mentions],
        )
        expected |= links_of(ref, verdict)
        refs.append(ref)
    assert links_of_node() == expected
    assert partition_of_node(refs) == set(map(frozenset, linker.list_series().values()))
    assert len(refs) == Report.objects.count() > 30
    require_sizes()


SELECTORS = [
    *(("iban", f"DE{number:020d}") for number in range(8)),
    *(("phone", f"+3816412345{number:02d}") for number in range(8)),
    *(("domain", f"shop-{number}.example") for number in range(6)),
    *(("ip", f"203.0.113.{number}") for number in range(4)),
    ("domain", "gmail.com"),
]
STORIES = (
    *[""] * 9,
    STORY,
    STORY + " I paid and never heard of them again.",
    "A man of the bank rang and wanted the code that had just come to my telephone.",
)
ROLES = (Role.OFFENDER, Role.OFFENDER, Role.UNKNOWN, Role.VICTIM)


def synthetic(source: random.Random, number: int) -> tuple[HolderFacts, list[Given]]:
    """A report with a few selectors of a small pool, so that series meet."""
    picked = source.sample(SELECTORS, source.randint(0, 3))
    facts = HolderFacts(
        organisation_id=ours().pk,
        ref=f"RS-R-{number:06d}",
        at=at_day(source.randint(0, 200)),
        country=source.choice(["RS", "DE", None]),
        offence=source.choice(["ETS185:8", "ETS185:7", None]),
        amount=source.choice([None, Decimal("100.00"), Decimal("250.50")]),
        currency="EUR",
        narrative=source.choice(STORIES),
        source=source.choice(["", "", "a", "b"]),
    )
    return facts, [mention(kind, value, source.choice(ROLES)) for kind, value in picked]


@pytest.mark.parametrize("seed", [1, 20261121])
def test_a_synthetic_mix_makes_the_same_series_and_links(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Series of this small pool meet all the time: let them be hard to unite.
    strict = make_scorecard(sqrt_smaller=4.0, log2_larger=1.5)
    monkeypatch.setattr(linking, "load_scorecard", lambda: strict)
    source = random.Random(seed)
    linker = linking.Linker(strict)
    expected: Pairs = set()
    refs = []
    for number in range(1, 91):
        facts, mentions = synthetic(source, number)
        link_holder(facts, mentions)
        verdict = linker.add(
            facts.ref,
            at=facts.at,
            country=facts.country,
            offence=facts.offence,
            narrative=facts.narrative,
            source=facts.source or None,
            mentions=[(one.selector, one.role) for one in mentions],
        )
        expected |= links_of(facts.ref, verdict)
        refs.append(facts.ref)
    assert links_of_node() == expected
    assert partition_of_node(refs) == set(map(frozenset, linker.list_series().values()))
    # The mix is one in which linking has something to decide.
    assert {kind for _, kind, _ in expected} == {"accepted", "related"}
    assert len(linker.list_series()) > 1
    require_sizes()


IBAN = ("iban", "DE89370400440532013000")
PHONE = ("phone", "+381641234567")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Role.VICTIM, Role.OFFENDER),
        (Role.OFFENDER, Role.VICTIM),
        (Role.VICTIM, Role.VICTIM),
        (Role.VICTIM, Role.UNKNOWN),
    ],
)
def test_a_victims_mention_never_links(first: Role, second: Role) -> None:
    link_report(1, mention(*IBAN, first), mention(*PHONE, first))
    linked = link_report(2, mention(*IBAN, second), mention(*PHONE, second))
    assert linked.series is None
    assert not Link.objects.exists()
    counted = [first, second].count(Role.VICTIM)
    assert set(Selector.objects.values_list("holders", flat=True)) == {2 - counted}
    assert Mention.objects.count() == 4


def test_a_victims_selector_is_no_reason_beside_one_that_links() -> None:
    link_report(1, mention(*IBAN), mention(*PHONE, Role.VICTIM))
    link_report(2, mention(*IBAN), mention(*PHONE))
    terms = Link.objects.get().terms
    assert [term["value"] for term in terms if term["kind"]] == [IBAN[1]]


def test_the_reasons_that_were_weighed_are_stored() -> None:
    link_report(1, mention(*IBAN), mention(*PHONE), offence="ETS185:8")
    link_report(2, mention(*IBAN), mention(*PHONE), offence="ETS185:8")
    stored = Link.objects.get()
    names = [term["name"] for term in stored.terms]
    assert names == ["selector", "time", "offence", "others"]
    assert sum(term["bits"] for term in stored.terms) == pytest.approx(stored.bits)
    assert stored.terms[0]["value"] == IBAN[1]


def test_another_organisations_reports_are_no_candidates() -> None:
    link_report(1, mention(*IBAN))
    elsewhere = make_actor("intake", name="elsewhere", organisation="Another unit")
    linked = link_report(2, mention(*IBAN), organisation_id=elsewhere.organisation_id)
    assert linked.series is None
    assert Selector.objects.count() == Holder.objects.count() == 2


def test_what_reports_are_weighed_by_is_one_statement() -> None:
    link_report(1, mention(*IBAN))
    with CaptureQueriesContext(connection) as queries:
        link_report(2, mention(*IBAN))
    asked = [query["sql"] for query in queries]
    assert sum("phraserarity" in sql or "scorecard" in sql for sql in asked) == 1


@pytest.mark.parametrize("kept", [3, 2])
def test_votes_that_wait_are_read_as_each_release_kept_them(kept: int) -> None:
    series = [
        link_report(number, mention("iban", f"DE{number // 10:020d}")).series
        for number in (10, 11, 20, 21)
    ]
    one, other = series[1], series[3]
    votes = [(5, 9.5, False), (6, 4.5, True)]
    Link.objects.create(
        left=one.founder,
        right=other.founder,
        kind=Link.Kind.RELATED,
        bits=9.5,
        terms=[],
        votes=[vote[:kept] for vote in votes],
        one=one.founder_id,
        other=other.founder_id,
        created_at=timezone.now(),
    )
    ties = list_ties({one.founder_id: "one", other.founder_id: "other"})
    (found,) = ties.values()
    assert [(vote.key, vote.bits) for vote in found] == [(5, 9.5), (6, 4.5)]
    assert [vote.is_wording for vote in found] == [False, kept == 3]
