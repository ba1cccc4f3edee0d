"""Which legal channels two countries have on a day, in which state, and why.

The state of a route is that of the instrument between the two sides; only where it
binds both do conditions, reservations and the offence decide further. Nothing here
knows one instrument from another.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from proxeny import countries
from proxeny.errors import InputError
from proxeny.law.binding import Finding, absence, check_binding, decide, reason
from proxeny.law.facts import (
    Lawbook,
    Measure,
    Reservable,
    Statement,
    StatementKind,
)
from proxeny.law.values import (
    Because,
    DataKind,
    OffenceClass,
    Provision,
    Reading,
    Route,
    RouteState,
    is_stale,
)

_ORDER = tuple(RouteState)
_ARTICLE_NUMBER = re.compile(r"\d+")
_EMERGENCY = "emergency"


def list_routes(
    lawbook: Lawbook,
    *,
    requesting: str,
    requested: str,
    data: DataKind,
    on: date,
    emergency: bool = False,
    offence: str = "other",
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

    Returns:
        Open routes first, then conditional, closed, not in force, unknown.

    Raises:
        InputError: unknown country or offence, or the same country twice.

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
    offence_class = get_offence(lawbook, offence)
    question = _Question(
        lawbook=lawbook,
        sides=sides,
        data=data,
        on=on,
        emergency=emergency,
        offence=offence_class,
        bindings={
            instrument: check_binding(lawbook, instrument, sides, on)
            for instrument in lawbook.instruments
        },
    )
    routes = [
        _make_route(question, measure)
        for measure in lawbook.measures
        if data in measure.data and (emergency or measure.urgency != _EMERGENCY)
    ]
    return tuple(sorted(routes, key=lambda route: _ORDER.index(route.state)))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    lawbook: Lawbook
    sides: tuple[str, str]
    data: DataKind
    on: date
    emergency: bool
    offence: OffenceClass
    bindings: Mapping[str, Finding]

    @property
    def requested(self) -> str:
        return self.sides[1]

    def statements(self, instrument: str) -> Iterator[Statement]:
        """What the asked side stated on an instrument, as it stood on the day."""
        for statement in self.lawbook.statements.get((instrument, self.requested), ()):
            if statement.provenance.covers(self.on):
                yield statement


def _make_route(question: _Question, measure: Measure) -> Route:
    binding = question.bindings[measure.instrument]
    further = [
        *_check_conditions(question, measure),
        *_check_reservations(question, measure),
        *_check_offence(question, measure),
    ]
    state = binding.state
    if state is RouteState.OPEN:
        state = decide(state, *(finding.state for finding in further))
    addressee, named = _find_addressee(question, measure)
    rule = reason(
        measure.rule,
        _cite(measure.instrument, measure.rule_article),
        measure.provenance,
        question.on,
    )
    because = (
        *binding.because,
        rule,
        *(why for finding in further for why in finding.because),
        *named,
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
        time_limits=tuple(
            limit.time_limit
            for limit in measure.limits
            if limit.emergency in {None, question.emergency}
            and question.data in limit.data
        ),
        because=because,
        contents=measure.contents,
        refusal_grounds=measure.refusal_grounds,
    )


def _check_conditions(question: _Question, measure: Measure) -> Iterator[Finding]:
    for condition in measure.conditions:
        if question.data not in condition.data:
            continue
        yield Finding(
            state=RouteState.CONDITIONAL,
            because=(_quote(condition.provision, measure.instrument, question.on),),
        )
        for other in condition.other_instruments:
            yield Finding(
                state=RouteState.OPEN, because=question.bindings[other].because
            )


def _check_reservations(question: _Question, measure: Measure) -> Iterator[Finding]:
    stated = list(question.statements(measure.instrument))
    for statement in stated:
        if "*" in statement.articles:
            yield _tell(question, statement, RouteState.OPEN, f"{statement.summary}.")
    unmade: list[str] = []
    for reservable in measure.reservable:
        made = [
            statement
            for statement in stated
            if reservable.article in statement.articles
            and question.data in reservable.data
            and statement.kind is not StatementKind.AUTHORITY
        ]
        for statement in made:
            yield _apply_reservation(question, reservable, statement)
        if not made:
            unmade.append(reservable.article)
    # Of a treaty that doesn't bind both, what nobody reserved says nothing.
    if unmade and question.bindings[measure.instrument].state is RouteState.OPEN:
        yield _tell_none_made(question, measure, unmade, stated)


def _apply_reservation(
    question: _Question, reservable: Reservable, statement: Statement
) -> Finding:
    if statement.provenance.reading is not Reading.READ:
        return _tell(
            question,
            statement,
            RouteState.UNKNOWN,
            f"{statement.summary}. This was not re-read.",
        )
    treaty_classes = _list_treaty_classes(question.offence)
    if treaty_classes and treaty_classes <= reservable.exempt_offences:
        mapped = ", ".join(sorted(treaty_classes))
        by = question.offence.mapping_by
        how = (
            f" (classed as {mapped}, {by})"
            if treaty_classes != {question.offence.code}
            else ""
        )
        text = (
            f"{statement.summary}. It does not reach {question.offence.code}{how}; "
            "the facts of the case decide."
        )
        return _tell(question, statement, RouteState.OPEN, text)
    effect = reservable.effect or RouteState.OPEN
    return _tell(
        question, statement, effect, f"{statement.summary}. {reservable.text}".strip()
    )


def _tell(
    question: _Question, statement: Statement, state: RouteState, text: str
) -> Finding:
    who = countries.name(statement.country)
    articles = ", ".join(one for one in statement.articles if one != "*")
    citation = f"{statement.instrument}, {statement.kind.value} of {who}"
    if articles:
        citation = f"{citation} on Art. {articles}"
    return Finding(
        state=state,
        because=(
            reason(f"{who}: {text}", citation, statement.provenance, question.on),
        ),
    )


def _tell_none_made(
    question: _Question,
    measure: Measure,
    articles: Iterable[str],
    stated: Iterable[Statement],
) -> Finding:
    for statement in stated:
        if statement.kind is StatementKind.NONE:
            return _tell(question, statement, RouteState.OPEN, f"{statement.summary}.")
    listed = ", ".join(articles)
    text = (
        f"{countries.name(question.requested)}: no reservation or declaration on Art. "
        f"{listed} is recorded; its full list was not read."
    )
    citation = _cite(measure.instrument, listed)
    return Finding(
        state=RouteState.OPEN,
        because=(absence(text, citation, question.lawbook, question.on),),
    )


def _check_offence(question: _Question, measure: Measure) -> Iterator[Finding]:
    classes = _list_treaty_classes(question.offence)
    for rule in question.lawbook.offence_rules:
        if rule.instrument != measure.instrument or not classes & rule.offences:
            continue
        required = question.bindings[rule.requires]
        met = required.state is RouteState.OPEN
        why = reason(
            rule.met if met else rule.unmet, rule.article, rule.provenance, question.on
        )
        yield Finding(
            state=RouteState.OPEN if met else RouteState.CONDITIONAL,
            because=(why, *required.because),
        )


def _list_treaty_classes(offence: OffenceClass) -> frozenset[str]:
    """The treaty articles that an offence falls under.

    A class that is itself a treaty article stands for itself alone: the First
    Protocol's aiding and abetting is no offence under Art. 11 of the Convention.
    """
    if _is_treaty_class(offence.code):
        return frozenset({offence.code})
    return frozenset(code for code in offence.maps_to if _is_treaty_class(code))


def _is_treaty_class(code: str) -> bool:
    return code.startswith(("ETS", "CETS"))


def _find_addressee(
    question: _Question, measure: Measure
) -> tuple[str, tuple[Because, ...]]:
    addressee = measure.addressee
    if not addressee.article:
        return addressee.text, ()
    about = [
        statement
        for statement in question.statements(addressee.instrument)
        if addressee.article in map(_article_number, statement.articles)
    ]
    named = [one for one in about if one.kind is StatementKind.AUTHORITY]
    why = tuple(
        because
        for statement in about
        if statement in named or not named
        for because in _tell(
            question, statement, RouteState.OPEN, statement.summary
        ).because
    )
    if named:
        names = "; ".join(map(_describe_authority, named))
        return f"{addressee.text}: {names}", why
    who = countries.name(question.requested)
    text = f"not known: no authority of {who} for Art. {addressee.article} was read"
    missing = absence(
        f"{who}: {addressee.text} {text}.",
        _cite(addressee.instrument, addressee.article),
        question.lawbook,
        question.on,
    )
    return f"{addressee.text}: {text}", (*why, missing)


def _describe_authority(statement: Statement) -> str:
    if statement.provenance.reading is Reading.READ:
        return statement.summary
    return f"{statement.summary} (not re-read)"


def _article_number(article: str) -> str:
    found = _ARTICLE_NUMBER.match(article)
    return found.group() if found is not None else ""


def _quote(provision: Provision, instrument: str, on: date) -> Because:
    return Because(
        text=provision.text,
        citation=_cite(instrument, provision.article),
        source=provision.source,
        as_of=provision.as_of,
        reading=provision.reading,
        stale=is_stale(provision.as_of, on),
    )


def _cite(instrument: str, article: str) -> str:
    return f"{instrument} Art. {article}"
