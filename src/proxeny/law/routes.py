"""Which legal channels two countries have on a day, in which state, and why.

The state of a route is that of the instrument between the two sides; only where it
binds both do conditions, reservations, the offence and the custodian decide further.
Nothing here knows one instrument from another.
"""

from datetime import date

from proxeny import countries
from proxeny.errors import InputError
from proxeny.law.binding import absence, decide, reason
from proxeny.law.facts import Lawbook, Limit, Measure, Statement, StatementKind
from proxeny.law.naming import name_country
from proxeny.law.values import (
    Because,
    Custodian,
    DataKind,
    Expectation,
    OffenceClass,
    Reading,
    Route,
    RouteState,
    cite,
    parse_custodian,
)
from proxeny.law.weighing import Bindings, Question, number_of, tell, weigh

_ORDER = tuple(RouteState)
_EMERGENCY = "emergency"
_COUNTRY_CHARS = 2
_HOURS_A_DAY = 24


def list_routes(
    lawbook: Lawbook,
    *,
    requesting: str,
    requested: str,
    data: DataKind,
    on: date,
    emergency: bool = False,
    offence: str = "other",
    custodian: str = "",
) -> tuple[Route, ...]:
    """Every channel for this data between two countries on a day.

    Args:
        lawbook: the edition to answer from.
        requesting: country that asks, ISO 3166-1 alpha-2.
        requested: country that is asked, ISO 3166-1 alpha-2.
        data: what is sought.
        on: the day asked about.
        emergency: also list what is for emergencies only (serious, imminent risk to
            a person), and show emergency time limits.
        offence: a code of the offence classes, or ``other``.
        custodian: the country where the data lie, or the kind of who holds them (a
            word of ``Custodian``); empty if not known.

    Returns:
        Open routes first, then conditional, closed, not in force, unknown; within a
        state by the days until an answer, then by how many have to pass it on.

    Raises:
        InputError: unknown country, offence or custodian, or the same country twice.

    """
    sides = (
        countries.require_country(requesting),
        countries.require_country(requested),
    )
    if sides[0] == sides[1]:
        raise InputError(
            f"{sides[0]} can't ask itself.",
            code="PXY-SAME-COUNTRY",
            advice="Give two different countries: who asks, and who is asked.",
        )
    held_in, held_by = parse_held(custodian)
    question = Question(
        lawbook=lawbook,
        sides=sides,
        data=data,
        on=on,
        emergency=emergency,
        offence=get_offence(lawbook, offence),
        held_in=held_in,
        held_by=held_by,
        bindings=Bindings(lawbook, sides, on),
    )
    routes = [
        _make_route(question, measure)
        for measure in lawbook.measures
        if data in measure.data and (emergency or measure.urgency != _EMERGENCY)
    ]
    return tuple(sorted(routes, key=_rank))


def parse_held(custodian: str) -> tuple[str, Custodian | None]:
    """The country in which data are held, and the kind of who holds them.

    Raises:
        InputError: it is neither a country nor a kind of custodian.

    """
    given = custodian.strip()
    if len(given) == _COUNTRY_CHARS:
        return countries.require_country(given), None
    return "", parse_custodian(given) if given else None


def get_offence(lawbook: Lawbook, code: str) -> OffenceClass:
    """The offence class with that code.

    Raises:
        InputError: there is none (PXY-OFFENCE).

    """
    found = lawbook.offences.get(code.strip())
    if found is None:
        raise InputError(
            f"{code[:60]!r} is not a code of the offence classes.",
            code="PXY-OFFENCE",
            advice="Give a code such as ETS185:8 or CT:fraud, or `other`.",
        )
    return found


def list_offences(lawbook: Lawbook) -> tuple[OffenceClass, ...]:
    """Every offence class, in the order of the lawbook."""
    return tuple(lawbook.offences.values())


def _rank(route: Route) -> tuple[int, bool, int, int, str]:
    days = route.expected_days
    return (
        _ORDER.index(route.state),
        days is None,
        days or 0,
        route.burden,
        route.id,
    )


def _make_route(question: Question, measure: Measure) -> Route:
    binding = question.bindings[measure.instrument]
    weights = tuple(weigh(question, measure))
    state = binding.state
    if state is RouteState.OPEN:
        state = decide(state, *(weight.state for weight in weights))
    addressee, named = _find_addressee(question, measure)
    rule = reason(
        measure.rule,
        cite(measure.instrument, measure.rule_article),
        measure.provenance,
        question.on,
    )
    because = (
        *binding.because,
        rule,
        *(why for weight in weights for why in weight.because),
        *named,
    )
    limits = tuple(
        limit
        for limit in measure.limits
        if limit.emergency in {None, question.emergency} and question.data in limit.data
    )
    return Route(
        id=measure.id,
        measure=measure.title,
        instrument=measure.instrument,
        article=measure.article,
        state=state,
        stale=any(why.stale for why in because),
        addressee=addressee,
        form=measure.form,
        time_limits=tuple(limit.time_limit for limit in limits),
        because=because,
        contents=measure.contents,
        refusal_grounds=measure.refusal_grounds,
        conditions=tuple(
            weight.condition for weight in weights if weight.condition is not None
        ),
        expected=measure.experience or _expect(limits),
        passes=measure.passes,
        must_follow=measure.must_follow,
    )


def _expect(limits: tuple[Limit, ...]) -> Expectation | None:
    """The days until an answer by the limits that lead to it, if each has a figure."""
    steps = [limit.time_limit for limit in limits if limit.to_answer]
    if not steps or any(one.days is None and one.hours is None for one in steps):
        return None
    hours = sum((one.days or 0) * _HOURS_A_DAY + (one.hours or 0) for one in steps)
    read = all(one.reading is Reading.READ for one in steps)
    return Expectation(
        days=-(-hours // _HOURS_A_DAY),
        text=" ".join(f"{one.text} (Art. {one.article})" for one in steps),
        source=steps[0].source,
        as_of=min(one.as_of for one in steps),
        reading=Reading.READ if read else Reading.NOT_RE_READ,
    )


def _find_addressee(
    question: Question, measure: Measure
) -> tuple[str, tuple[Because, ...]]:
    addressee = measure.addressee
    if not addressee.article:
        return addressee.text, ()
    about = [
        statement
        for statement in question.statements(addressee.instrument)
        if addressee.article in map(number_of, statement.articles)
    ]
    named = [one for one in about if one.kind is StatementKind.AUTHORITY]
    why = tuple(
        because
        for statement in about
        if statement in named or not named
        for because in tell(
            question, statement, RouteState.OPEN, statement.summary
        ).because
    )
    if named:
        names = "; ".join(map(_describe_authority, named))
        return f"{addressee.text}: {names}", why
    who = name_country(question.lawbook, question.requested, question.on)
    text = f"not known: no authority of {who} for Art. {addressee.article} was read"
    missing = absence(
        f"{who}: {addressee.text} {text}.",
        cite(addressee.instrument, addressee.article),
        question.lawbook,
        question.on,
    )
    return f"{addressee.text}: {text}", (*why, missing)


def _describe_authority(statement: Statement) -> str:
    if statement.provenance.reading is Reading.READ:
        return statement.summary
    return f"{statement.summary} (not re-read)"
