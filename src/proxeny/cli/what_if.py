"""``proxeny what-if``: what another ratification would have changed for requests."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from proxeny import countries, law
from proxeny.cli.entering import AsUser, Home, enter_as, reading
from proxeny.cli.output import AsJSON, print_json, say, table
from proxeny.cli.routes import parse_day
from proxeny.errors import InputError

if TYPE_CHECKING:
    from proxeny.node.requests.models import Request

MAX_REQUESTS = 100_000


def what_if(
    ratify: Annotated[
        list[str],
        typer.Option(
            "--ratify",
            metavar="INSTRUMENT:CC",
            help="A ratification that is supposed, such as CETS224:TR; repeatable.",
        ),
    ],
    *,
    since: Annotated[
        str | None, typer.Option("--from", help="First day of the period.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last day of the period.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Day of ratification; default: in time for the period's first day.",
        ),
    ] = None,
    data: Annotated[
        str,
        typer.Option("--data", help="What was sought, where a request doesn't say it."),
    ] = law.DataKind.SUBSCRIBER.value,
    home: Home = None,
    as_user: AsUser = None,
    as_json: AsJSON = False,
) -> None:
    """Ask this node's sent requests again, as if a country had ratified a treaty.

    Example: proxeny what-if --ratify CETS224:TR --from 2026-01-01

    Figures come from the lawbook: published or legal times of each channel, and
    what the answers took. They are no promise.
    """
    instrument, ratified = _parse_ratifications(ratify)
    period = (
        date.min if since is None else parse_day(since),
        date.max if until is None else parse_day(until),
    )
    supposed = None if on is None else parse_day(on)
    kind = law.parse_data_kind(data)
    actor = enter_as(home, as_user)
    from proxeny.node.requests.queries import list_requests

    with reading(actor, "request.list") as seen:
        rows = [
            row
            for row in list_requests(actor, direction="sent", limit=MAX_REQUESTS)
            if row.sent_at is not None and period[0] <= row.sent_at.date() <= period[1]
        ]
        seen += [row.ref for row in rows]
        asked = list(list_past_requests(rows, kind))
    book = law.load_lawbook()
    first = min((request.on for request in asked), default=book.edition_on)
    found = law.compare_ratification(
        book,
        instrument,
        ratified,
        asked,
        on=supposed or law.find_ratification_day(book, instrument, first),
    )
    if as_json:
        print_json(asdict(found))
        return
    _print(found, kind)


def _parse_ratifications(given: list[str]) -> tuple[str, list[str]]:
    pairs = [one.strip().rpartition(":") for one in given]
    instruments = {instrument for instrument, _, _ in pairs}
    if len(instruments) != 1 or "" in instruments:
        raise InputError(
            "--ratify needs one treaty and a country, or the same treaty with several.",
            code="PXY-RATIFY",
            advice="Give it as INSTRUMENT:CC, such as --ratify CETS224:TR.",
        )
    return instruments.pop(), [country for _, _, country in pairs]


def list_past_requests(
    rows: "list[Request]", kind: law.DataKind
) -> Iterator[law.PastRequest]:
    """Requests of this node as the lawbook asks them again.

    Args:
        rows: requests that this node drafted or sent.
        kind: what was sought: a request for preservation doesn't say it.
    """
    from django.conf import settings

    from proxeny import requests as pure

    own = settings.CONFIG.authority.country
    # What only keeps data, or opens the way for another request, gives no answer
    # that could be compared.
    leading = {one.id for one in law.load_lawbook().measures if one.must_follow}
    for row in rows:
        other = row.partner.country
        # An organisation, or an authority of our own country, has no route to compare.
        if other == own or other not in countries.codes():
            continue
        answers = pure.load_form(row.form).route not in leading
        ended = row.answered_at if answers else None
        took = ended - row.sent_at if ended and row.sent_at else None
        yield law.PastRequest(
            ref=row.ref,
            requesting=own,
            requested=other,
            data=kind,
            offence="other" if row.case is None else row.case.offence,
            emergency=row.body.get("urgency") == "emergency",
            on=(row.sent_at or row.created_at).date(),
            days=None if took is None else took.days,
        )


def _print(found: law.WhatIf, kind: law.DataKind) -> None:
    who = ", ".join(found.ratified)
    say(f"If {who} had ratified {found.instrument} on {found.ratified_on}:")
    if found.in_force_on is None:
        say(
            f"  still not in force: {found.consents} of {found.consents_needed} "
            "consents."
        )
    else:
        say(f"  in force on {found.in_force_on}.")
    say(
        f"  {found.requests} requests ({kind.value}), {found.opened} with a channel "
        f"more, {found.faster} with a faster one, {found.days_saved} days saved."
    )
    if not found.read:
        say("  A rule or a time limit behind these figures was not re-read.")
    if found.lines:
        table(
            ["request", "to", "sent", "was", "would be", "days", "saved"],
            [
                [
                    line.ref,
                    line.requested,
                    str(line.on),
                    line.fastest_before,
                    line.fastest_after,
                    _describe_days(line),
                    "" if line.days_saved is None else str(line.days_saved),
                ]
                for line in found.lines
            ],
        )


def _describe_days(line: law.WhatIfLine) -> str:
    before = "?" if line.days_before is None else line.days_before
    after = "?" if line.days_after is None else line.days_after
    return f"{before} to {after}"
