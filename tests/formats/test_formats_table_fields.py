"""Fields of CSV and JSON Lines: what is read, what is left out and said so."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from proxeny.formats import Accepted, Refused
from proxeny.formats.table_fields import (
    Stated,
    parse_column,
    read_fields,
    show_field_name,
)
from proxeny.reports import MAX_NARRATIVE_CHARS, MAX_TITLE_CHARS, Channel
from proxeny.selectors import Kind, Role


def _read(*stated, **cells):
    item = read_fields(
        {"narrative": "I paid."} | cells,
        stated,
        raw=b"row",
        channel=Channel.CSV,
        where="a.csv:2",
    )
    assert isinstance(item, Accepted)
    return item


def _dropped(item):
    return [one.field for one in item.dropped]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Narrative", "narrative"),
        (" DESCRIPTION ", "narrative"),
        ("Received-At", "sent_at"),
        ("occurred at", "happened_at"),
        ("crime_type", "offence"),
    ],
)
def test_name_is_read_in_any_dress(name, field):
    assert parse_column(name).field == field


def test_name_of_a_selector_may_tell_its_role():
    assert parse_column("iban").role is None
    column = parse_column("Victim IBAN")
    assert (column.kind, column.role) == (Kind.IBAN, Role.VICTIM)
    assert parse_column("offender_url").role is Role.OFFENDER


@pytest.mark.parametrize("name", ["", "surname", "witness_iban", "victim_", "victim"])
def test_other_name_is_no_column(name):
    assert parse_column(name) is None


def test_name_that_may_be_content_is_not_shown():
    assert show_field_name("case no.") == "case no."
    for name in ("a@b.example", "+381 64 123", "x" * 61, "a\nb"):
        assert show_field_name(name) == "(not a field name)"


def test_all_fields_are_read():
    report = _read(
        Stated(field="iban", kind="iban", value="DE89 3704 0044 0532 0130 00"),
        title=" Lost\nmoney ",
        source_ref="7",
        sent_at="2026-03-01T10:00:00+01:00",
        happened_at="2026-02-28",
        country="rs",
        offence="ICCS-07019",
        language="sr-Latn",
        amount="1234,50",
        currency="eur",
        role="offender",
    ).report
    assert report.title == "Lost money"
    assert report.source_ref == "7"
    assert report.sent_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert report.happened_at == datetime(2026, 2, 28, tzinfo=UTC)
    assert report.country == "RS"
    assert report.offence == "ICCS-07019"
    assert report.language == "sr-Latn"
    assert (report.loss.amount, report.loss.currency) == (Decimal("1234.50"), "EUR")
    assert report.given[0].selector.value == "DE89370400440532013000"
    assert report.given[0].role is Role.OFFENDER


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("country", "Serbia"),
        ("country", "XX"),
        ("sent_at", "01.03.2026"),
        ("sent_at", "1950-01-01"),
        ("happened_at", "0001-01-01T00:00:00+23:59"),
        ("offence", "two words"),
        ("language", "Serbian"),
        ("role", "opfer"),
    ],
)
def test_field_that_cannot_be_read_is_left_out_and_said_so(field, text):
    item = _read(Stated(field="ip", kind="ip", value="192.0.2.1"), **{field: text})
    assert _dropped(item) == [field]
    assert text not in item.dropped[0].why


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.234", "EUR"),
        ("1,234", "EUR"),
        ("1,234.50", "EUR"),
        ("-5", "EUR"),
        ("1e9", "EUR"),
        ("NaN", "EUR"),
        ("９", "EUR"),
        ("9" * 16, "EUR"),
        ("5", ""),
        ("5", "QQQ"),
        ("=1+1", "EUR"),
    ],
)
def test_amount_that_is_in_doubt_is_left_out(amount, currency):
    item = _read(amount=amount, currency=currency)
    assert item.report.loss is None
    assert _dropped(item) == ["amount"]


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        ("0", "EUR", "0"),
        ("1.234", "BTC", "1.234"),
        ("1.234", "KWD", "1.234"),
        ("1.234", "USDT", "1.234"),
        ("12.5", "RSD", "12.5"),
    ],
)
def test_amount_is_read_exactly(amount, currency, value):
    assert _read(amount=amount, currency=currency).report.loss.amount == Decimal(value)


def test_role_that_nobody_knows_is_read_as_victim():
    item = _read(Stated(field="ip", kind="ip", value="192.0.2.1"), role="suspect?")
    assert item.report.given[0].role is Role.VICTIM


def test_selector_that_is_not_valid_is_left_out():
    item = _read(
        Stated(field="victim_iban", kind="iban", value="DE00 0000", role="victim"),
        Stated(field="selectors", kind="nonsense", value="x"),
        Stated(field="ip", kind="ip", value="192.0.2.1", role="victim"),
    )
    assert _dropped(item) == ["victim_iban", "selectors"]
    assert [one.role for one in item.report.given] == [Role.VICTIM]


def test_country_of_the_report_reads_a_national_number():
    stated = Stated(field="phone", kind="phone", value="064 123 4567")
    assert _read(stated, country="RS").report.given[0].selector.value == "+381641234567"


def test_long_text_is_cut_and_said_so():
    item = _read(
        narrative="n" * (MAX_NARRATIVE_CHARS + 1), title="t" * (MAX_TITLE_CHARS + 1)
    )
    assert sorted(_dropped(item)) == ["narrative", "title"]


def test_report_without_a_narrative_is_refused():
    item = read_fields(
        {"title": "x", "narrative": " \x00 "},
        [],
        raw=b"row",
        channel=Channel.CSV,
        where="a.csv:2",
    )
    assert isinstance(item, Refused)
    assert item.code == "PXY-NO-NARRATIVE"
