"""`proxeny report`: take reports in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as
from proxeny.errors import InputError

if TYPE_CHECKING:
    from proxeny.node.reports.actions import Tally

EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130
FORMATS = ("auto", "eml", "csv", "jsonl")
app = typer.Typer(help="Reports.", no_args_is_help=True)


@app.callback()
def report() -> None:
    """Reports."""


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    form: Annotated[
        str, typer.Option("--format", help="auto, eml, csv or jsonl.")
    ] = "auto",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> int:
    """Take files or folders of reports in; says of each item what became of it.

    Ends with 1 if an item was refused. Running it again adds repeats, not doubles;
    interrupted, it says what was taken so far.

    Example: proxeny report import inbox/ --json
    """
    if form not in FORMATS:
        raise InputError(
            f"There is no format '{form[:20]}' in this release.",
            code="PXY-FORMAT",
            advice=f"Formats: {', '.join(FORMATS)}.",
        )
    for path in paths:
        if not path.exists():
            raise InputError(
                "A path that was named is not there.",
                code="PXY-NO-SUCH-FILE",
                advice="Check the spelling; nothing was imported.",
            )
    actor = enter_as(home, as_user)
    from proxeny import formats
    from proxeny.node.reports.actions import Tally, take_items

    tally = Tally()
    items = formats.read_reports(paths, form=form)
    interrupted = False
    try:
        with typer.progressbar(
            take_items(actor, items),
            label="importing",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
            length=None,
        ) as taken:
            for one in taken:
                tally.add(one)
    except KeyboardInterrupt:
        # The item at hand is rolled back; those before it are held.
        interrupted = True
    _print_tally(tally, as_json=as_json)
    if interrupted:
        return EXIT_INTERRUPTED
    return EXIT_REFUSED if tally.refused else 0


def _print_tally(tally: "Tally", *, as_json: bool) -> None:
    from proxeny.node.reports.documents import tally_document

    if as_json:
        output.print_json(tally_document(tally))
        return
    output.say(
        f"{tally.read} read: {tally.accepted} accepted, {tally.repeats} repeats, "
        f"{len(tally.refused)} refused; {len(tally.dropped)} parts dropped"
    )
    for item in tally.refused:
        output.say(f"  refused {item['where']}: {item['why']} ({item['code']})")
    for item in tally.dropped[:20]:
        output.say(f"  dropped {item['where']} {item['field']}: {item['why']}")
    if len(tally.dropped) > 20:  # noqa: PLR2004 - a screenful
        output.say(f"  ... and {len(tally.dropped) - 20} more; see --json")
