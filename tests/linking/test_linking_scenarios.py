"""What linking does with reports as they come in, told as an analyst would."""

import pytest
from tests.linking.linking_facts import (
    GMAIL,
    IBAN,
    OFFENDER,
    OTHER_PHONE,
    PHONE,
    UNKNOWN,
    VICTIM,
    day,
)

from proxeny.linking import (
    MAX_HOLDERS_READ,
    STOP_AFTER_HOLDERS,
    Linker,
    LinkingError,
    load_scorecard,
)
from proxeny.selectors import Kind, Selector


@pytest.fixture
def linker() -> Linker:
    return Linker(load_scorecard())


def test_one_shared_iban_links_two_reports_a_week_apart(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, OFFENDER)])
    verdict = linker.add("B", at=day(7), mentions=[(IBAN, UNKNOWN)])

    assert verdict.join is None
    (link,) = verdict.found
    assert link.holder.ref == "A"
    assert [term.text for term in link.terms] == [
        "both mention the IBAN RS35105008123123123173; held by 2 reports",
        "reported 7 days apart",
    ]
    assert linker.list_series() == {"B": ("A", "B")}


def test_a_third_report_joins_the_series(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, OFFENDER)])
    linker.add("B", at=day(1), mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)])
    verdict = linker.add("C", at=day(2), mentions=[(PHONE, OFFENDER)])

    assert verdict.join == "B"
    assert [link.holder.ref for link in verdict.because] == ["B"]
    assert linker.list_series() == {"B": ("A", "B", "C")}


def test_one_shared_free_mail_domain_does_not_link(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(GMAIL, UNKNOWN)])
    verdict = linker.add("B", at=day(0), mentions=[(GMAIL, UNKNOWN)])

    assert verdict.found == verdict.because == verdict.related == ()
    assert linker.list_series() == {}


def test_a_shared_stop_value_is_shown_beside_what_counts(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(GMAIL, UNKNOWN), (IBAN, OFFENDER)])
    verdict = linker.add("B", at=day(0), mentions=[(GMAIL, UNKNOWN), (IBAN, OFFENDER)])

    stopped = verdict.found[0].terms[-1]
    assert stopped.bits == 0
    assert stopped.text == (
        "both mention the domain gmail.com; not counted: a free-mail provider that "
        "anybody may use"
    )


def test_a_hub_of_500_reports_does_not_fuse_them(linker: Linker) -> None:
    for number in range(500):
        linker.add(
            f"R{number}",
            at=day(number * 9),
            offence=f"class {number % 7}",
            mentions=[(PHONE, OFFENDER)],
        )

    sizes = [len(refs) for refs in linker.list_series().values()]
    assert max(sizes) <= 10
    verdict = linker.add("last", at=day(499 * 9), mentions=[(PHONE, OFFENDER)])
    assert verdict.found == verdict.because == verdict.related == ()


def test_a_hub_is_shown_with_its_reason(linker: Linker) -> None:
    for number in range(STOP_AFTER_HOLDERS):
        linker.add(f"R{number}", at=day(number * 9), mentions=[(PHONE, OFFENDER)])
    both = [(PHONE, OFFENDER), (IBAN, OFFENDER)]
    linker.add("A", at=day(9_000), mentions=both)
    verdict = linker.add("B", at=day(9_000), mentions=both)

    hub = verdict.found[0].terms[-1]
    assert (hub.name, hub.bits) == ("hub", 0)
    assert "held by 302 reports, more than 300" in hub.text


def test_a_victims_iban_named_in_two_reports_never_links(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, VICTIM)])
    second = linker.add("B", at=day(0), mentions=[(IBAN, VICTIM)])
    third = linker.add("C", at=day(0), mentions=[(IBAN, OFFENDER)])

    assert second.found == third.found == ()
    assert linker.list_series() == {}


def test_the_same_account_as_a_mules_in_two_other_reports_links(
    linker: Linker,
) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, VICTIM)])
    linker.add("B", at=day(0), mentions=[(IBAN, OFFENDER)])
    verdict = linker.add("C", at=day(0), mentions=[(IBAN, OFFENDER)])

    assert [link.holder.ref for link in verdict.found] == ["B"]


def test_a_rented_number_gives_related_series_and_no_merge(linker: Linker) -> None:
    grow_two_series(linker, 60)
    verdict = linker.add(
        "bridge",
        at=day(6),
        country="RS",
        offence="phishing",
        mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)],
    )

    assert verdict.merge == ()
    assert verdict.join is not None
    joined = {link.holder.series for link in verdict.because}
    related = {link.holder.series for link in verdict.related}
    assert joined | related == {"iban-1", "phone-1"}
    assert not joined & related
    assert sorted(map(len, linker.list_series().values())) == [60, 61]


def test_two_small_series_merge_when_one_report_holds_the_key_of_both(
    linker: Linker,
) -> None:
    grow_two_series(linker, 2)
    verdict = linker.add(
        "bridge", at=day(1), mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)]
    )

    assert {verdict.join, *verdict.merge} == {"iban-1", "phone-1"}
    assert list(map(len, linker.list_series().values())) == [5]


def test_planted_reports_join_a_rival_but_never_fuse_two_large_series(
    linker: Linker,
) -> None:
    """What an adversary gains who plants two rivals' numbers in 30 reports.

    Each planted report lands in one rival's series, as any report that names his
    number would: exact selectors can't tell them apart. None has more evidence than
    one report can bring, so the two series stay two, and the first planted reports
    show the other series as related: a pattern that an officer sees and splits off.
    Once planted reports are all the newest holders of a number, they crowd the older
    ones out, and what names that number next follows them until they are split off.
    """
    grow_two_series(linker, 40)
    facts = {"country": "RS", "offence": "phishing"}
    verdicts = [
        linker.add(
            f"planted-{number}",
            at=day(4 + number / 10),
            mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)],
            **facts,
        )
        for number in range(30)
    ]
    linker.add("next", at=day(8), mentions=[(PHONE, OFFENDER)], **facts)

    assert all(verdict.merge == () for verdict in verdicts)
    assert all(verdict.related for verdict in verdicts[:MAX_HOLDERS_READ])
    assert linker.find_series("iban-0") != linker.find_series("phone-0")
    assert linker.find_series("next") == linker.find_series("planted-0")


def test_one_report_that_lists_many_numbers_of_two_series_does_not_fuse_them(
    linker: Linker,
) -> None:
    for name in ("north", "south"):
        for number in range(40):
            steady = Selector(kind=Kind.IBAN, value=name)
            fresh = Selector(kind=Kind.PHONE, value=f"{name}-{number}")
            linker.add(
                f"{name}-{number}",
                at=day(number / 10),
                country="RS",
                offence="phishing",
                mentions=[(steady, OFFENDER), (fresh, OFFENDER)],
            )
    verdict = linker.add(
        "list",
        at=day(4),
        country="RS",
        offence="phishing",
        mentions=[
            (Selector(kind=Kind.PHONE, value=f"{name}-{number}"), OFFENDER)
            for name in ("north", "south")
            for number in range(40)
        ],
    )

    assert verdict.join is not None
    assert verdict.merge == ()
    assert verdict.related


def test_flooding_a_number_makes_it_stop_counting_visibly(linker: Linker) -> None:
    """An offender may hide his own number by planting it in hundreds of reports.

    Linking by it then ends, but the other selectors still link, and the term says
    why the number no longer counts.
    """
    for number in range(STOP_AFTER_HOLDERS + 1):
        linker.add(f"planted-{number}", at=day(0), mentions=[(PHONE, OFFENDER)])
    true = [(PHONE, OFFENDER), (OTHER_PHONE, OFFENDER)]
    linker.add("A", at=day(1), mentions=true)
    verdict = linker.add("B", at=day(1), mentions=true)

    (link,) = verdict.found
    assert link.holder.ref == "A"
    assert {term.name for term in link.terms} == {"shared", "hub", "time"}


def test_a_report_is_added_once(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[])
    with pytest.raises(LinkingError, match="held already") as caught:
        linker.add("A", at=day(0), mentions=[])
    assert caught.value.stable_code == "PXY-LINKING"


def test_a_time_without_a_zone_is_refused(linker: Linker) -> None:
    with pytest.raises(LinkingError, match="no time zone"):
        linker.add("A", at=day(0).replace(tzinfo=None), mentions=[])


def grow_two_series(linker: Linker, size: int) -> None:
    for name, selector in (("iban", IBAN), ("phone", PHONE)):
        for number in range(size):
            linker.add(
                f"{name}-{number}",
                at=day(number / 10),
                country="RS",
                offence="phishing",
                mentions=[(selector, OFFENDER)],
            )
