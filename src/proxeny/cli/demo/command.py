"""The command itself: homes, ports, words for people, and what is left running."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.demo.nodes import DemoNode, find_ports, stopping
from proxeny.errors import InputError, StateError


def demo(
    home: Annotated[
        Path | None,
        typer.Option(help="Keep the nodes in DIR/rs and DIR/de.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="First of two ports (default: free ones).", min=1024),
    ] = None,
    reports: Annotated[
        Path | None,
        typer.Option(help="Run it on this folder of reports instead."),
    ] = None,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End after the thread.")
    ] = False,
    as_json: output.AsJSON = False,
) -> None:
    """Run the whole thread on two nodes on this machine, then serve their pages.

    From reports to a sealed request to another country and its answer. Everything
    is real but the victims: two homes, two databases, four processes.

    Example: proxeny demo --no-serve --json
    """
    if reports is not None and not reports.exists():
        raise InputError("There is no such folder.", code="PXY-NO-SUCH-FILE")
    root = (home or Path(tempfile.mkdtemp(prefix="proxeny-demo-"))).expanduser()
    try:
        _run(root.resolve(), port, reports, serve=not no_serve, as_json=as_json)
    finally:
        if home is None:
            shutil.rmtree(root, ignore_errors=True)


def _run(
    root: Path, port: int | None, reports: Path | None, *, serve: bool, as_json: bool
) -> None:
    from proxeny.cli.demo.thread import Thread

    for name in ("rs", "de"):
        if (root / name).exists():
            raise StateError(
                "This folder holds a demo already.",
                code="PXY-NODE-EXISTS",
                advice="Name another with --home, or remove it.",
            )
    ports = find_ports(port, 2)
    rs = DemoNode(home=root / "rs", port=ports[0])
    de = DemoNode(home=root / "de", port=ports[1])

    def tell(number: int, name: str, seconds: float, detail: str) -> None:
        if not as_json:
            output.say(f"{number:2}  {name:9} {seconds:6.1f} s  {detail}")

    with stopping(rs, de):
        answer = Thread(rs=rs, de=de, folder=reports, tell=tell).run()
        if as_json:
            output.print_json(answer)
        else:
            total = sum(step["seconds"] for step in answer["steps"])
            output.say(f"    the thread took {total:.1f} s")
        if not serve:
            return
        output.say("")
        for node, name in ((rs, "Serbia"), (de, "Germany")):
            output.say(f"{name}: {node.url}/desk/first-sign-in/")
            for account, code in node.codes.items():
                output.say(f"    {account:11} one-time code {code}")
        output.say("")
        output.say("Ctrl-C ends both nodes" + ("." if root.exists() else ""))
        while True:
            time.sleep(3600)
