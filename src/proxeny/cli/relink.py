"""`proxeny series relink` and `refit`: link anew, and learn from officers."""

from typing import Annotated

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading


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
    document = relink_document(made)
    if as_json:
        output.print_json(document)
        return
    figures = document["figures"]
    output.say(f"{made.ref}: {figures['reports']:,} reports linked anew")
    for proposal in document["proposals"]:
        state = "" if proposal["state"] == "open" else f" [{proposal['state']}]"
        output.say(f"  {proposal['number']}. {proposal['text']}{state}")
        if proposal["word"]:
            output.say(f"      {proposal['word']}")
        for link in proposal["because"][:1]:
            words = ", ".join(term["text"] for term in link["terms"])
            output.say(f"      {link['weight']:.1f} bits: {words}")
    if not document["proposals"]:
        output.say("  it agrees with the series as they are")
    if figures["left_out"]:
        output.say(f"  {figures['left_out']} left out: an officer decided otherwise")


def refit(
    packaged: Annotated[
        bool, typer.Option("--packaged", help="Go back to the packaged scorecard.")
    ] = False,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Fit the weights of linking to what officers confirmed and undid.

    What comes in from now on is linked by them, and so is the relink.

    Example: proxeny series refit
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.learning import refitting

    if packaged:
        version = refitting.use_packaged_scorecard(actor)
        if as_json:
            output.print_json({"scorecard": version})
        else:
            output.say(f"linked by the packaged scorecard {version} again")
        return
    fitted = refitting.refit_scorecard(actor)
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
