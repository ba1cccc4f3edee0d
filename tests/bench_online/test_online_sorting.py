"""The rows of a node that holds a world: by time, by key, each counted once."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from online.sorting import TOP_BIT, Sorted, list_rows, tell_shingles
from worlds.scale import make
from worlds.setting import find_setting

from proxeny.linking import TEXT, Key

REPORTS, HELD = 600, 550
SHINGLE = np.uint64(7) | TOP_BIT


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    make(folder, reports=REPORTS, setting=find_setting("reference"), seed=5)
    ids = pq.read_table(folder / "reports.parquet")["report_id"].to_pylist()
    pq.write_table(
        pa.table({"report_id": ids, "series": [row // 3 for row in range(REPORTS)]}),
        folder / "series.parquet",
    )
    because = [{"kind": TEXT, "value": "wording, held by 2", "bits": 9.0}]
    pq.write_table(
        pa.table(
            {
                "report_a": ids[:4],
                "report_b": ids[4:8],
                "accepted": [True, True, False, False],
                "weight": [9.0] * 4,
                "because": [because] * 4,
            }
        ),
        folder / "links.parquet",
    )
    return folder


@pytest.fixture
def rows(world: Path, tmp_path: Path) -> Iterator[Sorted]:
    rows = Sorted(tmp_path / "sorting", world=world, linked=world, held=HELD)
    yield rows
    rows.close()


def list_all(batches: Iterator[pa.RecordBatch]) -> list[tuple[object, ...]]:
    return [row for batch in batches for row in list_rows(batch)]


def write_shingles(path: Path) -> None:
    """Reports 1 and 2 are of one wording."""
    table = {"shingle": np.array([SHINGLE] * 2), "pk": np.array([1, 2], np.int32)}
    pq.write_table(pa.table(table), path)


def test_reports_come_by_time_each_at_the_next_place(rows, world) -> None:
    batches = list(rows.list_reports())
    instants = [at for _, batch in batches for at in batch["ts"].to_pylist()]
    assert len(instants) == REPORTS
    assert instants == sorted(instants)
    assert [first for first, _ in batches] == [1]


def test_a_key_has_the_number_that_the_node_gives_it(rows, tmp_path) -> None:
    list(rows.list_reports())
    write_shingles(tmp_path / "shingle.parquet")
    selectors = list_all(rows.list_selectors(tmp_path / "shingle.parquet"))
    numbers = [number for number, *_ in selectors]
    assert numbers == sorted(set(numbers))
    assert min(numbers) < 0 < max(numbers)
    for number, kind, value, _ in selectors:
        assert number == Key(kind=kind, value=value).number
    wording = [row[2:] for row in selectors if row[1] == TEXT]
    assert wording == [(f"{int(SHINGLE):016x}", 2)]


def test_holders_of_a_key_are_as_many_as_it_counts(rows, tmp_path) -> None:
    list(rows.list_reports())
    write_shingles(tmp_path / "shingle.parquet")
    selectors = list_all(rows.list_selectors(tmp_path / "shingle.parquet"))
    seen: Counter[int] = Counter()
    pks = set()
    for places, batch in rows.list_entries():
        roles = batch["role"].to_pylist()
        for place, role, pk in zip(
            places.tolist(), roles, batch["pk"].to_pylist(), strict=True
        ):
            seen[place] += role != "victim"
            pks.add(pk)
    counted = dict(enumerate((row[-1] for row in selectors), 1))
    assert dict(seen) == counted
    assert max(pks) <= HELD


def test_new_reports_have_their_mentions_and_held_ones_do_not(rows) -> None:
    list(rows.list_reports())
    own = rows.list_new_mentions()
    assert own
    assert min(own) > HELD


def test_a_series_is_two_reports_or_more_named_by_its_oldest(rows) -> None:
    countries = [
        country
        for _, batch in rows.list_reports()
        for country in batch["country"].to_pylist()
    ]
    series = list_all(rows.list_series())
    members = list_all(rows.list_members())
    sizes = Counter(number for _, number in members)
    assert {number: size for number, _, size, _ in series} == dict(sizes)
    assert min(sizes.values()) > 1
    for number, founder, _, told in series:
        own = [pk for pk, its in members if its == number]
        assert founder == min(own)
        assert told == json.dumps(
            sorted({countries[pk - 1] for pk in own}), separators=(",", ":")
        )


def test_a_link_runs_from_the_newer_report_and_keeps_its_clusters(rows) -> None:
    list(rows.list_reports())
    list(rows.list_series())
    founders = {}
    for pk, number in list_all(rows.list_members()):
        founders.setdefault(number, pk)
    of = {pk: founders[number] for pk, number in list_all(rows.list_members())}
    links = list_all(rows.list_links())
    assert links
    for newer, older, _, bits, _, votes, one, other in links:
        assert older < newer <= HELD
        assert bits == 9.0
        assert votes.endswith(",9.0,true]]")
        assert (one, other) == (of.get(newer, newer), of.get(older, older))


def test_a_shingle_that_a_report_tells_twice_counts_once() -> None:
    keys = np.array([[5, 0, 5], [0, 0, 0], [6, 5, 0]], np.uint64)
    told, whose = tell_shingles(keys, 10)
    assert whose.tolist() == [10, 12, 12]
    assert told.tolist() == [
        int(key | TOP_BIT) for key in np.array([5, 5, 6], np.uint64)
    ]
