"""`proxeny extract`, as people and programs see it; it needs no node."""

import io
import json
import sys

import pytest
import typer
from tests.real_data import DATA, needs_real_data

from proxeny import cli, selectors
from proxeny.cli import extract

TEXT = "Јован 😀: platite na DE89 3704 0044 0532 0130 00 ili evil[.]example"
FIELDS = ["doc", "kind", "value", "raw", "start", "end", "valid", "note"]


@pytest.fixture
def run(monkeypatch, capsys):
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("extract")(extract.extract)
    app.command("other")(lambda: None)
    monkeypatch.setattr(cli, "_app", lambda: app)

    def run(*argv, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.run(["extract", *(str(one) for one in argv)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


def test_text_from_standard_input_gives_a_line_of_json_for_each(run):
    code, out, err = run("-", "--json", stdin=TEXT.encode())
    assert (code, err) == (0, "")
    found = rows(out)
    assert [list(row) for row in found] == [FIELDS, FIELDS]
    assert [row["value"] for row in found] == ["DE89370400440532013000", "evil.example"]
    assert all(TEXT[row["start"] : row["end"]] == row["raw"] for row in found)
    assert {row["doc"] for row in found} == {"-"}


def test_table_for_people_names_value_and_place(run, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text(TEXT, encoding="utf-8-sig")
    code, out, _ = run(path)
    assert code == 0
    assert "DE89370400440532013000" in out
    assert "note.txt:20-47" in out


def test_text_without_selectors_says_so(run):
    assert run("-", stdin=b"nothing here") == (0, "No selectors found.\n", "")


def test_candidate_that_does_not_hold_is_printed_with_its_reason(run):
    _, out, _ = run("-", "--json", stdin=b"DE88 3704 0044 0532 0130 00")
    (row,) = rows(out)
    assert (row["valid"], row["value"]) == (False, "")
    assert row["note"] == "The IBAN's check digits are wrong."


def test_country_opens_its_national_phone_format(run):
    assert not rows(run("-", "--json", stdin=b"064 123 4567")[1])
    (row,) = rows(run("-", "--json", "--country", "rs", stdin=b"064 123 4567")[1])
    assert row["value"] == "+381641234567"


def test_damaged_line_of_json_costs_only_itself(run, tmp_path):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(
        b'{"id": "r1", "text": "see evil.example"}\n'
        b"not json\n"
        b'["list"]\n'
        b'{"id": "r4"}\n'
        b"\xff\n" + b"[" * 100_000 + b"\n"
        b'{"narrative": "or \\ud800 http://a.example/\\ud800"}\n'
    )
    code, out, err = run(path, "--json")
    assert code == extract.EXIT_REFUSED
    assert [(row["doc"], row["value"]) for row in rows(out)] == [
        ("r1", "evil.example"),
        ("7", "http://a.example/"),
        ("7", "a.example"),
    ]
    codes = [line.strip() for line in err.splitlines() if line.startswith("  PXY")]
    assert codes == ["PXY-JSON"] * 2 + ["PXY-JSON-TEXT"] + ["PXY-JSON"] * 2
    assert "Traceback" not in err


def test_line_over_its_limit_costs_only_itself(run, monkeypatch):
    monkeypatch.setattr(extract, "MAX_LINE_BYTES", 100)
    line = b'{"text": "see evil.example"}\n'
    code, out, err = run(
        "-", "--format", "jsonl", "--json", stdin=b"x" * 1_000 + b"\n" + line
    )
    assert code == extract.EXIT_REFUSED
    assert [(row["doc"], row["value"]) for row in rows(out)] == [("2", "evil.example")]
    assert "PXY-LIMIT" in err


@pytest.mark.parametrize(
    ("stdin", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PXY-ENCODING"),
        (b"caf\xe9", "PXY-ENCODING"),
        (b"a" * (selectors.MAX_TEXT_CHARS + 1), "PXY-LIMIT"),
        (b"a" * (4 * selectors.MAX_TEXT_CHARS + 1), "PXY-LIMIT"),
    ],
)
def test_input_that_is_no_text_gets_one_clear_error(run, stdin, code):
    exit_code, out, err = run("-", stdin=stdin)
    assert (exit_code, out) == (2, "")
    assert err.splitlines()[-1].strip() == code
    assert len(err.splitlines()) == 3


def test_missing_file_and_folder_and_country_are_refused(run, tmp_path):
    for argv, code in (
        ([tmp_path / "none.txt"], "PXY-NO-SUCH-FILE"),
        ([tmp_path], "PXY-NOT-READABLE"),
        (["-", "--country", "ZZ"], "PXY-COUNTRY"),
        (["-", "--format", "pdf"], "PXY-FORMAT"),
    ):
        exit_code, out, err = run(*argv)
        assert (exit_code, out) == (2, "")
        assert code in err


def test_utf16_with_its_mark_is_read(run):
    _, out, _ = run("-", "--json", stdin="see evil.example".encode("utf-16"))
    assert rows(out)[0]["value"] == "evil.example"


def test_mail_is_read_from_standard_input(run):
    mail = (
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Zdravo\r\n"
        b"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        b"Pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa at once.\r\n"
    )
    code, out, _ = run("-", "--format", "eml", "--json", stdin=mail)
    assert code == 0
    assert ("-", "wallet", "btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa") in [
        (row["doc"], row["kind"], row["value"]) for row in rows(out)
    ]


@pytest.mark.real_data
@needs_real_data("phishing-emails/eml")
def test_real_mail_gives_selectors(run):
    paths = sorted((DATA / "phishing-emails" / "eml").glob("*.eml"))[:10]
    results = [run(path, "--json") for path in paths]
    assert {code for code, _, _ in results} <= {0, extract.EXIT_REFUSED}
    assert any(rows(out) for _, out, _ in results)
