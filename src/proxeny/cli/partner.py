"""`proxeny partner`: other authorities, and this node's own card."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, enter_node
from proxeny.errors import InputError

MAX_CARD_BYTES = 65_536
app = typer.Typer(help="Partner authorities and their cards.", no_args_is_help=True)


@app.command()
def card(home: Home = None, as_json: output.AsJSON = False) -> None:
    """Print this node's own card, to be given to partners as a file.

    Example: proxeny partner card > rs.card
    """
    enter_node(home)
    from django.conf import settings
    from django.utils import timezone

    from proxeny import exchange
    from proxeny.node.exchange.secrets import read_keys

    authority = settings.CONFIG.authority
    keys = read_keys(settings.CONFIG.keys_folder)
    text = exchange.make_card(
        keys,
        name=authority.name,
        country=authority.country,
        role=authority.role,
        endpoint=settings.CONFIG.serve.public_url,
        issued_at=timezone.now(),
    )
    if as_json:
        shown = exchange.render_fingerprint(keys.public)
        output.print_json(
            {"authority": authority.id, "card": text, "fingerprint": shown}
        )
        return
    output.say(text)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="The partner's card.")],
    fingerprint: Annotated[
        str | None,
        typer.Option(
            help="The fingerprint as the partner read it out.", show_default=False
        ),
    ] = None,
    replaces: Annotated[
        str, typer.Option(help="The present fingerprint, if its keys are new.")
    ] = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Add a partner; its fingerprint is compared with what the partner read out.

    Example: proxeny partner add de.card --fingerprint "1A2B 3C4D ..."
    """
    actor = enter_as(home, as_user)
    from proxeny import exchange
    from proxeny.node.directory.actions import add_partner
    from proxeny.node.directory.documents import partner_document

    text = _read_card(file)
    shown = exchange.read_card(text)
    if fingerprint is None:
        if not sys.stdin.isatty():
            raise InputError(
                "The fingerprint that the partner read out is needed.",
                code="PXY-FINGERPRINT",
                advice="Call the partner and give it with --fingerprint.",
            )
        output.say(f"{shown.name}, {shown.country}, {shown.role}, {shown.endpoint}")
        output.say("Call the partner on a number you already know.")
        fingerprint = typer.prompt("Type the fingerprint that is read to you")
    partner = add_partner(
        actor, card_text=text, fingerprint=fingerprint, replaces=replaces
    )
    if as_json:
        output.print_json(partner_document(partner))
        return
    output.say(f"{partner.name} ({partner.authority}) added; fingerprint compared.")


def _read_card(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_CARD_BYTES:
            raise InputError("The card is over its limit.", code="PXY-CARD-SIZE")
        return file.read_text(encoding="ascii")
    except OSError as error:
        raise InputError(
            "The card file can't be read.", code="PXY-NO-SUCH-FILE"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("This file is no card.", code="PXY-CARD") from error


@app.command("list")
def list_(home: Home = None, as_json: output.AsJSON = False) -> None:
    """List partners.

    Example: proxeny partner list
    """
    enter_node(home)
    from proxeny.node.directory.documents import partner_document
    from proxeny.node.directory.queries import list_partners

    partners = list_partners()
    if as_json:
        output.print_json({"partners": [partner_document(row) for row in partners]})
        return
    if not partners:
        output.say("No partners yet: ask one for its card, then `proxeny partner add`.")
        return
    output.table(
        ["id", "country", "role", "name"],
        [[row.authority, row.country, row.role, row.name] for row in partners],
    )


@app.command()
def show(
    authority: Annotated[str, typer.Argument(help="Its id, such as DE/24-7.")],
    home: Home = None,
    as_json: output.AsJSON = False,
) -> None:
    """Show one partner.

    Example: proxeny partner show DE/24-7
    """
    enter_node(home)
    from proxeny.node.directory.documents import partner_document
    from proxeny.node.directory.queries import get_partner

    document = partner_document(get_partner(authority))
    if as_json:
        output.print_json(document)
        return
    for key, value in document.items():
        output.say(f"{key:14} {value}")
