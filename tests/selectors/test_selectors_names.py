"""Names on platforms, AS numbers, accounts without IBAN, networks, onion services."""

import time

import pytest

from proxeny.selectors import Kind, SelectorError, find, parse_selector, scan

ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad"
TOX_KEY = "ab" * 32


def values(text: str, kind: Kind, country: str | None = None) -> list[str]:
    found = find(text, country=country)
    return [m.selector.value for m in found if m.selector.kind is kind]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("write to @Fast_Money1 on Telegram", "telegram:fast_money1"),
        ("Telegram: @fast_money1", "telegram:fast_money1"),
        ("на Телеграм @fast_money1", "telegram:fast_money1"),
        ("https://t.me/fast_money1", "telegram:fast_money1"),
        ("see instagram.com/Evil.Shop/", "instagram:evil.shop"),
        ("his Instagram is @evil.shop.", "instagram:evil.shop"),
        ("https://x.com/evil_shop/status/1", "x:evil_shop"),
        ("tiktok.com/@evil.shop?lang=en", "tiktok:evil.shop"),
        ("Skype: live:evil.shop_1", "skype:live:evil.shop_1"),
        ("Wickr ID: evil_shop7", "wickr:evil_shop7"),
        (f"Session 05{'ab' * 32}", f"session:05{'ab' * 32}"),
    ],
)
def test_name_beside_its_platform_is_found(text: str, value: str) -> None:
    assert values(text, Kind.HANDLE) == [value]
    assert parse_selector("handle", value).value == value


@pytest.mark.parametrize(
    "text",
    [
        "@fast_money1 wrote to me",
        "Telegram: yesterday",
        "the Telegram account was closed",
        "t.me/joinchat/AAAA t.me/share",
        "https://x.com/home",
        "@media screen",
        "Telegram. @fast_money1",
        "a@name on Telegram",
    ],
)
def test_name_without_a_platform_is_none(text: str) -> None:
    assert values(text, Kind.HANDLE) == []


def test_tox_identifier_is_its_key_whatever_its_other_digits() -> None:
    key = bytes.fromhex(TOX_KEY)
    for nospam in (b"\0\1\2\3", b"wxyz"):
        checksum = [0, 0]
        for index, byte in enumerate(key + nospam):
            checksum[index % 2] ^= byte
        written = (key + nospam + bytes(checksum)).hex().upper()
        assert values(f"TOX: {written}", Kind.HANDLE) == [f"tox:{TOX_KEY}"]
        wrong = f"{written[:-1]}{'0' if written[-1] != '0' else '1'}"
        (candidate,) = scan(wrong)
        assert "checksum" in candidate.note


def test_messenger_link_gives_the_number_behind_it() -> None:
    assert values("wa.me/381641234567", Kind.PHONE) == ["+381641234567"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("AS64496", "AS64496"),
        ("as64496", "AS64496"),
        ("ASN 64496", "AS64496"),
        ("AS1.10", "AS65546"),
    ],
)
def test_as_number_is_given_in_asplain(written: str, value: str) -> None:
    assert values(f"routed by {written}, since", Kind.ASN) == [value]


@pytest.mark.parametrize(
    "raw", ["AS0", "AS23456", "AS64512", "AS65535", "AS4294967295", "AS4294967296"]
)
def test_as_number_that_names_no_network_is_refused(raw: str) -> None:
    with pytest.raises(SelectorError):
        parse_selector("asn", raw)


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("na račun 260-0056010016113-79", None, "RS:260005601001611379"),
        ("account no. 260-56010016113-79", "RS", "RS:260005601001611379"),
        ("sort code 12-34-56, account number 12345678", None, "GB:12345612345678"),
        ("BLZ 37040044, Konto 532013000", None, "DE:370400440532013000"),
        ("cuenta 2100 0418 45 0200051332", "ES", "ES:21000418450200051332"),
    ],
)
def test_account_that_is_called_one_is_found(text, country, value) -> None:
    assert values(text, Kind.ACCOUNT, country) == [value]
    assert parse_selector("account", value).value == value


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("number 260-0056010016113-79", "RS"),
        ("račun 260-0056010016113-80", "RS"),
        ("account 260-0056010016113-79", None),
    ],
)
def test_number_that_nobody_calls_an_account_is_none(text, country) -> None:
    assert values(text, Kind.ACCOUNT, country) == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("192.0.2[.]77/24", "192.0.2.0/24"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("2001:db8::1/128", "2001:db8::1"),
    ],
)
def test_network_is_given_without_its_host_bits(written: str, value: str) -> None:
    assert values(f"from {written}, mostly", Kind.IP) == [value]
    assert parse_selector("ip", written).value == value


@pytest.mark.parametrize("host", ["3232235777", "0xC0A80101", "0300.0250.1.1"])
def test_address_disguised_as_a_number_is_read_as_browsers_do(host: str) -> None:
    assert values(f"http://{host}/x", Kind.IP) == ["192.168.1.1"]


def test_onion_service_needs_its_checksum() -> None:
    assert values(f"http://{ONION}.onion/x", Kind.DOMAIN) == [f"{ONION}.onion"]
    assert values(f"www.{ONION}.onion", Kind.DOMAIN) == [f"www.{ONION}.onion"]
    for wrong in (f"a{ONION[1:]}", "expyuzz4wqqyqhjn"):
        with pytest.raises(SelectorError):
            parse_selector("domain", f"{wrong}.onion")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ｅｖｉｌ．example", "evil.example"),
        ("ev\u200bil.exam\u00adple", "evil.example"),
        ("访问evil.example谢谢。好", "evil.example"),
        ("evil.example에서", "evil.example"),
        ("evil\u3002example", "evil.example"),
    ],
)
def test_hidden_domain_is_found_with_its_place(text: str, value: str) -> None:
    (mention,) = find(f"Ж {text} end")
    assert mention.selector.value == value
    assert mention.raw in text
    assert f"Ж {text} end"[mention.start : mention.end] == mention.raw


@pytest.mark.parametrize(
    "written",
    [
        "markus[.]weiss77 [at] firma[.]example",
        "markus.weiss77&#64;firma&#46;example",
        "markus dot weiss77 at firma dot example",
        "markus.weiss77 (ät) firma (punkt) example",
    ],
)
def test_defanged_mailbox_is_put_together(written: str) -> None:
    assert values(f"an {written}, bitte", Kind.EMAIL) == [
        "markus.weiss77@firma.example"
    ]


def test_name_of_a_file_is_no_domain() -> None:
    assert find("see README.md, readme.md, my_notes.md, run.sh and a.py") == []
    assert values("firma.md", Kind.DOMAIN) == ["firma.md"]


def test_solana_address_needs_its_chain_beside_it() -> None:
    address = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"
    assert values(f"send SOL to {address}", Kind.WALLET) == [f"sol:{address}"]
    assert values(f"the reference {address}", Kind.WALLET) == []


def test_monero_address_needs_its_checksum() -> None:
    # The donation address of the Monero project.
    address = (
        "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9"
        "cQUiyoogDavup3H"
    )
    assert values(f"XMR {address}.", Kind.WALLET) == [f"xmr:{address}"]
    with pytest.raises(SelectorError):
        parse_selector("wallet", address.replace("888t", "888u"))


def test_numbers_of_a_list_are_no_domains() -> None:
    assert find("1.Download the browser. 2.open it. 12.contact us") == []
    assert [m.selector.value for m in find("163.com and 4.pokerstars.example")] == [
        "163.com",
        "4.pokerstars.example",
    ]


@pytest.mark.parametrize("word", ["tačka", "tacka", "тачка"])
def test_a_dot_told_in_serbian_is_a_dot(word: str) -> None:
    found = find(f"idi na shop-primer({word})rs danas")
    assert [mention.selector.value for mention in found] == ["shop-primer.rs"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Write kontakt%40zlatna.com now", ["kontakt@zlatna.com"]),
        ("mailto:kontakt%40zlatna.com?subject=x", ["kontakt@zlatna.com"]),
        ("user%3Da%2Eb%40c.example", ["a.b@c.example"]),
        ("account%20evil[.]com", ["evil.com"]),
        ("account%20evil.com/pay", ["http://evil.com/pay", "evil.com"]),
        ("u=https%3A%2F%2Fevil.com%2Fx", ["evil.com"]),
        ("u=https%253A%252F%252Fevil.com", ["evil.com"]),
        ("first%20last@evil.com", ["last@evil.com"]),
        ("%3Clast@evil.com%3E", ["last@evil.com"]),
        ("\u8bf7\u5199kontakt%40zlatna.com", ["kontakt@zlatna.com"]),
        # Only the end of a name is there: better none.
        ("caf%C3%A9bar.com", []),
        ("ev%69l2.com", []),
        # No encoding at all.
        ("20%bestdeal.com", ["bestdeal.com"]),
        ("user%name@evil.com", ["user%name@evil.com"]),
    ],
)
def test_a_percent_encoding_is_no_part_of_a_name(text: str, values: list[str]) -> None:
    assert [mention.selector.value for mention in find(text)] == values


@pytest.mark.parametrize(
    "piece", ["a%20", "%40a.com", "a%40b.com", "%2520x.com ", "%20x.com/", "&#46;a"]
)
def test_percent_encodings_are_read_in_linear_time(piece: str) -> None:
    seconds = []
    for size in (20_000, 80_000):
        text = piece * (size // len(piece))
        start = time.process_time()
        find(text)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 12 * max(seconds[0], 0.01)
