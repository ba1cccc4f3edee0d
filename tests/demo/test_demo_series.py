"""The hidden series of the demo are found from the data, whatever the words are."""

import re

import pytest
from tests.demo.demo_reports import (
    COUNTRIES,
    HERE,
    REPORTS,
    compute_bcubed,
    link,
    load_truth,
    read_folder,
    read_text,
)
from tests.demo.rewriter import list_spellings, rewrite_reports

from proxeny.linking import list_terms, load_scorecard
from proxeny.reports import find_mentions
from proxeny.selectors import Role

SEEDS = (1, 20261121, 987654321)
SCOPES = ("rs/", "de/", "")


@pytest.fixture(scope="module", params=[None, *SEEDS], ids=lambda seed: f"seed-{seed}")
def reports(request, tmp_path_factory):
    """The reports as bundled, or rewritten by a seed, with the truth about them."""
    truth = load_truth()
    if request.param is None:
        return read_folder(REPORTS)[0], truth
    folder = tmp_path_factory.mktemp("rewritten")
    origins = rewrite_reports(REPORTS, folder, seed=request.param)
    accepted, refused = read_folder(folder)
    assert len(refused) == len(COUNTRIES)
    return accepted, {new: truth[old] for new, old in origins.items() if old in truth}


@pytest.mark.parametrize("scope", SCOPES, ids=["rs", "de", "joint"])
def test_series_are_found_after_rewriting(reports, scope):
    accepted, truth = reports
    items = {at: item for at, item in accepted.items() if at.startswith(scope)}
    found, _ = link(items)
    for series in found:
        # Two series, or a series and a stranger, were fused.
        assert len({truth[where] or where for where in series}) == 1
    expected = {}
    for where in {where for series in found for where in series}:
        expected.setdefault(truth[where] or where, set()).add(where)
    assert set(found) == {frozenset(members) for members in expected.values()}
    assert compute_bcubed(found, truth) == (1.0, 1.0)


def test_rented_selectors_are_shown_and_fuse_nothing(reports):
    accepted, _ = reports
    _, verdicts = link(accepted)
    related = [
        term.kind
        for verdict in verdicts.values()
        for evidence in verdict.related
        for term in list_terms(load_scorecard(), evidence)
        if term.kind is not None and term.bits > 0
    ]
    assert {"domain", "ip"} <= set(related)


def test_no_victims_selector_is_a_reason(reports):
    accepted, _ = reports
    victims = {
        where: {
            one.selector.value
            for one in find_mentions(item.report)
            if one.role is Role.VICTIM
        }
        for where, item in accepted.items()
    }
    _, verdicts = link(accepted)
    reasons = [
        (new, evidence.holder.ref, term.value)
        for new, verdict in verdicts.items()
        for links in (verdict.because, verdict.found, verdict.related)
        for evidence in links
        for term in list_terms(load_scorecard(), evidence)
    ]
    assert sum(map(len, victims.values())) > 30
    for new, old, value in reasons:
        assert value not in victims[new] | victims[old]


@pytest.mark.parametrize("seed", SEEDS)
def test_rewriting_leaves_no_selector_name_or_sentence(seed, tmp_path):
    rewrite_reports(REPORTS, tmp_path, seed=seed)
    old = read_folder(REPORTS)[0]
    new = read_folder(tmp_path)[0]
    assert len(new) == len(old)
    everything = "\n".join(map(read_text, sorted(tmp_path.rglob("*.*"))))
    for row in list_spellings():
        assert row["spelling"] not in everything
    for line in (HERE / "names.txt").read_text("utf-8").splitlines():
        assert not re.search(rf"(?<!\w){re.escape(line)}(?!\w)", everything)
    same = {item.report.narrative for item in old.values()} & {
        item.report.narrative for item in new.values()
    }
    assert same == set()


def test_the_same_seed_writes_the_same_reports(tmp_path):
    for name in ("one", "two"):
        rewrite_reports(REPORTS, tmp_path / name, seed=7)
    for path in sorted((tmp_path / "one").rglob("*.*")):
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes()
