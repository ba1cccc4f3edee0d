"""`proxeny series`: see, explain and correct series."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading
from proxeny.errors import InputError

if TYPE_CHECKING:
    from proxeny.node.accounts.actor import Actor

app = typer.Typer(
    help="Series: reports held to be one offender's.", no_args_is_help=True
)
Ref = Annotated[str, typer.Argument(help="The series, such as RS-S-000001.")]
Reason = Annotated[str, typer.Option(help="Why, for those who read it later.")]
Limit = Annotated[int, typer.Option(min=1, max=1000)]
After = Annotated[
    str, typer.Option(help="The `next` of an earlier answer: go on from there.")
]


@app.command("list")
def list_(
    limit: Limit = 50,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List series, the largest first.

    Example: proxeny series list
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.documents import headline_document
    from proxeny.node.linking.queries import list_series

    with reading(actor, "series.list") as seen:
        rows = list_series(actor, limit=limit)
        seen += [row.series.ref for row in rows]
    if as_json:
        output.print_json({"series": [headline_document(row) for row in rows]})
        return
    if not rows:
        output.say("No series yet: import reports with `proxeny report import`.")
        return
    output.table(
        ["series", "reports", "countries", "loss", "first", "last"],
        [
            [
                row.series.ref,
                row.reports,
                " ".join(row.countries),
                ", ".join(f"{currency} {amount}" for currency, amount in row.losses),
                row.first_at.date() if row.first_at else "",
                row.last_at.date() if row.last_at else "",
            ]
            for row in rows
        ],
    )


@app.command()
def show(
    ref: Ref,
    limit: Limit = 50,
    after: After = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Show a series and its members, the newest first.

    Example: proxeny series show RS-S-000001
    """
    actor = enter_as(home, as_user)
    document = _read_series(actor, "series.show", ref, limit, after)
    _print_series(document, as_json=as_json, reasons=False)


@app.command()
def explain(
    ref: Ref,
    limit: Limit = 50,
    after: After = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Show why each member belongs, strongest reason first.

    Example: proxeny series explain RS-S-000001
    """
    actor = enter_as(home, as_user)
    document = _read_series(actor, "series.explain", ref, limit, after)
    _print_series(document, as_json=as_json, reasons=True)


def _read_series(
    actor: "Actor", action: str, ref: str, limit: int, after: str
) -> dict[str, Any]:
    from proxeny.node.linking.access import access_series
    from proxeny.node.linking.documents import list_refs, series_document

    before = _read_after(after)
    with reading(actor, action) as seen:
        series = access_series(actor, ref)
        document = series_document(series, limit=limit, before=before)
        seen.extend(list_refs(document))
    return document


def _read_after(typed: str) -> int | None:
    from proxeny.node.accounts.program import parse_cursor

    try:
        return parse_cursor(typed) if typed else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--after") from error


def _print_series(document: Mapping[str, Any], *, as_json: bool, reasons: bool) -> None:
    if as_json:
        output.print_json(document)
        return
    countries = " ".join(document["countries"])
    output.say(f"{document['series']}: {document['reports']} reports, {countries}")
    for member in document["members"]:
        output.say(f"  {member['report']}  {member['weight']:5.1f} bits")
        for link in member["because"][:3] if reasons else ():
            output.say(f"      with {link['with']}: {link['weight']:.1f} bits")
            for term in link["terms"]:
                output.say(f"        {term['bits']:+5.1f}  {term['text']}")
    if document["next"]:
        output.say(f"  more: add --after {document['next']}")
    for other in document["related"]:
        weight = f"{other['weight']:.1f} bits"
        output.say(f"  related, not merged: {other['series']} ({weight})")


@app.command()
def merge(
    ref: Ref,
    other: Annotated[str, typer.Argument(help="The series that joins it.")],
    reason: Reason = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Two series are one offender's. Undo with `proxeny series undo`.

    Example: proxeny series merge RS-S-000001 RS-S-000002 --reason "same voice"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import merge_series

    series = merge_series(actor, ref, other, reason=reason)
    _done(series.ref, f"{other} now stands under {series.ref}", as_json=as_json)


@app.command()
def split(
    ref: Ref,
    reports: Annotated[list[str], typer.Argument(help="Reports that leave it.")],
    reason: Reason = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """These reports are another offender's: they become a series of their own.

    Example: proxeny series split RS-S-000001 RS-R-000004 RS-R-000009
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import split_series

    made = split_series(actor, ref, reports, reason=reason)
    _done(made.ref, f"{len(reports)} reports are now {made.ref}", as_json=as_json)


@app.command()
def confirm(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """An officer has looked and stands behind the series.

    Example: proxeny series confirm RS-S-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import confirm_series

    series = confirm_series(actor, ref)
    _done(series.ref, f"{series.ref} confirmed", as_json=as_json)


@app.command()
def undo(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Take back the newest decision on a series.

    Example: proxeny series undo RS-S-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import undo_decision

    decision = undo_decision(actor, ref)
    _done(
        decision.series.ref,
        f"undone: {decision.verb} of {decision.series.ref} by {decision.by}",
        as_json=as_json,
    )


@app.command()
def search(
    kind: Annotated[str, typer.Argument(help="Such as iban, phone or domain.")],
    value: Annotated[str, typer.Argument(help="In any form that people type.")],
    limit: Limit = 50,
    after: After = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Find every report that mentions a selector, newest first.

    Example: proxeny series search iban "DE89 3704 0044 0532 0130 00"
    """
    actor = enter_as(home, as_user)
    from proxeny import selectors
    from proxeny.node.accounts.program import render_cursor
    from proxeny.node.linking.documents import list_search_refs, search_document
    from proxeny.node.linking.queries import search_selector

    wanted = selectors.parse_selector(kind, value)
    before = _read_after(after)
    with reading(actor, "selector.search") as seen:
        found = search_selector(actor, wanted, limit=limit, before=before)
        seen.extend(list_search_refs(found))
        following = None if found.following is None else render_cursor(found.following)
        document = search_document(found, following)
    if as_json:
        output.print_json(document)
        return
    output.say(f"{document['value']}: {document['mentions']} reports mention it")
    if document["not_counted"]:
        output.say(f"  links nobody: {document['not_counted']}")
    columns = ["report", "role", "series"]
    rows = [[one[name] or "" for name in columns] for one in document["reports"]]
    if rows:
        output.table(columns, rows)
    if following:
        output.say(f"More: add --after {following}")


@app.command()
def alerts(
    confirm: Annotated[str, typer.Option(help="This one was worth its while.")] = "",
    dismiss: Annotated[str, typer.Option(help="This one was not.")] = "",
    limit: Limit = 50,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List alerts, the open ones first, or say what one was worth.

    Example: proxeny series alerts --confirm RS-A-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import decide_alert
    from proxeny.node.linking.documents import alerts_document, list_alert_refs
    from proxeny.node.linking.queries import list_alerts

    if confirm and dismiss:
        raise InputError(
            "An alert is confirmed or dismissed, not both.",
            code="PXY-ALERT-BOTH",
            advice="Call the command once for each.",
        )
    for ref, is_confirmed in ((confirm, True), (dismiss, False)):
        if ref:
            decide_alert(actor, ref, confirm=is_confirmed)
    with reading(actor, "alert.list") as seen:
        told = list_alerts(actor, limit=limit)
        seen.extend(list_alert_refs(told.alerts))
        document = alerts_document(told)
    if as_json:
        output.print_json(document)
        return
    if not document["alerts"]:
        output.say("No alerts yet.")
        return
    columns = ["alert", "state", "kind", "series", "reason"]
    rows = [[one[name] or "" for name in columns] for one in document["alerts"]]
    output.table(columns, rows)
    if document["precision"] is not None:
        output.say(f"{document['precision']:.0%} of those decided were confirmed.")


def _done(ref: str, text: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"series": ref})
    else:
        output.say(text)
