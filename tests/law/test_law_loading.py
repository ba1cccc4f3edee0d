"""What a lawbook must hold before it is used, and what hostile editions cost."""

import shutil

import pytest

from proxeny import law
from proxeny.law.editions.rows import MAX_FILE_BYTES

PARTY = (
    "ETS185,XK,party,,,2030-01-01,2020-01-01,,,,https://example.org/,2020-01-01,read"
)


def test_packaged_edition_is_read_once():
    assert law.load_lawbook() is law.load_lawbook()


def test_own_edition_equals_the_packaged_one_it_was_copied_from(edition):
    assert law.load_lawbook(edition) == law.load_lawbook()


def test_new_dated_entry_changes_the_law_without_code(edition, append):
    append("parties.csv", PARTY)
    assert "XK" in law.load_lawbook(edition).parties["ETS185"]


def test_file_with_byte_order_mark_is_read(edition):
    path = edition / "parties.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert law.load_lawbook(edition).parties


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (PARTY.replace("https://example.org/", ""), "source is missing"),
        (PARTY.replace("https://example.org/", "  "), "source is missing"),
        (PARTY.replace(",2020-01-01,read", ",,read"), "as_of is missing"),
        (PARTY.replace(",2020-01-01,,,,https", ",,,,,https"), "from is missing"),
        (PARTY.replace("read", "heard"), "reading must be one of"),
        (PARTY.replace("XK", "xk"), "must be in capitals"),
        (PARTY.replace("XK", "Q9"), "not a country code"),
        (PARTY.replace("ETS185", "ETS999"), "not in the lawbook"),
        (PARTY.replace("party", "friend"), "status must be one of"),
        (PARTY.replace("2030-01-01", "01/01/2030"), "must be a day"),
        (PARTY.replace("2030-01-01,2020-01-01,,", "2030-01-01,2020-01-01,2019-01-01,"),
         "until lies before from"),
        (PARTY.replace(",,,,https", ",,signed,,https"), "a date that is not given"),
        (PARTY.replace(",,,,https", ",,shoe size,,https"), "holds no date"),
        (PARTY.replace("party,,,", "party,2031-01-01,,"), "must follow one another"),
        (PARTY.replace(",,,,https", ",,,\x1b[2J,https"), "control character"),
        (PARTY.replace(",,,,https", f",,,{'x' * 2001},https"), "longer than"),
        (PARTY + ",more", "14 cells where 13 belong"),
        (PARTY.replace(",,,,https", f",,,{'x' * 140_000},https"), "field larger"),
    ],
)  # fmt: skip
def test_entry_that_breaks_its_schema_is_refused_with_file_and_line(
    edition, append, line, why
):
    number = append("parties.csv", line)
    with pytest.raises(law.LawbookError) as caught:
        law.load_lawbook(edition)
    assert f"parties.csv:{number}" in caught.value.message
    assert why in caught.value.message
    assert caught.value.stable_code == "PXY-LAWBOOK"


def test_same_party_twice_is_refused(edition, append):
    append("parties.csv", PARTY)
    append("parties.csv", PARTY)
    with pytest.raises(law.LawbookError, match="twice"):
        law.load_lawbook(edition)


def test_unknown_column_is_refused(edition, replace):
    replace("parties.csv", "country", "land")
    with pytest.raises(law.LawbookError, match="columns must be"):
        law.load_lawbook(edition)


def test_reading_after_the_edition_is_refused(edition, append, replace):
    append("parties.csv", PARTY.replace("2020-01-01,read", "2099-01-01,read"))
    with pytest.raises(law.LawbookError, match="after the day of the edition"):
        law.load_lawbook(edition)


def test_reservation_of_a_country_without_entry_is_refused(edition, append):
    line = (
        "ETS185,IN,29(4),reservation,x,2020-01-01,,https://example.org/,2020-01-01,read"
    )
    append("reservations.csv", line)
    with pytest.raises(law.LawbookError, match=r"no entry in parties\.csv"):
        law.load_lawbook(edition)


def test_offence_that_maps_to_nothing_is_refused(edition, append):
    append(
        "offences.csv",
        "X:1,X,,x,x,Y:1,,2020-01-01,https://example.org/,2020-01-01,read",
    )
    with pytest.raises(law.LawbookError, match="Y:1"):
        law.load_lawbook(edition)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('url = "https://rm.coe.int/1680081561', 'link = "x', "does not belong here"),
        ("as_of = 2017-05-01", "as_of = 2017-05-01T00:00:00Z", "as_of must be text"),
        ('starts = "preservation"\n  source = "text"', 'starts = "preservation"',
         "source is missing"),
        ('starts = "preservation"\n  source = "text"',
         'starts = "preservation"\n  source = "elsewhere"', "not in the lawbook"),
        ("days = 60", "days = -1", "whole number"),
        ("days = 60", "days = true", "whole number"),
        ("days = 60", "days = 99999", "whole number"),
        ("days = 60", "dayz = 60", "does not belong here"),
        ("days = 60", f"days = {'9' * 5000}", "measures/ETS185.toml"),
        ("days = 60", "emergency = 1", "true or false"),
        ('form = "ETS185-29"', "form = 29", "form must be text"),
        ('urgency = "expedited"', 'urgency = "soon"', "urgency must be one of"),
        ('effect = "conditional"', 'effect = "open"', "effect must be one of"),
        ('"ETS185:11"]', '"ETS185:99"]', "not in the lawbook"),
        ('data = ["subscriber"', 'data = ["gossip"', "data must be one of"),
        ("[[measure]]", "[[measure]", "ETS185.toml"),
        ("[[measure]]", "x = " + "[" * 5000, "ETS185.toml"),
    ],
)  # fmt: skip
def test_measure_that_breaks_its_schema_is_refused(edition, replace, old, new, why):
    replace("measures/ETS185.toml", old, new)
    with pytest.raises(law.LawbookError) as caught:
        law.load_lawbook(edition)
    assert "measures/ETS185.toml" in caught.value.message
    assert why in caught.value.message


def test_breach_in_a_measure_is_told_with_its_line(edition, replace):
    replace("measures/ETS185.toml", "days = 60", "days = 0")
    lines = (edition / "measures/ETS185.toml").read_text("utf-8").splitlines()
    first = lines.index("[[measure]]") + 1
    with pytest.raises(law.LawbookError, match=rf"ETS185\.toml:{first}:"):
        law.load_lawbook(edition)


@pytest.mark.parametrize("name", ["edition.toml", "parties.csv", "measures"])
def test_missing_file_is_one_error(edition, name):
    path = edition / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(law.LawbookError, match="can't be read"):
        law.load_lawbook(edition)


def test_file_over_the_limit_is_refused(edition):
    (edition / "parties.csv").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(law.LawbookError, match="over"):
        law.load_lawbook(edition)


def test_file_that_is_not_utf8_is_refused(edition):
    (edition / "offences.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(law.LawbookError, match="UTF-8"):
        law.load_lawbook(edition)
