"""Domains, e-mail, URLs and IP addresses: normal forms, defanging, punctuation."""

import pytest

from proxeny.selectors import Kind, SelectorError, find, parse_selector, scan


def pairs(text: str) -> list[tuple[str, str]]:
    return [(str(m.selector.kind), m.selector.value) for m in find(text)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("EXAMPLE.com", "example.com"),
        ("evil[.]example", "evil.example"),
        ("evil[dot]example", "evil.example"),
        ("evil (dot) example", "evil.example"),
        ("evil{.}co{.}uk", "evil.co.uk"),
        ("EVIL DOT COM", "evil.com"),
        ("пример.срб", "xn--e1afmkfd.xn--90a3ac"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("shop.test", "shop.test"),
    ],
)
def test_domain_is_found_and_given_as_a_labels(written: str, value: str) -> None:
    assert pairs(f"Сајт: {written}, видите") == [("domain", value)]
    assert parse_selector(Kind.DOMAIN, written).value == value


@pytest.mark.parametrize(
    "raw",
    [
        "co.uk",
        "localhost",
        "a..com",
        "x.nosuchtld",
        "-a.com",
        "a" * 64 + ".com",
        "a." * 130 + "com",
        "xn--.\u200d",
        "",
    ],
)
def test_what_is_no_domain_is_refused(raw: str) -> None:
    with pytest.raises(SelectorError) as refused:
        parse_selector("domain", raw)
    assert refused.value.stable_code == "PXY-SELECTOR"
    assert not raw or raw not in refused.value.message


def test_domain_joined_to_the_next_sentence_ends_before_it() -> None:
    assert pairs("Go to bank-login.example.Please hurry") == [
        ("domain", "bank-login.example")
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("John.Doe+tag@Example.COM", "john.doe+tag@example.com"),
        ("john@example.com.", "john@example.com"),
        ("<john@example.com>", "john@example.com"),
        ("mailto:john@example.com", "john@example.com"),
        ("john[at]example[dot]com", "john@example.com"),
        ("john [at] example (dot) com", "john@example.com"),
        ("john[@]example[.]com", "john@example.com"),
        ("JOHN AT EXAMPLE DOT COM", "john@example.com"),
        ("john at mail dot example dot com", "john@mail.example.com"),
        ("jovan@пример.срб", "jovan@xn--e1afmkfd.xn--90a3ac"),
    ],
)
def test_email_is_found_without_its_domain(written: str, value: str) -> None:
    assert pairs(f"Пишите: {written} 😀") == [("email", value)]


def test_plain_words_at_and_a_domain_are_no_email() -> None:
    assert pairs("meet me at example.com") == [("domain", "example.com")]


def test_email_with_an_unknown_suffix_says_why_it_is_none() -> None:
    (candidate,) = scan("write to john@mail.nosuchtld")
    assert candidate.kind is Kind.EMAIL
    assert "top-level domain" in candidate.note


@pytest.mark.parametrize(
    ("written", "url", "host"),
    [
        ("HTTP://Example.COM", "http://example.com/", "example.com"),
        ("https://example.com:443/A?b=C#d", "https://example.com/A?b=C", "example.com"),
        ("https://example.com:8443/", "https://example.com:8443/", "example.com"),
        ("http://bank.test@evil.example/x", "http://evil.example/x", "evil.example"),
        ("hxxps://evil[.]example/a", "https://evil.example/a", "evil.example"),
        ("hxxp[:]//evil[.]example/a", "http://evil.example/a", "evil.example"),
        ("hxxp[://]evil.example", "http://evil.example/", "evil.example"),
        ("evil.example/login", "http://evil.example/login", "evil.example"),
        (
            "http://evil.example/пут",
            "http://evil.example/%D0%BF%D1%83%D1%82",
            "evil.example",
        ),
        ("http://evil.example/a_(b)", "http://evil.example/a_(b)", "evil.example"),
        ("http://185.220.1.1:8080/x", "http://185.220.1.1:8080/x", "185.220.1.1"),
        ("http://[2001:DB8::1]/x", "http://[2001:db8::1]/x", "2001:db8::1"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "({}).", "<{}>", "„{}“,", "see {}!"])
def test_url_gives_itself_and_its_host(
    written: str, url: str, host: str, around: str
) -> None:
    kind = "ip" if host[-1].isdigit() else "domain"
    assert pairs(around.format(written)) == [("url", url), (kind, host)]


def test_url_over_its_limit_still_gives_its_host() -> None:
    text = "http://evil.example/" + "a" * 5_000
    assert pairs(text) == [("domain", "evil.example")]
    assert "4096" in next(iter(scan(text))).note


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192[.]0[.]2[.]1", "192.0.2.1"),
        ("192.0.2[.]1", "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("2001[:]db8[:][:]1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1", "fe80::1"),
    ],
)
def test_ip_address_is_given_compressed(written: str, value: str) -> None:
    assert pairs(f"са {written}, јуче") == [("ip", value)]


def test_ip_address_with_a_byte_too_large_says_so() -> None:
    (candidate,) = scan("host 192.0.2.300")
    assert (candidate.kind, candidate.valid) == (Kind.IP, False)
