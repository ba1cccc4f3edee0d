"""The bundled demo reports are fictional, varied, and say nothing of their series."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
import tldextract
from tests.demo import fiction
from tests.demo.demo_reports import REPORTS, load_truth, read_folder, read_text
from tests.demo.rewriter import find_host, list_spellings
from tests.demo.spelling import spell

from proxeny.reports import find_mentions
from proxeny.selectors import Kind, Role, parse_selector

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
# Only what ends in a public suffix can be somebody's host: "update.exe" can't.
_find_suffix = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_CHILDREN = re.compile(
    r"\bKind(?:er|es)?\b|(?i:child|minderjähr|maloletn|\bdeca\b|\bdete\b|\bдеца\b|\bдете\b)"
)


@pytest.fixture(scope="module")
def items():
    return read_folder(REPORTS)


def list_texts() -> list[str]:
    return [read_text(path) for path in sorted(REPORTS.rglob("*.*"))]


def plain(text: str) -> str:
    """Take the defanging off, so that every host and address can be seen."""
    return text.replace("[.]", ".").replace("[at]", "@")


def is_fictional(kind: Kind, value: str) -> bool:
    match kind:
        case Kind.PHONE:
            return fiction.is_fictional_phone(value)
        case Kind.IBAN:
            return fiction.is_test_iban(value)
        case Kind.IP:
            return fiction.is_documentation_address(value)
        case Kind.EMAIL | Kind.DOMAIN | Kind.URL:
            host = find_host(kind, value) or ""
            return fiction.is_reserved_domain(host) or (
                kind == Kind.DOMAIN and host in fiction.POPULAR_DOMAINS
            )
        case _:  # A wallet or a hash is fictional if it is one of ours, seen below.
            return True


def test_demo_reports_are_fictional(items):
    accepted, _ = items
    mentions = [
        one.selector for item in accepted.values() for one in find_mentions(item.report)
    ]
    assert len(mentions) > 200
    assert [one for one in mentions if not is_fictional(one.kind, one.value)] == []


@pytest.mark.parametrize("path", sorted(REPORTS.rglob("*.*")), ids=lambda p: p.name)
def test_no_real_host_or_address_stands_anywhere_in_a_file(path):
    text = plain(read_text(path))
    hosts = {host.lower() for host in _HOST.findall(text) if _find_suffix(host).suffix}
    real = {host for host in hosts if not fiction.is_reserved_domain(host)}
    assert real <= fiction.POPULAR_DOMAINS
    assert [
        address
        for address in _ADDRESS.findall(text)
        if not fiction.is_documentation_address(address)
    ] == []


def test_every_selector_stands_in_the_table_of_spellings(items):
    accepted, _ = items
    known = set()
    for row in list_spellings():
        known.add(parse_selector(row["kind"], row["value"]))
        if host := find_host(row["kind"], row["value"]):
            known.add(parse_selector(Kind.DOMAIN, host))
    known |= {parse_selector(Kind.DOMAIN, name) for name in fiction.POPULAR_DOMAINS}
    found = {
        one.selector for item in accepted.values() for one in find_mentions(item.report)
    }
    assert found <= known


def test_the_table_of_spellings_is_true():
    texts = "\n".join(list_texts())
    for row in list_spellings():
        assert row["spelling"] == spell(row["kind"], row["value"], row["style"])
        assert row["spelling"] in texts


def test_every_spelling_is_found_in_the_reports(items):
    accepted, _ = items
    found = {
        one.selector for item in accepted.values() for one in find_mentions(item.report)
    }
    # What stands in a Received header only is no mention.
    in_heads_only = {"mx.sanduce.example.org", "mx.firma-jug.example.net"}
    wanted = {
        parse_selector(row["kind"], row["value"])
        for row in list_spellings()
        if row["value"] not in in_heads_only
    }
    assert wanted - found == set()


def test_truth_names_each_report_once_and_five_series(items):
    accepted, _ = items
    truth = load_truth()
    assert set(truth) == set(accepted)
    sizes = Counter(series for series in truth.values() if series)
    # One mail of the largest series came twice.
    assert sorted(sizes.values(), reverse=True) == [16, 11, 10, 7, 5]
    assert 0.25 <= sum(not series for series in truth.values()) / len(truth) <= 0.4
    crossing = {
        series
        for series in sizes
        if len({where[:2] for where, one in truth.items() if one == series}) > 1
    }
    assert len(crossing) == 2


def test_reports_come_in_three_languages_from_two_countries(items):
    accepted, _ = items
    reports = [item.report for item in accepted.values()]
    assert len(reports) >= 60
    languages = Counter(one.language for one in reports if one.language)
    assert {"sr", "de", "en"} <= set(languages)
    assert min(languages[language] for language in ("sr", "de", "en")) >= 4
    assert {one.country for one in reports if one.country} == {"RS", "DE"}
    assert sum("ј" in one.narrative for one in reports) >= 5  # Serbian Cyrillic.


def test_no_report_carries_a_label(items):
    header = (REPORTS / "rs" / "reports.csv").read_text("utf-8").splitlines()[0]
    assert "series" not in header
    texts = "\n".join(list_texts()).lower()
    labels = {series for series in load_truth().values() if series}
    assert not any(f'"{label}"' in texts for label in labels)
    for line in (REPORTS / "de" / "reports.jsonl").read_text("utf-8").splitlines():
        assert '"series"' not in line


def test_one_item_of_each_country_is_damaged_and_one_mail_came_twice(items):
    accepted, refused = items
    assert sorted(Path(one.where).parts[-2:][0] for one in refused) == ["de", "rs"]
    digests = Counter(item.report.digest for item in accepted.values())
    assert sorted(digests.values())[-2:] == [1, 2]


def test_nothing_of_an_accepted_report_is_dropped(items):
    accepted, _ = items
    assert [item.dropped for item in accepted.values() if item.dropped] == []


def test_victims_of_two_families_share_an_account(items):
    accepted, _ = items
    truth = load_truth()
    families: dict[str, set[str]] = {}
    for where, item in accepted.items():
        for one in find_mentions(item.report):
            if one.role is Role.VICTIM:
                families.setdefault(one.selector.value, set()).add(truth[where])
    kinds = {value for value, series in families.items() if len(series) > 1}
    assert any(value.startswith("DE") for value in kinds)
    assert any("@" in value for value in kinds)


def test_no_report_is_about_children():
    assert [text for text in list_texts() if _CHILDREN.search(text)] == []


def test_rows_are_what_the_formats_promise():
    with (REPORTS / "rs" / "reports.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == len(rows) == 28
    lines = (REPORTS / "de" / "reports.jsonl").read_text("utf-8").splitlines()
    assert sum(line.endswith("}") for line in lines) == len(lines) - 1 == 28
    assert any("selectors" in json.loads(line) for line in lines if line[-1] == "}")
