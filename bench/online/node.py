"""The contestant: the node's real action on its real database, one report at a time."""

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from online.timing import Figures, sum_up, time_each

from proxeny import formats, reports

FLOOR_CALLS = 500


def measure(folder: Path, held: int, warm_up: int) -> list[Figures]:
    """Take the first half of the new reports, link the second half; check the series.

    Raises:
        AssertionError: the database isn't durable, or the node's series differ from
            those of the in-memory twin.
    """
    _enter(folder / "home")
    from django.db import connection

    from proxeny.node.accounts.actor import actor_of
    from proxeny.node.accounts.models import User
    from proxeny.node.reports.actions import take_report

    actor = actor_of(User.objects.get(username="bench"), "cli")
    _require_durable(connection)
    items = [
        item
        for item in formats.read_reports([folder / "new.jsonl"])
        if isinstance(item, formats.Accepted)
    ]
    warm, rest = items[:warm_up], items[warm_up:]
    half = len(rest) // 2
    queries = _count_queries(lambda: [take_report(actor, item) for item in warm])
    refs: list[str] = []

    def take(item: formats.Accepted) -> None:
        taken = take_report(actor, item)
        assert taken.report is not None
        refs.append(taken.report.ref)

    taking = time_each(take, rest[:half])
    linking = time_each(
        _link_in_transaction, [_holder_of(actor, item) for item in rest[half:]]
    )
    found = _check_series(folder, held, len(items))
    return [
        sum_up(
            "node: extract, link, explain, durable commit",
            held,
            taking,
            f"{queries / len(warm):.1f} statements a report; {found}",
        ),
        sum_up("node: link, explain, durable commit", held, linking),
        _measure_floor(folder, held),
    ]


def _enter(home: Path) -> None:
    os.environ["PROXENY_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "proxeny.node.settings.django"
    import django

    django.setup()


def _require_durable(connection: Any) -> None:
    with connection.cursor() as cursor:
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == wanted, pragma


def _count_queries(call: Any) -> int:
    from django.db import connection

    seen: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        seen[sql.split(maxsplit=1)[0]] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        call()
    return seen.total()


def _holder_of(actor: Any, item: formats.Accepted) -> tuple[Any, Any]:
    """What the report makes known to linking, its selectors already extracted."""
    from proxeny.node.selectors.actions import HolderFacts

    value = item.report
    assert value.happened_at is not None
    facts = HolderFacts(
        organisation_id=actor.organisation_id,
        ref=value.source_ref or "",
        at=value.happened_at,
        country=value.country,
        offence=value.offence,
        amount=value.loss.amount if value.loss else None,
        currency=value.loss.currency if value.loss else None,
    )
    return facts, reports.find_mentions(value)


def _link_in_transaction(holder: tuple[Any, Any]) -> None:
    from django.db import transaction

    from proxeny.node.linking.actions import link_holder

    with transaction.atomic():
        link_holder(*holder)


def _check_series(folder: Path, held: int, new: int) -> str:
    """The node's series are the twin's; returns how well they find the campaigns."""
    from proxeny.node.linking.models import Member
    from proxeny.node.linking.queries import find_roots
    from proxeny.node.selectors.models import Holder

    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    holders = list(Holder.objects.order_by("pk").values_list("pk", flat=True))
    assert len(holders) == held + new
    rows = dict(Member.objects.values_list("holder_id", "series_id"))
    roots = find_roots(set(rows.values()))
    found = [roots[rows[pk]] if pk in rows else None for pk in holders]
    pairs = set(zip(found, expected["series"], strict=True))
    assert len(pairs) == len({one for one, _ in pairs}), "series differ from the twin's"
    assert len(pairs) == len({two for _, two in pairs}), "series differ from the twin's"
    labels = [
        f"alone {number}" if series is None else str(series)
        for number, series in enumerate(found)
    ]
    return f"series equal the twin's, B3 {_b3(labels, expected['campaign']):.3f}"


def _b3(found: Sequence[str], truth: Sequence[int]) -> float:
    """B-cubed F over two partitions of the same reports."""
    both = Counter(zip(found, truth, strict=True))
    found_sizes, true_sizes = Counter(found), Counter(truth)
    sums: defaultdict[str, float] = defaultdict(float)
    for (one, other), n in both.items():
        sums["precision"] += n * n / found_sizes[one]
        sums["recall"] += n * n / true_sizes[other]
    precision, recall = sums["precision"] / len(found), sums["recall"] / len(found)
    return 2 * precision * recall / (precision + recall)


def _measure_floor(folder: Path, held: int) -> Figures:
    """What this disk asks for any durable commit: one row of a report's size."""
    database = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL").fetchall()
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT)")
    text = "x" * 1_000

    def insert(_: int) -> None:
        database.execute("INSERT INTO row (text) VALUES (?)", (text,))

    seconds = time_each(insert, range(FLOOR_CALLS))
    database.close()
    return sum_up("floor: SQLite alone, one row, durable commit", held, seconds)
