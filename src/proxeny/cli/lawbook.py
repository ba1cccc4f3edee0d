"""``proxeny lawbook``: editions of the lawbook."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from proxeny import law
from proxeny.cli.entering import AsUser, Home, enter_as, reading
from proxeny.cli.output import AsJSON, print_json, say, table
from proxeny.cli.routes import parse_day
from proxeny.cli.what_if import MAX_REQUESTS, list_past_requests
from proxeny.errors import InputError

app = typer.Typer(
    name="lawbook",
    help="Editions of the lawbook: dated legal facts with their sources.",
    no_args_is_help=True,
)


@app.callback()
def lawbook() -> None:
    """Editions of the lawbook: dated legal facts with their sources."""


@app.command()
def check(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="An edition of your own; default the packaged."),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Check an edition: every entry has a source, every reference is met.

    Example: proxeny lawbook check --json

    Prints each recorded entry into force that the treaty's own rule does not lead
    to, how many entries were read in their source, how many were not re-read
    (these never drive a deadline) and how many are stale today. Exit code 1 when
    a recorded day differs from the rule's and no note explains it.
    """
    book = law.load_lawbook(folder)
    differences = law.list_differences(book)
    tallies = law.count_entries(book, _today())
    if as_json:
        print_json(
            {
                "edition": book.edition,
                "date": book.edition_on,
                "entries": [asdict(tally) for tally in tallies],
                "entry_into_force": [asdict(one) for one in differences],
            }
        )
    else:
        _print_check(book, differences, tallies)
    if not all(one.explained_by for one in differences):
        raise typer.Exit(1)


def _print_check(
    book: law.Lawbook,
    differences: tuple[law.Difference, ...],
    tallies: tuple[law.Tally, ...],
) -> None:
    say(f"Lawbook {book.edition} of {book.edition_on}: every entry has a source.")
    if not differences:
        say("Each recorded entry into force is the one that its treaty's rule gives.")
    for one in differences:
        say(_describe_difference(one))
    table(
        (
            "kind",
            "entries",
            "read",
            "not re-read",
            "unknown",
            "dates not re-read",
            "stale",
        ),
        [
            (
                tally.kind,
                tally.entries,
                tally.read,
                tally.not_re_read,
                tally.unknown,
                tally.dates_not_re_read,
                tally.stale,
            )
            for tally in tallies
        ],
    )


def _describe_difference(one: law.Difference) -> str:
    recorded = "no day" if one.recorded is None else one.recorded
    whose = " ".join(filter(None, (one.instrument, one.country)))
    why = f"Explained: {one.explained_by}" if one.explained_by else "Not explained."
    return (
        f"{whose}: {recorded} is recorded ({one.record_source}); {one.computed} "
        f"follows from Art. {one.article} ({one.rule_source}). {why}"
    )


@app.command()
def diff(
    edition: Annotated[Path, typer.Argument(help="The folder of an edition.")],
    other: Annotated[
        Path | None,
        typer.Argument(help="A later one; without it the first is held against ours."),
    ] = None,
    *,
    requests: Annotated[
        bool,
        typer.Option(
            "--requests", help="Also ask this node's open requests by both editions."
        ),
    ] = False,
    home: Home = None,
    as_user: AsUser = None,
    as_json: AsJSON = False,
) -> None:
    """Tell what an edition says otherwise: facts added, removed, changed.

    Example: proxeny lawbook diff editions/2026.12 --requests

    Exit code 1 when a fact differs.
    """
    old = law.load_lawbook(None if other is None else edition)
    new = law.load_lawbook(edition if other is None else other)
    changes = law.compare_editions(old, new)
    touched = _ask_open_requests(old, new, home, as_user) if requests else ()
    if as_json:
        print_json(
            {
                "from": old.edition,
                "to": new.edition,
                "changes": list(map(_describe_change, changes)),
                "requests": [asdict(one) for one in touched],
            }
        )
    else:
        say(f"From lawbook {old.edition} to {new.edition}: {len(changes)} facts.")
        _say_changes(changes)
        for one in touched:
            was, now = one.before or "not offered", one.after or "not offered"
            say(f"{one.ref}: {one.route} {was} -> {now}")
    if changes:
        raise typer.Exit(1)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="The folder of an edition, or a Treaty Office status export (CSV)."
        ),
    ],
    into: Annotated[
        Path, typer.Option("--into", help="The folder that holds your editions.")
    ],
    *,
    instrument: Annotated[
        str, typer.Option("--instrument", help="Of an export: its treaty.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", help="Of an export: where it was saved from.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="Of an export: the day it speaks for.")
    ] = "",
    base: Annotated[
        Path | None,
        typer.Option("--base", help="The edition to start from; default ours."),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Make the next edition of the lawbook; nothing changes until it is checked.

    Example: proxeny lawbook import chart.csv --into editions --instrument ETS185
    --source https://www.coe.int/en/web/conventions --as-of 2026-11-20
    """
    old = law.load_lawbook(base)
    if file.is_dir():
        made = law.import_edition(file, into, base=old)
    else:
        export = law.Export(
            content=_read_export(file),
            name=file.name,
            instrument=_require(instrument, "--instrument"),
            source=_require(source, "--source"),
            as_of=parse_day(_require(as_of, "--as-of")),
        )
        made = law.import_status(export, into, base=base, on=_today())
    new = law.load_lawbook(made)
    changes = law.compare_editions(old, new)
    differences = law.list_differences(new)
    if as_json:
        print_json(
            {
                "edition": new.edition,
                "folder": str(made),
                "changes": list(map(_describe_change, changes)),
                "entry_into_force": [asdict(one) for one in differences],
            }
        )
        return
    say(f"Lawbook {new.edition} is in {made}: {len(changes)} facts differ.")
    _say_changes(changes)
    for one in differences:
        say(_describe_difference(one))


def _today() -> date:
    return datetime.now(UTC).date()


def _describe_change(one: law.Change) -> dict[str, object]:
    return {**asdict(one), "text": one.text}


def _say_changes(changes: tuple[law.Change, ...]) -> None:
    for one in changes:
        say(f"  {one.text}")


def _require(value: str, option: str) -> str:
    if not value.strip():
        raise InputError(
            f"A status export needs {option}.",
            code="PXY-LAWBOOK-EXPORT",
            advice="Give --instrument, --source and --as-of: the file lacks them.",
        )
    return value.strip()


def _read_export(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(law.MAX_EXPORT_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{file.name} can't be read.",
            code="PXY-LAWBOOK-EXPORT",
            advice="Give the folder of an edition, or a CSV file.",
        ) from error


def _ask_open_requests(
    old: law.Lawbook, new: law.Lawbook, home: Path | None, as_user: str | None
) -> tuple[law.RouteChange, ...]:
    actor = enter_as(home, as_user)
    from proxeny.node.requests.queries import ENDED, list_requests

    with reading(actor, "request.list") as seen:
        rows = [
            row
            for row in list_requests(actor, direction="sent", limit=MAX_REQUESTS)
            if row.answered_at is None and row.state not in ENDED
        ]
        seen += [row.ref for row in rows]
        asked = list(list_past_requests(rows, law.DataKind.SUBSCRIBER))
    return law.list_route_changes(old, new, asked, _today())
