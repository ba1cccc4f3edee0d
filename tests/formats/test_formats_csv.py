"""CSV of reports: a row each, and a bad row costs itself."""

import hashlib
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxeny.formats import Accepted, Refused
from proxeny.formats.csv_file import MAX_ROW_BYTES, MAX_UTF16_BYTES, read_rows
from proxeny.selectors import Role


def _read(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return list(read_rows(io.BytesIO(raw), where="a.csv"))


def _outcomes(text):
    return [
        item.report.narrative if isinstance(item, Accepted) else item.code
        for item in _read(text)
    ]


def _code(text):
    (item,) = _read(text)
    assert isinstance(item, Refused), item
    assert item.where == "a.csv"
    return item.code


def test_rows_become_reports_that_can_be_read_again_by_themselves():
    items = _read("id,text\n1,One\n\n2,Two\n")
    assert [item.where for item in items] == ["a.csv:2", "a.csv:4"]
    assert items[1].raw == b"id,text\n2,Two\n"
    assert items[1].report.digest == hashlib.sha256(items[1].raw).hexdigest()
    assert _read(items[1].raw)[0].report == items[1].report


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_file_of_each_usual_kind_is_read(delimiter, end, encoding):
    rows = [["ID", "Text", "country"], ["1", '"Šteta, a;b"', "RS"]]
    text = end.join(delimiter.join(row) for row in rows)
    (item,) = _read(text.encode(encoding))
    assert item.report.narrative == "Šteta, a;b"
    assert item.report.country == "RS"


def test_quoted_cell_may_hold_lines_marks_and_delimiters():
    (first, second) = _read('text,id\r\n"a ""b"",\r\nc",1\r\nd,2\r\n')
    assert first.report.narrative == 'a "b",\nc'
    assert (first.where, second.where) == ("a.csv:2", "a.csv:4")


def test_formula_for_a_spreadsheet_stays_text():
    cell = '=cmd|"/c calc"!A1'
    quoted = cell.replace('"', '""')
    (item,) = _read(f'text,id\n"{quoted}",@SUM(1)\n')
    assert item.report.narrative == cell
    assert item.report.source_ref == "@SUM(1)"


def test_several_selectors_stand_in_one_cell():
    text = "text,ip,victim_email\na,192.0.2.1 | 192.0.2.2,m@victim.example.org\n"
    (item,) = _read(text)
    assert [one.role for one in item.report.given] == [
        Role.UNKNOWN,
        Role.UNKNOWN,
        Role.VICTIM,
    ]


def test_unknown_column_is_named_once_for_the_file():
    items = _read("text,surname,text,a@b.example\na,x,y,z\nb,x,y,z\n")
    assert [(one.where, one.field) for one in items[0].dropped] == [
        ("a.csv:1", "surname"),
        ("a.csv:1", "text"),
        ("a.csv:1", "(not a field name)"),
    ]
    assert items[1].dropped == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("only one", "PXY-CSV-CELLS"),
        ("1,2,3", "PXY-CSV-CELLS"),
        ("1,a\0b", "PXY-CSV-NUL"),
        ('1,a"b"', "PXY-CSV-QUOTES"),
        ("1,  ", "PXY-NO-NARRATIVE"),
        ("1," + "x" * MAX_ROW_BYTES, "PXY-ROW-SIZE"),
        ('1,"' + "x\n" * MAX_ROW_BYTES + '"', "PXY-ROW-SIZE"),
        ("," * 1_000, "PXY-CSV-CELLS"),
    ],
)
def test_bad_row_costs_itself(row, code):
    assert _outcomes(f"id,text\n1,before\n{row}\n2,after\n") == [
        "before",
        code,
        "after",
    ]


@pytest.mark.parametrize("rest", ["3,c\n4,d\n", '3,"c"\n4,"d"\n', '3,"c\n4,d\n'])
def test_open_quotation_mark_costs_its_row_and_puts_the_next_in_doubt(rest):
    items = _read(f'id,text\n1,a\n2,"b\n{rest}')
    assert items[1].code == "PXY-CSV-QUOTES"
    assert items[1].where == "a.csv:3"
    texts = [item.report.narrative for item in items if isinstance(item, Accepted)]
    assert texts[-1] == "d"
    doubted = items[2]
    if isinstance(doubted, Accepted):
        assert [one.field for one in doubted.dropped] == ["row"]


def test_lines_after_an_open_mark_in_one_column_are_no_rows():
    assert _outcomes('text\na\n"b\nc\nd\n') == ["a", "PXY-CSV-QUOTES"]


def test_text_of_a_row_over_the_limit_never_becomes_a_row():
    forged = "9,forged\n" * (MAX_ROW_BYTES // 8)
    assert _outcomes(f'id,text\n1,"{forged}"\n2,after\n') == ["PXY-ROW-SIZE", "after"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "PXY-EMPTY"),
        (b"\xef\xbb\xbf\n\n", "PXY-EMPTY"),
        (b"id,text\n", "PXY-CSV-NO-ROWS"),
        (b"file,cluster\n1,2\n", "PXY-CSV-COLUMNS"),
        (b"1,I paid\n2,I paid\n", "PXY-CSV-COLUMNS"),
        (b'id,"text', "PXY-CSV-QUOTES"),
        (b'id,a"te"xt\n', "PXY-CSV-COLUMNS"),
        (b"text" + b",a" * 300, "PXY-CSV-COLUMNS"),
        (b"text,".ljust(MAX_ROW_BYTES + 1, b"a"), "PXY-ROW-SIZE"),
        ("id,text\n1,fällig\n".encode("cp1252"), "PXY-ENCODING"),
        ("id,text\n1,šteta\n".encode("cp1250"), "PXY-ENCODING"),
        ("id,text\n1,a\n".encode("utf-16-le"), "PXY-ENCODING"),
        ("id,text\n1,a\n".encode("utf-16") + b"\0", "PXY-ENCODING"),
        ("id,text\n1,šteta".encode()[:-5], "PXY-ENCODING"),
    ],
)
def test_file_that_cannot_be_read_is_refused_once(text, code):
    assert _code(text) == code


def test_utf16_over_its_limit_is_refused():
    assert _code(b"\xff\xfe" + bytes(MAX_UTF16_BYTES)) == "PXY-FILE-SIZE"


@pytest.mark.parametrize(
    "row",
    ['1,"x\n', '"\n', '1,"""\n', '1,a"\n2,"b\n', ",,,\n", '"a""\n', "x"],
)
def test_time_grows_with_the_length_only(row):
    times = []
    for size in (40_000, 160_000):
        text = "id,text\n" + row * (size // len(row))
        started = time.process_time()
        assert _read(text)
        times.append(time.process_time() - started)
    # Four times the length in far less than the sixteenfold of a square.
    assert times[1] < 10 * times[0] + 0.5


@given(st.binary(max_size=300))
def test_no_bytes_raise_and_each_file_gives_an_item(tail):
    for raw in (tail, b"id,text\n" + tail, b"text\n" + tail, b'text\n"' + tail):
        items = _read(raw)
        assert items
        assert all(isinstance(item, Accepted | Refused) for item in items)


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]))


@given(st.lists(st.tuples(CELLS.filter(str.strip), CELLS), min_size=1, max_size=5))
def test_what_is_quoted_well_comes_back(rows):
    def quote(cell):
        return '"' + cell.replace('"', '""') + '"'

    text = "text,id\n" + "".join(f"{quote(a)},{quote(b)}\n" for a, b in rows)
    items = _read(text)
    assert len(items) == len(rows)
    for item, (narrative, _) in zip(items, rows, strict=True):
        expected = narrative.replace("\u2028", "\n").replace("\u2029", "\n").strip()
        assert item.report.narrative == expected
