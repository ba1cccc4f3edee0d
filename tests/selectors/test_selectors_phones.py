"""The quick way of reading a phone number agrees with libphonenumber."""

import random

import phonenumbers

from proxeny.selectors import SelectorError, parse_selector
from proxeny.selectors.kinds import phones

# Shared calling codes and numbers that change with their prefix: Jersey's with Great
# Britain's, and one range of Israel's that only dialling inside the country reaches.
EXCEPTED = {"JE", "IL"}


def quick(raw: str, country: str | None) -> str | None:
    try:
        return parse_selector("phone", raw, country=country).value
    except SelectorError:
        return None


def thorough(raw: str, country: str | None) -> str | None:
    try:
        return phones._read_thoroughly(raw, country)
    except SelectorError:
        return None


def test_plain_numbers_are_read_as_the_library_reads_them():
    chance = random.Random(7)
    checked = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - EXCEPTED):
        example = phonenumbers.example_number_for_type(
            region, phonenumbers.PhoneNumberType.MOBILE
        )
        if example is None:
            continue
        number = phonenumbers.national_significant_number(example)
        for _ in range(2):
            code = example.country_code
            for raw, country in (
                (f"+{code}{number}", None),
                (f"+{code} (0){number}", None),
                (f"0{number}", region),
                (number, region),
            ):
                assert quick(raw, country) == thorough(raw, country), (raw, country)
                checked += 1
            number = number[:-3] + f"{chance.randrange(1000):03}"
    assert checked > 1_000


def test_thin_space_parts_a_number_also_where_no_prefix_is_dialled():
    assert quick("06 9812\u20093456", "IT") == quick("06 9812 3456", "IT") is not None
