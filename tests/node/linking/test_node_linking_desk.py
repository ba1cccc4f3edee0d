"""The page of a series offers what can be done, and says what is true of it."""

import html

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests.node.node_world import (
    iban,
    link_report,
    make_actor,
    mention,
    name_report,
    phone,
)

from proxeny.errors import InputError
from proxeny.node.accounts.actor import Actor
from proxeny.node.accounts.models import User
from proxeny.node.linking import actions, views
from proxeny.node.linking.access import access_series
from proxeny.node.linking.actions import (
    confirm_series,
    gather_reports,
    merge_series,
    split_series,
    undo_decision,
)
from proxeny.node.linking.documents import series_document
from proxeny.node.linking.queries import list_holders
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db
PUT = "An officer put it here; no link of the machine's holds it."
SPLIT_OFF = "The report that held it was taken off by an officer's split."
UNDONE = "The report that held it left when an officer undid a decision."
UNHELD = "No link of the machine's holds it."


@pytest.fixture
def officer() -> Actor:
    return make_actor("investigator")


@pytest.fixture
def desk(officer: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=officer.user_id))
    return client


def make_series(*numbers: int, shared: int) -> str:
    """Reports that share one account, and the reference of their series."""
    for number in numbers:
        linked = link_report(number, iban(shared))
    return linked.series.ref


def split(officer: Actor, ref: str, *numbers: int) -> str:
    return split_series(officer, ref, [*map(name_report, numbers)], reason="").ref


def members(officer: Actor, ref: str) -> set[int]:
    found = list_holders(access_series(officer, ref))
    return {int(holder.ref[-6:]) for holder in found}


def read(response: HttpResponse) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def show(desk: Client, ref: str, **address: object) -> str:
    return read(desk.get(reverse("series", args=[ref]), address))


def undo(desk: Client, ref: str) -> str:
    return read(desk.post(reverse("series-undo", args=[ref]), follow=True))


def test_a_split_is_undone_from_the_page_of_either_part(officer, desk) -> None:
    one = make_series(1, 2, 3, shared=1)
    for page in (0, 1):
        part = split(officer, one, 3)
        ref = (one, part)[page]
        assert f"Undo the split of {part} by investigator" in show(desk, ref)
        undo(desk, ref)
        assert members(officer, one) == {1, 2, 3}


def test_the_newest_of_a_part_is_undone_before_the_split_that_made_it(
    officer, desk
) -> None:
    one = make_series(1, 2, 3, shared=1)
    part = split(officer, one, 3)
    confirm_series(officer, part)
    assert f"Undo the confirmation of {part} by" in show(desk, part)
    assert undo_decision(officer, part).verb == "confirm"
    assert undo_decision(officer, part).verb == "split"
    assert members(officer, part) == set()


def test_what_was_undone_long_before_hides_no_undo(officer, desk, monkeypatch) -> None:
    one = make_series(1, 2, 3, shared=1)
    confirm_series(officer, one)
    split(officer, one, 3)
    undo_decision(officer, one)
    monkeypatch.setattr("proxeny.node.linking.decisions.queries.DECISIONS_SHOWN", 1)
    assert f"Undo the confirmation of {one} by" in show(desk, one)


def test_an_emptied_series_offers_nothing_and_says_where_its_reports_went(
    officer, desk
) -> None:
    one = make_series(1, 2, 3, 4, 5, shared=1)
    part = split(officer, one, 3, 4, 5)
    last = split(officer, part, 5)
    assert "Confirm: I have looked" in show(desk, part)
    assert "Where they are now" not in show(desk, part)
    undo_decision(officer, one)
    page = show(desk, part)
    for offered in ("Confirm: I have", "Merge", "Open a case", "Members, and why"):
        assert offered not in page
    assert f"Undo the split of {last} by" in page
    went = page.partition("There are no reports in this series any more.")[2]
    went = went.partition("What was decided")[0]
    assert went.index(f"/{one}/") < went.index("2 reports")
    assert went.index(f"/{last}/") < went.index("1 report<")
    assert "alone" not in went


def test_reports_that_left_an_emptied_series_to_stand_alone_are_told(
    officer, desk
) -> None:
    for number in (1, 2):
        link_report(number, phone(number))
    made = gather_reports(officer, [name_report(1), name_report(2)], reason="").ref
    undo_decision(officer, made)
    assert "2 reports stand alone" in show(desk, made)


def words(officer: Actor, ref: str) -> dict[int, str]:
    document = series_document(access_series(officer, ref), limit=50)
    return {int(one["report"][-6:]): one["word"] for one in document["members"]}


def test_a_member_says_whether_an_officer_put_it_there_or_took_what_held_it(
    officer, desk
) -> None:
    link_report(1, iban(1))
    one = link_report(2, iban(1), phone(1)).series.ref
    link_report(3, phone(1))
    link_report(4, phone(9))
    gather_reports(officer, [name_report(4)], into=one, reason="")
    assert words(officer, one) == {1: "", 2: "", 3: "", 4: PUT}
    part = split(officer, one, 2)
    assert words(officer, part) == {2: PUT}
    assert words(officer, one) == {1: SPLIT_OFF, 3: SPLIT_OFF, 4: PUT}
    page = show(desk, one)
    assert (page.count(SPLIT_OFF), page.count(PUT)) == (2, 1)
    undo_decision(officer, part)
    assert words(officer, one) == {1: "", 2: "", 3: "", 4: PUT}


def test_a_member_that_joined_by_what_was_merged_says_that_it_left(officer) -> None:
    one, two = make_series(1, 2, shared=1), make_series(3, 4, shared=2)
    merge_series(officer, one, two, reason="")
    assert link_report(5, iban(2)).series.ref == one
    undo_decision(officer, one)
    assert words(officer, one) == {1: "", 2: "", 5: UNDONE}


def test_a_member_without_any_link_says_no_more_than_that(officer) -> None:
    one = make_series(1, 2, shared=1)
    Holder.objects.get(ref=name_report(1)).links_back.all().delete()
    assert words(officer, one) == {1: UNHELD, 2: UNHELD}


def test_reports_of_other_pages_are_split_off_by_their_references(
    officer, desk, monkeypatch
) -> None:
    one = make_series(1, 2, 3, 4, shared=1)
    assert 'name="references"' not in show(desk, one)
    monkeypatch.setattr(views, "PAGE", 2)
    assert 'name="references"' in show(desk, one, page=2)
    named = f" {name_report(1)},\n{name_report(4)}; "
    given = {"member": [name_report(1)], "references": named}
    address = reverse("series-split", args=[one])
    read(desk.post(address, given, follow=True))
    assert members(officer, one) == {2, 3}
    refused = desk.post(address, {"references": "RS-R-000099"})
    assert refused.status_code == 422
    assert "PXY-SERIES-MEMBER" in refused.content.decode()


def test_more_reports_than_a_split_takes_are_refused(officer, monkeypatch) -> None:
    one = make_series(1, 2, 3, 4, shared=1)
    monkeypatch.setattr(actions, "MAX_SPLIT_REPORTS", 2)
    with pytest.raises(InputError) as refused:
        split(officer, one, 1, 2, 3)
    assert refused.value.stable_code == "PXY-SERIES-MANY"
    split(officer, one, 1, 2)


def test_past_the_end_of_series_and_of_members_stands_the_last_page(
    officer, desk, monkeypatch
) -> None:
    one = make_series(1, 2, 3, shared=1)
    two = make_series(4, 5, shared=2)
    monkeypatch.setattr(views, "PAGE", 1)
    page = read(desk.get(reverse("series-list"), {"page": 500}))
    assert f"/{two}/" in page
    assert f"/{one}/" not in page
    assert 'href="?page=1" rel="prev"' in page
    page = show(desk, one, page=500)
    assert f"m-{name_report(1)}" in page
    assert 'href="?page=2" rel="prev"' in page


def test_past_the_end_of_a_search_stands_the_last_page(desk, monkeypatch) -> None:
    account = "DE89370400440532013000"
    monkeypatch.setattr(views, "PAGE", 1)
    for number in (6, 7):
        link_report(number, mention("iban", account))
    page = read(
        desk.get(reverse("selector-search"), {"q": account, "of": 1, "page": 99})
    )
    assert f"/{name_report(6)}/" in page
    assert "page=1" in page
    assert "page=98" not in page
