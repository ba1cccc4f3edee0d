"""A payment card's number is masked at once; the issuer's digits join reports."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxeny.selectors import (
    Kind,
    SelectorError,
    blank_cards,
    find,
    parse_selector,
    scan,
)

# Numbers that the schemes publish for tests.
PUBLISHED = (
    ("4111111111111111", "41111111"),
    ("5555555555554444", "55555555"),
    ("2223003122003222", "22230031"),
    ("378282246310005", "378282"),
    ("30569309025904", "305693"),
    ("6011111111111117", "60111111"),
    ("3530111333300000", "35301113"),
    ("6205500000000000004", "620550"),
)


def spell(number: str, sign: str) -> str:
    widths = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4, 4)
    groups, at = [], 0
    for width in widths:
        groups.append(number[at : at + width])
        at += width
    return sign.join(group for group in groups if group)


def digits_of(*values: object) -> str:
    return "".join(char for char in repr(values) if char.isdigit())


@pytest.mark.parametrize(("number", "issuer"), PUBLISHED)
@pytest.mark.parametrize("sign", ["", " ", "-", "\u00a0"])
def test_full_number_gives_its_issuer_only(number, issuer, sign):
    written = spell(number, sign)
    text = f"Card: {written}, exp. 12/27"
    (mention,) = find(text, country="RS")
    assert (mention.selector.kind, mention.selector.value) == (Kind.CARD_BIN, issuer)
    assert mention.raw == f"{issuer}…"
    assert text[mention.start : mention.end] == written
    assert parse_selector("card_bin", written).value == issuer
    assert parse_selector("card_bin", issuer).value == issuer


@pytest.mark.parametrize("number", [number for number, _ in PUBLISHED])
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "+{}",
        "00{}",
        "http://evil.example/pay?card={}&x=1",
        "http://evil.example/#{}",
        "http://{}@evil.example/",
        "http://{}.evil.example/",
        "{}@evil.example",
        "{}.evil.example",
        "evil.example/{}",
        "DE89 {}",
        "account number {}",
        "order number {}",
        "@{} on Telegram",
        "{}\u200b5",
        "(at) {} [.]",
    ],
)
@pytest.mark.parametrize("country", [None, "RS", "US"])
def test_no_output_holds_a_full_number(number, text, country):
    for written in (number, spell(number, " ")):
        for found in scan(text.format(written), country=country):
            # With a plus it may be somebody's telephone number.
            if not (found.kind is Kind.PHONE and found.valid):
                assert number not in digits_of(found.value, found.raw, found.note)


def test_full_width_digits_are_masked_too():
    wide = "".join(chr(0xFF10 + int(digit)) for digit in PUBLISHED[0][0])
    (mention,) = find(f"卡号 {wide}")
    assert mention.raw == "41111111…"


def test_spaces_escaped_in_a_url_hide_no_number():
    (url, _) = find("http://evil.example/?c=4111%201111%201111%201111&d=1")
    assert url.selector.value == "http://evil.example/?c=41111111*&d=1"
    assert "1111%201111" not in url.raw


@pytest.mark.parametrize(
    "raw",
    ["4111111111111112", "1234567812345670", "41111", "", "4111 1111 1111", "x" * 16],
)
def test_what_is_no_card_is_refused_without_being_repeated(raw):
    with pytest.raises(SelectorError) as refused:
        parse_selector("card_bin", raw)
    assert not raw or raw not in str(refused.value)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="0123456789 -./+@:xhtp\u200b", max_size=60))
def test_no_text_of_digits_gives_a_number_away(text):
    full = PUBLISHED[0][0]
    for found in scan(f"{text} {full} {text}", country="DE"):
        assert full not in digits_of(found.value, found.raw, found.note)


@pytest.mark.parametrize(("number", "issuer"), PUBLISHED)
def test_a_text_that_is_kept_holds_the_issuer_alone_and_keeps_its_places(
    number: str, issuer: str
) -> None:
    text = f"my card {number} and {number[:4]} {number[4:]}, then 12 euros"
    kept = blank_cards(text)
    assert len(kept) == len(text)
    assert number not in kept.replace(" ", "")
    assert kept.count("\u2022") == 2 * (len(number) - len(issuer))
    assert kept.endswith(", then 12 euros")
