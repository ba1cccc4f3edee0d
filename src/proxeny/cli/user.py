"""`proxeny user`: accounts of this node."""

from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import Home, enter_node

app = typer.Typer(
    help="Accounts: people with one role in one organisation.", no_args_is_help=True
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Account name.")],
    role: Annotated[
        str, typer.Option(help="intake, investigator, supervisor or auditor.")
    ],
    organisation: Annotated[
        str | None,
        typer.Option(help="Unit (default: the first one).", show_default=False),
    ] = None,
    home: Home = None,
    as_json: output.AsJSON = False,
) -> None:
    """Make an account; prints its one-time code.

    Example: proxeny user add ana --role investigator
    """
    enter_node(home)
    from django.db import transaction

    from proxeny.node.accounts.actions import add_organisation, add_user
    from proxeny.node.accounts.queries import get_incoming_organisation

    with transaction.atomic():
        unit = (
            add_organisation(organisation)
            if organisation
            else get_incoming_organisation()
        )
        code = add_user(name, role=role, organisation=unit)
    if as_json:
        output.print_json({"account": name, "role": role, "code": code})
        return
    output.say(f"{name} ({role}, {unit.name})")
    output.say(f"One-time code: {code}   (valid seven days, shown once)")


@app.command("list")
def list_users(home: Home = None, as_json: output.AsJSON = False) -> None:
    """List accounts.

    Example: proxeny user list
    """
    enter_node(home)
    from proxeny.node.accounts.models import User

    rows = User.objects.select_related("organisation").order_by("pk")
    users = [
        {
            "account": row.username,
            "role": row.role,
            "organisation": row.organisation.name,
            "active": row.is_active,
            "signed_in": row.last_login,
        }
        for row in rows
    ]
    if as_json:
        output.print_json({"users": users})
        return
    output.table(
        ["account", "role", "organisation"],
        [[row["account"], row["role"], row["organisation"]] for row in users],
    )


@app.command()
def code(
    name: Annotated[str, typer.Argument(help="Account name.")],
    home: Home = None,
    as_json: output.AsJSON = False,
) -> None:
    """Print a new one-time code, for a password that was forgotten.

    Example: proxeny user code ana
    """
    enter_node(home)
    from proxeny.node.accounts.actions import renew_code
    from proxeny.node.accounts.queries import get_user

    made = renew_code(get_user(name))
    if as_json:
        output.print_json({"account": name, "code": made})
        return
    output.say(f"One-time code: {made}   (valid seven days, shown once)")


@app.command()
def close(
    name: Annotated[str, typer.Argument(help="Account name.")],
    home: Home = None,
    as_json: output.AsJSON = False,
) -> None:
    """Close an account at once: signed out everywhere, its tokens gone.

    Example: proxeny user close ana
    """
    enter_node(home)
    from proxeny.node.accounts.actions import close_user
    from proxeny.node.accounts.queries import get_user

    close_user(get_user(name))
    if as_json:
        output.print_json({"account": name, "active": False})
        return
    output.say(f"{name} is closed; what it did stays in the log.")


@app.command()
def token(
    account: Annotated[str, typer.Argument(help="Account that it acts as.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "program",
    home: Home = None,
    as_json: output.AsJSON = False,
) -> None:
    """Make an API token for a program (valid 90 days, shown once).

    Example: proxeny user token ana --name "nightly export"
    """
    enter_node(home)
    from proxeny.node.accounts.actions import add_token

    made = add_token(account, name=name)
    if as_json:
        output.print_json({"account": account, "token": made})
        return
    output.say(made)
