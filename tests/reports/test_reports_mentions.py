"""A selector is mentioned once, and a victim's is never anything else."""

from itertools import permutations

import pytest

from proxeny.reports import Channel, GivenSelector, Report, find_mentions
from proxeny.selectors import Kind, Role, Selector

ADDRESS = "mila@shop.example.org"


def _report(*, narrative="", title="", roles=(), country=None, channel=Channel.EMAIL):
    selector = Selector(kind=Kind.EMAIL, value=ADDRESS)
    return Report(
        digest="0" * 64,
        channel=channel,
        title=title,
        narrative=narrative,
        country=country,
        given=tuple(GivenSelector(selector=selector, role=role) for role in roles),
    )


def _one(report):
    (mention,) = find_mentions(report)
    return mention


def test_selector_of_the_narrative_has_its_place_there():
    narrative = f"Please contact {ADDRESS} for details."
    mention = _one(_report(narrative=narrative))
    assert mention.field == "narrative"
    assert narrative[mention.start : mention.end] == mention.raw == ADDRESS


def test_selector_of_the_title_has_its_place_there():
    mention = _one(_report(title=f"About {ADDRESS}"))
    assert (mention.field, mention.start) == ("title", 6)


def test_given_selector_that_stands_nowhere_keeps_its_field():
    mention = _one(_report(roles=[Role.OFFENDER]))
    assert (mention.field, mention.raw, mention.start) == ("given", ADDRESS, 0)
    assert mention.end == len(ADDRESS)
    assert mention.role is Role.OFFENDER


def test_selector_in_title_narrative_and_given_is_one_mention():
    report = _report(narrative=ADDRESS, title=ADDRESS, roles=[Role.UNKNOWN])
    assert _one(report).field == "narrative"


def test_victims_address_in_the_text_is_the_victims():
    report = _report(narrative=f"The mail to {ADDRESS} said", roles=[Role.VICTIM])
    mention = _one(report)
    assert mention.role is Role.VICTIM
    assert mention.field == "narrative"


@pytest.mark.parametrize("roles", list(permutations(Role)))
def test_victim_wins_in_any_order(roles):
    assert _one(_report(roles=roles)).role is Role.VICTIM


def test_offender_wins_over_unknown():
    for roles in permutations([Role.OFFENDER, Role.UNKNOWN]):
        assert _one(_report(roles=roles)).role is Role.OFFENDER


def test_country_of_the_report_reads_a_national_number():
    report = _report(narrative="Call 064 123 4567 now", country="RS")
    values = [mention.selector.value for mention in find_mentions(report)]
    assert values == ["+381641234567"]


@pytest.mark.parametrize(
    ("channel", "role"),
    [(Channel.CSV, Role.VICTIM), (Channel.EMAIL, Role.UNKNOWN)],
)
def test_my_in_a_complaint_is_the_victim_and_in_a_mail_the_sender(channel, role):
    report = _report(narrative=f"Write to my e-mail {ADDRESS}", channel=channel)
    assert _one(report).role is role
