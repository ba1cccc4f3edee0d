"""Writes what an organisation holds as Parquet, for the batch to link anew.

Read in pages and in no transaction of its own: linking goes on meanwhile, and whoever
applies a proposal looks again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection

from proxeny.node.linking.models import Member, Series
from proxeny.node.selectors.models import Holder
from proxeny.node.selectors.queries import VICTIM

TODAY: Final = "today.parquet"
HOLDERS_AT_ONCE: Final = 5_000

NarrativeReader = Callable[[Sequence[str]], Mapping[str, str]]
_readers: list[NarrativeReader] = []

# A mention by which its holder is not posted is a stop value or an echo: its source had
# said it before. Mentions are found by holder, postings only by selector.
_NAMED: Final = """
SELECT m.holder_id, s.kind, s.value, p.holder_id IS NOT NULL,
    p.holder_id IS NULL AND said.source IS NOT NULL
FROM selectors_mention m
INNER JOIN selectors_selector s ON s.id = m.selector_id
INNER JOIN selectors_holder h ON h.id = m.holder_id
LEFT JOIN selectors_posting p
    ON p.selector_id = m.selector_id AND p.holder_id = m.holder_id
LEFT JOIN linking_said said
    ON said.selector_id = m.selector_id AND said.source = h.source
WHERE m.holder_id IN ({marks}) AND m.role <> %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How much was written."""

    reports: int
    texts: int


def use_narratives(reader: NarrativeReader) -> None:
    """The app of reports, which stands above this room, says what they tell.

    Args:
        reader: gives the narrative for each reference that has one.
    """
    _readers[:] = [reader]


def read_narratives(refs: Sequence[str]) -> Mapping[str, str]:
    """What these reports tell, of those that tell something."""
    return _readers[0](refs) if _readers else {}


def export_holders(organisation_id: int, folder: Path) -> Exported:
    """Write `reports.parquet`, `mentions.parquet` and `today.parquet`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.string()
    schemas = {
        "reports": pa.schema(
            [
                ("report_id", pa.int64()),
                ("ts", pa.timestamp("us", tz="UTC")),
                ("country", text),
                ("crime_type", text),
                ("narrative", text),
            ]
        ),
        "mentions": pa.schema(
            [("report_id", pa.int64()), ("kind", text), ("value", text)]
        ),
        "today": pa.schema(
            [
                ("report_id", pa.int64()),
                ("series", pa.int64()),
                ("repeats", pa.bool_()),
            ]
        ),
    }
    roots = _find_all_roots(organisation_id)
    reports = texts = 0
    with (
        pq.ParquetWriter(folder / "reports.parquet", schemas["reports"]) as told,
        pq.ParquetWriter(folder / "mentions.parquet", schemas["mentions"]) as named,
        pq.ParquetWriter(folder / TODAY, schemas["today"]) as today,
    ):
        writers = {"reports": told, "mentions": named, "today": today}
        last = 0
        while page := _list_page(organisation_id, last):
            last = page[-1].pk
            tables = _read_page(page, roots)
            for name, rows in tables.items():
                writers[name].write_table(
                    pa.Table.from_pylist(rows, schema=schemas[name])
                )
            reports += len(page)
            texts += sum(row["narrative"] is not None for row in tables["reports"])
    return Exported(reports=reports, texts=texts)


def _list_page(organisation_id: int, after: int) -> list[Holder]:
    rows = Holder.objects.filter(organisation_id=organisation_id, pk__gt=after)
    return list(rows.defer("phrases").order_by("pk")[:HOLDERS_AT_ONCE])


def _read_page(
    page: Sequence[Holder], roots: Mapping[int, int]
) -> dict[str, list[dict[str, Any]]]:
    pks = [holder.pk for holder in page]
    series = dict(
        Member.objects.filter(holder_id__in=pks).values_list("holder_id", "series_id")
    )
    mentions = _list_named(pks)
    posted = {holder for holder, _, _, links, _ in mentions if links}
    repeats = {holder for holder, _, _, _, echoes in mentions if echoes}
    # All that such a report says, its source had said before: it stays where it is.
    silent = {holder.ref for holder in page if holder.pk in repeats - posted}
    refs = [holder.ref for holder in page if holder.ref not in silent]
    narratives = read_narratives(refs)
    return {
        "reports": [
            {
                "report_id": holder.pk,
                "ts": holder.at,
                "country": holder.country or None,
                "crime_type": holder.offence or None,
                "narrative": narratives.get(holder.ref) or None,
            }
            for holder in page
        ],
        "mentions": [
            {"report_id": holder, "kind": kind, "value": value}
            for holder, kind, value, links, _ in mentions
            if links
        ],
        "today": [
            {
                "report_id": pk,
                # A series that was founded meanwhile is looked at the next night.
                "series": roots.get(series[pk]) if pk in series else None,
                "repeats": pk in repeats,
            }
            for pk in pks
        ],
    }


def _list_named(pks: Sequence[int]) -> list[tuple[int, str, str, bool, bool]]:
    """Holder, kind, value, whether it links by it, or echoes it; no victims'."""
    marks = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        cursor.execute(_NAMED.format(marks=marks), [*pks, VICTIM])
        return list(cursor.fetchall())


def _find_all_roots(organisation_id: int) -> dict[int, int]:
    """For each series row of an organisation the one that stands for it."""
    own = Series.objects.filter(organisation_id=organisation_id)
    parents: dict[int, int | None] = dict(own.values_list("pk", "parent_id"))
    return {row: _climb(parents, row) for row in parents}


def _climb(parents: Mapping[int, int | None], row: int) -> int:
    while (above := parents.get(row)) is not None:
        row = above
    return row
