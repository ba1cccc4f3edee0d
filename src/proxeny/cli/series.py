"""`proxeny series`: see, explain and correct series."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from proxeny.cli import output
from proxeny.cli.entering import AsUser, Home, enter_as, reading

if TYPE_CHECKING:
    from proxeny.node.linking.queries import Explained, Headline

app = typer.Typer(help="Series: reports held to be one offender's.", no_args_is_help=True)
Ref = Annotated[str, typer.Argument(help="The series, such as RS-S-000001.")]
Reason = Annotated[str, typer.Option(help="Why, for those who read it later.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """List series, the largest first.

    Example: proxeny series list
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.queries import list_series

    with reading(actor, "series.list") as seen:
        rows = list_series(actor, limit=limit)
        seen += [row.series.ref for row in rows]
    if as_json:
        output.print_json({"series": [_headline(row) for row in rows]})
        return
    if not rows:
        output.say("No series yet: import reports with `proxeny report import`.")
        return
    output.table(
        ["series", "reports", "countries", "loss", "first", "last"],
        [
            [
                row.series.ref,
                row.reports,
                " ".join(row.countries),
                ", ".join(f"{currency} {amount}" for currency, amount in row.losses),
                row.first_at.date() if row.first_at else "",
                row.last_at.date() if row.last_at else "",
            ]
            for row in rows
        ],
    )


@app.command()
def show(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Show a series and its members.

    Example: proxeny series show RS-S-000001
    """
    _show(ref, home, as_user, as_json=as_json, reasons=False)


@app.command()
def explain(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Show why each member belongs, strongest reason first.

    Example: proxeny series explain RS-S-000001
    """
    _show(ref, home, as_user, as_json=as_json, reasons=True)


def _show(
    ref: str, home: Any, as_user: str | None, *, as_json: bool, reasons: bool
) -> None:
    actor = enter_as(home, as_user)
    from proxeny.node.linking import queries
    from proxeny.node.linking.access import access_series

    with reading(actor, "series.explain" if reasons else "series.show") as seen:
        series = access_series(actor, ref)
        headline = queries.headline_of(series)
        members = queries.explain_series(series)
        related = queries.list_related(series)
        decisions = queries.list_decisions(series)
        seen += [series.ref, *(member.holder.ref for member in members)]
    if as_json:
        output.print_json(
            {
                **_headline(headline),
                "members": [_member(member) for member in members],
                "related": [
                    {"series": other.ref, "weight": link.bits, "because": link.terms}
                    for other, link in related
                ],
                "decisions": [
                    {
                        "verb": decision.verb,
                        "series": decision.series.ref,
                        "other": decision.other.ref if decision.other else None,
                        "by": decision.by,
                        "at": decision.at,
                        "reason": decision.reason,
                        "undone_at": decision.undone_at,
                    }
                    for decision in decisions
                ],
            }
        )
        return
    output.say(f"{series.ref}: {headline.reports} reports, {' '.join(headline.countries)}")
    for member in members:
        output.say(f"  {member.holder.ref}  {member.bits:5.1f} bits")
        for link in member.because[:3] if reasons else ():
            other = link.right if link.left_id == member.holder.pk else link.left
            output.say(f"      with {other.ref}: {link.bits:.1f} bits")
            for term in link.terms:
                output.say(f"        {term['bits']:+5.1f}  {term['text']}")
    for other, link in related:
        output.say(f"  related, not merged: {other.ref} ({link.bits:.1f} bits)")


def _headline(row: "Headline") -> dict[str, Any]:
    return {
        "series": row.series.ref,
        "reports": row.reports,
        "countries": list(row.countries),
        "losses": [
            {"amount": str(amount), "currency": currency}
            for currency, amount in row.losses
        ],
        "first_at": row.first_at.isoformat() if row.first_at else None,
        "last_at": row.last_at.isoformat() if row.last_at else None,
        "confirmed": row.series.confirmed_at is not None,
    }


def _member(member: "Explained") -> dict[str, Any]:
    return {
        "report": member.holder.ref,
        "weight": member.bits,
        "because": [
            {
                "with": (
                    link.right if link.left_id == member.holder.pk else link.left
                ).ref,
                "weight": link.bits,
                "terms": link.terms,
            }
            for link in member.because
        ],
    }


@app.command()
def merge(
    ref: Ref,
    other: Annotated[str, typer.Argument(help="The series that joins it.")],
    reason: Reason = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """Two series are one offender's. Undo with `proxeny series undo`.

    Example: proxeny series merge RS-S-000001 RS-S-000002 --reason "same voice"
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import merge_series

    series = merge_series(actor, ref, other, reason=reason)
    _done(series.ref, f"{other} now stands under {series.ref}", as_json=as_json)


@app.command()
def split(
    ref: Ref,
    reports: Annotated[list[str], typer.Argument(help="Reports that leave it.")],
    reason: Reason = "",
    home: Home = None,
    as_user: AsUser = None,
    as_json: output.AsJSON = False,
) -> None:
    """These reports are another offender's: they become a series of their own.

    Example: proxeny series split RS-S-000001 RS-R-000004 RS-R-000009
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import split_series

    made = split_series(actor, ref, reports, reason=reason)
    _done(made.ref, f"{len(reports)} reports are now {made.ref}", as_json=as_json)


@app.command()
def confirm(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """An officer has looked and stands behind the series.

    Example: proxeny series confirm RS-S-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import confirm_series

    series = confirm_series(actor, ref)
    _done(series.ref, f"{series.ref} confirmed", as_json=as_json)


@app.command()
def undo(
    ref: Ref, home: Home = None, as_user: AsUser = None, as_json: output.AsJSON = False
) -> None:
    """Take back the newest decision on a series.

    Example: proxeny series undo RS-S-000001
    """
    actor = enter_as(home, as_user)
    from proxeny.node.linking.actions import undo_decision

    decision = undo_decision(actor, ref)
    _done(
        decision.series.ref,
        f"undone: {decision.verb} of {decision.series.ref} by {decision.by}",
        as_json=as_json,
    )


def _done(ref: str, text: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"series": ref})
    else:
        output.say(text)
