"""Every row of a long list is on one page, and the pages lead to one another."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny.node.pages.paging import MAX_PAGE, Window, read_window


@given(st.integers(0, 300), st.integers(1, 60))
def test_whoever_follows_the_pages_sees_each_row_once(total: int, rows: int) -> None:
    seen: list[int] = []
    address: dict[str, str] = {}
    while True:
        page = read_window(address, rows=rows)
        seen += range(total)[page.offset : page.offset + page.rows]
        following = page.find_neighbours(total)["next"]
        if not following:
            break
        (number,) = parse_qs(following.removeprefix("?"))["page"]
        address = {"page": number}
    assert seen == list(range(total))


@pytest.mark.parametrize("text", ["", "0", "-3", "x", "٣", "9" * 19])
def test_what_is_no_page_is_the_first(text: str) -> None:
    page = read_window({"page": text}, rows=50)
    assert page.offset == 0
    assert page.find_neighbours(60) == {"previous": "", "next": "?page=2"}


def test_no_page_comes_after_the_last_that_can_be_asked_for() -> None:
    page = read_window({"page": "99999999"}, rows=1)
    assert page.number == MAX_PAGE
    beside = page.find_neighbours(10**9)
    assert beside == {"previous": f"?page={MAX_PAGE - 1}", "next": ""}


def test_a_page_keeps_what_its_address_says() -> None:
    page = Window(rows=5, number=2, address={"q": "a b&c", "of": 3})
    assert page.find_neighbours(11) == {
        "previous": "?q=a+b%26c&of=3&page=1",
        "next": "?q=a+b%26c&of=3&page=3",
    }
