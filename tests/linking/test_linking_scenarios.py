"""What linking does with reports as they come in, told as an analyst would."""

import pytest
from tests.linking.linking_facts import (
    GMAIL,
    IBAN,
    OFFENDER,
    PHONE,
    RARE,
    SCORECARD,
    STORY,
    UNKNOWN,
    VICTIM,
    day,
)

from proxeny.linking import (
    MAX_HOLDERS_READ,
    Linker,
    LinkingError,
    list_terms,
    render_terms,
)
from proxeny.selectors import Kind, Selector


@pytest.fixture
def linker() -> Linker:
    return Linker(SCORECARD)


def test_one_shared_iban_links_two_reports_a_week_apart(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, OFFENDER)])
    verdict = linker.add("B", at=day(7), mentions=[(IBAN, UNKNOWN)])

    assert verdict.join is None
    (link,) = verdict.found
    assert link.holder.ref == "A"
    assert render_terms(list_terms(SCORECARD, link)) == (
        "same iban RS35105008123123123173, held by 2 reports, 7 days apart (+7.3)"
    )
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

    stopped = list_terms(SCORECARD, verdict.found[0])[-1]
    assert stopped.bits == 0
    assert stopped.text == (
        "same domain gmail.com, held by 2 reports, not counted: a free-mail provider"
        " that anybody may use"
    )


def test_a_hub_of_many_offences_does_not_fuse_them(linker: Linker) -> None:
    for number in range(500):
        linker.add(
            f"R{number}",
            at=day(number * 9),
            offence=f"class {number % 7}",
            mentions=[(PHONE, OFFENDER)],
        )
    sizes = [len(refs) for refs in linker.list_series().values()]
    assert max(sizes) <= 10


def test_the_same_story_links_reports_that_name_nothing() -> None:
    linker = Linker(SCORECARD, RARE)
    linker.add("A", at=day(0), mentions=[], narrative=STORY)
    verdict = linker.add("B", at=day(1), mentions=[], narrative=f"Hello. {STORY}")

    assert [link.holder.ref for link in verdict.found] == ["A"]
    assert list_terms(SCORECARD, verdict.found[0])[0].kind == "text"


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


def test_a_bridge_between_two_large_series_joins_one_and_shows_the_other(
    linker: Linker,
) -> None:
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


def test_what_waits_between_two_series_adds_up_until_they_merge(
    linker: Linker,
) -> None:
    grow_two_series(linker, 25)
    bridges = 0
    while linker.find_series("iban-0") != linker.find_series("phone-0"):
        # A report of each series names one number more, which nobody else names.
        fresh = (Selector(kind=Kind.PHONE, value=f"fresh-{bridges}"), OFFENDER)
        for name, steady in (("iban", IBAN), ("phone", PHONE)):
            own = (Selector(kind=Kind.HANDLE, value=f"{name}-{bridges}"), OFFENDER)
            both = [(steady, OFFENDER), own]
            linker.add(f"{name}-near-{bridges}", at=day(2), mentions=both)
            linker.add(f"{name}-far-{bridges}", at=day(2), mentions=[*both, fresh])
        bridges += 1
        assert bridges < 9
    assert bridges > 1


def test_one_report_with_the_keys_of_two_small_series_merges_them_not(
    linker: Linker,
) -> None:
    grow_two_series(linker, 2)
    verdict = linker.add(
        "bridge", at=day(1), mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)]
    )

    assert verdict.merge == ()
    assert sorted(map(len, linker.list_series().values())) == [2, 3]


@pytest.mark.parametrize("source", [None, "planter"])
def test_planted_reports_never_fuse_two_large_series(
    linker: Linker, source: str | None
) -> None:
    """What an adversary gains who plants two rivals' numbers in 100 reports.

    Each planted report lands with one rival, as any report that names his number
    would. Whoever they come from, two numbers are two keys, which the guard doesn't
    take for enough; and those of one source are counted once.
    """
    grow_two_series(linker, 40)
    verdicts = [
        linker.add(
            f"planted-{number}",
            at=day(4 + number / 10),
            mentions=[(IBAN, OFFENDER), (PHONE, OFFENDER)],
            country="RS",
            offence="phishing",
            source=source,
        )
        for number in range(100)
    ]
    assert all(verdict.merge == () for verdict in verdicts)
    assert linker.find_series("iban-0") != linker.find_series("phone-0")


def test_reports_of_one_source_count_once(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[(IBAN, OFFENDER)])
    for number in range(3 * MAX_HOLDERS_READ):
        linker.add(
            f"B{number}", at=day(0), mentions=[(IBAN, OFFENDER)], source="planter"
        )
    verdict = linker.add("C", at=day(0), mentions=[(IBAN, OFFENDER)])
    assert {link.best.holders for link in verdict.because} == {3}
    assert linker.find_series("B0") == linker.find_series("B5")


def test_a_source_counts_once_however_many_reported_between(linker: Linker) -> None:
    for turn in range(3):
        linker.add(f"A{turn}", at=day(0), mentions=[(IBAN, OFFENDER)], source="one")
        for number in range(MAX_HOLDERS_READ + 1):
            linker.add(f"B{turn}-{number}", at=day(0), mentions=[(IBAN, OFFENDER)])
    verdict = linker.add("C", at=day(0), mentions=[(IBAN, OFFENDER)])
    held = {link.best.holders for link in verdict.because}
    assert held == {3 * (MAX_HOLDERS_READ + 1) + 2}


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


def test_a_report_is_added_once(linker: Linker) -> None:
    linker.add("A", at=day(0), mentions=[])
    with pytest.raises(LinkingError, match="held already") as caught:
        linker.add("A", at=day(0), mentions=[])
    assert caught.value.stable_code == "PXY-LINKING"


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
