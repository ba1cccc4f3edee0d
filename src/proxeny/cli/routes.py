"""``proxeny routes``: the legal channels between two countries, with reasons."""

import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from proxeny import countries, law
from proxeny.cli.output import AsJSON, print_json, say
from proxeny.errors import InputError

_WIDTH = 88
_INDENT = 14
_TAKEABLE = frozenset({law.RouteState.OPEN, law.RouteState.CONDITIONAL})


def routes(
    requesting: Annotated[
        str, typer.Option("--from", help="Country that asks, such as RS.")
    ],
    requested: Annotated[
        str, typer.Option("--to", help="Country that is asked, such as DE.")
    ],
    data: Annotated[
        str, typer.Option("--data", help="What is sought: " + ", ".join(law.DataKind))
    ],
    *,
    emergency: Annotated[
        bool,
        typer.Option(
            "--emergency", help="Serious, imminent risk to a person: add those routes."
        ),
    ] = False,
    offence: Annotated[
        str, typer.Option("--offence", help="A code of the offence classes.")
    ] = "other",
    custodian: Annotated[
        str,
        typer.Option(
            "--custodian",
            help="Where the data lie (a country), or who holds them: "
            + ", ".join(law.Custodian),
        ),
    ] = "",
    on: Annotated[
        str | None, typer.Option("--on", help="Day asked about; default today.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--lawbook", help="An edition of your own; default the packaged."),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """List the legal channels between two countries, each with its reasons.

    Example: proxeny routes --from RS --to DE --data subscriber --offence ETS185:8

    Exit code 1 when no route is open or conditional.
    """
    day = datetime.now(UTC).date() if on is None else parse_day(on)
    book = law.load_lawbook(folder)
    kind = law.parse_data_kind(data)
    found = law.list_routes(
        book,
        requesting=requesting,
        requested=requested,
        data=kind,
        on=day,
        emergency=emergency,
        offence=offence,
        custodian=custodian,
    )
    sides = (
        countries.require_country(requesting),
        countries.require_country(requested),
    )
    if as_json:
        print_json(
            {
                "from": sides[0],
                "to": sides[1],
                "data": kind,
                "on": day,
                "emergency": emergency,
                "offence": offence,
                "custodian": custodian,
                "edition": book.edition,
                "routes": [law.describe_route(route) for route in found],
            }
        )
    else:
        names = " to ".join(
            f"{law.name_country(book, side, day)} ({side})" for side in sides
        )
        say(f"{names}: {kind} on {day}, lawbook {book.edition}")
        for line in _render_name_notes(book, sides, day):
            say(line)
        say(textwrap.fill(law.render_paragraph(found), _WIDTH))
        for route in found:
            for line in _render_card(route, day):
                say(line)
    if not any(route.state in _TAKEABLE for route in found):
        raise typer.Exit(1)


def parse_day(raw: str) -> date:
    """Read a day as it is typed.

    Raises:
        InputError: it is none (PXY-DATE).
    """
    try:
        return date.fromisoformat(raw.strip())
    except ValueError as error:
        raise InputError(
            f"{raw[:20]!r} is not a day.",
            code="PXY-DATE",
            advice="Give year, month and day, such as 2026-11-21.",
        ) from error


def _render_card(route: law.Route, day: date) -> Iterator[str]:
    state = route.state.value.replace("_", " ").upper()
    yield ""
    yield f"{state}{' (stale)' if route.stale else ''}  {route.id}  {route.measure}"
    yield from _render_line("Article", f"{route.instrument} Art. {route.article}")
    yield from _render_line("Addressee", route.addressee)
    if route.form is not None:
        yield from _render_line("Form", route.form)
    for limit in route.time_limits:
        binding = "" if limit.binding else " (not re-read: drives no deadline)"
        yield from _render_line(
            "Time", f"{limit.text} Art. {limit.article}, from {limit.starts}{binding}"
        )
        yield from _render_line(
            "", _describe_source(limit, stale=law.is_stale(limit.as_of, day))
        )
    yield from _render_demands(route, day)
    for why in route.because:
        yield from _render_line("Because", f"{why.text} [{why.citation}]")
        yield from _render_line("", _describe_source(why, stale=why.stale))


def _render_demands(route: law.Route, day: date) -> Iterator[str]:
    """What it may take, who passes it on, what it demands, what has to follow."""
    expected = route.expected
    if expected is not None:
        days = f"{expected.days} days, which is no deadline. {expected.text}"
        yield from _render_line("Expect", days)
        stale = law.is_stale(expected.as_of, day)
        yield from _render_line("", _describe_source(expected, stale=stale))
    if route.passes:
        yield from _render_line("Passes", f"{route.burden}: {'; '.join(route.passes)}")
    for demand in route.conditions:
        code = demand.code.value.replace("_", " ")
        label = "Demands" if demand.decides else "Mind"
        text = f"{code}: {demand.text} [{demand.citation}]"
        yield from _render_line(label, text)
    for follower in route.must_follow:
        within = "" if follower.days is None else f" within {follower.days} days"
        counted = f" from {follower.starts}" if follower.starts else ""
        text = f"{follower.route}{within}{counted}: {follower.text}"
        yield from _render_line("Then", f"{text} [{follower.citation}]")


def _render_name_notes(
    book: law.Lawbook, sides: tuple[str, str], day: date
) -> Iterator[str]:
    for side in sides:
        found = law.find_name(book, side, day)
        if found is not None and found.note:
            yield from _render_line("Name", f"{found.official}: {found.note}")


def _describe_source(
    fact: law.Because | law.TimeLimit | law.Expectation, *, stale: bool
) -> str:
    marks = [f"as of {fact.as_of}"]
    if fact.reading is not law.Reading.READ:
        marks.append(fact.reading.value.replace("_", " "))
    if stale:
        marks.append("stale")
    return f"{fact.source} ({', '.join(marks)})"


def _render_line(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"  {label}".ljust(_INDENT),
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
