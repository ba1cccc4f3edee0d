"""How much of an edition was read in its source, and how much of it is stale."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from proxeny.law.facts import Dated, Instrument, Lawbook, Membership, Party
from proxeny.law.values import Reading, is_stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The entries of one kind, by how they were read.

    ``dates_not_re_read`` counts single dates inside entries that were read.
    """

    kind: str
    entries: int
    read: int
    not_re_read: int
    unknown: int
    dates_not_re_read: int
    stale: int


def count_entries(lawbook: Lawbook, on: date) -> tuple[Tally, ...]:
    """Count the entries of each kind by reading, and those that are stale.

    Args:
        lawbook: a checked edition.
        on: the day for which staleness is counted.

    """
    limits = [
        limit.time_limit for measure in lawbook.measures for limit in measure.limits
    ]
    dated: dict[str, Collection[Dated]] = {
        "instruments": lawbook.instruments.values(),
        "bodies": lawbook.bodies.values(),
        "memberships": _flatten(lawbook.memberships.values()),
        "names": _flatten(lawbook.names.values()),
        "parties": _flatten(
            group for held in lawbook.parties.values() for group in held.values()
        ),
        "reservations": _flatten(lawbook.statements.values()),
        "measures": lawbook.measures,
    }
    return (
        *(
            _tally(
                kind,
                ((one.provenance.reading, one.provenance.as_of) for one in entries),
                on,
                dates_not_re_read=sum(map(_count_unread_dates, entries)),
            )
            for kind, entries in dated.items()
        ),
        _tally("time_limits", ((one.reading, one.as_of) for one in limits), on),
        _tally(
            "offences",
            ((Reading.READ, one.as_of) for one in lawbook.offences.values()),
            on,
        ),
    )


def _flatten(groups: Iterable[Iterable[Dated]]) -> list[Dated]:
    return [one for group in groups for one in group]


def _count_unread_dates(entry: Dated) -> int:
    if not isinstance(entry, Instrument | Membership | Party):
        return 0
    read = entry.provenance.reading is Reading.READ
    return len(entry.not_re_read) if read else 0


def _tally(
    kind: str,
    entries: Iterable[tuple[Reading, date]],
    on: date,
    *,
    dates_not_re_read: int = 0,
) -> Tally:
    listed = list(entries)
    readings = [reading for reading, _ in listed]
    return Tally(
        kind=kind,
        entries=len(listed),
        read=readings.count(Reading.READ),
        not_re_read=readings.count(Reading.NOT_RE_READ),
        unknown=readings.count(Reading.UNKNOWN),
        dates_not_re_read=dates_not_re_read,
        stale=sum(is_stale(as_of, on) for _, as_of in listed),
    )
