"""Which selectors a report mentions, and in which role.

What the source named in fields of its own is joined with what `proxeny.selectors`
finds in title and narrative. A selector is mentioned once, with one role:

- victim wins over everything. A victim's number or address must never link two
  reports, so one place that says *victim* is enough, though another says *offender*;
- offender wins over unknown.

`selectors.find` guesses *victim* from words such as "my account". In a reported mail
the one who says "my" is the offender ("here is my bitcoin wallet"), so for a mail that
guess counts as unknown: its victims are the recipients, whom the reader of mails gives.

The place is the first one in the narrative, else in the title, so that a page can
mark it in the text; a selector that stands in neither keeps the source's field.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from proxeny import selectors
from proxeny.reports.report import Channel, Report
from proxeny.selectors import Role, Selector

# The higher one wins where the same selector is mentioned in several roles.
_RECIPIENT_CHARS = 60
# Mass mails say at their foot to whom they went: that is the victim, not the sender.
_RECIPIENT = re.compile(
    r"\b(?:sent|delivered|addressed|gesendet|geschickt|envoyé|enviado|verzonden"
    r"|inviat[ao]|wysłano|poslato)\s(?:\w+\s)?(?:to|an|à|para|a|aan|do|na)\s?:?[\s<(\"']*$",
    re.IGNORECASE,
)

_RANK = {Role.UNKNOWN: 0, Role.OFFENDER: 1, Role.VICTIM: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMention:
    """One selector of a report.

    `field` is "narrative", "title", or where the source named it: "given", or the
    header of a mail ("from", "received", ...). `start` and `end` are character offsets
    into narrative or title; elsewhere they span the raw text, the normal form.
    """

    selector: Selector
    role: Role
    raw: str
    field: str
    start: int
    end: int


def find_mentions(report: Report) -> list[ReportMention]:
    """Find the selectors of a report.

    Args:
        report: its country helps to read a national telephone number.

    Returns:
        One mention for each selector, in the order narrative, title, given.
    """
    found: dict[Selector, ReportMention] = {}
    for mention in _list_places(report):
        first = found.setdefault(mention.selector, mention)
        if _RANK[mention.role] > _RANK[first.role]:
            found[mention.selector] = replace(first, role=mention.role)
    return list(found.values())


def _list_places(report: Report) -> Iterator[ReportMention]:
    yield from _find_in(report, "narrative", report.narrative)
    yield from _find_in(report, "title", report.title)
    for given in report.given:
        value = given.selector.value
        yield ReportMention(
            selector=given.selector,
            role=given.role,
            raw=value,
            field=given.field,
            start=0,
            end=len(value),
        )


def _find_in(report: Report, field: str, text: str) -> Iterator[ReportMention]:
    for mention in selectors.find(text, country=report.country):
        yield ReportMention(
            selector=mention.selector,
            role=_read_role(report, mention, text),
            raw=mention.raw,
            field=field,
            start=mention.start,
            end=mention.end,
        )


def _read_role(report: Report, mention: selectors.Mention, text: str) -> Role:
    if report.channel is not Channel.EMAIL:
        return mention.role
    before = text[max(0, mention.start - _RECIPIENT_CHARS) : mention.start]
    if _RECIPIENT.search(before) is not None:
        return Role.VICTIM
    # In a reported mail "my account" is the offender's way of speaking.
    return Role.UNKNOWN if mention.role is Role.VICTIM else mention.role
