"""Reads one file of measures: what an instrument lets one side ask of another.

Contents, conditions and grounds of refusal share the source and reading of their
measure unless they name their own; a time limit always names its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable

from proxeny.law.editions.rows import Row, find_table_lines, read_toml
from proxeny.law.facts import (
    Addressee,
    Condition,
    Custody,
    Instrument,
    Limit,
    Measure,
    OffenceRule,
    Provenance,
    Reservable,
)
from proxeny.law.values import (
    ConditionCode,
    Custodian,
    DataKind,
    Expectation,
    MustFollow,
    OffenceClass,
    Provision,
    Reading,
    RouteCondition,
    RouteState,
    TimeLimit,
    cite,
)

_ALL_DATA = frozenset(DataKind)
_URGENCIES = frozenset({"normal", "expedited", "emergency"})
_EFFECTS = {
    "conditional": RouteState.CONDITIONAL,
    "closed": RouteState.CLOSED,
    "note": None,
}
_FILE_KEYS = "instrument sources measure offence_rule"
_MEASURE_KEYS = (
    "id article title asked_by asked_of data urgency form from until rule rule_article "
    "source reading contents conditions refusal reservations addressee time_limit "
    "custodian experience passes must_follow"
)
_RULE_KEYS = "offences requires article met unmet source reading"
_PROVISION_KEYS = "article text source reading"
_CONDITION_KEYS = f"{_PROVISION_KEYS} code data effect emergency other_instruments"
_RESERVATION_KEYS = "article code text effect exempt_offences data"
_ADDRESSEE_KEYS = "text instrument article"
_LIMIT_KEYS = f"{_PROVISION_KEYS} days hours starts emergency data to_answer"
_CUSTODIAN_KEYS = f"{_PROVISION_KEYS} kinds in_requested"
_EXPERIENCE_KEYS = "text days source reading"
_MUST_FOLLOW_KEYS = f"{_PROVISION_KEYS} route days starts"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFile:
    """What one file holds: its measures with their places, and its offence rules."""

    measures: tuple[tuple[str, Measure], ...]
    offence_rules: tuple[OffenceRule, ...]


def read_measure_file(
    folder: Traversable,
    name: str,
    instruments: Mapping[str, Instrument],
    offences: Mapping[str, OffenceClass],
) -> MeasureFile:
    """Read and check one file of the folder ``measures``.

    Raises:
        LawbookError: an entry has no source, breaks its schema or refers to what
            isn't there.

    """
    path = f"measures/{name}"
    document, text = read_toml(folder, path)
    top = Row(path, document)
    top.require_keys(_FILE_KEYS)
    reader = _Reader(
        instrument=top.reference("instrument", instruments),
        sources=_read_sources(top),
        instruments=instruments,
        offences=offences,
    )
    return MeasureFile(
        measures=tuple(
            (f"{path}:{line}", reader.read_measure(Row(f"{path}:{line}", row.cells)))
            for line, row in zip(
                find_table_lines(text, "measure"),
                top.tables("measure", _MEASURE_KEYS),
                strict=True,
            )
        ),
        offence_rules=tuple(
            reader.read_offence_rule(Row(f"{path}:{line}", row.cells))
            for line, row in zip(
                find_table_lines(text, "offence_rule"),
                top.tables("offence_rule", _RULE_KEYS),
                strict=True,
            )
        ),
    )


def _read_sources(top: Row) -> dict[str, tuple[str, date]]:
    listed = top.cells.get("sources")
    if not isinstance(listed, dict):
        raise top.refuse("there is no table of sources.")
    sources: dict[str, tuple[str, date]] = {}
    for key in listed:
        row = top.table(listed, key, "url as_of")
        sources[key] = row.text("url"), row.day("as_of")
    return sources


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    instrument: str
    sources: Mapping[str, tuple[str, date]]
    instruments: Mapping[str, Instrument]
    offences: Mapping[str, OffenceClass]

    def read_measure(self, row: Row) -> Measure:
        urgency = row.text("urgency")
        if urgency not in _URGENCIES:
            raise row.refuse(
                f"urgency must be one of: {', '.join(sorted(_URGENCIES))}."
            )
        data = row.list_words("data", DataKind)
        if not data:
            raise row.refuse("data is missing.")
        return Measure(
            id=row.text("id"),
            instrument=self.instrument,
            article=row.text("article"),
            title=row.text("title"),
            asked_by=row.text("asked_by"),
            asked_of=row.text("asked_of"),
            data=data,
            urgency=urgency,
            form=row.find_text("form") or None,
            rule=row.text("rule"),
            rule_article=row.text("rule_article"),
            addressee=self._read_addressee(row),
            contents=tuple(
                self._read_provision(one, row)
                for one in row.tables("contents", _PROVISION_KEYS)
            ),
            refusal_grounds=tuple(
                self._read_provision(one, row)
                for one in row.tables("refusal", _PROVISION_KEYS)
            ),
            conditions=tuple(
                self._read_condition(one, row)
                for one in row.tables("conditions", _CONDITION_KEYS)
            ),
            reservable=tuple(
                self._read_reservable(one)
                for one in row.tables("reservations", _RESERVATION_KEYS)
            ),
            limits=tuple(
                self._read_limit(one) for one in row.tables("time_limit", _LIMIT_KEYS)
            ),
            custody=self._find_custody(row),
            experience=self._find_experience(row),
            passes=row.list_texts("passes"),
            must_follow=tuple(
                self._read_must_follow(one, row)
                for one in row.tables("must_follow", _MUST_FOLLOW_KEYS)
            ),
            provenance=self._read_provenance(row, since=row.day("from")),
        )

    def _read_condition(self, row: Row, measure: Row) -> Condition:
        effect = row.find_text("effect") or "conditional"
        if effect not in {"conditional", "note"}:
            raise row.refuse("effect must be one of: conditional, note.")
        provision = self._read_provision(row, measure)
        return Condition(
            demand=RouteCondition(
                code=row.word("code", ConditionCode),
                text=provision.text,
                citation=cite(self.instrument, provision.article),
                source=provision.source,
                as_of=provision.as_of,
                reading=provision.reading,
                decides=effect == "conditional",
            ),
            data=row.list_words("data", DataKind) or _ALL_DATA,
            emergency=row.find_boolean("emergency"),
            other_instruments=self._read_references(row, "other_instruments"),
        )

    def _find_custody(self, measure: Row) -> Custody | None:
        if "custodian" not in measure.cells:
            return None
        row = measure.table(measure.cells, "custodian", _CUSTODIAN_KEYS)
        return Custody(
            kinds=row.list_words("kinds", Custodian) or frozenset(Custodian),
            in_requested=bool(row.find_boolean("in_requested")),
            provision=self._read_provision(row, measure),
        )

    def _find_experience(self, measure: Row) -> Expectation | None:
        if "experience" not in measure.cells:
            return None
        row = measure.table(measure.cells, "experience", _EXPERIENCE_KEYS)
        days = row.find_count("days")
        if days is None:
            raise row.refuse("days is missing.")
        source, as_of = self._read_source(row)
        return Expectation(
            days=days,
            text=row.text("text"),
            source=source,
            as_of=as_of,
            reading=row.word("reading", Reading),
        )

    def _read_must_follow(self, row: Row, measure: Row) -> MustFollow:
        provision = self._read_provision(row, measure)
        return MustFollow(
            route=row.text("route"),
            days=row.find_count("days"),
            starts=row.find_text("starts"),
            text=provision.text,
            citation=cite(self.instrument, provision.article),
            source=provision.source,
            as_of=provision.as_of,
            reading=provision.reading,
        )

    def read_offence_rule(self, row: Row) -> OffenceRule:
        requires = row.reference("requires", self.instruments)
        if requires == self.instrument:
            raise row.refuse(f"requires leads from {requires} back to it.")
        return OffenceRule(
            instrument=self.instrument,
            offences=self._read_offences(row, "offences"),
            requires=requires,
            article=row.text("article"),
            met=row.text("met"),
            unmet=row.text("unmet"),
            provenance=self._read_provenance(
                row, since=self.instruments[self.instrument].opened
            ),
        )

    def _read_source(self, row: Row) -> tuple[str, date]:
        return self.sources[row.reference("source", self.sources)]

    def _read_provenance(self, row: Row, *, since: date) -> Provenance:
        source, as_of = self._read_source(row)
        return Provenance(
            since=since,
            until=row.find_day("until"),
            source=source,
            as_of=as_of,
            reading=row.word("reading", Reading),
        )

    def _read_provision(self, row: Row, measure: Row) -> Provision:
        own = row if row.find_text("source") or row.find_text("reading") else measure
        source, as_of = self._read_source(own)
        return Provision(
            text=row.text("text"),
            article=row.text("article"),
            source=source,
            as_of=as_of,
            reading=own.word("reading", Reading),
        )

    def _read_addressee(self, measure: Row) -> Addressee:
        row = measure.table(measure.cells, "addressee", _ADDRESSEE_KEYS)
        named = bool(row.find_text("article"))
        return Addressee(
            text=row.text("text"),
            instrument=row.reference("instrument", self.instruments) if named else "",
            article=row.find_text("article"),
        )

    def _read_reservable(self, row: Row) -> Reservable:
        effect = row.text("effect")
        if effect not in _EFFECTS:
            raise row.refuse(f"effect must be one of: {', '.join(_EFFECTS)}.")
        return Reservable(
            article=row.text("article"),
            code=row.word("code", ConditionCode),
            text=row.find_text("text"),
            effect=_EFFECTS[effect],
            exempt_offences=self._read_offences(row, "exempt_offences"),
            data=row.list_words("data", DataKind) or _ALL_DATA,
        )

    def _read_limit(self, row: Row) -> Limit:
        source, as_of = self._read_source(row)
        return Limit(
            time_limit=TimeLimit(
                text=row.text("text"),
                article=row.text("article"),
                source=source,
                as_of=as_of,
                reading=row.word("reading", Reading),
                days=row.find_count("days"),
                hours=row.find_count("hours"),
                starts=row.text("starts"),
            ),
            emergency=row.find_boolean("emergency"),
            data=row.list_words("data", DataKind) or _ALL_DATA,
            to_answer=bool(row.find_boolean("to_answer")),
        )

    def _read_offences(self, row: Row, name: str) -> frozenset[str]:
        codes = row.list_texts(name)
        for code in codes:
            Row(row.where, {name: code}).reference(name, self.offences)
        return frozenset(codes)

    def _read_references(self, row: Row, name: str) -> tuple[str, ...]:
        keys = row.list_texts(name)
        for key in keys:
            Row(row.where, {name: key}).reference(name, self.instruments)
        return keys
