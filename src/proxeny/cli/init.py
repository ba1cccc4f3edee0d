"""`proxeny init`: a new node."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home
from proxeny.errors import InputError


def init(
    authority: Annotated[str, typer.Option(help="The authority's name.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2, such as RS.")],
    role: Annotated[
        str, typer.Option(help="Its role, such as contact_point.")
    ] = "contact_point",
    home: Home = None,
    id_: Annotated[
        str | None,
        typer.Option("--id", help="How partners address it (default: RS/24-7)."),
    ] = None,
    port: Annotated[int, typer.Option(help="Where its pages will be.")] = 8000,
    public_url: Annotated[
        str | None, typer.Option(help="How partners reach it.", show_default=False)
    ] = None,
    address: Annotated[str, typer.Option(help="Postal address.")] = "",
    telephone: Annotated[str, typer.Option(help="Telephone.")] = "",
    email: Annotated[str, typer.Option(help="E-mail.")] = "",
    administrator: Annotated[
        str, typer.Option(help="Name of the first account (a supervisor).")
    ] = "supervisor",
    accounts: Annotated[
        list[str] | None,
        typer.Option(
            "--account", metavar="NAME:ROLE", help="A further account; repeatable."
        ),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="Mark every page as training.")
    ] = False,
    as_json: output.AsJSON = False,
) -> None:
    """Make a new node: keys, database, first account with a one-time code.

    Example: proxeny init --authority "High-Tech Crime Unit" --country RS
    """
    from proxeny.node.settings.config import (
        Authority,
        Config,
        Serve,
        default_home,
        require_home,
    )
    from proxeny.node.settings.founding import found_node

    config = Config(
        home=require_home(home or default_home()),
        authority=Authority(
            id=id_ or "",
            name=authority,
            country=country,
            role=role,
            address=address,
            telephone=telephone,
            email=email,
        ),
        serve=Serve(
            port=port,
            public_url=(
                f"http://127.0.0.1:{port}" if public_url is None else public_url
            ),
            training=training,
        ),
    )
    named = [(administrator, "supervisor"), *map(_read_account, accounts or [])]
    founded = found_node(config, accounts=named)
    if as_json:
        output.print_json(
            {
                "home": str(founded.home),
                "authority": founded.authority,
                "fingerprint": founded.fingerprint,
                "accounts": founded.codes,
            }
        )
        return
    output.say(f"{authority} is {founded.authority}, in {_shown(founded.home)}")
    output.say(f"Fingerprint, for partners to compare: {founded.fingerprint}")
    output.say("")
    output.say("One-time codes for the first sign-in (seven days, shown once):")
    for name, code in founded.codes.items():
        output.say(f"    {name:16} {code}")
    if not (address and telephone and email):
        output.say("")
        output.say(
            "Requests name an address, a telephone and an e-mail (Art. 29(2)(a)):"
        )
        output.say("give them in [authority] of proxeny.toml before the first one.")
    output.say("")
    output.say("Next: proxeny serve, and proxeny worker in another terminal; then")
    output.say(f"open {config.serve.public_url}/desk/first-sign-in/")
    sys.stdout.flush()


def _read_account(text: str) -> tuple[str, str]:
    name, sign, role = text.partition(":")
    if not sign:
        raise InputError(
            "An account is given as NAME:ROLE.",
            code="PXY-ACCOUNT",
            advice="For example --account ana:investigator.",
        )
    return name, role


def _shown(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
