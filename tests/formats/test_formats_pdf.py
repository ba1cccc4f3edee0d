"""The paper form: archive and accessibility marks, honest text, the same bytes."""

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from tests.requests.request_bodies import FORM, complete_request

from proxeny.formats.pdf import RequestMeta, render_request_pdf
from proxeny.formats.pdf.glyphs import show
from proxeny.formats.pdf.render import PaperError
from proxeny.requests import State
from proxeny.selectors import Kind

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is absent"
)


def meta(**changes):
    facts = {
        "ref": "RS-2026-0007-R1",
        "state": State.APPROVED,
        "version_text": "Form ETS185-29, edition 1",
        "issued_at": datetime(2026, 11, 21, 14, 5, tzinfo=UTC),
        "requesting": "Посебно одељење",
        "requested": "Kontaktstelle",
        "approved_by": "Jelena Marković",
        "marking": "TLP:AMBER",
        "digest": "ab" * 32,
    }
    return RequestMeta(**facts | changes)


def render(*, about=None, **changes):
    return render_request_pdf(FORM, complete_request(**changes), meta=about or meta())


def count_pages(pdf):
    return int(re.search(rb"<xmpTPg:NPages>(\d+)<", pdf).group(1))


def read_text(pdf, tmp_path):
    file = tmp_path / "request.pdf"
    file.write_bytes(pdf)
    run = subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True)
    return run.stdout.decode()


def squeeze(text):
    return re.sub(r"\s+", "", text)


def test_it_says_that_it_is_pdf_a_2a_and_pdf_ua_1():
    pdf = render()
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"Preservation request RS-2026-0007-R1" in pdf
    assert b"<rdf:li>en</rdf:li>" in pdf


def test_the_same_request_gives_the_same_bytes_and_bears_its_own_date():
    assert render() == render()
    assert b"<xmp:CreateDate>2026-11-21T14:05:00Z" in render()


def test_a_field_of_twenty_thousand_characters_goes_on_over_pages():
    short, long = render(), render(facts="Сећање на догађај. " * 1_052)
    assert count_pages(long) > count_pages(short) + 3


def test_a_word_without_end_breaks_and_costs_pages_instead_of_running_off():
    assert count_pages(render(facts="x" * 20_000)) > count_pages(render()) + 3


def test_every_character_the_fonts_lack_is_shown_as_its_code_point():
    assert show("中 \U0001f642 \u202e \x07 \u200b \ud83d") == (
        "[U+4E2D] [U+1F642] [U+202E] [U+0007] [U+200B] [U+D83D]"
    )
    kept = "Čačak Београд Ђорђевић Ελλάδα İstanbul ğüşıöç Timișoara „–“ €\n"
    assert show(kept) == kept


def test_marks_piled_on_a_letter_are_spelt_out_after_thirty():
    assert show("a" + "\u0301" * 32) == "a" + "\u0301" * 30 + "[U+0301][U+0301]"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"facts": ["x", {"a": 1}], "selectors": "x", "status": {"a": 2}, "date": 5},
        {"requesting_authority": [1], "intention": "maybe", "extra": {"q": 1}},
        {"selectors": [5, {}, {"kind": 1, "value": None}], "reply_wanted_by": 7},
        {"facts": "\ud83d \x00 \u2028 \U0001f642 中文"},
    ],
)
def test_no_body_however_odd_stops_the_paper(body):
    about = meta(state=State.DRAFT, approved_by=None)
    assert render_request_pdf(FORM, body, meta=about).startswith(b"%PDF")


def test_every_kind_of_selector_is_named_in_words(tmp_path):
    rows = [{"kind": kind.value, "value": "x"} for kind in Kind]
    told = squeeze(read_text(render(selectors=rows), tmp_path))
    for name in ("bank account", "network (ASN)", "card issuer (BIN)", "user name"):
        assert squeeze(name) in told
    assert "card_bin" not in read_text(render(selectors=rows), tmp_path)


def test_a_request_too_long_for_paper_is_refused_by_name():
    with pytest.raises(PaperError) as refused:
        render(facts="x" * 400_000)
    assert refused.value.stable_code == "PXY-PDF"


@needs_pdftotext
def test_letters_of_other_alphabets_can_be_read_out(tmp_path):
    words = "Марија Ђорђевић, Πάροχος φιλοξενίας, İstanbul ğüşıöç, Timișoara"
    assert words in read_text(render(custodian=words), tmp_path)


@needs_pdftotext
def test_hostile_text_is_printed_as_it_stands(tmp_path):
    hostile = (
        '#import "x" $x^2$ ] } \\ // /* y */ *b* _i_ @ref <label> #sys.inputs -- ~'
    )
    text = read_text(render(necessity=hostile), tmp_path)
    assert squeeze(hostile) in squeeze(text)


@needs_pdftotext
def test_a_long_address_can_be_copied_without_added_characters(tmp_path):
    address = "https://example.org/" + "abcdefghij" * 18
    text = read_text(render(custodian=address), tmp_path)
    assert address in squeeze(text)


@needs_pdftotext
def test_every_page_says_which_it_is_and_bears_reference_marking_and_digest(tmp_path):
    pages = read_text(render(), tmp_path).strip("\f").split("\f")
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "RS-2026-0007-R1" in page
        assert "TLP:AMBER" in page
        assert "ab" * 32 in page


@needs_pdftotext
@pytest.mark.parametrize(
    ("changes", "is_draft"),
    [
        ({}, False),
        ({"state": State.CHECKED}, True),
        ({"approved_by": None}, True),
        ({"state": State.WITHDRAWN}, False),
    ],
)
def test_what_nobody_approved_says_so_on_every_page(tmp_path, changes, is_draft):
    pages = read_text(render(about=meta(**changes)), tmp_path).strip("\f").split("\f")
    assert all(("DRAFT – not approved" in page) is is_draft for page in pages)


@needs_pdftotext
def test_what_article_29_demands_and_the_draft_lacks_is_said_to_be_missing(tmp_path):
    lacking = render(necessity=None, custodian=None)
    assert read_text(lacking, tmp_path).split().count("Missing") == 2
    assert "Missing" not in read_text(render(), tmp_path)


@needs_pdftotext
def test_fields_of_a_newer_edition_are_counted_on_paper(tmp_path):
    text = read_text(render(extra={"a": 1, "b": 2}), tmp_path)
    assert "2 further content(s) of a newer edition" in text
