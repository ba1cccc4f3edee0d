"""A series of any size is shown by pages: the newest members first, totals kept."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.node.node_world import at_day, iban, link_report, make_person, name_report

from proxeny.node.audit.models import Entry
from proxeny.node.linking.documents import list_refs, series_document
from proxeny.node.linking.models import Series
from proxeny.node.linking.uniting import add_members
from proxeny.node.selectors.models import Holder

pytestmark = pytest.mark.django_db
MEMBERS = 120


def make_large(size: int = MEMBERS) -> Series:
    """A series that the machine founded on two reports, and officers made large."""
    link_report(1, iban(1))
    series = link_report(2, iban(1)).series
    grow(series, 2, size)
    return series


def grow(series: Series, size: int, wanted: int) -> None:
    more = Holder.objects.bulk_create(
        Holder(
            organisation_id=series.organisation_id,
            ref=name_report(number),
            at=at_day(number),
        )
        for number in range(size + 1, wanted + 1)
    )
    add_members(series, more)
    series.save()


def names(first: int, last: int) -> list[str]:
    return [name_report(number) for number in range(first, last, -1)]


def test_a_large_series_is_shown_by_pages() -> None:
    series = make_large()
    client = Client()
    client.force_login(make_person("investigator"))
    start = reverse("series", args=[series.ref])
    address, shown = start, []
    while address:
        page = client.get(address).content.decode()
        assert f"{MEMBERS} reports" in page
        found = re.findall(r'id="m-([^"]+)"', page)
        assert len(found) <= 50
        read = Entry.objects.order_by("-pk").first()
        assert read.action == "series.show"
        assert set(found) <= set(read.refs)
        assert len(read.refs) <= len(found) + 1
        shown += found
        following = re.search(r'href="(\?page=\d+)" rel="next"', page)
        address = following and f"{start}{following[1]}"
    assert shown == names(MEMBERS, 0)


def test_the_document_is_read_by_pages() -> None:
    series = make_large()
    first = series_document(series, limit=100)
    assert first["reports"] == MEMBERS
    assert [member["report"] for member in first["members"]] == names(MEMBERS, 20)
    assert len(list_refs(first)) == 101
    before = Holder.objects.get(ref=name_report(21)).pk
    last = series_document(series, limit=100, before=before)
    assert [member["report"] for member in last["members"]] == names(20, 0)
    assert (first["next"] is None, last["next"]) == (False, None)
    assert [bool(member["because"]) for member in last["members"][-2:]] == [True] * 2


def test_a_page_costs_the_same_however_large_the_series_is() -> None:
    series = make_large()
    asked = []
    for size, wanted in ((MEMBERS, MEMBERS), (MEMBERS, 4 * MEMBERS)):
        grow(series, size, wanted)
        with CaptureQueriesContext(connection) as queries:
            series_document(series, limit=50)
        asked.append(len(queries))
    assert len(set(asked)) == 1
