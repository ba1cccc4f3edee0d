"""The contestant: the node's real action on its real database, one report at a time."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from online.parts import REST, Parts
from online.timing import Figures, Timed, sum_up, time_each
from proxeny import formats

CHECKPOINT_EVERY_S = 1.0


def measure(
    folder: Path, held: int, *, warm: int, paced: int, per_s: int, closed: int
) -> list[Figures]:
    """Take new reports at a steady pace, then as fast as they go.

    Those that an earlier run took are left out, so that a node may serve several.

    Args:
        folder: what `online.holding.hold` wrote.
        held: reports that were held in the beginning.
        warm: new reports that are taken before anything is timed.
        paced: new reports that come at a pace.
        per_s: the pace, in reports a second.
        closed: new reports one after the other.

    Raises:
        AssertionError: the database isn't durable, or a report was refused.
    """
    _enter(folder / "home")
    from django.db import connection

    from proxeny.node.accounts.actor import actor_of
    from proxeny.node.accounts.models import User
    from proxeny.node.linking.models import Link
    from proxeny.node.reports.actions import take_report
    from proxeny.node.reports.models import Report

    actor = actor_of(User.objects.get(username="bench"), "cli")
    _require_durable(connection)
    taken = Report.objects.latest("pk").pk - held
    items = list(formats.read_reports([folder / "new.jsonl"]))[taken:]
    assert len(items) >= warm + paced + closed, "no new reports are left: hold anew"
    assert all(isinstance(item, formats.Accepted) for item in items)
    links_before = Link.objects.count()
    parts = Parts()

    def take(item: Any) -> None:
        take_report(actor, item)

    stop = multiprocessing.Event()
    worker = multiprocessing.Process(target=_checkpoint, args=(folder / "home", stop))
    worker.start()
    try:
        statements = _count_statements(
            connection, lambda: list(map(take, items[:warm]))
        )
        steady = _time_paced(take, items[warm : warm + paced], per_s)
        with parts.watching():
            fast = time_each(parts.measured(REST, take), items[warm + paced :][:closed])
    finally:
        stop.set()
        worker.join()
    links = (Link.objects.count() - links_before) / (warm + paced + closed)
    note = f"{statements / warm:.1f} statements and {links:.2f} links a report"
    return [
        sum_up(f"node: extract, link, explain, commit; {per_s} a second", held, steady),
        sum_up(
            "node: the same, one after the other", held, fast, note, parts.tell(closed)
        ),
    ]


def _enter(home: Path) -> None:
    os.environ["PROXENY_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "proxeny.node.settings.django"
    import django

    django.setup()


def _checkpoint(home: Path, stop: Any) -> None:
    """What the node's worker does beside its writers."""
    _enter(home)
    from proxeny.node.worker import checkpoint_wal

    while not stop.wait(CHECKPOINT_EVERY_S):
        checkpoint_wal()


def _require_durable(connection: Any) -> None:
    with connection.cursor() as cursor:
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == wanted, pragma


def _count_statements(connection: Any, call: Any) -> int:
    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        call()
    return seen


def _time_paced(call: Any, items: Sequence[Any], per_s: int) -> Timed:
    """Call at fixed moments; who comes late has waited, and that counts."""
    each_s = []
    cpu_started = time.process_time()
    started = time.perf_counter()
    for number, item in enumerate(items):
        due = started + number / per_s
        time.sleep(max(0.0, due - time.perf_counter()))
        call(item)
        each_s.append(time.perf_counter() - due)
    return Timed(each_s=tuple(each_s), cpu_s=time.process_time() - cpu_started)
