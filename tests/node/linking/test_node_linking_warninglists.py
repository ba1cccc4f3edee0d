"""The operator's warning lists stop selectors on the node as in the batch."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from tests.linking.linking_facts import SCORECARD
from tests.node.node_world import (
    Given,
    at_day,
    make_actor,
    make_person,
    mention,
    ours,
    take_folder,
)

from proxeny import selectors
from proxeny.errors import ProxenyError
from proxeny.linking import Linker
from proxeny.node.linking.holders import Linked, link_holder
from proxeny.node.linking.queries import search_selector
from proxeny.node.linking.relinks.relinking import make_relink
from proxeny.node.selectors.actions import HolderFacts
from proxeny.node.selectors.stoplists import find_warning_lists
from proxeny.node.settings.checks import list_findings
from proxeny.node.settings.config import Linking

pytestmark = pytest.mark.django_db
LISTED = mention("domain", "portal.example")
FREE = mention("domain", "offender.example")
PHONE = mention("phone", "+381641234567")
WHY = "on the warning list 'Portals of this country'"


@pytest.fixture
def lists(tmp_path: Path, settings) -> Iterator[Path]:
    """A list of one domain, named in the node's settings."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "portals.json").write_text(
        json.dumps(
            {
                "name": "Portals of this country",
                "description": "Everybody goes there.",
                "version": 1,
                "type": "hostname",
                "list": ["portal.example"],
                "matching_attributes": ["domain", "hostname", "url"],
            }
        )
    )
    name_lists(settings, folder)
    return folder


def name_lists(settings, folder: Path) -> None:
    linking = Linking(warning_lists=str(folder))
    settings.CONFIG = replace(settings.CONFIG, linking=linking)


def link(number: int, *mentions: Given) -> Linked:
    return link_holder(
        HolderFacts(
            organisation_id=ours().pk,
            ref=f"RS-R-{number:06d}",
            at=at_day(1),
            country="RS",
            offence=None,
            amount=None,
            currency=None,
        ),
        mentions,
    )


def test_a_listed_selector_links_nobody_and_others_still_do(lists) -> None:
    link(1, LISTED)
    assert link(2, LISTED).series is None
    link(3, FREE)
    assert link(4, FREE).series is not None


def test_without_lists_it_links() -> None:
    assert find_warning_lists() is None
    link(1, LISTED)
    assert link(2, LISTED).series is not None


def test_a_link_shows_the_listed_selector_and_its_list(lists) -> None:
    link(1, LISTED, PHONE)
    linked = link(2, LISTED, PHONE)
    (held,) = linked.holder.links.all()
    shown = [term for term in held.terms if term["name"] == "stopped"]
    assert [(term["bits"], term["value"]) for term in shown] == [(0, "portal.example")]
    assert shown[0]["text"].endswith(f"not counted: {WHY}")


def test_a_search_says_which_list_it_is_on(lists) -> None:
    link(1, LISTED)
    found = search_selector(make_actor("investigator"), LISTED.selector)
    assert (found.mentions, found.stop) == (1, WHY)


def test_the_relink_goes_by_the_same_lists(lists) -> None:
    for number in (1, 2):
        link(number, LISTED)
    relink = make_relink(make_actor("investigator"))
    assert (relink.figures["reports"], relink.proposals) == (2, [])


def test_the_linker_takes_the_same_lists(lists) -> None:
    linker = Linker(SCORECARD, lists=find_warning_lists())
    for number in ("R1", "R2"):
        verdict = linker.add(
            number,
            at=at_day(1),
            mentions=[(LISTED.selector, selectors.Role.OFFENDER)],
        )
    assert (verdict.join, verdict.found) == (None, ())


def test_pages_show_the_reason(lists, tmp_path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    lines = [
        {
            "title": f"Shop {number}",
            "narrative": "I paid at https://portal.example/ and they called me from"
            " +381 64 123 45 67 about it.",
            "country": "RS",
            "id": f"x{number}",
        }
        for number in (1, 2)
    ]
    (folder / "reports.jsonl").write_text("\n".join(map(json.dumps, lines)))
    tally = take_folder(make_actor("supervisor"), folder)
    client = Client()
    client.force_login(make_person("supervisor", name="reader"))
    page = client.get(f"/desk/reports/{tally.refs[0]}/").content.decode()
    assert "links nobody: on the warning list" in page
    assert "Portals of this country" in page


def test_lists_that_cannot_be_read_stop_linking_and_are_found_by_check(
    tmp_path, settings
) -> None:
    (tmp_path / "broken.json").write_text("{")
    name_lists(settings, tmp_path)
    with pytest.raises(ProxenyError):
        find_warning_lists()
    (finding,) = [
        one for one in list_findings(deploy=False) if one.code == "PXY-WARNINGLIST"
    ]
    assert finding.level == "error"
