"""Warning lists stop what the world shares, narrowly, and load wholly or not at all."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_data import DATA, needs_real_data

from proxeny.linking import warningformat
from proxeny.linking.stops import (
    find_stop_reason,
    select_linkable,
)
from proxeny.linking.warninglists import (
    WarningListError,
    WarningLists,
    load_warning_lists,
)
from proxeny.selectors import Kind, Role, Selector

PHONE = Selector(kind=Kind.PHONE, value="+381641234567")
HOSTS = ["hostname", "domain", "domain|ip", "url"]
ADDRESSES = ["ip-src", "ip-dst", "domain|ip"]


def write(folder: Path, name: str, kind: str, entries: object, about: object) -> None:
    """Put one list into a folder, as MISP writes it."""
    document = {
        "name": name,
        "type": kind,
        "list": entries,
        "matching_attributes": about,
        "version": 1,
    }
    (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> WarningLists:
    """One list of each type."""
    folder = tmp_path_factory.mktemp("lists")
    write(folder, "Top sites", "hostname", ["big.example", "github.io", "com"], HOSTS)
    write(folder, "Exact names", "string", ["a.once.example", ".dot.example"], HOSTS)
    write(
        folder,
        "List of known dynamic DNS domains",
        "hostname",
        [".dyn.example"],
        ["domain", "hostname"],
    )
    write(
        folder,
        "Disposable mail",
        "substring",
        ["throwaway.example", "no-reply@"],
        ["email-src", "domain|ip"],
    )
    write(
        folder,
        "CDN",
        "cidr",
        ["100.0.0.0/8", "100.16.0.0/13", "5.0.0.1", "2A00:1::/32"],
        ADDRESSES,
    )
    hashes = ["44D88612FEA8A8F36DE82E1278ABB02F", "3::", "d14a028c2a3a2bc9476102bb288"]
    write(folder, "Hashes", "string", hashes, ["md5", "filename|md5", "ssdeep"])
    write(
        folder,
        "Contacts",
        "regex",
        [r"/^(security|abuse)\@.*\..*$/i"],
        ["email-src"],
    )
    write(
        folder,
        "Drama",
        "regex",
        [r"/((?:\+|00)44)?07700900([0-9]{3})/g", r"/((?:\+|00)1)?55501([0-9]{2})/g"],
        ["phone-number"],
    )
    write(
        folder,
        "Pages",
        "string",
        ["http://Page.example:80/a", "not a page/"],
        ["url"],
    )
    nested = folder / "misp"
    nested.mkdir()
    (nested / "list.json").write_text(
        '{"name": "Unnamed kinds", "type": "string", "list": ["AS64500", "x"]}'
    )
    return load_warning_lists(folder)


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("domain", "big.example", "Top sites"),
        ("domain", "www.big.example", "Top sites"),
        ("domain", "mail.deep.big.example", "Top sites"),
        ("url", "https://big.example/", "Top sites"),
        ("domain", "github.io", "Top sites"),
        ("domain", "a.once.example", "Exact names"),
        ("domain", "www.a.once.example", "Exact names"),
        ("domain", "below.dot.example", "Exact names"),
        ("domain", "dyn.example", "List of known dynamic DNS domains"),
        ("domain", "throwaway.example", "Disposable mail"),
        ("domain", "mx.throwaway.example", "Disposable mail"),
        ("email", "no-reply@shop.example", "Disposable mail"),
        ("ip", "100.1.2.3", "CDN"),
        ("ip", "100.16.0.1", "CDN"),
        ("ip", "100.20.0.0/16", "CDN"),
        ("ip", "5.0.0.1", "CDN"),
        ("ip", "2a00:1::5", "CDN"),
        ("url", "http://5.0.0.1/", "CDN"),
        ("hash", "md5:44d88612fea8a8f36de82e1278abb02f", "Hashes"),
        ("email", "abuse@shop.example", "Contacts"),
        ("phone", "+447700900123", "Drama"),
        ("url", "http://page.example/a", "Pages"),
    ],
)
def test_a_listed_value_stops_and_the_list_is_named(
    lists: WarningLists, kind: str, value: str, name: str
) -> None:
    selector = Selector(kind=Kind(kind), value=value)
    listed = f"on the warning list '{name}'"
    assert find_stop_reason(selector, lists) == (find_stop_reason(selector) or listed)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("url", "https://big.example/account/offender"),
        ("email", "offender@big.example"),
        ("domain", "big.example.offender.example"),
        ("domain", "notbig.example"),
        ("domain", "offender.github.io"),
        ("domain", "a.offender.github.io"),
        ("domain", "offender.com"),
        ("domain", "b.a.once.example"),
        ("domain", "offender.dyn.example"),
        ("email", "offender@throwaway.example"),
        ("ip", "101.0.0.1"),
        ("ip", "99.255.255.255"),
        ("ip", "5.0.0.0/24"),
        ("ip", "2a00:2::5"),
        ("url", "http://5.0.0.1/login"),
        ("hash", "md5:0cc175b9c0f1b6a831c399e269772661"),
        ("email", "insecurity@shop.example"),
        ("phone", "+4477009001234"),
        ("phone", "+381645550199"),
        ("phone", "+38164077009001"),
        ("url", "http://page.example/b"),
        ("iban", "RS35105008123123123173"),
    ],
)
def test_what_is_somebodys_own_counts_beside_a_listed_value(
    lists: WarningLists, kind: str, value: str
) -> None:
    assert find_stop_reason(Selector(kind=Kind(kind), value=value), lists) == ""


def test_the_reason_names_the_list(lists: WarningLists) -> None:
    selector = Selector(kind=Kind.DOMAIN, value="mail.big.example")
    assert find_stop_reason(selector) == ""
    assert find_stop_reason(selector, lists) == "on the warning list 'Top sites'"


def test_the_packaged_reason_comes_first(lists: WarningLists) -> None:
    github = Selector(kind=Kind.DOMAIN, value="github.io")
    assert find_stop_reason(github, lists) == find_stop_reason(github)


def test_the_lists_reach_the_one_place_of_the_rule(lists: WarningLists) -> None:
    listed = Selector(kind=Kind.DOMAIN, value="big.example")
    mentions = [(listed, Role.OFFENDER), (PHONE, Role.OFFENDER)]
    assert select_linkable(mentions).selectors == (listed, PHONE)
    linkable = select_linkable(mentions, lists)
    assert linkable.selectors == (PHONE,)
    assert linkable.stopped[0].why == "on the warning list 'Top sites'"


def test_attributes_say_which_kinds_a_list_stops(tmp_path: Path) -> None:
    write(tmp_path, "Hosts only", "hostname", ["5.0.0.1", "h.example"], ["url"])
    write(tmp_path, "None of ours", "string", ["i.example"], ["filename"])
    lists = load_warning_lists(tmp_path)
    assert lists.find_name(Selector(kind=Kind.IP, value="5.0.0.1")) == ""
    assert lists.find_name(Selector(kind=Kind.DOMAIN, value="i.example")) == ""
    assert lists.find_name(Selector(kind=Kind.DOMAIN, value="h.example"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "[]",
        '"text"',
        '{"type": "string", "list": []}',
        '{"name": "", "type": "string", "list": []}',
        '{"name": 5, "type": "string", "list": []}',
        '{"name": "line\\nend", "type": "string", "list": []}',
        '{"name": "a", "type": "sql", "list": []}',
        '{"name": "a", "type": {}, "list": []}',
        '{"name": "a", "type": "string"}',
        '{"name": "a", "type": "string", "list": "b"}',
        '{"name": "a", "type": "string", "list": [5]}',
        '{"name": "a", "type": "string", "list": ["\\ud800"]}',
        '{"name": "a", "type": "string", "list": [], "matching_attributes": "url"}',
        '{"name": "a", "type": "string", "list": [], "matching_attributes": [1]}',
        '{"name": "a", "type": "cidr", "list": ["not an address"]}',
        '{"name": "a", "type": "cidr", "list": ["0.0.0.0/0"]}',
        '{"name": "a", "type": "string", "list": ["::/0"]}',
        '{"name": "a", "type": "regex", "list": ["no slashes"]}',
        '{"name": "a", "type": "regex", "list": ["/a/e"]}',
        '{"name": "a", "type": "regex", "list": ["/(a/"]}',
        '{"name": "a", "type": "regex", "list": ["/(?=a)b/"]}',
        '{"name": "a", "type": "regex", "list": ["/(a)\\\\1/"]}',
        '{"name": "a", "type": "regex", "list": ["/.*/"]}',
        '{"name": "a", "type": "regex", "list": ["/((a{1000}){1000}){1000}/"]}',
        '{"name": "a", "type": "substring", "list": ["ab"]}',
    ],
)
def test_a_damaged_list_is_one_clear_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, "a good one", "hostname", ["big.example"], HOSTS)
    (tmp_path / "z.json").write_text(text, "utf-8")
    with pytest.raises(WarningListError, match="'z\\.json'") as caught:
        load_warning_lists(tmp_path)
    assert caught.value.stable_code == "PXY-WARNINGLIST"
    assert str(tmp_path) not in str(caught.value)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("limit", "most"),
    [("MAX_LIST_BYTES", 20), ("MAX_ENTRY_CHARS", 3), ("MAX_NAME_CHARS", 2)],
)
def test_a_list_over_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    write(tmp_path, "long", "hostname", ["big.example"], HOSTS)
    monkeypatch.setattr(warningformat, limit, most)
    with pytest.raises(WarningListError):
        load_warning_lists(tmp_path)


@pytest.mark.parametrize("limit", ["MAX_LISTS", "MAX_ENTRIES", "MAX_PATTERNS"])
def test_a_folder_over_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    write(tmp_path, "a", "regex", ["/abc/", "/abd/"], ["email"])
    write(tmp_path, "b", "hostname", ["big.example"], HOSTS)
    monkeypatch.setattr(f"proxeny.linking.warninglists.{limit}", 1)
    with pytest.raises(WarningListError):
        load_warning_lists(tmp_path)


def test_a_folder_without_lists_or_none_at_all_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(WarningListError, match="no warning list"):
            load_warning_lists(folder)


def test_a_list_that_cant_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(WarningListError, match="can't be read"):
        load_warning_lists(tmp_path)


@settings(max_examples=100)
@given(kind=st.sampled_from(Kind), value=st.text(max_size=80))
def test_no_value_makes_a_look_up_fail(
    lists: WarningLists, kind: Kind, value: str
) -> None:
    selector = Selector(kind=kind, value=value)
    assert isinstance(find_stop_reason(selector, lists), str)


def test_a_look_up_is_bounded_whatever_the_value(lists: WarningLists) -> None:
    long = Selector(kind=Kind.DOMAIN, value="a." * 200_000 + "example")
    mail = Selector(kind=Kind.EMAIL, value="security@" + "a." * 100_000)
    started = time.process_time()
    for selector in (long, mail):
        assert isinstance(lists.find_name(selector), str)
    assert time.process_time() - started < 1


@needs_real_data("warninglists")
def test_every_real_list_loads_and_answers_in_microseconds() -> None:
    lists = load_warning_lists(DATA / "warninglists")
    assert len(lists.names) == len(list((DATA / "warninglists").glob("*.json")))
    stopped = [
        ("domain", "fonts.gstatic.com"),
        ("domain", "www.duckdns.org"),
        ("ip", "104.16.1.1"),
        ("phone", "+447700900123"),
        ("hash", "md5:44d88612fea8a8f36de82e1278abb02f"),
    ]
    counting = [
        ("domain", "offender.duckdns.org"),
        ("domain", "offender.blogspot.com"),
        ("domain", "offender-shop.xyz"),
        ("url", "https://bit.ly/3xYz"),
        ("url", "https://drive.google.com/file/d/abc"),
        ("email", "offender@yopmail.com"),
        ("ip", "185.220.101.1"),
        ("phone", "+381641234567"),
    ]
    selectors = [Selector(kind=Kind(k), value=v) for k, v in stopped + counting]
    reasons = [find_stop_reason(selector, lists) for selector in selectors]
    assert all(reasons[: len(stopped)])
    assert not any(reasons[len(stopped) :])
    started = time.process_time()
    for selector in selectors * 200:
        lists.find_name(selector)
    each_s = (time.process_time() - started) / (200 * len(selectors))
    assert each_s < 100e-6
