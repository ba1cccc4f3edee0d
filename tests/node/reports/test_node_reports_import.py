"""Taking reports in: each item accounted for, each one whole or not at all."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from tests.node.node_world import REPORTS, make_actor, take_folder
from tests.node.together import run_together

from proxeny import formats
from proxeny.errors import ForbiddenError, InputError
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry
from proxeny.node.linking.models import Link, Member, Series
from proxeny.node.reports import actions
from proxeny.node.reports.actions import take_items, take_report
from proxeny.node.reports.models import Attachment, Report
from proxeny.node.reports.queries import list_reports
from proxeny.node.selectors.models import Holder, Mention, Selector

pytestmark = pytest.mark.django_db
IBAN = "DE89370400440532013000"
COUNTED = (Report, Attachment, Holder, Mention, Selector, Series, Member, Link, Entry)


@pytest.fixture
def intake() -> Actor:
    return make_actor("intake")


def mail(number: int, text: str = "", *, extra: str = "") -> bytes:
    return (
        f"From: a{number}@sender.example\r\nTo: you@victim.example\r\n"
        f"Subject: Report {number}\r\n"
        f"Date: Mon, 2 Mar 2026 10:0{number % 10}:00 +0000\r\n"
        f"Message-ID: <{number}@sender.example>\r\n{extra}\r\n"
        f"{text or f'Pay to {IBAN} now. Number {number}.'}\r\n"
    ).encode()


def write(folder: Path, **files: bytes | str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def count_rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def test_every_item_is_accounted_for(intake, tmp_path) -> None:
    lines = [
        json.dumps({"source_ref": "A-1", "narrative": f"They took it to {IBAN}."}),
        "not json",
        json.dumps({"source_ref": "A-2", "narrative": "x", "country": "Atlantis"}),
        json.dumps({"source_ref": "A-1", "narrative": f"They took it to {IBAN}."}),
    ]
    folder = write(
        tmp_path / "in", a_eml=mail(1), b_eml=b"", c_jsonl="\n".join(lines), d_exe="MZ"
    )
    tally = take_folder(intake, folder)
    assert (tally.read, tally.accepted, tally.repeats) == (7, 3, 1)
    codes = {Path(one["where"]).name: one["code"] for one in tally.refused}
    assert codes.keys() == {"b.eml", "c.jsonl:2", "d.exe"}
    assert all(code.startswith("PXY-") for code in codes.values())
    assert [(Path(one["where"]).name, one["field"]) for one in tally.dropped] == [
        ("c.jsonl:3", "country")
    ]
    assert len(tally.refs) == 4 == Report.objects.count()
    kept = Report.objects.get(source_ref="A-2")
    assert [part["field"] for part in kept.dropped] == ["country"]


def test_a_report_is_kept_as_it_came(intake, tmp_path) -> None:
    raw = mail(1)
    take_folder(intake, write(tmp_path / "in", a_eml=raw))
    report = Report.objects.get()
    assert zlib.decompress(bytes(report.raw)) == raw
    assert (report.channel, report.origin, report.title) == (
        "email",
        "a.eml",
        "Report 1",
    )
    # The row tells nobody where on a disk the file lay.
    assert str(tmp_path) not in report.origin
    entry = Entry.objects.get()
    assert (entry.action, entry.wrote, entry.refs) == (
        "report.import",
        True,
        [report.ref],
    )


def test_a_repeat_is_kept_and_linked_but_holds_nothing(intake, tmp_path) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1), b_eml=mail(2))
    first = take_folder(intake, folder)
    before = count_rows()
    again = take_folder(intake, folder)
    assert (again.read, again.accepted, again.repeats) == (2, 0, 2)
    after = count_rows()
    assert after.pop("Report") == before.pop("Report") + 2
    assert after.pop("Entry") == before.pop("Entry") + 2
    assert after == before
    assert Selector.objects.get(value=IBAN).holders == 2
    repeats = Report.objects.exclude(repeat_of=None)
    assert {row.repeat_of.ref for row in repeats} == set(first.refs)
    assert {bytes(row.raw) for row in repeats} == {b""}
    # In a list a repeat stands in its original's series.
    assert len({row.series.ref for row in list_reports(intake)}) == 1


def test_a_repeat_of_a_repeat_points_to_the_original(intake, tmp_path) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1))
    for _ in range(3):
        take_folder(intake, folder)
    original = Report.objects.get(repeat_of=None)
    assert set(Report.objects.exclude(pk=original.pk).values_list("repeat_of")) == {
        (original.pk,)
    }


def test_another_organisation_has_its_own_original(intake, tmp_path) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1))
    take_folder(intake, folder)
    other = make_actor("intake", name="other", organisation="Another unit")
    assert take_folder(other, folder).accepted == 1
    assert Report.objects.filter(repeat_of=None).count() == 2
    assert not Link.objects.exists()


def test_attachments_are_hashed_and_not_kept(intake, tmp_path) -> None:
    parts = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nPay to {IBAN}\r\n"
        "--b\r\nContent-Type: application/zip; name=x.zip\r\n"
        'Content-Disposition: attachment; filename="x.zip"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n--b--\r\n"
    )
    take_folder(intake, write(tmp_path / "in", a_eml=mail(1, extra=parts)))
    kept = Attachment.objects.get()
    assert (kept.name, kept.size_bytes, len(kept.sha256)) == ("x.zip", 4, 64)


@pytest.mark.parametrize(
    "point",
    [
        "zlib.compress",
        "record_write",
        "link_holder",
        "pure.find_mentions",
        "Attachment.objects.bulk_create",
    ],
)
def test_an_item_that_fails_midway_leaves_nothing_of_it(
    intake, tmp_path, monkeypatch, point
) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1), b_eml=mail(2), c_eml=mail(3))
    target, _, name = f"actions.{point}".rpartition(".")
    holder = eval(target, {"actions": actions})  # noqa: S307 - names of this test
    real = getattr(holder, name)
    calls = []

    def fail_second(*given, **named):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(holder, name, fail_second)
        with pytest.raises(RuntimeError):
            take_folder(intake, folder)
    whole = {"Report": 1, "Holder": 1, "Entry": 1, "Series": 0, "Link": 0}
    counted = count_rows()
    assert {name: counted[name] for name in whole} == whole
    # The addressee is a victim's, which holds nothing.
    assert set(Selector.objects.values_list("holders", flat=True)) == {0, 1}
    # The rest goes on where it stopped.
    again = take_folder(intake, folder)
    assert (again.accepted, again.repeats) == (2, 1)


def test_a_failure_after_linking_takes_the_series_back(
    intake, tmp_path, monkeypatch
) -> None:
    """The last write of an item fails: series, links and counts are as before."""
    folder = write(tmp_path / "in", a_eml=mail(1), b_eml=mail(2))
    items = list(formats.read_reports([folder]))
    take_report(intake, items[0])
    before = count_rows()
    real = actions.link_holder

    def link_and_die(*given):
        real(*given)
        assert Series.objects.count() == 1
        raise RuntimeError("power cut")

    monkeypatch.setattr(actions, "link_holder", link_and_die)
    with pytest.raises(RuntimeError):
        take_report(intake, items[1])
    assert count_rows() == before


def test_an_item_refused_by_the_node_costs_itself_only(
    intake, tmp_path, monkeypatch
) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1), b_eml=mail(2), c_eml=mail(3))
    real = actions.link_holder
    calls = []

    def refuse_second(*given):
        calls.append(1)
        if len(calls) == 2:
            raise InputError("This can't be linked.", code="PXY-TEST")
        return real(*given)

    monkeypatch.setattr(actions, "link_holder", refuse_second)
    tally = take_folder(intake, folder)
    assert (tally.read, tally.accepted) == (3, 2)
    assert [one["code"] for one in tally.refused] == ["PXY-TEST"]
    assert Report.objects.count() == 2


def test_who_may_not_take_reports_in_takes_none(tmp_path) -> None:
    folder = write(tmp_path / "in", a_eml=mail(1))
    for actor in (make_actor("auditor"),):
        with pytest.raises(ForbiddenError):
            list(take_items(actor, formats.read_reports([folder])))
    assert not Report.objects.exists()


def jsonl(**fields: object) -> str:
    return json.dumps({"narrative": f"To {IBAN}", **fields})


HOSTILE: dict[str, tuple[str, bytes | str]] = {
    "nul in a mail": ("a.eml", mail(1, f"a\x00b {IBAN}")),
    "nul in a subject": ("a.eml", mail(1).replace(b"Report", b"a\x00b")),
    "nul in json": ("a.jsonl", jsonl(title="a\x00b", narrative=f"a\x00b {IBAN}")),
    "nul in a source reference": ("a.jsonl", jsonl(source_ref="a\x00b")),
    "lone surrogate": ("a.jsonl", '{"narrative": "a\\ud800b", "title": "\\udfff"}'),
    "long title": ("a.jsonl", jsonl(title="x" * 100_000)),
    "long subject": ("a.eml", mail(1).replace(b"Report", b"x" * 20_000)),
    "long source reference": ("a.jsonl", jsonl(source_ref="x" * 10_000)),
    "long offence": ("a.jsonl", jsonl(offence="ETS185:" + "8" * 1_000)),
    "long language": ("a.jsonl", jsonl(language="sr-" + "x" * 1_000)),
    "huge amount": ("a.jsonl", jsonl(amount="9" * 40, currency="EUR")),
    "tiny amount": ("a.jsonl", jsonl(amount="0.0000000001", currency="EUR")),
    "amount that is none": ("a.jsonl", jsonl(amount="NaN", currency="EUR")),
    "endless exponent": ("a.jsonl", jsonl(amount="1e999999", currency="EUR")),
    "year one": ("a.jsonl", jsonl(sent_at="0001-01-01T00:00:00+14:00")),
    "year 9999": ("a.jsonl", jsonl(sent_at="9999-12-31T23:59:59-14:00")),
    "long attachment name": (
        "a.eml",
        mail(
            1,
            extra="MIME-Version: 1.0\r\nContent-Type: application/" + "x" * 300 + "\r\n"
            f'Content-Disposition: attachment; filename="{"n" * 5_000}.pdf"\r\n',
        ),
    ),
    "bytes of no text": ("a.eml", bytes(range(256)) * 20),
    "long url": ("a.jsonl", jsonl(narrative="https://a.example/" + "x" * 50_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_item_is_taken_or_refused_and_the_next_goes_on(
    intake, tmp_path, name
) -> None:
    """A database that holds columns to their width says the same as SQLite."""
    file, content = HOSTILE[name]
    folder = write(tmp_path / "in", **{file.replace(".", "_"): content})
    write(folder, z_eml=mail(9))
    tally = take_folder(intake, folder)
    assert tally.read == tally.accepted + tally.repeats + len(tally.refused) == 2
    assert Report.objects.count() == tally.accepted >= 1
    report = Report.objects.order_by("pk").first()
    assert "\x00" not in report.narrative + report.title + report.source_ref
    assert len(report.title) <= 500


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("several_writers")
def test_two_imports_of_one_file_at_once_make_one_original(tmp_path) -> None:
    intake = make_actor("intake")
    texts = {f"m{number}_eml": mail(number) for number in range(12)}
    folder = write(tmp_path / "in", **texts)
    one, two = run_together([lambda: take_folder(intake, folder)] * 2)
    require_one_original_each(12)
    assert one.accepted + two.accepted == one.repeats + two.repeats == 12
    assert one.refused == two.refused == []


def require_one_original_each(count: int) -> None:
    originals = Report.objects.filter(repeat_of=None)
    assert originals.count() == Holder.objects.count() == count
    assert Report.objects.exclude(repeat_of=None).count() == count
    assert len(set(originals.values_list("digest", flat=True))) == count
    account = Selector.objects.get(value=IBAN)
    assert account.holders == count
    assert [row.size for row in Series.objects.filter(parent=None)] == [count]


def test_two_processes_that_import_one_folder_make_one_original_each(
    tmp_path, as_another_node: Callable[..., subprocess.Popen[str]]
) -> None:
    folder = write(
        tmp_path / "in", **{f"m{number}_eml": mail(number) for number in range(12)}
    )
    running = [as_another_node("report", "import", str(folder), "--json") for _ in "ab"]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], answers
    tallies = [json.loads(out) for out, _ in answers]
    assert sum(one["accepted"] for one in tallies) == 12
    assert sum(one["repeats"] for one in tallies) == 12
    database = sqlite3.connect(
        f"file:{tmp_path}/node/proxeny.sqlite3?mode=ro", uri=True
    )
    with contextlib.closing(database):
        rows = database.execute(
            "SELECT count(*), count(DISTINCT digest) FROM reports_report"
            " WHERE repeat_of_id IS NULL"
        )
        assert rows.fetchone() == (12, 12)
        sizes = database.execute(
            "SELECT size FROM linking_series WHERE parent_id IS NULL"
        )
        assert sizes.fetchall() == [(12,)]


@pytest.fixture
def as_another_node(tmp_path) -> Callable[..., subprocess.Popen[str]]:
    """Runs commands on a node of its own with SQLite, each in a process of its own."""
    if connection.vendor != "sqlite":
        pytest.skip("the node of these processes is on SQLite whatever the suite is on")
    home = tmp_path / "node"
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PROXENY_DATABASE_URL", "PROXENY_HOME", "PROXENY_USER"}
    }

    def run(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "proxeny.cli", *words, "--home", str(home)],
            env=kept,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    made = run("init", "--authority", "Unit", "--country", "RS", "--json")
    out, error = made.communicate(timeout=60)
    assert made.returncode == 0, error
    assert json.loads(out)["authority"] == "RS/24-7"
    return run


def test_the_demo_reports_are_all_accounted_for(intake) -> None:
    tally = take_folder(intake, REPORTS / "rs", REPORTS / "de")
    assert tally.read == tally.accepted + tally.repeats + len(tally.refused) > 60
    assert len(tally.refused) == 2
    assert Series.objects.filter(parent=None, size__gt=1).count() >= 5


def test_an_import_inside_a_transaction_that_fails_leaves_nothing(
    intake, tmp_path
) -> None:
    """As behind a page, whose transaction holds the whole upload."""
    folder = write(tmp_path / "in", a_eml=mail(1), b_eml=mail(2))
    before = count_rows()
    with transaction.atomic():
        assert take_folder(intake, folder).accepted == 2
        transaction.set_rollback(True)
    assert count_rows() == before
