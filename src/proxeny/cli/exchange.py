"""`proxeny exchange`: what is on its way."""

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home, enter_node

EXIT_WAITING = 1
app = typer.Typer(help="Messages on their way.", no_args_is_help=True)


@app.command()
def deliver(home: Home = None, as_json: output.AsJSON = False) -> int:
    """Try to deliver everything that is due, now; ends with 1 if something waits.

    Example: proxeny exchange deliver
    """
    enter_node(home)
    from proxeny.node.worker import run_once

    run_once()
    return _status(as_json=as_json)


@app.command()
def status(home: Home = None, as_json: output.AsJSON = False) -> int:
    """Say what is delivered and what waits, and why; ends with 1 if something waits.

    Example: proxeny exchange status
    """
    enter_node(home)
    return _status(as_json=as_json)


def _status(*, as_json: bool) -> int:
    from proxeny.node.exchange.queries import count_delivered, list_waiting

    waiting = [
        {
            "to": message.partner.authority if message.partner else None,
            "ref": message.ref,
            "attempts": job.attempts,
            "next_at": job.next_at.isoformat(),
            "why": job.reason,
        }
        for message, job in list_waiting()
    ]
    delivered = count_delivered()
    if as_json:
        output.print_json({"delivered": delivered, "waiting": waiting})
    else:
        output.say(f"{delivered} delivered, {len(waiting)} waiting")
        for one in waiting:
            output.say(
                f"  {one['ref']} to {one['to']}: {one['attempts']} tries, {one['why']}"
            )
    return EXIT_WAITING if waiting else 0
