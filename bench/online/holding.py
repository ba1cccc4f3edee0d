"""Makes a node that holds a whole world, written straight into its database.

Taking ten million reports one by one would take days. The rows are those that the node
would have written, with two liberties: every key that two reports or more hold has the
same company, and the series are the true campaigns. What a new report has to read,
weigh and write is the same.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from worlds import scale, setting

from proxeny.engines.kernels import sketching
from proxeny.linking import TEXT, Key
from proxeny.linking.narratives import RARITY_BUCKETS
from proxeny.node.settings.config import Authority, Config
from proxeny.node.settings.founding import found_node

Ints = npt.NDArray[np.int64]

TOP_BIT = np.uint64(1 << 63)
SAMPLED = 1 << 17
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


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A world in the order of time."""

    reports: pa.Table
    campaign: Ints
    mentions: pa.Table
    """With `row`, the place of the report."""


def hold(folder: Path, *, held: int, new: int, seed: int) -> dict[str, int]:
    """Found a node in ``folder/home`` that holds reports; the rest go to ``new.jsonl``.

    Returns:
        How many rows of each table were written.
    """
    name = "reference"
    scale.make(
        folder / "world",
        reports=held + new,
        setting=setting.find_setting(name),
        seed=seed,
    )
    world = read_world(folder / "world")
    home = folder / "home"
    found_node(
        Config(
            home=home, authority=Authority(id="RS/24-7", name="Bench", country="RS")
        ),
        accounts=[("bench", "supervisor")],
    )
    _write_new(folder / "new.jsonl", world, held)
    database = sqlite3.connect(home / "proxeny.sqlite3", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    counts = _Writer(database, world, held).write()
    database.execute("PRAGMA journal_mode=WAL").fetchall()
    database.execute("ANALYZE")
    database.close()
    return counts


def read_world(folder: Path) -> World:
    """Read a world that `worlds.scale` wrote, in the order of time."""
    reports = pq.read_table(folder / "reports.parquet")
    # Ten million narratives are more than the offsets of a plain string column reach.
    place = reports.schema.get_field_index("narrative")
    texts = reports.column(place).cast(pa.large_string())
    reports = reports.set_column(place, "narrative", texts)
    truth = pq.read_table(folder / "truth" / "truth.parquet")
    order = np.argsort(reports["ts"].to_numpy(), kind="stable")
    rows = np.empty(len(order), np.int64)
    rows[order] = np.arange(len(order))
    mentions = pq.read_table(folder / "mentions.parquet")
    ids = reports["report_id"].combine_chunks()
    places = pc.index_in(mentions["report_id"], value_set=ids).to_numpy()
    return World(
        reports=reports.take(pa.array(order)),
        campaign=np.asarray(truth["campaign"].to_numpy(), np.int64)[order],
        mentions=mentions.append_column("row", pa.array(rows[places])),
    )


def _write_new(path: Path, world: World, held: int) -> None:
    """The reports to come, as an authority would send them: values within the text."""
    rows = world.mentions["row"].to_numpy()
    own: dict[int, list[dict[str, str]]] = {}
    for said in world.mentions.filter(pa.array(rows >= held)).to_pylist():
        own.setdefault(said["row"], []).append(said)
    with path.open("w", encoding="utf-8") as out:
        for number, report in enumerate(world.reports.slice(held).to_pylist(), held):
            said = own.get(number, [])
            typed = [
                TYPED[one["kind"]].format(one["value"])
                for one in said
                if one["kind"] in TYPED and one["role"] != "victim"
            ]
            fields = {
                "id": f"N-{number}",
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


class _Writer:
    def __init__(self, database: sqlite3.Connection, world: World, held: int) -> None:
        self.database = database
        self.held = held
        self.reports = world.reports.slice(0, held)
        self.campaign = world.campaign[:held]
        rows = world.mentions["row"].to_numpy()
        self.mentions = world.mentions.filter(pa.array(rows < held))
        texts = self.reports["narrative"].combine_chunks()
        counts = np.zeros(RARITY_BUCKETS, np.uint32)
        sketching.count_phrases(texts[:SAMPLED], counts)
        self.levels = sketching.rate_phrases(counts, min(SAMPLED, held))
        self.shingles, self.phrases = sketching.sketch(texts, self.levels)

    def write(self) -> dict[str, int]:
        indexes = self._drop_indexes()
        self.database.execute("BEGIN")
        counts = {
            "holders": self._write_holders(),
            **self._write_selectors(),
            "series": self._write_series(),
        }
        self._insert(
            "linking_phraserarity (organisation_id, counted_at, levels)",
            [(1, AT, self.levels.tobytes())],
        )
        for statement in indexes:
            self.database.execute(statement)
        self.database.execute("COMMIT")
        return counts

    def _insert(self, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ", ".join(["?"] * (columns.count(",") + 1))
        self.database.executemany(f"INSERT INTO {columns} VALUES ({marks})", rows)  # noqa: S608 - our own names

    def _drop_indexes(self) -> list[str]:
        """Indexes are built at the end, over what is there, much faster."""
        found = self.database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
            " AND (name LIKE 'selectors%' OR name LIKE 'linking%'"
            " OR name LIKE 'reports%')"
        ).fetchall()
        for name, _ in found:
            self.database.execute(f'DROP INDEX "{name}"')
        return [statement for _, statement in found]

    def _write_holders(self) -> int:
        at = pc.strftime(self.reports["ts"], "%Y-%m-%d %H:%M:%S").to_pylist()
        country = self.reports["country"].to_pylist()
        named = np.bincount(
            self.mentions["row"].to_numpy(), minlength=self.held
        ).tolist()
        packed = [row[row > 0].astype("<u4").tobytes() for row in self.phrases]
        pks = range(1, self.held + 1)
        self._insert(
            "selectors_holder (id, organisation_id, ref, at, country, offence, amount,"
            " currency, named, phrases, source)",
            (
                (pk, 1, f"RS-R-{pk:06d}", at[pk - 1], country[pk - 1] or "", "", None,
                 "", named[pk - 1], packed[pk - 1], "")
                for pk in pks
            ),
        )  # fmt: skip
        texts = self.reports["narrative"].to_pylist()
        self._insert(
            "reports_report (id, organisation_id, created_at, digest, channel, origin,"
            " source_ref, title, narrative, country, offence, language, currency,"
            " dropped, raw)",
            (
                (pk, 1, at[pk - 1], hashlib.sha256(b"%d" % pk).hexdigest(), "jsonl",
                 "held.jsonl", "", "", texts[pk - 1] or "", "", "", "", "", "[]", b"")
                for pk in pks
            ),
        )  # fmt: skip
        return self.held

    def _write_selectors(self) -> dict[str, int]:
        kind = self.mentions["kind"].cast(pa.string()).combine_chunks()
        value = self.mentions["value"].cast(pa.string()).combine_chunks()
        coded = pc.binary_join_element_wise(kind, value, "|").dictionary_encode()
        names = coded.dictionary.to_pylist()
        numbers = np.array([_number(name) for name in names], np.int64)
        flat = self.shingles.ravel()
        rows = np.repeat(np.arange(self.held), self.shingles.shape[1])[flat != 0]
        shingles, which = np.unique(flat[flat != 0] | TOP_BIT, return_inverse=True)
        text_numbers = np.fromiter(
            (_number(f"{TEXT}|{key:016x}") for key in shingles.tolist()),
            np.int64,
            len(shingles),
        )
        every = np.concatenate([numbers, text_numbers])
        order = np.argsort(every)
        pk_of = np.empty(len(every), np.int64)
        pk_of[order] = np.arange(1, len(every) + 1)
        role = np.array(self.mentions["role"].cast(pa.string()).to_pylist())
        selector = pk_of[coded.indices.to_numpy()]
        holder = self.mentions["row"].to_numpy() + 1
        counts = np.where(role != "victim", selector, 0)
        text_selector, text_holder = pk_of[len(names) + which], rows + 1
        holders = np.bincount(counts, minlength=len(every) + 1)
        holders[0] = 0
        holders += np.bincount(text_selector, minlength=len(every) + 1)

        def list_selectors() -> Iterator[tuple[Any, ...]]:
            for place in order.tolist():
                pk = int(pk_of[place])
                if place < len(names):
                    own, _, its = names[place].partition("|")
                else:
                    own, its = TEXT, f"{int(shingles[place - len(names)]):016x}"
                many = int(holders[pk])
                company = COMPANY if many > 1 else ""
                yield (pk, 1, int(every[place]), own, its, many, AT, AT, company)

        self._insert(
            "selectors_selector (id, organisation_id, key, kind, value, holders,"
            " first_at, last_at, company)",
            list_selectors(),
        )
        by = np.lexsort((holder, selector))
        self._insert(
            "selectors_mention (selector_id, holder_id, role, field, raw)",
            zip(
                selector[by].tolist(),
                holder[by].tolist(),
                role[by].tolist(),
                repeat("narrative"),
                repeat(""),
                strict=False,
            ),
        )
        posted = role != "victim"
        selector = np.concatenate([selector[posted], text_selector])
        holder = np.concatenate([holder[posted], text_holder])
        pairs = np.unique(selector << 32 | holder)
        self._insert(
            "selectors_posting (selector_id, holder_id)",
            zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True),
        )
        return {
            "selectors": len(names),
            "shingles": len(shingles),
            "mentions": len(by),
            "postings": len(pairs),
        }

    def _write_series(self) -> int:
        _, first, which, sizes = np.unique(
            self.campaign, return_index=True, return_inverse=True, return_counts=True
        )
        large = np.flatnonzero(sizes > 1)
        self._insert(
            "linking_series (id, organisation_id, created_at, founder_id, size,"
            " countries, losses, confirmed_by)",
            (
                (int(one) + 1, 1, AT, int(first[one]) + 1, int(sizes[one]), '["RS"]',
                 "{}", "")
                for one in large
            ),
        )  # fmt: skip
        members = np.flatnonzero(sizes[which] > 1)
        self._insert(
            "linking_member (holder_id, series_id)",
            zip((members + 1).tolist(), (which[members] + 1).tolist(), strict=True),
        )
        return len(large)


def _number(name: str) -> int:
    kind, _, value = name.partition("|")
    return Key(kind=kind, value=value).number
