"""`proxeny request`: requests to and from partners."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading
from proxeny.errors import InputError

if TYPE_CHECKING:
    from proxeny.node.requests.models import Request

EXIT_FINDINGS = 1
MAX_FIELDS_BYTES = 1_048_576
app = typer.Typer(help="Requests between authorities.", no_args_is_help=True)
Ref = Annotated[str, typer.Argument(help="The request, such as RS-Q-000001.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=TEXT", help="Fill a field; may be repeated."),
]
Note = Annotated[str, typer.Option(help="Why, for those who read it later.")]


@app.command("list")
def list_(
    direction: Annotated[str, typer.Option(help="sent or received.")] = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List requests by the time left.

    Example: proxeny request list --direction received
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.documents import request_line
    from proxeny.node.requests.queries import list_requests

    with reading(actor, "request.list") as seen:
        rows = list_requests(actor, direction=direction)
        seen += [row.ref for row in rows]
    if as_json:
        output.print_json({"requests": [request_line(row) for row in rows]})
        return
    if not rows:
        output.say("No requests yet: `proxeny request draft --case ...`.")
        return
    output.table(
        ["request", "", "partner", "form", "state", "next due"],
        [
            [
                row.ref,
                row.direction,
                row.partner.authority,
                row.form,
                row.state,
                row.next_due_at.strftime("%Y-%m-%d %H:%M") if row.next_due_at else "",
            ]
            for row in rows
        ],
    )


@app.command()
def draft(
    case: Annotated[str, typer.Option(help="The case it is for.")],
    to: Annotated[str, typer.Option(help="The partner, such as DE/24-7.")],
    form: Annotated[str, typer.Option(help="The form.")] = "ETS185-29",
    sets: Sets = None,
    fields: Annotated[
        Path | None,
        typer.Option(help="JSON object of fields; - for standard input."),
    ] = None,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Draft a request, filled with what the case knows.

    Run it again with `request check` to see what is missing.

    Example: proxeny request draft --case RS-C-000001 --to DE/24-7
    """
    actor = enter_as(home, as_user)
    from django.db import transaction

    from proxeny.node.requests.actions import draft_request, edit_request

    changes = _changes(form, sets, fields)
    with transaction.atomic():
        request = draft_request(actor, case_ref=case, form_id=form, partner_id=to)
        if changes:
            request = edit_request(actor, request.ref, changes)
    _say(request, as_json=as_json)


@app.command()
def edit(
    ref: Ref,
    sets: Sets = None,
    fields: Annotated[Path | None, typer.Option(help="JSON object of fields.")] = None,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Change fields of a request that has not left.

    Example: proxeny request edit RS-Q-000001 --set "custodian=Example Hosting GmbH"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.access import access_request
    from proxeny.node.requests.actions import edit_request

    form = access_request(actor, ref).form
    request = edit_request(actor, ref, _changes(form, sets, fields))
    _say(request, as_json=as_json)


@app.command()
def check(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> int:
    """Run the pre-flight check; ends with 1 if something is missing.

    Example: proxeny request check RS-Q-000001
    """
    actor = enter_as(home, as_user)
    from proxeny import requests as pure
    from proxeny.node.requests.actions import check_request
    from proxeny.node.requests.documents import list_findings, request_line

    request, findings = check_request(actor, ref)
    if as_json:
        found = list_findings(findings)
        output.print_json({**request_line(request), "findings": found})
    else:
        _say_findings(list_findings(findings))
        output.say(f"{request.ref} {request.state}")
    return EXIT_FINDINGS if pure.has_errors(findings) else 0


@app.command()
def approve(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """A second person approves a checked request.

    Example: proxeny request approve RS-Q-000001 --as supervisor
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.actions import approve_request

    _say(approve_request(actor, ref), as_json=as_json)


@app.command("return")
def return_(
    ref: Ref,
    note: Note = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """The approver sends a request back to its drafter.

    Example: proxeny request return RS-Q-000001 --note "name the provider"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.actions import return_request

    _say(return_request(actor, ref, note=note), as_json=as_json)


@app.command()
def send(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Send an approved request; the worker delivers it.

    Example: proxeny request send RS-Q-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.actions import send_request

    _say(send_request(actor, ref), as_json=as_json)


@app.command()
def close(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Close a request in which nothing more is to be done.

    Example: proxeny request close RS-Q-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.actions import close_request

    _say(close_request(actor, ref), as_json=as_json)


@app.command()
def withdraw(
    ref: Ref,
    note: Note = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Take a request back; a partner that has it already is told.

    Example: proxeny request withdraw RS-Q-000001 --note "resolved"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.actions import withdraw_request

    _say(withdraw_request(actor, ref, note=note), as_json=as_json)


@app.command()
def show(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Show a request: fields, findings, clocks, life line, answer.

    Example: proxeny request show RS-Q-000001
    """
    actor = enter_as(home, as_user)
    from django.utils import timezone

    from proxeny.node.requests.access import access_request
    from proxeny.node.requests.documents import request_document

    with reading(actor, "request.show") as seen:
        request = access_request(actor, ref)
        seen.append(request.ref)
        document = request_document(actor, request, timezone.now())
    if as_json:
        output.print_json(document)
        return
    output.say(f"{request.ref} {request.form} {request.state}, {request.partner}")
    for name, value in request.body.items():
        output.say(f"  {name}: {value}")
    _say_findings(document["findings"])
    for clock in document["deadlines"]:
        law = clock["article"] or "the request's own wish"
        due = f"{clock['due_at']:%Y-%m-%d %H:%M}"
        output.say(f"  due {due} UTC: {clock['what']} ({law})")
    for event in document["events"]:
        at = f"{event['at']:%Y-%m-%d %H:%M}"
        output.say(f"  {at}  {event['by']}: {event['event']} {event['note']}")
    if request.reply:
        output.say(f"  answer: {request.reply}")


@app.command()
def answer(
    ref: Ref,
    sets: Sets = None,
    fields: Annotated[Path | None, typer.Option(help="JSON object of fields.")] = None,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> int:
    """Answer a request that was received: preserved until a day, or refused, ...

    Example: proxeny request answer DE-Q-000001 --set outcome=preserved
      --set reference=BKA-1 --set preserved_on=2026-11-21
      --set preserved_until=2027-01-20
    """
    actor = enter_as(home, as_user)
    from proxeny import requests as pure
    from proxeny.node.requests.access import access_request
    from proxeny.node.requests.actions import answer_request
    from proxeny.node.requests.documents import list_findings, request_line

    form = access_request(actor, ref).form
    reply = _changes(form, sets, fields, reply=True)
    request, findings = answer_request(actor, ref, reply)
    failed = pure.has_errors(findings)
    if as_json:
        found = list_findings(findings)
        output.print_json({**request_line(request), "findings": found})
    else:
        _say_findings(list_findings(findings))
        output.say("not sent" if failed else f"{request.ref} {request.state}")
    return EXIT_FINDINGS if failed else 0


@app.command()
def pdf(
    ref: Ref,
    out: Annotated[Path, typer.Option(help="Where to write it.")],
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Write a request as a PDF (PDF/A-2a, PDF/UA-1).

    Example: proxeny request pdf RS-Q-000001 --out request.pdf
    """
    actor = enter_as(home, as_user)
    from proxeny.node.requests.access import access_request
    from proxeny.node.requests.paper import render_paper

    with reading(actor, "request.pdf") as seen:
        request = access_request(actor, ref)
        seen.append(request.ref)
        content = render_paper(request)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError("The file can't be written there.", code="PXY-OUT") from error
    if as_json:
        output.print_json({"ref": request.ref, "bytes": len(content)})
    else:
        output.say(f"{len(content)} bytes")


def _changes(
    form_id: str, sets: list[str] | None, file: Path | None, *, reply: bool = False
) -> dict[str, Any]:
    """Fields from a JSON file and from ``--set``; the latter wins."""
    from proxeny import requests as pure

    changes = _read_fields(file) if file is not None else {}
    form = pure.load_form(form_id)
    known = form.reply_fields if reply else form.fields
    for item in sets or []:
        name, sign, text = item.partition("=")
        if not sign:
            raise InputError(
                "A field is set as FIELD=TEXT.",
                code="PXY-SET",
                advice=f"Fields: {', '.join(field.name for field in known)}.",
            )
        wanted = name.partition(".")[0].strip()
        if wanted not in {field.name for field in known}:
            raise InputError(
                f"There is no field '{wanted[:40]}'.",
                code="PXY-SET",
                advice=f"Fields: {', '.join(field.name for field in known)}.",
            )
        field = pure.require_field(known, wanted)
        if "." in name:
            part = name.partition(".")[2].strip()
            changes[field.name] = {**changes.get(field.name, {}), part: text}
        else:
            changes[field.name] = text
    return changes


def _read_fields(file: Path) -> dict[str, Any]:
    try:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with stream:
            content = stream.read(MAX_FIELDS_BYTES + 1)
        if len(content) > MAX_FIELDS_BYTES:
            raise InputError("The file of fields is over 1 MiB.", code="PXY-FIELDS")
        document = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            "The file of fields can't be read as JSON.", code="PXY-FIELDS"
        ) from error
    if not isinstance(document, dict):
        raise InputError("The file of fields holds no object.", code="PXY-FIELDS")
    return document


def _say_findings(findings: list[dict[str, Any]]) -> None:
    for one in findings:
        paragraph = f"Art. {one['paragraph']}" if one["paragraph"] else "form"
        output.say(f"  {one['level']} {one['field']} ({paragraph}): {one['text']}")


def _say(request: "Request", *, as_json: bool) -> None:
    from proxeny.node.requests.documents import request_line

    if as_json:
        output.print_json(request_line(request))
    else:
        output.say(f"{request.ref} {request.state}")
