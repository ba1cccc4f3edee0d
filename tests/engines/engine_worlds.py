"""Small folders of reports for the batch, written as a user would write them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2026, 3, 1, tzinfo=UTC)
IBAN = "DE89370400440532013000"


def report(number: int | str, *, hours: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "report_id": number,
        "ts": START + timedelta(hours=hours),
        "country": "DE",
        "crime_type": "investment",
        "amount": 100.0,
        "lang": "en",
        "narrative": None,
    } | more


def mention(
    number: int, kind: str, value: str, role: str = "unknown"
) -> dict[str, Any]:
    return {"report_id": number, "kind": kind, "value": value, "role": role}


def write(
    folder: Path,
    reports: Sequence[dict[str, Any]],
    mentions: Sequence[dict[str, Any]] | None,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema(
        [
            ("report_id", pa.string() if _has_text(reports) else pa.int64()),
            ("ts", pa.timestamp("us", "UTC")),
            ("country", pa.string()),
            ("crime_type", pa.string()),
            ("amount", pa.float64()),
            ("lang", pa.string()),
            ("narrative", pa.string()),
        ]
    )
    pq.write_table(
        pa.Table.from_pylist(list(reports), schema), folder / "reports.parquet"
    )
    if mentions is not None:
        names = [("kind", pa.string()), ("value", pa.string()), ("role", pa.string())]
        told = pa.schema([("report_id", schema.field("report_id").type), *names])
        pq.write_table(
            pa.Table.from_pylist(list(mentions), told), folder / "mentions.parquet"
        )
    return folder


def read_series(folder: Path) -> dict[Any, int]:
    table = pq.read_table(folder / "series.parquet")
    return dict(
        zip(table["report_id"].to_pylist(), table["series"].to_pylist(), strict=True)
    )


def read_links(folder: Path) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = pq.read_table(folder / "links.parquet").to_pylist()
    return links


def campaign(
    first: int, size: int, *, iban: str, phone: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Reports a few hours apart that name one account and one number."""
    reports = [report(n, hours=10 + n * 5) for n in range(first, first + size)]
    mentions = [
        row
        for n in range(first, first + size)
        for row in (mention(n, "iban", iban), mention(n, "phone", phone))
    ]
    return reports, mentions


def _has_text(reports: Sequence[dict[str, Any]]) -> bool:
    return any(isinstance(row["report_id"], str) for row in reports)
