"""Real phishing mails, read in place: each file accounted for, silver series found."""

import csv
from collections import Counter
from itertools import combinations

import pytest
from tests.node.node_world import make_actor, take_folder
from tests.real_data import DATA, needs_real_data

from proxeny.node.linking.models import Member, Series
from proxeny.node.linking.queries import find_roots
from proxeny.node.reports.models import Report

FOLDER = DATA / "phishing-emails"
pytestmark = [pytest.mark.django_db, needs_real_data("phishing-emails")]


@pytest.fixture
def imported():
    return take_folder(make_actor("intake"), FOLDER / "eml")


def test_every_mail_is_accounted_for_and_silver_series_are_found(imported) -> None:
    files = {path.name for path in (FOLDER / "eml").iterdir()}
    assert imported.read == len(files) == 300
    assert imported.accepted + imported.repeats + len(imported.refused) == 300
    # A mail is refused for a reason that is said, and few are.
    assert len(imported.refused) < 5
    assert set(Report.objects.values_list("origin", flat=True)) <= files
    assert Report.objects.count() == imported.accepted + imported.repeats
    pairs = silver_pairs()
    found = count_pairs(pairs)
    # Silver, not gold: clusters share a selector, and some of these are rented.
    assert found["together"] / len(pairs) > 0.6
    sizes = Series.objects.filter(parent=None).values_list("size", flat=True)
    assert sum(sizes) == Member.objects.count()
    assert max(sizes) < 150


def silver_pairs() -> list[tuple[str, str]]:
    clusters: dict[str, list[str]] = {}
    with (FOLDER / "silver-clusters.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["cluster"]:
                clusters.setdefault(row["cluster"], []).append(row["file"])
    return [pair for files in clusters.values() for pair in combinations(files, 2)]


def count_pairs(pairs: list[tuple[str, str]]) -> Counter[str]:
    rows = dict(Member.objects.values_list("holder__ref", "series_id"))
    roots = find_roots(set(rows.values()))
    series = {
        report.origin: roots[rows[report.ref]]
        for report in Report.objects.filter(repeat_of=None).defer("raw")
        if report.ref in rows
    }
    return Counter(
        "together" if one in series and series[one] == series.get(other) else "apart"
        for one, other in pairs
    )
