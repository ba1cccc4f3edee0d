"""A reported mail becomes a report; an attack costs one refused item."""

import base64
import hashlib
import io
import time
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxeny.formats import Accepted, Refused
from proxeny.formats.eml import read_mail
from proxeny.formats.mail import MAX_MAIL_BYTES
from proxeny.reports import MAX_NARRATIVE_CHARS, Channel, find_mentions
from proxeny.selectors import Role

HEADERS = b"""From: "Your Bank" <service@bank.example.org>
To: Mila <mila@victim.example.net>
Subject: =?utf-8?B?UGxhxIdhbmpl?=
Date: Tue, 03 Mar 2026 10:00:00 +0100
Message-ID: <one@bank.example.org>
MIME-Version: 1.0
"""
TEXT = b"Content-Type: text/plain; charset=utf-8\n"


def _mail(body=b"Pay now.", more=TEXT, headers=HEADERS):
    return headers + more + b"\n" + body


def _accepted(raw):
    item = read_mail(raw, where="a.eml")
    assert isinstance(item, Accepted), item
    return item


def _report(raw):
    return _accepted(raw).report


def _code(raw):
    item = read_mail(raw, where="a.eml")
    assert isinstance(item, Refused), item
    return item.code


def _roles(report):
    return {one.selector.value: one.role for one in report.given}


def _multipart(*parts, subtype=b"mixed"):
    body = b"".join(b"--B\n" + part + b"\n" for part in parts) + b"--B--\n"
    more = b"Content-Type: multipart/" + subtype + b"; boundary=B\n"
    return _mail(body, more)


PLAIN = TEXT + b"\nPay at once, dear customer of the bank.\n"
PAGE = b"Content-Type: text/html\n\n<p>Pay <a href=http://pay.example.org/x>here</a>\n"


def test_mail_becomes_a_report():
    raw = _mail()
    item = _accepted(raw)
    report = item.report
    assert item.dropped == ()
    assert item.raw == raw
    assert report.digest == hashlib.sha256(raw).hexdigest()
    assert report.channel is Channel.EMAIL
    assert report.title == "Plaćanje"
    assert report.narrative == "Pay now."
    assert report.source_ref == "one@bank.example.org"
    assert report.sent_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert report.language is None


def test_line_ends_of_any_kind_give_the_same_report():
    reports = [
        _report(_mail(b"Pay\nnow.").replace(b"\n", end)) for end in (b"\n", b"\r\n")
    ]
    assert reports[0].narrative == reports[1].narrative == "Pay\nnow."
    assert reports[0].given == reports[1].given


def test_sender_is_unknown_and_recipient_is_the_victim():
    headers = HEADERS + b"Reply-To: drop@mail.example.com\nReturn-Path: <x@y.example>\n"
    headers += b"Delivered-To: mila.home@victim.example.net\n"
    assert _roles(_report(_mail(headers=headers))) == {
        "service@bank.example.org": Role.UNKNOWN,
        "drop@mail.example.com": Role.UNKNOWN,
        "mila@victim.example.net": Role.VICTIM,
        "mila.home@victim.example.net": Role.VICTIM,
    }


def test_victims_address_in_the_text_is_the_victims():
    report = _report(_mail(b"Dear mila@victim.example.net, your account is closed."))
    roles = {one.selector.value: one.role for one in find_mentions(report)}
    assert roles["mila@victim.example.net"] is Role.VICTIM


def test_sender_forged_to_be_the_recipient_is_the_victim():
    headers = HEADERS.replace(b"service@bank.example.org", b"mila@victim.example.net")
    assert _roles(_report(_mail(headers=headers))) == {
        "mila@victim.example.net": Role.VICTIM
    }


def test_address_in_the_senders_name_does_not_count():
    headers = HEADERS.replace(b'"Your Bank"', b'"support@real.example.org"')
    assert "support@real.example.org" not in _roles(_report(_mail(headers=headers)))


def test_mail_in_a_mail_is_the_reported_one_and_its_bearer_a_victim():
    inner = (
        b"From: evil@bad.example.org\nReply-To: evil2@bad.example.org\n\nGive me money"
    )
    raw = _multipart(PLAIN, b"Content-Type: message/rfc822\n\n" + inner)
    report = _report(raw)
    assert "Give me money" in report.narrative
    assert _roles(report) == {
        "service@bank.example.org": Role.VICTIM,
        "mila@victim.example.net": Role.VICTIM,
        "evil@bad.example.org": Role.UNKNOWN,
        "evil2@bad.example.org": Role.UNKNOWN,
    }


def test_recipients_of_a_mass_mail_do_not_crowd_out_the_sender():
    many = b", ".join(b"v%d@victim.example.net" % number for number in range(500))
    item = _accepted(_mail(headers=HEADERS + b"Cc: " + many + b"\n"))
    assert item.report.given[0].selector.value == "service@bank.example.org"
    assert len(item.report.given) == 200
    assert [one.field for one in item.dropped] == ["given"]


def test_plain_text_is_preferred_and_links_of_the_html_are_kept():
    report = _report(_multipart(PLAIN, PAGE, subtype=b"alternative"))
    assert report.narrative.splitlines() == [
        "Pay at once, dear customer of the bank.",
        "<http://pay.example.org/x>",
    ]


def test_stub_of_plain_text_gives_way_to_the_html():
    stub = TEXT + b"\nNo HTML\n"
    page = b"Content-Type: text/html\n\n<p>" + b"Pay the duty. " * 20
    report = _report(_multipart(stub, page, subtype=b"alternative"))
    assert report.narrative.startswith("Pay the duty.")


def test_html_is_never_active():
    page = b"<p>Hi</p><script>steal()</script><img src=http://pixel.example/1.gif>"
    report = _report(_mail(page, b"Content-Type: text/html\n"))
    assert report.narrative == "Hi"


def _zip_bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    return file.getvalue()


def test_zip_bomb_in_a_mail_is_a_digest():
    bomb = _zip_bomb()
    part = (
        b'Content-Type: application/zip\nContent-Disposition: attachment; filename="'
        b'..\\..\\a<b>$(x).zip"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(bomb)
    )
    (attachment,) = _report(_multipart(PLAIN, part)).attachments
    assert attachment.sha256 == hashlib.sha256(bomb).hexdigest()
    assert attachment.size_bytes == len(bomb)
    assert attachment.media_type == "application/zip"
    assert not set(attachment.name) & set('/\\<>$"')


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b'filename="../../etc/passwd"', "passwd"),
        (b"filename*=utf-8''ra%C4%8Dun%0A.pdf", "račun .pdf"),
        (b'filename="=?utf-8?B?cmHEjXVu?="', "račun"),
        (b'filename="ra\xc4\x8dun.pdf"', "ra\ufffd\ufffdun.pdf"),
        (b"filename*=utf-8''%E2%80%AEfdp.exe", "fdp.exe"),
        (b'filename=""', "attachment-1"),
        (b"filename*0*=nope'x'%ff; filename*99999=z", "ÿz"),
    ],
)
def test_attachment_name_is_made_harmless(written, name):
    part = (
        b"Content-Type: image/png\nContent-Disposition: attachment; "
        + written
        + b"\n\nx\n"
    )
    (attachment,) = _report(_multipart(PLAIN, part)).attachments
    assert attachment.name == name


def test_truncated_base64_is_kept_with_a_note():
    item = _accepted(
        _mail(b"UGF5IG5vdy", TEXT + b"Content-Transfer-Encoding: base64\n")
    )
    assert item.report.narrative == "Pay now"
    assert [one.field for one in item.dropped] == ["mime"]


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        (b"windows-1250", "Plaćanje".encode("cp1250"), "Plaćanje"),
        (b"koi8-r", "Плати".encode("koi8-r"), "Плати"),
        (b"gb2312", "付款".encode("gb2312"), "付款"),
        (b"utf-8", "Zahlung fällig".encode("latin-1"), "Zahlung fällig"),
        (b"x-unheard-of", "fällig".encode(), "fällig"),
        (b"utf-7", b"+ADw-script+AD4-", "+ADw-script+AD4-"),
        (b"punycode", b"a-b", "a-b"),
        (b"zlib_codec", b"a-b", "a-b"),
        (b"a\0b", b"a-b", "a-b"),
        (b"us-ascii", "fällig".encode(), "fällig"),
    ],
)
def test_charset_is_the_stated_one_or_utf8_or_latin1(charset, body, text):
    more = b"Content-Type: text/plain; charset=" + charset + b"\n"
    item = _accepted(_mail(body, more))
    assert item.report.narrative == text
    is_as_stated = charset in {b"windows-1250", b"koi8-r", b"gb2312"}
    assert is_as_stated == (not item.dropped)


@pytest.mark.parametrize(
    "written",
    [
        b"yesterday",
        b"Tue, 99 Mar 2026 10:00:00 +0100",
        b"1 Jan 1900 00:00:00 +0000",
        b"Fri, 31 Dec 9999 23:59:59 -0100",
        b"1 Mar 2026 10:00 +9999",
        b"9" * 5000,
    ],
)
def test_insane_date_is_dropped_and_the_mail_kept(written):
    headers = b"From: a@bank.example.org\nDate: " + written + b"\n"
    item = _accepted(_mail(headers=headers))
    assert item.report.sent_at is None
    assert [one.field for one in item.dropped] == ["sent_at"]


def test_date_without_a_zone_is_utc():
    headers = b"From: a@b.example.org\nDate: Tue, 03 Mar 2026 10:00:00 -0000\n"
    assert _report(_mail(headers=headers)).sent_at == datetime(
        2026, 3, 3, 10, tzinfo=UTC
    )


def test_header_that_is_raw_eight_bit_or_broken_is_read_as_far_as_it_goes():
    for written, title in [
        ("fällig".encode(), "fällig"),
        ("fällig".encode("latin-1"), "fällig"),
        (b"=?utf-8?B?!!!?=", "=?utf-8?B?!!!?="),
        (b"=?nope?Q?a=20b?=", "a b"),
        (b"=?utf-8?Q?a=00=0Ab?=", "a b"),
    ]:
        headers = b"From: a@b.example.org\nSubject: " + written + b"\n"
        assert _report(_mail(headers=headers)).title == title


def test_long_narrative_is_cut_and_said_so():
    item = _accepted(_mail(b"word " * MAX_NARRATIVE_CHARS))
    assert len(item.report.narrative) == MAX_NARRATIVE_CHARS
    assert [one.field for one in item.dropped] == ["narrative"]


def test_few_nuls_are_taken_out_and_said_so():
    item = _accepted(_mail(b"Pay\0 now."))
    assert item.report.narrative == "Pay now."
    assert item.dropped[0].why == "NUL bytes were removed"


def _nested(levels):
    boundaries = [b"b%d" % level for level in range(levels)]
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n" % (one, one)
        for one in boundaries
    )
    return HEADERS + opened + TEXT + b"\nDeep\n"


def _bearers(levels):
    return HEADERS + b"Content-Type: message/rfc822\n\n" * levels + b"\nDeep\n"


def test_nesting_within_the_limit_is_read():
    assert _report(_nested(20)).narrative == "Deep"


ATTACKS = {
    "a million header lines": b"From: a@b.example.org\n" + b"X-A: b\n" * 1_000_000,
    "a million folded lines": b"From: a@b.example.org\n" + b" x\n" * 1_000_000 + b"\n",
    "a million lines by CR": _mail(b"\r" * 1_000_000),
    "headers of one long line": b"From: a@b.example.org\nX: " + b"x" * 1_000_000,
    "nested 21 deep": _nested(21),
    "nested 1,000 deep": _nested(1_000),
    "mails in mails 1,000 deep": _bearers(1_000),
    "containers by folded header": HEADERS
    + b"Content-Type:\n\tmultipart/mixed; boundary=a\n\n--a\n" * 100,
    "parts": _multipart(*[b"\nx"] * 1_001),
    "boundary lines": _multipart(*[b"\nx"] * 100_000),
    "parameters": _mail(b"x", b"Content-Type: text/plain" + b";a=b" * 100 + b"\n"),
    "a long parameter": _mail(b"x", b"Content-Type: text/plain; a=" + b"x" * 9_000),
    "parameters of a part": _multipart(PLAIN, b"Content-Type: a/b" + b";" * 1_000_000),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_costs_one_refused_item_and_little_time(attack):
    started = time.process_time()
    assert _code(ATTACKS[attack]) == "PXY-MAIL-LIMIT"
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "PXY-EMPTY"),
        (b" \r\n\r\n", "PXY-EMPTY"),
        (b"just some words\n", "PXY-MAIL-HEADERS"),
        (b"\x7fELF\x00\x01", "PXY-MAIL-HEADERS"),
        ("From: a@b.example.org\n\nHi".encode("utf-16"), "PXY-MAIL-HEADERS"),
        ("From: a@b.example.org\n\nHi".encode("utf-16-le"), "PXY-MAIL-HEADERS"),
        (b"From: a@b.example.org\n\n", "PXY-MAIL-EMPTY"),
        (b"From x\nSubject: a\n\nb\n\nFrom y\nSubject: c\n\nd", "PXY-MAIL-MBOX"),
        (_mail(b"\0" * 101), "PXY-MAIL-NUL"),
        (_mail(b"x" * MAX_MAIL_BYTES), "PXY-MAIL-SIZE"),
    ],
)
def test_what_is_no_mail_is_refused(raw, code):
    assert _code(raw) == code


@pytest.mark.parametrize(
    "raw",
    [
        HEADERS + b"Subject: " + b"=?a?q?" * 40_000 + b"\n\nx",
        HEADERS + b"Cc: " + b"<a@" * 100_000 + b"\n\nx",
        HEADERS + b"Cc: " + b"a@" * 100_000 + b"\n\nx",
        HEADERS + b"Date: " + b"1 " * 100_000 + b"\n\nx",
        _mail(b"<a href='http://a.example/" * 300_000, b"Content-Type: text/html\n"),
        _mail(
            b"=\n" * 100_000, TEXT + b"Content-Transfer-Encoding: quoted-printable\n"
        ),
        _mail(b"\n " * 100_000),
        HEADERS
        + b"Content-Type: multipart/mixed; boundary="
        + b"(" * 5_000
        + b"\n\n--",
    ],
    ids=["words", "brackets", "addresses", "date", "links", "quoted", "blank", "bound"],
)
def test_slow_input_within_the_limits_is_read_in_bounded_time(raw):
    started = time.process_time()
    read_mail(raw, where="a.eml")
    assert time.process_time() - started < 5


def test_parser_that_fails_oddly_costs_one_refused_item(monkeypatch):
    def fail(*_, **__):
        raise AttributeError("'NoneType' object has no attribute 'x'")

    monkeypatch.setattr("proxeny.formats.eml.BytesParser.parsebytes", fail)
    assert _code(_mail()) == "PXY-MAIL-DAMAGED"


@given(st.binary(max_size=400))
@settings(max_examples=150)
def test_no_bytes_raise(tail):
    for raw in (tail, HEADERS + tail, _mail(tail), _multipart(tail, PLAIN)):
        item = read_mail(raw, where="a.eml")
        assert item.where == "a.eml"
        if isinstance(item, Refused):
            assert item.code.startswith("PXY-")
            assert item.code != "PXY-MAIL-DAMAGED"


@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: ",
                b"Content-Disposition: ",
                b"Subject: ",
                b"Date: ",
                b"multipart/mixed; boundary=B",
                b"message/rfc822",
                b"text/html",
                b"; ",
                b"filename*1*=x''%ff",
                b"filename*0=",
                b"charset=",
                b'"',
                b"\\",
                b"\xff",
                b"Content-Transfer-Encoding: ",
                b"base64",
                b"x-uuencode",
                b"begin 6 a\n",
                b"=?utf-8?q?",
                b"?=",
                b"\n",
                b"\n\n",
                b"--B\n",
                b"--B--\n",
                b" ",
                b"To: ",
            ]
        ),
        max_size=30,
    )
)
@settings(max_examples=300)
def test_no_shuffled_mail_breaks_the_reader(pieces):
    item = read_mail(b"From: a@b.example.org\n" + b"".join(pieces), where="a.eml")
    assert isinstance(item, Accepted) or item.code != "PXY-MAIL-DAMAGED"


TRANSPORT = b"""Received: from mx1.home.example (10.0.0.7) by store.home.example; now
Received: from front.home.example ([198.51.100.9]) by mx1.home.example; now
Received: from relay.bad.example.org ([203.0.113.5]) by front.home.example
 for <mila.alias@victim.example.net>; now
Received: from liar.example ([203.0.113.99]) by relay.bad.example.org
 for <framed@other.example>; before
X-Originating-IP: [203.0.113.77]
List-Unsubscribe: <https://list.bad.example.org/u>, <mailto:x@y.example>
"""


def test_headers_are_read_in_the_order_in_which_they_are_trusted():
    page = b'<p>Pay<img src="http://pixel.example.org/1.gif"><img src=cid:1>'
    more = b"Content-Type: text/html\n"
    report = _report(_mail(page, more, headers=TRANSPORT + HEADERS))
    told = {one.selector.value: (one.field, one.role) for one in report.given}
    assert told == {
        "service@bank.example.org": ("from", Role.UNKNOWN),
        "203.0.113.5": ("received", Role.UNKNOWN),
        "203.0.113.77": ("originating-ip", Role.UNKNOWN),
        "list.bad.example.org": ("unsubscribe", Role.UNKNOWN),
        "pixel.example.org": ("picture", Role.UNKNOWN),
        "mila@victim.example.net": ("recipient", Role.VICTIM),
        "mila.alias@victim.example.net": ("recipient", Role.VICTIM),
    }
    fields = {one.selector.value: one.field for one in find_mentions(report)}
    assert fields["203.0.113.5"] == "received"


def test_hostile_headers_cost_nothing():
    started = time.process_time()
    for name in (b"Received", b"List-Unsubscribe", b"X-Originating-IP"):
        for filling in (b"from ([1.1.1.1.", b"<http://a.", b"for <", b"from a by "):
            _accepted(_mail(headers=HEADERS + name + b": " + filling * 20_000 + b"\n"))
    assert time.process_time() - started < 10
