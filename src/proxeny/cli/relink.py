"""`proxeny series relink`, `relinks`, `refit`: link anew, and learn from officers."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading
from proxeny.errors import InputError

if TYPE_CHECKING:
    from proxeny.node.accounts.actor import Actor

MAX_NUMBER_DIGITS: Final = 6
_FIGURES: Final = {
    "left_out": "left out: an officer decided otherwise",
    "too_large": "too large to show",
    "not_held": "series left as they are: nothing was found that holds them together",
    "not_shown": "more: they come the next night",
    "sketched": "earlier reports sketched, to be linked by their wording",
    "unsketched": "earlier reports to be sketched yet: the next relink goes on",
}


def relink(
    apply: Annotated[
        bool, typer.Option("--apply", help="Do all that it proposes at once.")
    ] = False,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Link all reports anew and propose what that would change.

    Nothing changes until an officer applies it, here or on the desk. The worker does
    the same each night.

    Example: proxeny series relink
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.relinks.actions import apply_relink
    from proxeny.node.linking.relinks.documents import (
        list_relink_refs,
        relink_document,
    )
    from proxeny.node.linking.relinks.relinking import make_relink

    made = make_relink(actor)
    if apply and made.proposals:
        made = apply_relink(actor, made.ref)
    with reading(actor, "relink.show") as seen:
        seen.extend(list_relink_refs([made]))
    _print_relink(relink_document(made), as_json=as_json)


def relinks(
    ref: Annotated[
        str, typer.Argument(help="The relink, such as RS-L-000001; without it: all.")
    ] = "",
    apply: Annotated[
        str, typer.Option(metavar="N|all", help="Do this proposal, or all.")
    ] = "",
    dismiss: Annotated[
        str, typer.Option(metavar="N|all", help="Leave it; it does not come again.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List relinks, the newest first, show one, or decide on what it proposes.

    Example: proxeny series relinks RS-L-000001 --apply 3
    """
    if apply and dismiss:
        raise InputError(
            "A proposal is applied or dismissed, not both.",
            code="PXY-RELINK-BOTH",
            advice="Call the command once for each.",
        )
    if not ref and (apply or dismiss):
        raise typer.BadParameter("name the relink", param_hint="ref")
    actor = enter_as(home, as_user)
    if not ref:
        _print_relinks(actor, limit, as_json=as_json)
        return
    from proxeny.node.linking.relinks import actions
    from proxeny.node.linking.relinks.access import access_relink
    from proxeny.node.linking.relinks.documents import (
        list_relink_refs,
        relink_document,
    )

    if apply:
        actions.apply_relink(actor, ref, _read_number(apply))
    if dismiss:
        actions.dismiss_relink(actor, ref, _read_number(dismiss))
    with reading(actor, "relink.show") as seen:
        shown = access_relink(actor, ref)
        seen.extend(list_relink_refs([shown]))
    _print_relink(relink_document(shown), as_json=as_json)


def _read_number(typed: str) -> int | None:
    if typed == "all":
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= MAX_NUMBER_DIGITS):
        raise typer.BadParameter("give the number of a proposal, or all")
    return int(typed)


def _print_relinks(actor: "Actor", limit: int, *, as_json: bool) -> None:
    from proxeny.node.linking.relinks.access import access_every_relink
    from proxeny.node.linking.relinks.documents import relink_headline

    with reading(actor, "relink.list") as seen:
        every = access_every_relink(actor).defer("proposals").order_by("-pk")
        rows = [relink_headline(row) for row in every[:limit]]
        seen += [row["relink"] for row in rows]
    if as_json:
        output.print_json({"relinks": rows})
        return
    if not rows:
        output.say("No relink yet: make one with `proxeny series relink`.")
        return
    output.table(
        ["relink", "at", "state", "reports", "proposals", "by"],
        [
            [
                row["relink"],
                f"{row['at']:%Y-%m-%d %H:%M} UTC",
                row["state"],
                row["figures"]["reports"],
                row["figures"]["proposals"],
                row["by"],
            ]
            for row in rows
        ],
    )


def _print_relink(document: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.print_json(document)
        return
    figures = document["figures"]
    output.say(f"{document['relink']}: {figures['reports']:,} reports linked anew")
    for proposal in document["proposals"]:
        state = "" if proposal["state"] == "open" else f" [{proposal['state']}]"
        output.say(f"  {proposal['number']}. {proposal['text']}{state}")
        if proposal["word"]:
            output.say(f"      {proposal['word']}")
        for link in proposal["because"][:1]:
            words = ", ".join(term["text"] for term in link["terms"])
            output.say(f"      {link['weight']:.1f} bits: {words}")
    if document["state"] == "replaced":
        output.say("  a later relink took its place")
    elif not document["proposals"]:
        output.say("  it agrees with the series as they are")
    for name, words in _FIGURES.items():
        if figures.get(name):
            output.say(f"  {figures[name]:,} {words}")


def refit(
    packaged: Annotated[
        bool, typer.Option("--packaged", help="Go back to the packaged scorecard.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the weights here too, for `link --scorecard`."),
    ] = None,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Fit the weights of linking to what officers confirmed and undid.

    What comes in from now on is linked by them, and so is the relink.

    Example: proxeny series refit --out scorecard.toml
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.learning import refitting

    if out is not None and (out.is_dir() or not os.access(out.parent, os.W_OK)):
        raise InputError("The file can't be written there.", code="PXY-OUT")
    if packaged:
        version = refitting.use_packaged_scorecard(actor)
        _write_scorecard(actor, out)
        if as_json:
            output.print_json({"scorecard": version})
        else:
            output.say(f"linked by the packaged scorecard {version} again")
        return
    fitted = refitting.refit_scorecard(actor)
    _write_scorecard(actor, out)
    if as_json:
        output.print_json(
            {
                "scorecard": fitted.version,
                "right": fitted.right,
                "wrong": fitted.wrong,
                "moves": [
                    {"of": move.text, "before": move.before, "now": move.now}
                    for move in fitted.moves
                ],
            }
        )
        return
    output.say(
        f"scorecard {fitted.version}, of {fitted.right:,} links confirmed and"
        f" {fitted.wrong:,} undone"
    )
    if fitted.moves:
        output.say("what moved most:")
    for move in fitted.moves:
        output.say(f"  {move.text}: {move.before:+.2f} -> {move.now:+.2f} bits")
    output.say("undo with: proxeny series refit --packaged")


def _write_scorecard(actor: "Actor", out: Path | None) -> None:
    if out is None:
        return
    from proxeny.linking.fitting import render_scorecard
    from proxeny.node.linking.learning.scorecards import find_weights

    text = render_scorecard(find_weights(actor.organisation_id).scorecard)
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise InputError("The file can't be written there.", code="PXY-OUT") from error
