"""Any text at all: offsets, limits, roles, keys, time that grows with length only."""

import contextlib
import hashlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_data import DATA, needs_real_data

from proxeny import selectors
from proxeny.errors import LimitError
from proxeny.selectors import (
    MAX_TEXT_CHARS,
    Kind,
    Role,
    Selector,
    SelectorError,
    find,
    parse_selector,
    patterns,
    scan,
)
from proxeny.selectors.kinds import cards

PIECES = st.sampled_from(
    [
        "DE89 3704 0044 0532 0130 00",
        "+381641234567",
        "064 123 4567",
        "hxxp://evil[.]example/a?b",
        "a@b.example",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "192.0.2.1",
        "2001:db8::1",
        "пример.срб",
        "44d88612fea8a8f36de82e1278abb02f",
        "4111 1111 1111 1111",
        "Telegram: @some_name",
        "instagram.com/some.name",
        "AS64496",
        "192.0.2.9/24",
        "рачун 260-0056010016113-79",
        "&amp;amp;",
        "\u3002",
        "\u200b",
        "\uff11",
        "😀",
        "Ж",
        " ",
        ".",
        "::",
        "[.]",
        "@",
        "http://",
        "\ud800",
        "\x00",
        "\n",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=25).map("".join)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, country=st.sampled_from([None, "RS", "US"]))
def test_any_text_is_read_and_spans_give_back_what_was_written(
    text: str, country: str | None
) -> None:
    last = 0
    for found in scan(text, country=country):
        written = text[found.start : found.end]
        assert written != ""
        assert found.raw in {written, cards.mask_cards(written)}
        assert found.valid == bool(found.value) != bool(found.note)
        assert found.start >= last
        last = found.start


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_normal_form_is_its_own_normal_form(text: str) -> None:
    for mention in find(text, country="RS"):
        selector = mention.selector
        assert parse_selector(selector.kind, selector.value) == selector


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(Kind), raw=st.text(max_size=60))
def test_any_given_selector_is_read_or_refused(kind, raw):
    # Any other error than SelectorError ends the test.
    with contextlib.suppress(SelectorError):
        selector = parse_selector(kind, raw, country="DE")
        assert parse_selector(kind, selector.value) == selector


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(SelectorError, match="not a kind"):
        parse_selector("fax", "1")


def test_offsets_count_characters_after_cyrillic_and_emoji() -> None:
    text = "Јован 😀😀 писао је: a@b.example и +381641234567."
    assert [text[m.start : m.end] for m in find(text)] == [
        "a@b.example",
        "+381641234567",
    ]


def test_key_is_the_first_eight_bytes_of_sha256_signed() -> None:
    digest = hashlib.sha256(b"phone|+381641234567").digest()
    (key,) = struct.unpack(">q", digest[:8])
    assert Selector(kind=Kind.PHONE, value="+381641234567").key == key


def test_text_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitError) as refused:
        scan("a" * (MAX_TEXT_CHARS + 1))
    assert refused.value.fields["limit_chars"] == MAX_TEXT_CHARS


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "1.",
        "1 ",
        "01 ",
        "a@",
        "a-",
        ":",
        "1:",
        "[.]",
        "+1",
        "DE89 ",
        "http://",
        "44d88612fea8a8f36de82e1278abb02f-",
        "0x",
        "ж",
        " at ",
        "\u200d",
        "x\u200d",
        "4111 1111 1111 1111 ",
        "@name ",
        "telegram: a_1 ",
        "AS1 ",
        "\uff11",
        "192.0.2.1/",
    ],
)
def test_searching_grows_with_the_text_and_not_with_its_square(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts the bytes that searches may look at: no clock, so no flaky figure."""
    looked_at = 0
    choose_search = patterns.choose_search

    def choose_counting(whole: bytes) -> object:
        search = choose_search(whole)

        def count(anchor: object, data: bytes, start: int, stop: int) -> object:
            nonlocal looked_at
            looked_at += stop - start
            return search(anchor, data, start, stop)

        return count

    monkeypatch.setattr(patterns, "choose_search", choose_counting)
    spent = []
    for chars in (20_000, 40_000):
        looked_at = 0
        list(scan((unit * chars)[:chars]))
        spent.append(looked_at)
    assert spent[1] <= 2.6 * spent[0]


@pytest.mark.parametrize("unit", ["a.", "a-", "x@", "+1 ", "1A1zP1eP5QGefi2D", "::1 "])
def test_long_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = (unit * 200_000)[:200_000] + " a@b.example"
    assert find(text)[-1].selector.value == "a@b.example"


@given(
    st.text("0123456789 ./-()+:", min_size=7, max_size=40)
    | st.lists(
        st.sampled_from(
            ["http://", "a@", "b.cd", "/x", "\\", ":", " @ab", "1.2", "[.]"]
        )
    ).map("".join)
)
@settings(max_examples=300)
def test_shape_told_by_its_signs_is_what_the_shapes_say(text: str) -> None:
    data = text.encode()
    search = patterns.choose_search(data)
    at = 0
    while (span := patterns.find_piece(search, data, at)) is not None:
        piece, at = data[slice(*span)], span[1]
        if not piece.isalnum():
            first = patterns._SHAPES[min(patterns._shapes().Match(piece))]
            assert patterns.tell_shape(piece) is first


@pytest.mark.parametrize("mark", ["", " (at noon) ", " see[.]here ", " dot "])
@pytest.mark.parametrize(
    "selector",
    ["john@mail.example", "https://evil.example/a", "192.0.2.1", "2001:db8::1"],
)
def test_plain_selector_is_found_with_and_without_disguised_ones_beside(
    mark: str, selector: str
) -> None:
    raws = [mention.raw for mention in find(f"look: {selector} {mark}")]
    assert selector in raws


@pytest.mark.parametrize("behind", ["_", "_x", ".", " and much more to read"])
@pytest.mark.parametrize(
    "number", ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00"]
)
def test_iban_ends_where_its_country_says(number: str, behind: str) -> None:
    assert [mention.raw for mention in find(number + behind)] == [number]


def test_iban_that_goes_on_is_none() -> None:
    assert find("DE89370400440532013000ab_") == []
    assert find("DE89 3704 0044 0532 0130 00ab") == []


@pytest.mark.parametrize("letter", ["e", "\u0435", "\U0001f600"])
def test_places_are_right_behind_dates(letter: str) -> None:
    text = (
        f"{letter} 12.03.2026 {letter} 2026-03-12, a@b.example {letter} 1/2/2026 c.test"
    )
    assert [(m.raw, text[m.start : m.end]) for m in find(text)] == [
        ("a@b.example", "a@b.example"),
        ("c.test", "c.test"),
    ]


def test_selector_across_two_pieces_of_a_long_text_is_found() -> None:
    for filling in range(8_192 - 30, 8_192 + 5):
        text = "ab " * (filling // 3) + "x" * (filling % 3) + " john@mail.example end"
        found = find(text + " word" * 3_000)
        assert [m.raw for m in found] == ["john@mail.example"], filling


@pytest.mark.parametrize(
    "before",
    [
        "From my account ",
        "My IBAN is ",
        "von meinem Konto ",
        "Meine IBAN lautet: ",
        "sa mog računa ",
        "Moj broj računa je ",
        "са мог рачуна ",
        "Мој рачун: ",
        "ο λογαριασμός μου είναι ",
        "Hesabım: ",
        "contul meu este ",
        "Mon compte bancaire est ",
        "il mio conto corrente è ",
        "mi cuenta es ",
    ],
)
def test_words_of_possession_make_a_victims_account(before: str) -> None:
    (mention,) = find(f"{before}DE89 3704 0044 0532 0130 00")
    assert mention.role is Role.VICTIM


@pytest.mark.parametrize(
    "before",
    [
        "He told me to transfer 500 EUR to ",
        "Pay the fee to the account ",
        "Ich sollte das Geld überweisen an ",
        "Uplatite 500 evra na račun ",
        "Треба уплатити новац на рачун: ",
        "Μου είπε να μεταφέρω τα χρήματα στον λογαριασμό ",
        "Mi-a spus să transfer banii în contul ",
        "Il m'a dit de virer l'argent sur le compte ",
        "Mi ha detto di versare i soldi sul conto ",
        "Me dijo que transfiriera... debía pagar el dinero a la cuenta ",
    ],
)
def test_order_to_pay_makes_an_offenders_account(before: str) -> None:
    (mention,) = find(f"{before}DE89 3704 0044 0532 0130 00")
    assert mention.role is Role.OFFENDER


@pytest.mark.parametrize(
    "text",
    [
        "The account was DE89 3704 0044 0532 0130 00",
        "My husband saw DE89 3704 0044 0532 0130 00",
        "Please refund the money paid to DE89 3704 0044 0532 0130 00",
        "My account was emptied. He used DE89 3704 0044 0532 0130 00",
        "transfer it to http://evil.example/my",
        "my account at evil.example",
        "send a message to +381641234567",
        "many accounts such as DE89 3704 0044 0532 0130 00",
        "I sent him a photo of DE89 3704 0044 0532 0130 00",
    ],
)
def test_role_stays_unknown_where_the_words_are_not_clear(text: str) -> None:
    assert {mention.role for mention in find(text)} == {Role.UNKNOWN}


@pytest.mark.real_data
@needs_real_data("phishing-emails/eml")
def test_real_mails_are_read_whole() -> None:
    files = sorted((DATA / "phishing-emails" / "eml").glob("*.eml"))[:150]
    found = 0
    for path in files:
        text = path.read_bytes()[:100_000].decode("utf-8", "surrogateescape")
        for mention in find(text, country="US"):
            written = text[mention.start : mention.end]
            assert mention.raw in {written, cards.mask_cards(written)}
            found += 1
    assert found > len(files)


def test_preparing_loads_what_the_first_text_would_load() -> None:
    selectors.prepare()
    looked_up = patterns.compiled.cache_info().misses
    assert find("see evil.example") != []
    assert find("see evil[.]example") != []
    # Once for texts in plain signs, once for disguised ones.
    assert patterns.compiled.cache_info().misses == looked_up == 2


def test_names_in_a_script_without_spaces_are_found_in_one_reading() -> None:
    found = find("访问evil.example" * 2_000)
    assert [mention.raw for mention in found] == ["evil.example"] * 2_000
