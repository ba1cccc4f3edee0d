"""`proxeny serve` and `proxeny worker`: the two processes of a node."""

import signal
from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home, enter_node, find_config
from proxeny.errors import InputError, UnreachableError

BUILT_DOORS = ("desk", "api", "exchange")


def serve(
    doors: Annotated[
        str, typer.Option(help="Doors to open, with commas between.")
    ] = ",".join(BUILT_DOORS),
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on.", show_default=False)
    ] = None,
    home: Home = None,
) -> None:
    """Open the node's doors: desk, API, exchange.

    Example: proxeny serve --home ./rs --port 8001
    """
    wanted = [door.strip() for door in doors.split(",") if door.strip()]
    if unknown := sorted(set(wanted) - set(BUILT_DOORS)):
        raise InputError(
            f"There is no door '{unknown[0][:20]}' in this release.",
            code="PXY-DOOR",
            advice=f"Doors: {', '.join(BUILT_DOORS)}.",
        )
    import os

    from proxeny.node.settings.config import require_port

    if port is not None:
        require_port(port)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # The processes that answer set Django up; this one only starts them.
    config = find_config(home)
    serve_ = config.serve
    os.environ["PROXENY_DOORS"] = ",".join(wanted)
    listen = (host or serve_.host, port or require_port(serve_.port))
    _require_free(*listen)
    output.say(f"{config.authority.name}: http://{listen[0]}:{listen[1]}/")
    Granian(
        "proxeny.node.settings.wsgi:application",
        address=listen[0],
        port=listen[1],
        interface=Interfaces.WSGI,
        workers=serve_.workers,
        blocking_threads=4,
        log_level=LogLevels.warning,
    ).serve()


def _require_free(host: str, port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnreachableError(
                f"Port {port} on {host} can't be opened.",
                code="PXY-PORT",
                advice="Stop what uses it, or name another with --port.",
            ) from error


def worker(
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due and leave.")
    ] = False,
    home: Home = None,
) -> None:
    """Deliver, open, remind: the work that happens later.

    Example: proxeny worker --once
    """
    enter_node(home)
    from proxeny.node import worker as node_worker

    if once:
        done = node_worker.run_once()
        output.say(f"{done} jobs run")
        return
    stopped: list[int] = []

    def stop(number: int, _frame: object) -> None:
        # To be killed at any point costs nothing, so a post that hangs is not awaited.
        stopped.append(number)
        raise SystemExit(0)

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    node_worker.run_forever(lambda: bool(stopped))
