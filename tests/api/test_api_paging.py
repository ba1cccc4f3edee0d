"""Pages of a list: nothing is lost and nothing comes twice while rows are added."""

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.api.api_calls import send
from tests.node.node_world import World

from proxeny.node.accounts.program import parse_cursor, render_cursor

pytestmark = pytest.mark.django_db
Program = Callable[[str], Client]


@given(st.integers(1, 10**18 - 1))
def test_a_cursor_comes_back_as_the_key_it_stands_for(key: int) -> None:
    assert parse_cursor(render_cursor(key)) == key


@given(st.one_of(st.text(max_size=40), st.integers(), st.none()))
def test_what_is_no_cursor_is_refused(text: object) -> None:
    try:
        key = parse_cursor(text)
    except ValueError:
        return
    assert parse_cursor(render_cursor(key)) == key


@pytest.mark.parametrize("limit", [5, 41, 42, 200])
def test_reports_added_between_pages_neither_shift_nor_repeat(
    world: World, program: Program, limit: int
) -> None:
    client = program("supervisor")
    expected = list(reversed(world.reports))
    seen: list[str] = []
    before = ""
    for number in range(100):
        page = send(client, "GET", f"/reports?limit={limit}{before}").json()
        assert len(page["reports"]) <= limit
        seen += [report["ref"] for report in page["reports"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
        if number < 3:
            added = {"narrative": f"Another one, number {limit}-{number}."}
            assert send(client, "POST", "/reports", added).status_code == 200
    assert seen == expected


def test_a_page_goes_on_where_the_filter_found_something(
    world: World, program: Program
) -> None:
    client = program("supervisor")
    for number in range(5):
        report = {"narrative": f"Text {number}.", "title": f"Needle {number}"}
        send(client, "POST", "/reports", report)
        send(client, "POST", "/reports", {"narrative": f"Hay {number}."})
    titles: list[str] = []
    before = ""
    while True:
        path = f"/reports?limit=2&search=needle{before}"
        page = send(client, "GET", path).json()
        titles += [report["title"] for report in page["reports"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert titles == [f"Needle {number}" for number in reversed(range(5))]


@pytest.mark.parametrize(
    ("path", "name", "key"),
    [("/series", "series", "series"), ("/cases", "cases", "ref")],
)
def test_other_lists_page_alike(
    world: World, program: Program, path: str, name: str, key: str
) -> None:
    client = program("supervisor")
    for number in range(3):
        case = {"series": world.series[0], "title": f"Case {number}"}
        assert send(client, "POST", "/cases", case).status_code == 201
    whole = [row[key] for row in send(client, "GET", path).json()[name]]
    assert len(whole) > 2
    seen: list[str] = []
    before = ""
    while True:
        page = send(client, "GET", f"{path}?limit=2{before}").json()
        seen += [row[key] for row in page[name]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == whole
    assert len(set(seen)) == len(seen)


def test_members_of_a_series_page(world: World, program: Program) -> None:
    client = program("supervisor")
    path = f"/series/{world.series[0]}"
    whole = send(client, "GET", path).json()
    assert whole["next"] is None
    assert len(whole["members"]) == whole["reports"] > 1
    seen: list[object] = []
    before = ""
    for _ in whole["members"]:
        page = send(client, "GET", f"{path}?limit=1{before}").json()
        assert page["reports"] == whole["reports"]
        seen += page["members"]
        before = f"&before={page['next']}"
    assert seen == whole["members"]
    assert page["next"] is None


def test_the_log_grows_by_each_look_at_it_and_yet_pages(
    world: World, program: Program
) -> None:
    client = program("auditor")
    first = send(client, "GET", "/audit?limit=5").json()
    second = send(client, "GET", f"/audit?limit=5&before={first['next']}").json()
    times = [row["at"] for row in first["entries"] + second["entries"]]
    assert len(times) == 10
    assert times == sorted(times, reverse=True)
    newest = send(client, "GET", "/audit?limit=1&search=audit.list").json()
    assert newest["entries"][0]["actor"] == "auditor"


def test_requests_are_chosen_by_direction_and_state(
    world: World, program: Program
) -> None:
    client = program("supervisor")
    every = send(client, "GET", "/requests").json()["requests"]
    assert {row["ref"] for row in every} == {world.sent.ref, world.received.ref}
    (draft,) = send(client, "GET", "/requests?state=draft").json()["requests"]
    assert draft["ref"] == world.sent.ref
    path = "/requests?direction=received"
    (received,) = send(client, "GET", path).json()["requests"]
    assert received["ref"] == world.received.ref


def test_a_search_pages_through_every_report_that_mentions_it(
    world: World, program: Program
) -> None:
    client = program("supervisor")
    for number in range(5):
        told = f"They wrote from boss{number} and boss@broker.example to me."
        assert send(client, "POST", "/reports", {"narrative": told}).status_code == 200
    path = "/selectors?kind=email&value=boss@broker.example"
    whole = send(client, "GET", path).json()
    refs = [row["report"] for row in whole["reports"]]
    assert whole["mentions"] == len(refs) >= 5
    assert whole["next"] is None
    seen: list[str] = []
    before = ""
    while True:
        page = send(client, "GET", f"{path}&limit=2{before}").json()
        assert len(page["reports"]) <= 2
        seen += [row["report"] for row in page["reports"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == refs
