"""Makes a node that holds a whole linked world, written straight into its database.

Taking ten million reports one by one would take days. The rows are those that the node
would have written, with one liberty: every key that two reports or more hold has the
same company. Series and links are the batch's. Memory stays below 2 GiB, however many
reports there are, and the indexes are built at the end.
"""

import hashlib
import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measuring.runs import peak_mib
from worlds import scale, setting

from online.sorting import Sorted, list_rows, tell_shingles
from proxeny.engines.duckdb import link
from proxeny.engines.kernels import sketching
from proxeny.engines.values import Batch
from proxeny.linking import load_scorecard
from proxeny.linking.narratives import RARITY_BUCKETS
from proxeny.node.settings.config import Authority, Config
from proxeny.node.settings.founding import found_node

SAMPLED = 1 << 17
LINK_BYTES = 6 << 30
TOLD_EACH = 1_000_000
TYPED = {
    "phone": "They kept calling from {}.",
    "iban": "I was told to pay to {}.",
    "email": "They wrote from {}.",
    "domain": "Their site was {} and it looked real.",
    "url": "I entered my data at {}.",
    "ip": "The log shows {}.",
}
COMPANY = "20 8 18 6 20 90 20 260 14 6 16"
AT = "2026-11-22 00:00:00"


def make_linked_world(world: Path, linked: Path, *, reports: int, seed: int) -> None:
    """Write a world and what the batch makes of it."""
    scale.make(
        world, reports=reports, setting=setting.find_setting("reference"), seed=seed
    )
    linked.mkdir()
    link(
        Batch(
            reports=world,
            out=linked,
            scorecard=load_scorecard(),
            memory_bytes=LINK_BYTES,
            threads=2,
        ),
        lambda *_: None,
    )


def hold(folder: Path, *, world: Path, linked: Path, new: int) -> dict[str, int]:
    """Found a node in ``folder/home`` that holds a world, but for its newest reports.

    Those go to ``folder/new.jsonl``, the number of the others to ``folder/held.json``.

    Args:
        folder: where to write.
        world: folder with ``reports.parquet`` and ``mentions.parquet``.
        linked: folder with ``series.parquet`` and ``links.parquet`` of the batch.
        new: how many are held back.

    Returns:
        How many rows of each table were written.
    """
    held = pq.ParquetFile(world / "reports.parquet").metadata.num_rows - new
    home = folder / "home"
    found_node(
        Config(
            home=home, authority=Authority(id="RS/24-7", name="Bench", country="RS")
        ),
        accounts=[("bench", "supervisor")],
    )
    scratch = folder / "sorting"
    rows = Sorted(scratch, world=world, linked=linked, held=held)
    with _Database(home / "proxeny.sqlite3") as database:
        fresh = _write_reports(database, rows, scratch, held)
        _write_new(folder / "new.jsonl", fresh, rows.list_new_mentions())
        _write_selectors(database, rows, scratch)
        _write_series(database, rows)
    rows.close()
    shutil.rmtree(scratch)
    counts = {"holders": held, **database.counts}
    (folder / "held.json").write_text(json.dumps(counts), "utf-8")
    return counts


class _Database:
    """The node's file, without what makes writing slow; whole again on leaving."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._started = time.monotonic()
        self.counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144"):
            self._file.execute(f"PRAGMA {pragma}").fetchall()
        # Built at the end, over what is there, they take a fraction of the time.
        self._indexes = self._file.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
            " AND (tbl_name LIKE 'selectors%' OR tbl_name LIKE 'linking%'"
            " OR tbl_name LIKE 'reports%')"
        ).fetchall()
        for name, _ in self._indexes:
            self._file.execute(f'DROP INDEX "{name}"')
        self._file.execute("BEGIN")
        return self

    def __exit__(self, *error: object) -> None:
        if error == (None, None, None):
            for _, statement in self._indexes:
                self._file.execute(statement)
            self._tell(f"{len(self._indexes)} indexes")
            self._file.execute("COMMIT")
            self._file.execute("PRAGMA journal_mode=WAL").fetchall()
        self._file.close()

    def insert(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ", ".join(["?"] * (columns.count(",") + 1))
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
        written = self._file.executemany(statement, rows).rowcount
        before = self.counts.get(table, 0)
        self.counts[table] = before + written
        if (before + written) // TOLD_EACH > before // TOLD_EACH:
            self._tell(f"{before + written:,} {table}")

    def _tell(self, what: str) -> None:
        print(
            f"{time.monotonic() - self._started:7.0f} s {peak_mib():6.0f} MiB  {what}",
            file=sys.stderr,
            flush=True,
        )


def _write_reports(
    database: _Database, rows: Sorted, scratch: Path, held: int
) -> dict[int, dict[str, Any]]:
    """Reports and holders; the shingles of their narratives go to a file.

    Returns:
        Those that aren't held, by their places.
    """
    texts = rows.list_first_texts(min(SAMPLED, held))
    counts = np.zeros(RARITY_BUCKETS, np.uint32)
    sketching.count_phrases(texts, counts)
    levels = sketching.rate_phrases(counts, len(texts))
    database.insert(
        "linking_phraserarity",
        "organisation_id, counted_at, levels",
        [(1, AT, levels.tobytes())],
    )
    fresh: dict[int, dict[str, Any]] = {}
    schema = pa.schema([("shingle", pa.uint64()), ("pk", pa.int32())])
    with pq.ParquetWriter(scratch / "shingle.parquet", schema) as shingles:
        for first, batch in rows.list_reports():
            here = batch.slice(0, max(0, held + 1 - first))
            later = batch.slice(len(here)).to_pylist()
            fresh |= dict(enumerate(later, first + len(here)))
            if not len(here):
                continue
            keys, phrases = sketching.sketch(here["narrative"], levels)
            told, whose = tell_shingles(keys, first)
            shingles.write_batch(pa.record_batch([told, whose], schema=schema))
            _write_held(database, here, phrases, first)
    return fresh


def _write_held(
    database: _Database, batch: pa.RecordBatch, phrases: sketching.Phrases, first: int
) -> None:
    at = pc.strftime(batch["ts"], "%Y-%m-%d %H:%M:%S").to_pylist()
    country = batch["country"].to_pylist()
    named = batch["named"].to_pylist()
    texts = batch["narrative"].to_pylist()
    packed = [row[row > 0].astype("<u4").tobytes() for row in phrases]
    pks = range(first, first + len(batch))
    database.insert(
        "selectors_holder",
        "id, organisation_id, ref, at, country, offence, currency, named, phrases,"
        " source",
        (
            (pk, 1, f"RS-R-{pk:06d}", when, where, "", "", many, own, "")
            for pk, when, where, many, own in zip(
                pks, at, country, named, packed, strict=True
            )
        ),
    )
    database.insert(
        "reports_report",
        "id, organisation_id, created_at, digest, channel, origin, source_ref, title,"
        " narrative, country, offence, language, currency, dropped, raw",
        (
            (pk, 1, when, hashlib.sha256(b"%d" % pk).hexdigest(), "jsonl", "held.jsonl",
             "", "", text, where, "", "", "", "[]", b"")
            for pk, when, where, text in zip(pks, at, country, texts, strict=True)
        ),
    )  # fmt: skip


def _write_new(
    path: Path, fresh: dict[int, dict[str, Any]], own: dict[int, list[dict[str, str]]]
) -> None:
    """The reports to come, as an authority would send them: values within the text."""
    with path.open("w", encoding="utf-8") as out:
        for place, report in fresh.items():
            said = own.get(place, [])
            typed = [
                TYPED[one["kind"]].format(one["value"])
                for one in said
                if one["kind"] in TYPED and one["role"] != "victim"
            ]
            fields = {
                "id": f"N-{place}",
                "text": " ".join((report["narrative"] or "I was deceived.", *typed)),
                "happened_at": report["ts"].isoformat() + "Z",
                "country": report["country"],
                "selectors": [
                    {name: one[name] for name in ("kind", "value", "role")}
                    for one in said
                    if one["kind"] not in TYPED or one["role"] == "victim"
                ],
            }
            out.write(json.dumps(fields, ensure_ascii=False) + "\n")


def _write_selectors(database: _Database, rows: Sorted, scratch: Path) -> None:
    """Selectors in the order of their numbers, and who holds each."""
    first = 1
    for batch in rows.list_selectors(scratch / "shingle.parquet"):
        database.insert(
            "selectors_selector",
            "id, organisation_id, key, kind, value, holders, first_at, last_at,"
            " company",
            (
                (pk, 1, key, kind, value, many, AT, AT, COMPANY if many > 1 else "")
                for pk, (key, kind, value, many) in enumerate(list_rows(batch), first)
            ),
        )
        first += len(batch)
    for places, batch in rows.list_entries():
        holders = batch["pk"].to_numpy()
        is_mention = batch["is_mention"].to_numpy(zero_copy_only=False)
        database.insert(
            "selectors_mention",
            "selector_id, holder_id, role, field, raw",
            zip(
                places[is_mention].tolist(),
                holders[is_mention].tolist(),
                batch["role"].filter(batch["is_mention"]).to_pylist(),
                repeat("narrative"),
                repeat(""),
                strict=False,
            ),
        )
        links = pc.not_equal(batch["role"], "victim").to_numpy(zero_copy_only=False)
        database.insert(
            "selectors_posting",
            "selector_id, holder_id",
            zip(places[links].tolist(), holders[links].tolist(), strict=True),
        )


def _write_series(database: _Database, rows: Sorted) -> None:
    database.insert(
        "linking_series",
        "id, founder_id, size, countries, organisation_id, created_at, losses,"
        " confirmed_by",
        (
            (*row, 1, AT, "{}", "")
            for row in chain.from_iterable(map(list_rows, rows.list_series()))
        ),
    )
    for batch in rows.list_members():
        database.insert("linking_member", "holder_id, series_id", list_rows(batch))
    for batch in rows.list_links():
        database.insert(
            "linking_link",
            "left_id, right_id, kind, bits, terms, votes, one, other, created_at",
            _list_links(batch),
        )


def _list_links(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    for newer, older, is_accepted, bits, terms, votes, one, other in list_rows(batch):
        if is_accepted or one == other:
            yield newer, older, "accepted", bits, terms, "[]", None, None, AT
        else:
            yield newer, older, "related", bits, terms, votes, one, other, AT
