"""IBANs of the registry, phone numbers of E.164, hashes, and their false friends."""

import hashlib

import pytest

from proxeny.errors import InputError
from proxeny.selectors import Kind, SelectorError, find, parse_selector, scan

# Examples of the SWIFT IBAN registry.
REGISTRY = (
    "AL47 2121 1009 0000 0002 3569 8741",
    "AT61 1904 3002 3457 3201",
    "BE68 5390 0754 7034",
    "BA39 1290 0794 0102 8494",
    "CH93 0076 2011 6238 5295 7",
    "DE89 3704 0044 0532 0130 00",
    "FR14 2004 1010 0505 0001 3M02 606",
    "GB29 NWBK 6016 1331 9268 19",
    "HR12 1001 0051 8630 0016 0",
    "ME25 5050 0001 2345 6789 51",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "NO93 8601 1117 947",
    "RS35 2600 0560 1001 6113 79",
    "XK05 1212 0123 4567 8906",
)


def values(text: str, country: str | None = None) -> list[str]:
    return [m.selector.value for m in find(text, country=country)]


@pytest.mark.parametrize("printed", REGISTRY)
@pytest.mark.parametrize(
    "after", ["", ".", " is my account", " with thanks", ", 12.05."]
)
def test_iban_of_the_registry_is_found_as_printed(printed: str, after: str) -> None:
    compact = printed.replace(" ", "")
    assert values(f"IBAN: {printed}{after}") == [compact]
    assert values(f"IBAN: {compact}{after}") == [compact]
    assert values(f"iban {printed.lower()}{after}") == [compact]
    assert values(f"IBAN {printed.replace(' ', '-')}{after}") == [compact]


@pytest.mark.parametrize("printed", REGISTRY)
def test_two_swapped_digits_break_an_iban(printed: str) -> None:
    compact = printed.replace(" ", "")
    at = next(
        i
        for i in range(4, 30)
        if compact[i : i + 2].isdigit() and compact[i] != compact[i + 1]
    )
    broken = compact[:at] + compact[at + 1] + compact[at] + compact[at + 2 :]
    assert not find(broken)
    (candidate,) = scan(broken)
    assert (candidate.valid, candidate.value) == (False, "")
    assert candidate.note == "The IBAN's check digits are wrong."


def test_iban_of_a_wrong_length_is_refused_by_its_own_reason() -> None:
    with pytest.raises(SelectorError, match="length or form"):
        parse_selector("iban", "DE89 3704 0044 0532 0130 0")
    with pytest.raises(SelectorError, match="No country"):
        parse_selector("iban", "ZZ89 3704 0044 0532 0130 00")


def test_iban_joined_to_the_next_sentence_is_found() -> None:
    assert values("to RS35260005601001611379.Please hurry") == [
        "RS35260005601001611379"
    ]


@pytest.mark.parametrize(
    ("written", "country", "e164"),
    [
        ("+381 64 123 45 67", None, "+381641234567"),
        ("+381 (0)64 123-45-67", None, "+381641234567"),
        ("00381 64/123-4567", None, "+381641234567"),
        ("+49 30 23125 000", None, "+493023125000"),
        ("0044 20 7946 0123", None, "+442079460123"),
        ("+44 7700 900123", None, "+447700900123"),
        ("(+33) 1 99 00 12 34", None, "+33199001234"),
        ("+1-202-555-0123", None, "+12025550123"),
        ("+390236618300", None, "+390236618300"),
        ("064/123-4567", "RS", "+381641234567"),
        ("(030) 23125000", "DE", "+493023125000"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("07700 900123", "GB", "+447700900123"),
        ("91 123 45 67", "ES", "+34911234567"),
    ],
)
def test_phone_number_is_given_in_e164(
    written: str, country: str | None, e164: str
) -> None:
    text = f"Позив с броја {written}, јуче 😀"
    assert values(text, country) == [e164]
    assert parse_selector("phone", written, country=country).value == e164


def test_two_phone_numbers_side_by_side_stay_two() -> None:
    assert values("0641234567 0659876543", "RS") == ["+381641234567", "+381659876543"]


def test_numbers_written_in_pairs_of_digits_stay_two() -> None:
    assert values("06 39 98 12 34 06 39 98 56 78", "FR") == [
        "+33639981234",
        "+33639985678",
    ]


def test_phone_number_after_a_date_is_found() -> None:
    assert values("12.05.2024 0641234567", "RS") == ["+381641234567"]


@pytest.mark.parametrize("text", ["+999 123 4567", "+38164123456789012"])
def test_number_of_no_numbering_plan_is_a_candidate_with_its_reason(text: str) -> None:
    (candidate,) = scan(text)
    assert (candidate.kind, candidate.valid) == (Kind.PHONE, False)
    assert candidate.note == "No numbering plan has such a phone number."


def test_national_number_needs_a_country() -> None:
    assert not find("call 064 123 4567")
    with pytest.raises(SelectorError, match="needs a country"):
        parse_selector("phone", "064 123 4567")


def test_unknown_country_is_refused_at_once() -> None:
    with pytest.raises(InputError) as refused:
        find("x", country="ZZ")
    assert refused.value.stable_code == "PXY-COUNTRY"


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_hash_is_named_by_its_length(name: str) -> None:
    digits = hashlib.new(name, b"x", usedforsecurity=False).hexdigest()
    assert values(f"file {digits.upper()} found") == [f"{name}:{digits}"]
    assert values(f"{digits}.exe") == [f"{name}:{digits}"]
    with pytest.raises(SelectorError):
        parse_selector(Kind.HASH, digits[:-1])


def test_hash_that_begins_like_an_iban_is_a_hash() -> None:
    digits = "de89370400440532013000abcdef0123"
    assert values(digits) == [f"md5:{digits}"]


def test_hash_that_is_named_wrongly_is_refused() -> None:
    with pytest.raises(SelectorError, match="does not fit"):
        parse_selector("hash", "sha1:" + "ab12" * 8)


@pytest.mark.parametrize(
    "text",
    [
        "on 12.05.2024 at 14:30:45, or 2024-05-12 14:30",
        "01.02.2024. 03/04/2024",
        "it cost 1.234.567,89 EUR or 12 345 678 RSD",
        "Chrome/120.0.0.0 and version 1.2.3.4, v10.0.19041.1",
        "1.2.3.4.5 is a section",
        "Order 1234567890, invoice INV-0641234567, ref #0641234567",
        "4111 1111 1111 1112",
        "order number 4111 1111 1111 1111",
        "AS400 and AS 2024, as 2000 people",
        "account number 265-1000000123456-78",
        "case 32165498732165498732165498732165",
        "00:1a:2b:3c:4d:5e",
        "std::vector and ratio 3:4:5",
        "e.g. this, i.e. that, z.B. dies, U.S.A.",
        "It ends.In the end he paid.He left",
        "invoice.zip setup.exe photo.jpg",
        "and/or w/o km/h 24/7",
        "meet me at nine dot",
        "What flower does DOT compare herself to",
        "Donaudampfschifffahrtsgesellschaft",
        "@handle and #tag and foo@bar",
    ],
)
@pytest.mark.parametrize("country", [None, "RS", "DE", "US"])
def test_false_friend_is_no_selector(text: str, country: str | None) -> None:
    assert values(text, country) == []


@pytest.mark.parametrize(
    "text",
    [
        "IBANDE89370400440532013000",
        "IbanDE89 3704 0044 0532 0130 00,",
        "name\tDE89\t3704\t0044\t0532\t0130\t00\t120,00",
        "to DE89 3704 0044 \r\n0532 0130 00 today",
        "to DE89370400440532\n013000 today",
        "to DE893704004405 32013000 today",
        "DE89370400440532013000\t0641234567",
    ],
)
def test_an_iban_is_found_however_it_is_broken(text: str) -> None:
    (mention,) = [one for one in find(text) if one.selector.kind is Kind.IBAN]
    assert mention.selector.value == "DE89370400440532013000"
    assert text[mention.start : mention.end] == mention.raw


@pytest.mark.parametrize(
    "text",
    [
        "DE89\n3704\n0044\n0532\n0130\n00",
        "DE89 3704 0044\n\n0532 0130 00",
        "IBANDE89370400440532013001",
        "IBANIBANIBANIBAN",
        "DE89 3704 0044 0532 0130\t0011",
    ],
)
def test_cells_and_lines_that_only_follow_each_other_are_no_iban(text: str) -> None:
    assert [one for one in find(text) if one.selector.kind is Kind.IBAN] == []


def test_what_follows_in_the_next_cell_is_not_swallowed() -> None:
    found = find("DE89 3704 0044 05\t+381641234567")
    assert [one.selector.value for one in found] == ["+381641234567"]
