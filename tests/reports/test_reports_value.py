"""A report is valid from its constructor on."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from proxeny.reports import (
    MAX_GIVEN_SELECTORS,
    MAX_NARRATIVE_CHARS,
    MAX_TITLE_CHARS,
    Attachment,
    Channel,
    GivenSelector,
    Loss,
    Report,
    ReportError,
)
from proxeny.selectors import Kind, Role, Selector

PARTS: dict[str, Any] = {
    "digest": "ab" * 32,
    "channel": Channel.CSV,
    "title": "Lost money",
    "narrative": "I paid.",
}


def test_report_of_the_least_parts_is_valid():
    report = Report(**PARTS)
    assert report.given == ()
    assert report.loss is None


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "AB" * 32},
        {"digest": "ab" * 31},
        {"title": "x" * (MAX_TITLE_CHARS + 1)},
        {"narrative": "x" * (MAX_NARRATIVE_CHARS + 1)},
        {"narrative": "a\x00b"},
        {"narrative": "a\ud800b"},
        {"source_ref": ""},
        {"source_ref": "a\nb"},
        {"sent_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - what is refused
        {"sent_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
        {"happened_at": datetime(1969, 12, 31, tzinfo=UTC)},
        {"happened_at": datetime(2100, 1, 1, tzinfo=UTC)},
        {"country": "XX"},
        {"country": "rs"},
        {"offence": "two words"},
        {"offence": ""},
        {"language": "english"},
        {
            "given": (
                GivenSelector(
                    selector=Selector(kind=Kind.EMAIL, value="a@b.example"),
                    role=Role.UNKNOWN,
                ),
            )
            * (MAX_GIVEN_SELECTORS + 1)
        },
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_part_that_breaks_a_rule_is_refused_without_its_content(changed):
    with pytest.raises(ReportError) as caught:
        Report(**(PARTS | changed))
    assert caught.value.stable_code == "PXY-REPORT"
    value = next(iter(changed.values()))
    assert not value or str(value) not in caught.value.message


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("-1", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1E+30", "EUR"),
        ("1", "eur"),
        ("1", "QQQ"),
    ],
)
def test_loss_that_is_no_amount_of_money_is_refused(amount, currency):
    with pytest.raises(ReportError):
        Loss(amount=Decimal(amount), currency=currency)


def test_loss_in_a_known_ticker_is_kept():
    assert Loss(amount=Decimal("0.005"), currency="BTC").currency == "BTC"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 121])
def test_attachment_name_that_is_not_printable_is_refused(name):
    with pytest.raises(ReportError):
        Attachment(
            name=name, media_type="image/png", size_bytes=1, sha256=PARTS["digest"]
        )
