"""What never links: victims' mentions and values that half the world shares."""

import hashlib
import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.linking.linking_facts import (
    GMAIL,
    IBAN,
    OFFENDER,
    OTHER_PHONE,
    PHONE,
    UNKNOWN,
    VICTIM,
)

from proxeny.linking import find_stop_reason, select_linkable
from proxeny.selectors import Kind, Role, Selector, parse_selector

STOPS = tomllib.loads(
    resources.files("proxeny.linking").joinpath("stops.toml").read_text("utf-8")
)
KIND_OF_LIST = {
    "domains": Kind.DOMAIN,
    "addresses": Kind.IP,
    "asns": Kind.ASN,
    "card_bins": Kind.CARD_BIN,
    "handles": Kind.HANDLE,
    "hashes": Kind.HASH,
    "wallets": Kind.WALLET,
}
LISTED = [
    (KIND_OF_LIST[key], value)
    for entry in STOPS.values()
    if isinstance(entry, dict)
    for key in KIND_OF_LIST
    for value in entry.get(key, ())
]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.DOMAIN, "gmail.com"),
        (Kind.DOMAIN, "google.com"),
        (Kind.DOMAIN, "www.facebook.com"),
        (Kind.DOMAIN, "accounts.google.com"),
        (Kind.DOMAIN, "github.io"),
        (Kind.DOMAIN, "www.blogspot.com"),
        (Kind.DOMAIN, "bit.ly"),
        (Kind.DOMAIN, "paypal.com"),
        (Kind.EMAIL, "service@paypal.com"),
        (Kind.EMAIL, "noreply@mail.dhl.de"),
        (Kind.URL, "https://bit.ly/"),
        (Kind.URL, "https://www.google.com"),
        (Kind.URL, "http://192.168.1.1/login"),
        (Kind.URL, "http://www.w3.org/1999/xhtml"),
        (Kind.URL, "https://fonts.googleapis.com/css2?family=Roboto"),
        (Kind.URL, "http://[::1]/login"),
        (Kind.URL, "http://[broken/"),
        (Kind.IP, "10.1.2.3"),
        (Kind.IP, "127.0.0.1"),
        (Kind.IP, "169.254.3.4"),
        (Kind.IP, "224.0.0.1"),
        (Kind.IP, "fe80::1"),
        (Kind.IP, "8.8.8.8"),
        (Kind.IP, "not an address"),
        (Kind.HASH, "md5:d41d8cd98f00b204e9800998ecf8427e"),
        (Kind.HASH, "md5:44d88612fea8a8f36de82e1278abb02f"),
        (Kind.WALLET, "eth:0x0000000000000000000000000000000000000000"),
        (Kind.IP, "10.1.0.0/16"),
        (Kind.URL, "http://10.0.0.0/8"),
    ],
)
def test_a_value_that_half_the_world_shares_stops(kind: Kind, value: str) -> None:
    assert find_stop_reason(Selector(kind=kind, value=value))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.DOMAIN, "bank.example"),
        (Kind.DOMAIN, "shop.example.org"),
        (Kind.DOMAIN, "paypal.com.shop.example"),
        (Kind.DOMAIN, "notpaypal.com"),
        (Kind.DOMAIN, "offender.github.io"),
        (Kind.EMAIL, "offender@gmail.com"),
        (Kind.EMAIL, "offender@shop.github.io"),
        (Kind.URL, "https://bit.ly/3xYz"),
        (Kind.URL, "https://docs.google.com/forms/d/abc"),
        (Kind.URL, "https://i.imgur.com/abc.png"),
        (Kind.URL, "https://www.google.com/?q=abc"),
        (Kind.URL, "https://shop.example.org/"),
        (Kind.URL, "https://offender.github.io/"),
        (Kind.IP, "203.0.113.7"),
        (Kind.IP, "2001:db8::7"),
        (Kind.IP, "185.220.101.1"),
        (Kind.IP, "185.220.101.0/24"),
        (Kind.IP, "203.0.113.0/28"),
        (Kind.HASH, "md5:0cc175b9c0f1b6a831c399e269772661"),
        (Kind.PHONE, "+381641234567"),
        (Kind.IBAN, "RS35105008123123123173"),
    ],
)
def test_a_value_of_its_own_counts(kind: Kind, value: str) -> None:
    assert find_stop_reason(Selector(kind=kind, value=value)) == ""


@pytest.mark.parametrize(("kind", "value"), LISTED)
def test_the_packaged_list_is_in_normal_form_and_stops(kind: Kind, value: str) -> None:
    is_suffix = kind is Kind.DOMAIN and value in STOPS["hosting"]["domains"]
    if not is_suffix:
        assert parse_selector(kind, value).value == value
    assert find_stop_reason(Selector(kind=kind, value=value))


def test_no_listed_domain_has_more_labels_than_are_read() -> None:
    domains = [value for kind, value in LISTED if kind is Kind.DOMAIN]
    assert all(
        find_stop_reason(Selector(kind=Kind.DOMAIN, value=f"www.{name}"))
        for name in domains
    )


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_the_hash_of_an_empty_file_stops(name: str) -> None:
    value = f"{name}:{hashlib.new(name, b'').hexdigest()}"
    assert find_stop_reason(Selector(kind=Kind.HASH, value=value))


def test_the_packaged_list_names_nothing_twice() -> None:
    assert len(LISTED) == len(set(LISTED))


def test_a_victims_mention_is_left_out_and_named_as_such() -> None:
    linkable = select_linkable([(IBAN, VICTIM), (PHONE, OFFENDER), (GMAIL, UNKNOWN)])
    assert linkable.selectors == (PHONE,)
    assert [left.selector for left in linkable.victims] == [IBAN]
    assert linkable.victims[0].why == "mentioned as a victim's"
    assert [left.selector for left in linkable.stopped] == [GMAIL]
    assert linkable.stopped[0].why == "a free-mail provider that anybody may use"


def test_a_selector_that_is_a_victims_in_one_place_is_so_in_all_of_the_report() -> None:
    linkable = select_linkable([(IBAN, OFFENDER), (IBAN, VICTIM), (IBAN, UNKNOWN)])
    assert linkable.selectors == ()
    assert [left.selector for left in linkable.victims] == [IBAN]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([IBAN, PHONE, OTHER_PHONE, GMAIL]), st.sampled_from(Role)
        )
    ),
    st.randoms(),
)
def test_every_mention_ends_in_one_list_whatever_the_order(
    mentions: list[tuple[Selector, Role]], dice: object
) -> None:
    linkable = select_linkable(mentions)
    lists = [
        *linkable.selectors,
        *(left.selector for left in (*linkable.stopped, *linkable.victims)),
    ]
    assert len(lists) == len(set(lists))
    assert set(lists) == {selector for selector, _ in mentions}
    victims = {selector for selector, role in mentions if role is VICTIM}
    assert not victims & set(linkable.selectors)
    dice.shuffle(mentions)
    assert select_linkable(mentions) == linkable


@settings(max_examples=60)
@given(st.sampled_from(Kind), st.text(max_size=60))
def test_no_value_makes_the_stop_list_fail(kind: Kind, value: str) -> None:
    assert isinstance(find_stop_reason(Selector(kind=kind, value=value)), str)


def test_a_domain_of_very_many_labels_is_answered() -> None:
    value = "a." * 100_000 + "gmail.com"
    assert find_stop_reason(Selector(kind=Kind.DOMAIN, value=value)) != ""
