"""`proxeny case`: open and see cases."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading

if TYPE_CHECKING:
    from proxeny.node.accounts.actor import Actor

app = typer.Typer(help="Cases.", no_args_is_help=True)
Ref = Annotated[str, typer.Argument(help="The case, such as RS-C-000001.")]


@app.command("open")
def open_(
    series: Annotated[str, typer.Option(help="The series it is about.")],
    title: Annotated[str, typer.Option(help="What people will call it.")],
    offence: Annotated[
        str, typer.Option(help="Class of the offence, such as ETS185:8.")
    ] = "ETS185:8",
    summary: Annotated[str, typer.Option(help="Short facts, without victims.")] = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Open a case on a series.

    Example: proxeny case open --series RS-S-000001 --title "Investment platform"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.cases.actions import open_case
    from proxeny.node.cases.documents import case_line
    from proxeny.node.cases.queries import CaseRow, series_of

    case = open_case(
        actor, series_ref=series, title=title, offence=offence, summary=summary
    )
    if as_json:
        output.print_json(case_line(CaseRow(case=case, series=series_of(case))))
        return
    output.say(f"{case.ref} {case.title}")
    output.say("Next: proxeny routes, then proxeny request draft")


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List cases, newest first.

    Example: proxeny case list
    """
    actor = enter_as(home, as_user)
    from proxeny.node.cases.documents import case_line
    from proxeny.node.cases.queries import list_cases

    with reading(actor, "case.list") as seen:
        rows = list_cases(actor, limit=limit)
        seen += [row.case.ref for row in rows]
    if as_json:
        output.print_json({"cases": [case_line(row) for row in rows]})
        return
    if not rows:
        output.say("No cases yet: `proxeny case open --series ...`.")
        return
    output.table(
        ["case", "series", "offence", "title"],
        [
            [row.case.ref, row.series.ref, row.case.offence, row.case.title]
            for row in rows
        ],
    )


@app.command()
def show(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Show a case: series, requests, timeline.

    Example: proxeny case show RS-C-000001
    """
    actor = enter_as(home, as_user)
    document = _read(actor, ref, "case.show")
    if as_json:
        output.print_json(document)
        return
    output.say(f"{document['ref']} {document['title']} ({document['offence']})")
    output.say(f"Series {document['series']}, {document['reports']} reports")
    for request in document["requests"]:
        output.say(f"  {request['ref']} {request['form']} {request['state']}")
    for event in document["events"]:
        output.say(f"  {event['at']:%Y-%m-%d %H:%M}  {event['by']}: {event['text']}")


@app.command()
def export(ref: Ref, home: Home = None, as_user: AsUser = None) -> None:
    """Print a case as one JSON document.

    Example: proxeny case export RS-C-000001 > case.json
    """
    actor = enter_as(home, as_user)
    output.print_json(_read(actor, ref, "case.export"))


def _read(actor: "Actor", ref: str, action: str) -> dict[str, Any]:
    from proxeny.node.cases.access import access_case
    from proxeny.node.cases.documents import case_document, list_refs

    with reading(actor, action) as seen:
        document = case_document(access_case(actor, ref))
        seen.extend(list_refs(document))
    return document
