"""What weighs on a route beside its instrument: each weight with state and reason.

Conditions of the measure, what the asked side reserved or declared, the offence, and
who holds the data. A weight that also is a demand carries it as a coded condition.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from proxeny.law.binding import Finding, absence, check_binding, reason
from proxeny.law.facts import (
    Lawbook,
    Measure,
    Reservable,
    Statement,
    StatementKind,
)
from proxeny.law.naming import name_country
from proxeny.law.values import (
    Because,
    ConditionCode,
    Custodian,
    DataKind,
    OffenceClass,
    Provision,
    Reading,
    RouteCondition,
    RouteState,
    cite,
    is_stale,
)

_NARROWING = frozenset({StatementKind.RESERVATION, StatementKind.DECLARATION})
_ARTICLE_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A state, its reasons, and the demand that it is, if it is one."""

    state: RouteState
    because: tuple[Because, ...]
    condition: RouteCondition | None = None


class Bindings(dict[str, Finding]):
    """Whether each instrument binds both sides on the day, found when asked for."""

    def __init__(self, lawbook: Lawbook, sides: tuple[str, str], on: date) -> None:
        super().__init__()
        self._asked = lawbook, sides, on

    def __missing__(self, instrument: str) -> Finding:
        lawbook, sides, on = self._asked
        found = self[instrument] = check_binding(lawbook, instrument, sides, on)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the lawbook: two sides, a day, the data, and who holds them."""

    lawbook: Lawbook
    sides: tuple[str, str]
    data: DataKind
    on: date
    emergency: bool
    offence: OffenceClass
    held_in: str
    held_by: Custodian | None
    bindings: Bindings

    @property
    def requested(self) -> str:
        """The side that is asked."""
        return self.sides[1]

    def statements(self, instrument: str) -> Iterator[Statement]:
        """What the asked side stated on an instrument, as it stood on the day."""
        for statement in self.lawbook.statements.get((instrument, self.requested), ()):
            if statement.provenance.covers(self.on):
                yield statement


def weigh(question: Question, measure: Measure) -> Iterator[Weight]:
    """Everything that weighs on a measure beside its instrument."""
    yield from _weigh_custody(question, measure)
    yield from _weigh_conditions(question, measure)
    yield from _weigh_reservations(question, measure)
    yield from _weigh_offence(question, measure)
    yield from _weigh_definitions(question, measure)


def tell(
    question: Question, statement: Statement, state: RouteState, text: str
) -> Weight:
    """A weight that rests on what a side stated."""
    who = name_country(question.lawbook, statement.country, question.on)
    articles = ", ".join(one for one in statement.articles if one != "*")
    citation = f"{statement.instrument}, {statement.kind.value} of {who}"
    if articles:
        citation = f"{citation} on Art. {articles}"
    why = reason(f"{who}: {text}", citation, statement.provenance, question.on)
    return Weight(state=state, because=(why,))


def number_of(article: str) -> str:
    """The number of an article without its paragraphs: 29 of ``29(7)``."""
    found = _ARTICLE_NUMBER.match(article)
    return found.group() if found is not None else ""


def _weigh_custody(question: Question, measure: Measure) -> Iterator[Weight]:
    custody = measure.custody
    if custody is None:
        return
    elsewhere = custody.in_requested and question.held_in not in {
        "",
        question.requested,
    }
    stranger = question.held_by is not None and question.held_by not in custody.kinds
    if elsewhere or stranger:
        read = custody.provision.reading is Reading.READ
        yield Weight(
            state=RouteState.CLOSED if read else RouteState.UNKNOWN,
            because=(_quote(custody.provision, measure.instrument, question.on),),
        )


def _weigh_conditions(question: Question, measure: Measure) -> Iterator[Weight]:
    for condition in measure.conditions:
        if question.data not in condition.data:
            continue
        if condition.emergency not in {None, question.emergency}:
            continue
        demand = condition.demand
        yield Weight(
            state=RouteState.CONDITIONAL if demand.decides else RouteState.OPEN,
            because=(_explain(demand, question.on),) if demand.decides else (),
            condition=demand,
        )
        for other in condition.other_instruments:
            yield Weight(
                state=RouteState.OPEN, because=question.bindings[other].because
            )


def _explain(demand: RouteCondition, on: date) -> Because:
    return Because(
        text=demand.text,
        citation=demand.citation,
        source=demand.source,
        as_of=demand.as_of,
        reading=demand.reading,
        stale=is_stale(demand.as_of, on),
    )


def _demand(code: ConditionCode, why: Because, *, decides: bool) -> RouteCondition:
    return RouteCondition(
        code=code,
        text=why.text,
        citation=why.citation,
        source=why.source,
        as_of=why.as_of,
        reading=why.reading,
        decides=decides,
    )


def _weigh_reservations(question: Question, measure: Measure) -> Iterator[Weight]:
    stated = list(question.statements(measure.instrument))
    for statement in stated:
        if "*" in statement.articles:
            yield tell(question, statement, RouteState.OPEN, f"{statement.summary}.")
    unmade: list[str] = []
    for reservable in measure.reservable:
        if question.data not in reservable.data:
            continue
        made = [
            statement
            for statement in stated
            if reservable.article in statement.articles
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
    question: Question, reservable: Reservable, statement: Statement
) -> Weight:
    if statement.provenance.reading is not Reading.READ:
        return tell(
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
        return tell(question, statement, RouteState.OPEN, text)
    effect = reservable.effect or RouteState.OPEN
    weight = tell(
        question, statement, effect, f"{statement.summary}. {reservable.text}".strip()
    )
    decides = effect is not RouteState.OPEN
    demand = _demand(reservable.code, weight.because[0], decides=decides)
    return Weight(state=effect, because=weight.because, condition=demand)


def _tell_none_made(
    question: Question,
    measure: Measure,
    articles: Iterable[str],
    stated: Iterable[Statement],
) -> Weight:
    for statement in stated:
        if statement.kind is StatementKind.NONE:
            return tell(question, statement, RouteState.OPEN, f"{statement.summary}.")
    listed = ", ".join(articles)
    who = name_country(question.lawbook, question.requested, question.on)
    text = (
        f"{who}: no reservation or declaration on Art. {listed} is recorded; its full "
        "list was not read."
    )
    citation = cite(measure.instrument, listed)
    return Weight(
        state=RouteState.OPEN,
        because=(absence(text, citation, question.lawbook, question.on),),
    )


def _weigh_offence(question: Question, measure: Measure) -> Iterator[Weight]:
    classes = _list_treaty_classes(question.offence)
    for rule in question.lawbook.offence_rules:
        if rule.instrument != measure.instrument or not classes & rule.offences:
            continue
        required = question.bindings[rule.requires]
        met = required.state is RouteState.OPEN
        why = reason(
            rule.met if met else rule.unmet, rule.article, rule.provenance, question.on
        )
        yield Weight(
            state=RouteState.OPEN if met else RouteState.CONDITIONAL,
            because=(why, *required.because),
            condition=_demand(ConditionCode.OFFENCE_SCOPE, why, decides=not met),
        )


def _weigh_definitions(question: Question, measure: Measure) -> Iterator[Weight]:
    """How the asked side narrowed the offence, where dual criminality may be asked."""
    codes = {
        *(condition.demand.code for condition in measure.conditions),
        *(reservable.code for reservable in measure.reservable),
    }
    if ConditionCode.DUAL_CRIMINALITY not in codes:
        return
    for code in sorted(_list_treaty_classes(question.offence)):
        instrument, _, article = code.partition(":")
        for statement in question.statements(instrument):
            if statement.kind in _NARROWING and article in map(
                number_of, statement.articles
            ):
                text = f"{statement.summary}. It bears on dual criminality."
                (why,) = tell(question, statement, RouteState.OPEN, text).because
                yield Weight(
                    state=RouteState.OPEN,
                    because=(why,),
                    condition=_demand(
                        ConditionCode.DUAL_CRIMINALITY, why, decides=False
                    ),
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


def _quote(provision: Provision, instrument: str, on: date) -> Because:
    return Because(
        text=provision.text,
        citation=cite(instrument, provision.article),
        source=provision.source,
        as_of=provision.as_of,
        reading=provision.reading,
        stale=is_stale(provision.as_of, on),
    )
