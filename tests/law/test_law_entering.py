"""Entry into force by the treaties' own rules, held against the record."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny import law
from proxeny.law import entering

BELGRADE = date(2007, 3, 12)
GERMANY = "2009-03-09,"


@pytest.fixture(scope="module")
def book():
    return law.load_lawbook()


def _rule(book, instrument):
    return book.instruments[instrument].entry_rule


@pytest.mark.parametrize(
    ("instrument", "consented", "in_force"),
    [
        # ETS 185 Art. 36(4): deposits and days that were read.
        ("ETS185", date(2009, 3, 9), date(2009, 7, 1)),
        ("ETS185", date(2006, 1, 10), date(2006, 5, 1)),
        ("ETS185", date(2007, 5, 24), date(2007, 9, 1)),
        # Art. 37(2), at the ends of months: three months later there is no 31 February.
        ("ETS185", date(2022, 11, 30), date(2023, 3, 1)),
        ("ETS185", date(2023, 11, 30), date(2024, 3, 1)),
        # A period that ends on the first of a month still waits for the next one.
        ("ETS185", date(2024, 3, 1), date(2024, 7, 1)),
        # ETS 030 Art. 27(3): ninety days, no rounding.
        ("ETS030", date(2000, 1, 1), date(2000, 3, 31)),
    ],
)
def test_rule_leads_from_consent_to_entry_into_force(
    book, instrument, consented, in_force
):
    assert entering.delay(_rule(book, instrument), consented) == in_force


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_latest_consent_is_the_last_day_that_still_leads_there(in_force):
    for instrument in ("ETS185", "ETS030"):
        rule = _rule(law.load_lawbook(), instrument)
        latest = entering.find_latest_consent(rule, in_force)
        assert entering.delay(rule, latest) <= in_force
        assert entering.delay(rule, latest + timedelta(days=1)) > in_force


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_later_consent_never_leads_to_an_earlier_day(consented, later):
    rule = _rule(law.load_lawbook(), "ETS185")
    first = entering.delay(rule, consented)
    assert first > consented
    assert first.day == 1
    assert entering.delay(rule, consented + timedelta(days=later)) >= first


def test_convention_entered_into_force_with_its_fifth_consent(book):
    entry = law.compute_entry(book, book.instruments["ETS185"])
    assert entry.on == date(2004, 7, 1)
    assert [one.country for one in entry.consents] == ["AL", "HR", "EE", "HU", "LT"]
    # Lithuania's day of deposit was not re-read.
    assert entry.reading is law.Reading.NOT_RE_READ


def test_first_protocol_entered_into_force_with_an_inferred_deposit(book):
    # Albania's deposit has no day: its entry into force bounds it.
    entry = law.compute_entry(book, book.instruments["ETS189"])
    assert entry.on == date(2006, 3, 1)
    assert {one.country for one in entry.consents if one.inferred} == {"AL"}


def test_second_protocol_waits_for_two_more_consents(book):
    entry = law.compute_entry(book, book.instruments["CETS224"])
    assert entry.on is None
    assert [one.country for one in entry.consents] == ["RS", "JP", "HU"]
    assert entry.needed == 5


def test_members_of_the_council_of_europe_are_counted(book):
    # Five States, of which three members (ETS 185 Art. 36(3)): not with two of them.
    rule = replace(_rule(book, "ETS185"), members=6)
    instrument = replace(book.instruments["ETS185"], entry_rule=rule)
    assert law.compute_entry(book, instrument).consents[-1].country == "RO"


def test_record_and_rule_agree_in_the_packaged_edition(book):
    assert [one for one in law.list_differences(book) if not one.explained_by] == []


def test_difference_is_told_with_both_days_and_sources(edition, replace):
    replace(
        "parties.csv",
        f"{GERMANY}2009-07-01,2009-07-01",
        f"{GERMANY}2009-06-01,2009-06-01",
    )
    (found,) = law.list_differences(law.load_lawbook(edition))
    assert (found.instrument, found.country) == ("ETS185", "DE")
    assert (found.recorded, found.computed) == (date(2009, 6, 1), date(2009, 7, 1))
    assert found.article == "36(4), 37(2)"
    assert found.rule_source
    assert found.record_source
    assert not found.explained_by


def test_difference_is_explained_by_a_note_that_names_the_computed_day(
    edition, replace
):
    replace("parties.csv", f"{GERMANY}2009-07-01,2009-07-01,,,",
            f"{GERMANY}2009-06-01,2009-06-01,,,the rule gives 2009-07-01")  # fmt: skip
    (found,) = law.list_differences(law.load_lawbook(edition))
    assert found.explained_by.startswith("the rule gives")


def test_fifth_ratification_without_a_recorded_entry_is_a_difference(edition, replace):
    for country in ("AL,signatory,2023-02-27,", "AD,signatory,2022-05-20,"):
        replace("parties.csv", f"CETS224,{country}", f"CETS224,{country}2026-02-05")
    found = law.list_differences(law.load_lawbook(edition))
    assert [(one.instrument, one.recorded, one.computed) for one in found] == [
        ("CETS224", None, date(2026, 6, 1))
    ]


def test_belgrade_conference_counted_ratifications(book):
    """19 and 10 were said in March 2007; the lawbook's README explains each."""
    convention = law.count_parties(book, "ETS185", BELGRADE)
    assert len(convention.in_force) + len(convention.in_force_unread) == 18
    assert set(convention.in_force_unread) == {"MK", "NO", "SI", "UA", "US"}
    # 19 with Iceland; Latvia's deposit of February 2007 makes it 20.
    bound = {*convention.in_force, *convention.in_force_unread}
    assert set(convention.consented) - bound == {"IS", "LV"}
    protocol = law.count_parties(book, "ETS189", BELGRADE)
    assert set(protocol.in_force) == {"AL", "AM", "BA", "DK", "FR", "LT"}
    assert set(protocol.in_force_unread) == {"CY", "MK", "SI"}
    # 10 with Ukraine; Latvia again makes it 11.
    bound = {*protocol.in_force, *protocol.in_force_unread}
    assert set(protocol.consented) - bound == {"UA", "LV"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("5,3,CoE,3,,first_of_month", "5,3,CoE,3,90,first_of_month", "months or days"),
        ("5,3,CoE,3,,first_of_month", "5,3,CoE,,,first_of_month", "months or days"),
        ("5,3,CoE,3,,first_of_month", "5,3,CoE,3,,next_week", "rounding must be"),
        ("5,3,CoE,3,,first_of_month", "5,3,UEFA,3,,first_of_month", "not in the"),
    ],
)
def test_rule_that_breaks_its_schema_is_refused(edition, replace, old, new, why):
    replace("instruments.csv", old, new)
    with pytest.raises(law.LawbookError, match=rf"instruments\.csv:2: .*{why}"):
        law.load_lawbook(edition)
