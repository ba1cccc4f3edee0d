"""``proxeny lawbook``: editions of the lawbook."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from proxeny import law
from proxeny.cli.output import AsJSON, print_json, say, table

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
    (these never drive a deadline) and how many are stale today.
    """
    book = law.load_lawbook(folder)
    differences = law.list_differences(book)
    tallies = law.count_entries(book, datetime.now(UTC).date())
    if as_json:
        print_json(
            {
                "edition": book.edition,
                "date": book.edition_on,
                "entries": [asdict(tally) for tally in tallies],
                "entry_into_force": [asdict(one) for one in differences],
            }
        )
        return
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
