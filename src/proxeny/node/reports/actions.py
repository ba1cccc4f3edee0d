"""Take reports in: each item is one transaction, and each is accounted for."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath

from django.db import connection, transaction
from django.utils import timezone

from proxeny import formats, law, selectors
from proxeny import reports as pure
from proxeny.errors import InputError
from proxeny.node.accounts.access import hold_organisation
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.actions import record_write
from proxeny.node.linking.holders import link_holder
from proxeny.node.linking.models import Series
from proxeny.node.reports.models import Attachment, Report
from proxeny.node.selectors.actions import HolderFacts
from proxeny.selectors import Kind, Role

ORIGIN_CHARS = 300
_CONTACTS = frozenset({Kind.EMAIL, Kind.PHONE})
# Every report asks it: the ORM takes longer to build it than the database to answer.
_ORIGINAL = """
SELECT id FROM reports_report
WHERE organisation_id = %s AND digest = %s AND repeat_of_id IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one item."""

    where: str
    report: Report | None
    series: Series | None = None
    repeat_of: Report | None = None
    refused: formats.Refused | None = None
    dropped: tuple[formats.Dropped, ...] = ()


@dataclass(slots=True)
class Tally:
    """The sum of an import, as `report import --json` prints it."""

    read: int = 0
    accepted: int = 0
    repeats: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)
    dropped: list[dict[str, str]] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Count one item."""
        self.read += 1
        if taken.refused is not None:
            item = taken.refused
            self.refused.append(
                {"where": item.where, "code": item.code, "why": item.why}
            )
        elif taken.repeat_of is not None:
            self.repeats += 1
        else:
            self.accepted += 1
        if taken.report is not None:
            self.refs.append(taken.report.ref)
        self.dropped += [
            {"where": drop.where, "field": drop.field, "why": drop.why}
            for drop in taken.dropped
        ]


def take_items(
    actor: Actor, items: Iterable[formats.Accepted | formats.Refused]
) -> Iterator[Taken]:
    """Take items in one by one and say of each what became of it.

    Raises:
        ForbiddenError: the role may not take reports in.
    """
    actor.require("report.write")
    for item in items:
        match item:
            case formats.Accepted():
                try:
                    yield take_report(actor, item)
                except InputError as error:
                    refused = formats.Refused(
                        where=item.where, code=error.stable_code, why=error.message
                    )
                    yield Taken(where=item.where, report=None, refused=refused)
            case formats.Refused():
                yield Taken(where=item.where, report=None, refused=item)


@transaction.atomic
def take_report(actor: Actor, item: formats.Accepted) -> Taken:
    """One report with its selectors, linked to what is held; or a repeat, kept."""
    value = item.report
    # Under this lock two imports of one item can't both find no original.
    hold_organisation(actor.organisation_id)
    original_id = _find_original(actor.organisation_id, value.digest)
    report = Report.objects.create(
        organisation_id=actor.organisation_id,
        created_at=timezone.now(),
        digest=value.digest,
        channel=value.channel.value,
        origin=PurePath(item.where).name[:ORIGIN_CHARS],
        source_ref=value.source_ref or "",
        title=selectors.blank_cards(value.title),
        narrative=selectors.blank_cards(value.narrative),
        sent_at=value.sent_at,
        happened_at=value.happened_at,
        country=value.country or "",
        offence=value.offence or "",
        language=value.language or "",
        amount=value.loss.amount if value.loss else None,
        currency=value.loss.currency if value.loss else "",
        dropped=[{"field": drop.field, "why": drop.why} for drop in item.dropped],
        raw=b"" if original_id else zlib.compress(item.raw),
        repeat_of_id=original_id,
    )
    Attachment.objects.bulk_create(
        Attachment(
            report=report,
            name=attachment.name,
            media_type=attachment.media_type,
            size_bytes=attachment.size_bytes,
            sha256=attachment.sha256,
        )
        for attachment in value.attachments
    )
    record_write(actor, "report.import", [report.ref])
    if original_id is not None:
        # The same bytes again are no further evidence: kept, linked, not counted.
        return Taken(
            where=item.where,
            report=report,
            repeat_of=report.repeat_of,
            dropped=item.dropped,
        )
    mentions = pure.find_mentions(value)
    facts = HolderFacts(
        organisation_id=actor.organisation_id,
        ref=report.ref,
        at=value.happened_at or value.sent_at or report.created_at,
        country=value.country,
        offence=value.offence,
        amount=value.loss.amount if value.loss else None,
        currency=value.loss.currency if value.loss else None,
        narrative=value.narrative,
        source=_find_source(value, mentions),
    )
    linked = link_holder(facts, mentions, _name_offences())
    return Taken(
        where=item.where, report=report, series=linked.series, dropped=item.dropped
    )


def _find_original(organisation_id: int, digest: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINAL, [organisation_id, digest])
        row = cursor.fetchone()
        return None if row is None else int(row[0])


@cache
def _name_offences() -> dict[str, str]:
    classes = law.list_offences(law.load_lawbook())
    return {offence.code: offence.label_en.lower() for offence in classes}


def _find_source(value: pure.Report, mentions: Iterable[pure.ReportMention]) -> str:
    """Who reports, as a pseudonym: by the contact that the victim gave, if any.

    Of a mail that was taken as evidence only the mailbox is known, which may be one
    that collects the mails of many.
    """
    if value.channel is pure.Channel.EMAIL:
        return ""
    given = [
        mention.selector
        for mention in mentions
        if mention.role is Role.VICTIM
        and mention.field == "given"
        and mention.selector.kind in _CONTACTS
    ]
    return f"{min(one.key for one in given):x}" if given else ""
