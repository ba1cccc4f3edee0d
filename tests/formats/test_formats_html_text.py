"""HTML of a mail becomes text that keeps the links and no markup."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny.formats.mail import MAX_HTML_CHARS, list_targets, render_text


def test_link_keeps_its_target_behind_its_text():
    markup = '<p>Dear <b>you</b>,</p><a href="https://x.example/?a=1&amp;b=2">pay</a>'
    assert render_text(markup) == "Dear you,\npay <https://x.example/?a=1&b=2>"


def test_form_keeps_its_address():
    markup = "<form method=post action=https://steal.example/in>Password</form>"
    assert render_text(markup) == "<https://steal.example/in> Password"


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "data:text/html,x", "java\nscript:x", "/relative", "#top"],
)
def test_target_that_is_no_address_leaves_nothing(target):
    assert render_text(f'<a href="{target}">here</a>') == "here"


def test_address_and_number_are_kept_without_their_scheme():
    markup = '<a href="mailto:a@b.example?subject=x">w</a><a href="tel:+3811">c</a>'
    assert list_targets(markup) == ["a@b.example", "+3811"]


@pytest.mark.parametrize(
    "markup",
    [
        "a<script>steal()</script>b",
        "a<SCRIPT src=x>if (1 < 2) '<b>'</ScRiPt >b",
        "a<style>p{}</style>b",
        "a<!-- <b>hidden</b> -->b",
        "a<!doctype html>b",
        "a<?xml version='1'?>b",
        'a<img src="https://pixel.example/1.gif" alt="x>y">b',
        "a</b junk>b",
    ],
)
def test_what_is_no_text_leaves_nothing(markup):
    assert render_text(markup) == "ab"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("1 < 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"),
        ("a<script>never closed", "a"),
        ("a<!-- never closed", "a"),
        ("a<a href='x", "a"),
        ("<a href=https://a.example>never closed", "never closed <https://a.example>"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("<td>a</td><td>b</td><tr>c", "a b\nc"),
    ],
)
def test_broken_markup_is_read_as_a_browser_reads_it(markup, text):
    assert render_text(markup) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<a x='",
        '<a href="',
        "<!--",
        "<!",
        "<?",
        "<script>",
        "</",
        "&#1",
        "<style><a ",
        "<a href='https://a.example'>",
        "=' =\"",
        " href=",
    ],
)
@pytest.mark.parametrize("before", ["", "<a "])
def test_time_grows_with_the_length_only(piece, before):
    started = time.process_time()
    render_text(before + piece * (MAX_HTML_CHARS // len(piece)))
    # Python's own parser would need hours for some of these.
    assert time.process_time() - started < 8


@given(st.text(alphabet="<>/!-?a=\"' &#;script", max_size=200))
def test_no_input_raises_and_content_of_a_script_is_gone(markup):
    rest = markup.replace("</", "")
    assert render_text(f"before<script>{rest}</script>after") == "beforeafter"
    assert len(render_text(markup)) <= 3 * len(markup)
