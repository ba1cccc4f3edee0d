"""The batch on one machine, through the command that people use."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engines.engine_worlds import (
    IBAN,
    START,
    campaign,
    mention,
    read_links,
    read_series,
    report,
    write,
)

from proxeny import cli
from proxeny.engines.workplace import open_workplace

TELLING = (
    "The caller said that my savings were about to be frozen by the tax office and"
    " that only the protected vault of his firm could keep them safe until spring."
)


def run_link(folder: Path, out: Path, *more: str) -> tuple[int, dict[str, Any], str]:
    """Run the command as the shell would, but in this process: it compiles once."""
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        code = cli.run(
            ["link", "--reports", str(folder), "--out", str(out), "--json", *more]
        )
    return code, json.loads(said.getvalue() or "{}"), complained.getvalue()


@pytest.fixture(scope="module")
def two_campaigns(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two campaigns, a stranger, a victim's account in both, a stray and a repeat."""
    folder = tmp_path_factory.mktemp("two")
    one, of_one = campaign(0, 6, iban=IBAN, phone="+4915112345678")
    other, of_other = campaign(
        100, 6, iban="RS35260005601001611379", phone="+381641234567"
    )
    victims = [
        mention(n, "iban", "AT611904300234573201", "victim") for n in (0, 1, 100, 101)
    ]
    write(
        folder,
        [*one, *other, report(50), report(0, country="FR")],
        [*of_one, *of_other, *victims, mention(999, "email", "a@b.example")],
    )
    out = folder / "out"
    code, document, errors = run_link(folder, out)
    assert (code, errors) == (0, "")
    (folder / "document.json").write_text(json.dumps(document))
    return folder, out


def test_each_report_is_in_one_series_and_campaigns_stay_apart(
    two_campaigns: tuple[Path, Path],
) -> None:
    series = read_series(two_campaigns[1])
    assert sorted(series) == [*range(6), 50, *range(100, 106)]
    assert len({series[n] for n in range(6)}) == 1
    assert len({series[n] for n in range(100, 106)}) == 1
    assert len(set(series.values())) == 3


def test_repeats_and_strays_are_counted_and_said(
    two_campaigns: tuple[Path, Path],
) -> None:
    document = json.loads((two_campaigns[0] / "document.json").read_text())
    assert (document["reports"], document["repeats"], document["strays"]) == (13, 1, 1)
    assert document["series"] == 2
    assert document["seconds"] > 0
    assert document["peak_memory"] > 1 << 20


def test_the_bits_of_a_link_are_the_sum_of_its_reasons(
    two_campaigns: tuple[Path, Path],
) -> None:
    links = read_links(two_campaigns[1])
    assert links
    for link in links:
        total = sum(reason["bits"] for reason in link["because"])
        assert link["weight"] == pytest.approx(total, abs=0.01)
        assert link["because"][0]["kind"] in {"iban", "phone"}


def test_a_victims_account_is_in_no_reason(two_campaigns: tuple[Path, Path]) -> None:
    assert "AT611904300234573201" not in str(read_links(two_campaigns[1]))


def test_selectors_are_found_in_the_narratives_where_none_are_given(
    tmp_path: Path,
) -> None:
    rows = [
        report(n, narrative=f"I was told to transfer the money to {IBAN}, day {n}.")
        for n in range(4)
    ]
    write(tmp_path, rows, None)
    code, document, errors = run_link(tmp_path, tmp_path / "out")
    assert (code, errors, document["mentions"]) == (0, "", 4)
    assert len(set(read_series(tmp_path / "out").values())) == 1


def test_wording_alone_joins_reports(tmp_path: Path) -> None:
    rows = [report(f"r{n}", hours=n, narrative=TELLING) for n in range(1, 5)]
    write(tmp_path, [*rows, report("z", narrative="My parcel did not come.")], [])
    code, _, errors = run_link(tmp_path, tmp_path / "out")
    series = read_series(tmp_path / "out")
    assert (code, errors) == (0, "")
    assert len({series[f"r{n}"] for n in range(1, 5)}) == 1
    assert series["z"] != series["r1"]
    assert any(
        reason["kind"] == "text" and "rare phrases" in reason["value"]
        for link in read_links(tmp_path / "out")
        for reason in link["because"]
    )


def test_what_is_not_known_is_not_called_the_same(tmp_path: Path) -> None:
    rows = [report(n, ts=None, country=None, crime_type=None) for n in (1, 2, 3)]
    write(tmp_path, rows, [mention(n, "iban", IBAN) for n in (1, 2, 3)])
    assert run_link(tmp_path, tmp_path / "out")[0] == 0
    links = read_links(tmp_path / "out")
    said = {why["kind"]: why["value"] for link in links for why in link["because"]}
    assert said["offence"] == said["country"] == "not known"
    assert said["time"] == "a time is not known"


@pytest.mark.parametrize("count", [0, 1])
def test_no_report_and_one_report_are_batches_too(tmp_path: Path, count: int) -> None:
    write(tmp_path, [report(n) for n in range(count)], [])
    code, document, errors = run_link(tmp_path, tmp_path / "out")
    assert (code, errors, document["reports"]) == (0, "", count)
    assert len(read_series(tmp_path / "out")) == count
    assert read_links(tmp_path / "out") == []


def test_a_number_that_everybody_mentions_joins_nobody(tmp_path: Path) -> None:
    rows = [report(n, hours=n % 5 + 1, crime_type=f"c{n % 7}") for n in range(4000)]
    write(tmp_path, rows, [mention(n, "phone", "+493012345678") for n in range(4000)])
    code, document, errors = run_link(tmp_path, tmp_path / "out")
    assert (code, errors, document["series"]) == (0, "", 0)


def test_all_reports_in_one_second_and_far_off_times_are_linked(tmp_path: Path) -> None:
    odd = [
        report(1, ts=START.replace(year=1970)),
        report(2, ts=START.replace(year=2190)),
        *(report(n, ts=START) for n in range(3, 9)),
    ]
    write(tmp_path, odd, [mention(n, "iban", IBAN) for n in range(1, 9)])
    code, document, errors = run_link(tmp_path, tmp_path / "out")
    assert (code, errors, document["reports"]) == (0, "", 8)
    assert len(read_series(tmp_path / "out")) == 8


def test_a_value_of_a_megabyte_is_no_selector(tmp_path: Path) -> None:
    write(
        tmp_path,
        [report(1), report(2)],
        [mention(n, "url", "https://" + "a" * 1_000_000) for n in (1, 2)],
    )
    code, document, errors = run_link(tmp_path, tmp_path / "out")
    assert (code, errors, document["mentions"]) == (0, "", 0)


def _damage(folder: Path) -> None:
    path = folder / "reports.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 40] = b"\xff" * 40
    path.write_bytes(data)


def _truncate(folder: Path) -> None:
    path = folder / "reports.parquet"
    path.write_bytes(path.read_bytes()[:200])


def _retype(folder: Path) -> None:
    table = pq.read_table(folder / "reports.parquet")
    place = table.schema.get_field_index("ts")
    pq.write_table(
        table.set_column(place, "ts", pa.array(["soon"] * len(table))),
        folder / "reports.parquet",
    )


def _forget_kind(folder: Path) -> None:
    table = pq.read_table(folder / "mentions.parquet").drop_columns(["kind"])
    pq.write_table(table, folder / "mentions.parquet")


def _misspell_a_role(folder: Path) -> None:
    table = pq.read_table(folder / "mentions.parquet").drop_columns(["role"])
    roles = pa.array(["Victim"] + ["offender"] * (len(table) - 1))
    pq.write_table(table.append_column("role", roles), folder / "mentions.parquet")


def _name_a_column_twice(folder: Path) -> None:
    table = pq.read_table(folder / "reports.parquet")
    table = table.append_column("country", table["country"])
    pq.write_table(table, folder / "reports.parquet")


def _take_the_reserved_name(folder: Path) -> None:
    table = pq.read_table(folder / "reports.parquet")
    table = table.append_column("file_row_number", pa.array(range(len(table))))
    pq.write_table(table, folder / "reports.parquet")


def _break_a_letter(folder: Path) -> None:
    table = pq.read_table(folder / "reports.parquet")
    place = table.schema.get_field_index("narrative")
    broken = pa.array([b"a \xff letter"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(
        table.set_column(place, "narrative", broken), folder / "reports.parquet"
    )


def _remove(folder: Path) -> None:
    (folder / "reports.parquet").unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_damage, "PXY-LINK-FILE"),
        (_truncate, "PXY-LINK-INPUT"),
        (_retype, "PXY-LINK-INPUT"),
        (_forget_kind, "PXY-LINK-INPUT"),
        (_remove, "PXY-LINK-INPUT"),
        (_misspell_a_role, "PXY-LINK-INPUT"),
        (_name_a_column_twice, "PXY-LINK-INPUT"),
        (_take_the_reserved_name, "PXY-LINK-INPUT"),
    ],
)
def test_spoilt_files_are_refused_and_older_results_stay(
    tmp_path: Path, spoil: Any, code: str
) -> None:
    rows, mentions = campaign(0, 300, iban=IBAN, phone="+4915112345678")
    write(tmp_path, [r | {"narrative": TELLING} for r in rows], mentions)
    out = tmp_path / "out"
    out.mkdir()
    (out / "series.parquet").write_text("older")
    spoil(tmp_path)
    status, _, errors = run_link(tmp_path, out)
    assert status == 2
    assert code in errors
    assert "Traceback" not in errors
    assert [path.name for path in out.iterdir()] == ["series.parquet"]
    assert (out / "series.parquet").read_text() == "older"


def test_a_broken_letter_in_a_narrative_that_is_read_is_said(tmp_path: Path) -> None:
    rows, mentions = campaign(0, 30, iban=IBAN, phone="+4915112345678")
    write(tmp_path, [r | {"narrative": TELLING} for r in rows], mentions)
    (tmp_path / "mentions.parquet").unlink()
    _break_a_letter(tmp_path)
    status, _, errors = run_link(tmp_path, tmp_path / "out")
    assert (status, "PXY-LINK-FILE" in errors) == (2, True)


def test_a_folder_named_like_a_pattern_is_that_folder_alone(tmp_path: Path) -> None:
    for name, first in (("a[1]", 0), ("a1", 500), ("a*b", 0), ("aXb", 500)):
        (tmp_path / name).mkdir()
        rows, mentions = campaign(first, 6, iban=IBAN, phone="+4915112345678")
        write(tmp_path / name, rows, mentions)
    for name in ("a[1]", "a*b"):
        status, document, _ = run_link(tmp_path / name, tmp_path / f"{name}-out")
        assert (status, document["reports"]) == (0, 6)
        assert set(read_series(tmp_path / f"{name}-out")) == set(range(6))


def test_ids_above_the_signed_range_keep_their_mentions(tmp_path: Path) -> None:
    rows, mentions = campaign(0, 6, iban=IBAN, phone="+4915112345678")
    write(tmp_path, rows, mentions)
    for name in ("reports", "mentions"):
        path = tmp_path / f"{name}.parquet"
        table = pq.read_table(path)
        place = table.schema.get_field_index("report_id")
        ids = [(1 << 63) + one for one in table["report_id"].to_pylist()]
        pq.write_table(
            table.set_column(place, "report_id", pa.array(ids, pa.uint64())), path
        )
    status, document, _ = run_link(tmp_path, tmp_path / "out")
    assert (status, document["strays"], document["mentions"]) == (0, 0, len(mentions))


def _spell(number: int) -> str:
    return "".join(chr(ord("a") + part) for part in divmod(number, 26))


def test_a_sentence_that_every_form_holds_joins_nobody(tmp_path: Path) -> None:
    form = "I would like to report the following fraud to the police department"
    letters = [chr(ord("a") + place) for place in range(26)]
    rows = [
        report(n)
        | {"narrative": " ".join([form, *(f"{_spell(n)}{k}x" for k in letters)])}
        for n in range(300)
    ]
    write(tmp_path, rows, [])
    status, document, _ = run_link(tmp_path, tmp_path / "out")
    assert (status, document["series"]) == (0, 0)


def test_a_size_of_memory_beyond_the_machine_is_that_of_the_machine(
    tmp_path: Path,
) -> None:
    write(tmp_path, [report(1)], [])
    status, _, _ = run_link(tmp_path, tmp_path / "out", "--memory", "99999999T")
    assert status == 0


def test_too_little_memory_is_said_with_what_is_needed(tmp_path: Path) -> None:
    write(tmp_path, [report(1)], [])
    status, _, errors = run_link(tmp_path, tmp_path / "out", "--memory", "100M")
    assert status == 2
    assert "PXY-LINK-MEMORY" in errors
    assert "need at least" in errors


def test_what_a_killed_run_left_is_cleared_and_who_works_is_left_alone(
    tmp_path: Path,
) -> None:
    left = tmp_path / ".link-left"
    left.mkdir()
    (left / "reports.parquet").write_text("narratives")
    with open_workplace(tmp_path) as one, open_workplace(tmp_path) as other:
        assert not left.exists()
        assert one.exists()
        assert other.exists()
    assert not any(tmp_path.iterdir())


def test_a_killed_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    rows, mentions = campaign(0, 20_000, iban=IBAN, phone="+4915112345678")
    write(tmp_path, [r | {"narrative": TELLING} for r in rows], mentions)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "proxeny.cli", "link"),
            *("--reports", str(tmp_path), "--out", str(out)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (out.exists() and any(out.iterdir())) and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "series.parquet").exists()
    assert not (out / "links.parquet").exists()
    assert run_link(tmp_path, out)[0] == 0
    assert len(read_series(out)) == 20_000
    # What the killed run had begun to write is cleared away by the next one.
    assert sorted(path.name for path in out.iterdir()) == [
        "links.parquet",
        "series.parquet",
    ]
