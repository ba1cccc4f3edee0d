"""`proxeny audit`: prove the log."""

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home, enter_node

EXIT_BROKEN = 1
app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(home: Home = None, as_json: output.AsJSON = False) -> int:
    """Recompute the log and compare it with the checkpoints outside the database.

    Ends with 1 if anything differs.

    Example: proxeny audit verify
    """
    enter_node(home)
    from django.conf import settings
    from django.utils import timezone

    from proxeny.node.audit.verifying import verify_audit
    from proxeny.node.exchange.secrets import read_keys

    keys = read_keys(settings.CONFIG.keys_folder)
    found = verify_audit(
        settings.CONFIG.checkpoints_folder, keys=keys.public, now=timezone.now()
    )
    if as_json:
        output.print_json(
            {
                "verified": found.verified,
                "entries": found.entries,
                "waiting": found.waiting,
                "checkpoints": found.checkpoints,
                "faults": list(found.faults),
            }
        )
    else:
        word = "verified" if found.verified else "NOT verified"
        output.say(
            f"{word}: {found.entries} entries, {found.checkpoints} checkpoints, "
            f"{found.waiting} not folded yet"
        )
        for fault in found.faults:
            output.say(f"  {fault}")
    return 0 if found.verified else EXIT_BROKEN
