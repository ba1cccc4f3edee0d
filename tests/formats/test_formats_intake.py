"""Files and folders: every file is accounted for, and none ends the run."""

import gzip
import os
import zipfile

import pytest
from tests.real_data import DATA, needs_real_data

from proxeny.errors import InputError
from proxeny.formats import Accepted, Refused, read_reports
from proxeny.formats.intake import (
    MAX_FILE_BYTES,
    MAX_FOLDER_DEPTH,
    MAX_REFUSED_PER_FILE,
)

MAIL = b"From: a@bank.example.org\nSubject: Pay\n\nPay now.\n"
CSV = b"id,text\n1,One\n2,Two\n"
JSONL = b'{"text": "One"}\n'


def _outcomes(path, **options):
    return {
        item.where.removeprefix(f"{path}/"): item.code
        if isinstance(item, Refused)
        else item.report.channel.value
        for item in read_reports([path], **options)
    }


def _write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_folder_is_walked_in_name_order_and_all_is_accounted_for(tmp_path):
    _write(
        tmp_path,
        {
            "b/a.eml": MAIL,
            "a.csv": CSV,
            "c.jsonl": JSONL,
            "README.md": b"# Nothing to read\n",
            "empty.eml": b"",
            "index.csv": b"file,cluster\n1,2\n",
            ".hidden": MAIL,
            ".git/config": b"",
        },
    )
    (tmp_path / "link.eml").symlink_to(tmp_path / "b" / "a.eml")
    (tmp_path / "outside").symlink_to("/")
    outcomes = _outcomes(tmp_path)
    assert list(outcomes) == sorted(outcomes)
    assert outcomes == {
        ".git": "PXY-FILE-HIDDEN",
        ".hidden": "PXY-FILE-HIDDEN",
        "README.md": "PXY-FORMAT-UNKNOWN",
        "a.csv:2": "csv",
        "a.csv:3": "csv",
        "b/a.eml": "email",
        "c.jsonl:1": "jsonl",
        "empty.eml": "PXY-EMPTY",
        "index.csv": "PXY-CSV-COLUMNS",
        "link.eml": "PXY-FILE-LINK",
        "outside": "PXY-FILE-LINK",
    }


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (MAIL, "email"),
        (b"\r\n" + MAIL, "email"),
        (CSV, "csv"),
        (JSONL, "jsonl"),
        (b"%PDF-1.7", "PXY-FORMAT-UNKNOWN"),
        (b"<html>", "PXY-FORMAT-UNKNOWN"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "PXY-FORMAT-UNKNOWN"),
    ],
)
def test_file_without_a_telling_name_is_told_by_its_first_bytes(
    tmp_path, content, found
):
    _write(tmp_path, {"file": content})
    assert set(_outcomes(tmp_path).values()) == {found}


def test_stated_format_counts_more_than_the_name(tmp_path):
    _write(tmp_path, {"a.txt": CSV, "b.eml": CSV})
    outcomes = _outcomes(tmp_path, form="csv")
    assert list(outcomes) == ["a.txt:2", "a.txt:3", "b.eml:2", "b.eml:3"]


def test_unknown_format_is_wrong_use_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        read_reports([tmp_path], form="docx")
    assert caught.value.stable_code == "PXY-FORMAT"


@pytest.mark.parametrize("form", ["auto", "eml", "csv", "jsonl"])
def test_archive_is_never_unpacked_whatever_its_name(tmp_path, form):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", bytes(10_000_000))
    (tmp_path / "b.csv").write_bytes(gzip.compress(CSV))
    (tmp_path / "c.eml").write_bytes((tmp_path / "a.zip").read_bytes())
    assert set(_outcomes(tmp_path, form=form).values()) == {"PXY-FORMAT-ARCHIVE"}


def test_file_over_the_limit_is_refused_unread(tmp_path):
    for name in ("a.csv", "b.eml", "c.jsonl"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(MAX_FILE_BYTES + 1)
    assert set(_outcomes(tmp_path).values()) == {"PXY-FILE-SIZE"}


def test_line_without_an_end_is_refused_in_little_memory(tmp_path):
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        file.truncate(100_000_000)
    assert _outcomes(tmp_path) == {"a.jsonl:1": "PXY-ROW-SIZE"}


def test_mail_over_its_limit_is_refused(tmp_path):
    with (tmp_path / "a.eml").open("wb") as file:
        file.write(MAIL)
        file.truncate(100_000_000)
    assert _outcomes(tmp_path) == {"a.eml": "PXY-MAIL-SIZE"}


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.eml")
    missing = tmp_path / "missing.eml"
    items = [*read_reports([missing]), *read_reports([tmp_path])]
    assert [item.code for item in items] == ["PXY-FILE-MISSING", "PXY-FILE-KIND"]


def test_link_that_is_named_itself_is_followed(tmp_path):
    _write(tmp_path, {"a.eml": MAIL})
    link = tmp_path / "link.eml"
    link.symlink_to("a.eml")
    (item,) = read_reports([link])
    assert isinstance(item, Accepted)


def test_file_that_cannot_be_opened_costs_one_item(tmp_path, monkeypatch):
    _write(tmp_path, {"a.eml": MAIL, "b.eml": MAIL})
    real = os.open

    def fail_for_a(path, *rest):
        if str(path).endswith("a.eml"):
            raise PermissionError
        return real(path, *rest)

    monkeypatch.setattr("proxeny.formats.intake.os.open", fail_for_a)
    assert _outcomes(tmp_path) == {"a.eml": "PXY-FILE-UNREADABLE", "b.eml": "email"}


def test_folders_without_end_are_refused(tmp_path):
    deepest = tmp_path.joinpath(*["d"] * (MAX_FOLDER_DEPTH + 1))
    deepest.mkdir(parents=True)
    (deepest / "a.eml").write_bytes(MAIL)
    assert list(_outcomes(tmp_path).values()) == ["PXY-FOLDER-DEPTH"]


def test_file_of_nothing_but_refusals_ends(tmp_path):
    _write(tmp_path, {"a.jsonl": b"x\n" * (2 * MAX_REFUSED_PER_FILE), "b.eml": MAIL})
    items = list(read_reports([tmp_path]))
    assert len(items) == MAX_REFUSED_PER_FILE + 2
    assert items[-2].code == "PXY-TOO-MANY-REFUSED"
    assert isinstance(items[-1], Accepted)


def test_name_with_a_line_feed_or_bytes_is_shown_on_one_line(tmp_path):
    for name in (b"a\nb.eml", b"\xff.eml"):
        path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - a name of bytes
        with open(path, "wb") as file:  # noqa: PTH123 - the same
            file.write(MAIL)
    for item in read_reports([tmp_path]):
        assert isinstance(item, Accepted)
        assert item.where.isprintable()


def test_attacks_beside_good_files_cost_one_item_each(tmp_path):
    boundaries = [b"b%d" % level for level in range(1_000)]
    nested = b"From: a@b.example.org\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n" % (one, one)
        for one in boundaries
    )
    _write(
        tmp_path,
        {
            "a.eml": MAIL,
            "b.eml": b"From: a@b.example.org\n" + b"X: y\n" * 1_000_000,
            "c.eml": nested,
            "d.jsonl": b"[" * 100_000,
            "e.csv": b'text\n"' + b"x\n" * 1_000_000,
            "z.eml": MAIL,
        },
    )
    items = list(read_reports([tmp_path]))
    accepted = [item.where[-5:] for item in items if isinstance(item, Accepted)]
    assert accepted[0] == "a.eml"
    assert accepted[-1] == "z.eml"
    assert {item.code for item in items if isinstance(item, Refused)} >= {
        "PXY-MAIL-LIMIT",
        "PXY-JSON-LINES",
        "PXY-CSV-QUOTES",
    }


@pytest.mark.real_data
@needs_real_data("phishing-emails")
def test_all_real_phishing_mails_are_accounted_for():
    folder = DATA / "phishing-emails"
    items = list(read_reports([folder]))
    mails = sorted(str(path) for path in folder.rglob("*.eml"))
    accepted = [item for item in items if isinstance(item, Accepted)]
    refused = {
        item.where.rsplit("/", 1)[-1]: item.code
        for item in items
        if isinstance(item, Refused)
    }
    assert sorted(item.where for item in items if item.where.endswith(".eml")) == mails
    assert len(accepted) >= 0.99 * len(mails)
    assert refused["README.md"] == "PXY-FORMAT-UNKNOWN"
    assert refused["index.csv"] == "PXY-CSV-COLUMNS"
    assert len({item.report.digest for item in accepted}) == len(accepted)
    for item in accepted:
        assert "<script" not in item.report.narrative.lower()
        assert "\0" not in item.report.narrative
        assert item.report.narrative
        assert item.report.sent_at is not None
