"""Compares what the batch made of all reports with the series of today.

Works on the files of the batch; knows no database. A *unit* is what is moved as a
whole: a series (its primary key) or a report that stands alone (its own, below zero).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

from proxeny.node.linking.relinks.exporting import TODAY

LINKS_SHOWN: Final = 3
Verb = Literal["unite", "found", "take_out"]

_PLACED: Final = """
CREATE TABLE placed AS
SELECT report_id AS report, t.series AS now, s.series AS found
FROM read_parquet(?) AS t JOIN read_parquet(?) AS s USING (report_id)
WHERE NOT t.repeats
"""
# Most series are the same as the night before, and are not looked at further.
_CHANGED: Final = """
SELECT report, now, found FROM placed
WHERE found IN (
    SELECT found FROM placed GROUP BY found
    HAVING count(DISTINCT coalesce(now, -report)) > 1
  ) OR now IN (
    SELECT now FROM placed WHERE now IS NOT NULL GROUP BY now
    HAVING count(DISTINCT found) > 1
  )
ORDER BY report
"""
_STRONGEST: Final = f"""
SELECT one.change, report_a, report_b, weight, because
FROM read_parquet(?) AS link
JOIN side AS one ON one.report = link.report_a
JOIN side AS other ON other.report = link.report_b AND other.change = one.change
WHERE one.side <> other.side
QUALIFY row_number() OVER (
  PARTITION BY one.change, least(one.side, other.side), greatest(one.side, other.side)
  ORDER BY weight DESC, report_a, report_b) <= {LINKS_SHOWN}
ORDER BY one.change, weight DESC, report_a, report_b
"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that the batch sees otherwise than the series of today.

    Attributes:
        verb: unite series and reports that stand alone, found a series of such
            reports, or take reports out of one.
        series: primary keys of series: those united, the largest first, or the one
            that reports are taken out of.
        reports: those of holders that stand alone, or are taken out.
        to: the series into which they are taken; None: one of their own.
    """

    verb: Verb
    series: tuple[int, ...]
    reports: tuple[int, ...]
    to: int | None = None

    @property
    def units(self) -> tuple[int, ...]:
        """What would be in one series that is not today."""
        if self.verb == "take_out":
            return (*self.series, *(() if self.to is None else (self.to,)))
        return (*self.series, *(-report for report in self.reports))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A link of the batch: two holders, its bits, and why."""

    one: int
    other: int
    bits: float
    because: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What differs, and how many series the batch holds together by nothing."""

    changes: tuple[Change, ...]
    not_held: int


def compare_series(folder: Path, found: Path) -> Compared:
    """Find what the batch sees otherwise.

    Args:
        folder: with what was exported.
        found: with what the batch wrote.
    """
    import duckdb

    with duckdb.connect() as con:
        files = [str(folder / TODAY), str(found / "series.parquet")]
        con.execute(_PLACED, files).fetchall()
        return find_changes(con.execute(_CHANGED).fetchall())


def find_changes(rows: Iterable[tuple[int, int | None, int]]) -> Compared:
    """Find changes in rows of report, series of today (or None), and series found."""
    pieces: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    alone: dict[int, list[int]] = defaultdict(list)
    for report, now, found in rows:
        if now is None:
            alone[found].append(report)
        else:
            pieces[now][found].append(report)
    homes: dict[int, list[int]] = defaultdict(list)
    home_of: dict[int, int] = {}
    sizes: Counter[int] = Counter()
    for series, parts in pieces.items():
        sizes[series] = sum(map(len, parts.values()))
        home = min(parts, key=lambda found: (-len(parts[found]), found))
        if len(parts[home]) > 1 or sizes[series] == 1:
            homes[home].append(series)
            home_of[series] = home
    for listed in homes.values():
        listed.sort(key=lambda series: (-sizes[series], series))
    changes = [
        Change(
            verb="unite" if homes.get(found) else "found",
            series=tuple(homes.get(found, ())),
            reports=tuple(alone.get(found, ())),
        )
        for found in sorted({*homes, *alone})
        if len(homes.get(found, ())) + len(alone.get(found, ())) > 1
    ]
    for series, home in home_of.items():
        changes += [
            Change(
                verb="take_out",
                series=(series,),
                reports=tuple(reports),
                to=next(iter(homes.get(found, ())), None),
            )
            for found, reports in pieces[series].items()
            if found != home
        ]
    return Compared(changes=tuple(changes), not_held=len(pieces) - len(home_of))


def list_reasons(
    folder: Path, found: Path, changes: Sequence[Change]
) -> list[list[Reason]]:
    """The strongest links of the batch between the units of each change.

    Of reports that are taken out: those to where they go, or, if that is nowhere, what
    they still share with the series that they leave.
    """
    import duckdb
    import pyarrow as pa

    sides: list[dict[str, int]] = []
    compared = [c.series if c.to is None else (c.to,) for c in changes]
    members = _list_members(folder, set(chain.from_iterable(compared)))
    for number, change in enumerate(changes):
        taken = set(change.reports)
        for series in compared[number]:
            sides += [
                {"change": number, "side": series, "report": report}
                for report in members[series]
                if report not in taken
            ]
        # Reports that are taken out go together; those that stand alone do not.
        sides += [
            {
                "change": number,
                "side": 0 if change.verb == "take_out" else -report,
                "report": report,
            }
            for report in change.reports
        ]
    schema = pa.schema([(name, pa.int64()) for name in ("change", "side", "report")])
    reasons: list[list[Reason]] = [[] for _ in changes]
    with duckdb.connect() as con:
        con.register("side", pa.Table.from_pylist(sides, schema=schema))
        for number, one, other, bits, because in con.execute(
            _STRONGEST, [str(found / "links.parquet")]
        ).fetchall():
            reasons[number].append(
                Reason(one=one, other=other, bits=bits, because=tuple(because))
            )
    return reasons


def _list_members(folder: Path, wanted: Iterable[int]) -> Mapping[int, list[int]]:
    import duckdb
    import pyarrow as pa

    listed = pa.table({"series": pa.array(sorted(wanted), pa.int64())})
    members: dict[int, list[int]] = defaultdict(list)
    with duckdb.connect() as con:
        con.register("wanted", listed)
        for series, report in con.execute(
            "SELECT series, report_id FROM read_parquet(?) JOIN wanted USING (series)",
            [str(folder / TODAY)],
        ).fetchall():
            members[series].append(report)
    return members
