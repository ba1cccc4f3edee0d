"""Prove the audit log against itself and against the checkpoints outside."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.models import Count, Max

from proxeny import exchange
from proxeny.errors import ProxenyError
from proxeny.exchange import log
from proxeny.node.audit.actions import AUDIT, leaf_hash_of, origin_of
from proxeny.node.audit.models import Entry, Tree

MAX_FAULTS = 20
FOLDED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a look at the whole log found."""

    verified: bool
    entries: int
    waiting: int
    checkpoints: int
    faults: tuple[str, ...]


def verify_audit(folder: Path, *, keys: exchange.PublicKeys, now: datetime) -> Verified:
    """Recompute every leaf and root; compare each signed checkpoint.

    Args:
        folder: where the checkpoints lie, outside the database.
        keys: this node's public keys.
        now: the present instant; the worker folds within a second, so what has
            waited for `FOLDED_WITHIN` is a fault of its own.
    """
    notes = _read_checkpoints(folder / f"{AUDIT}.checkpoints")
    faults: list[str] = []
    wanted: dict[int, bytes] = {}
    for number, note in enumerate(notes, 1):
        try:
            checkpoint = log.verify_checkpoint(
                note, signer=keys, origin=origin_of(keys.authority)
            )
        except ProxenyError as error:
            faults.append(f"checkpoint {number}: {error.message}")
            continue
        first = wanted.setdefault(checkpoint.size, checkpoint.root_hash)
        if first != checkpoint.root_hash:
            faults.append(f"two checkpoints of {checkpoint.size} entries differ")
    frontier = log.Frontier()
    entries = Entry.objects.exclude(leaf_index=None).order_by("leaf_index")
    for entry in entries.iterator():
        leaf = leaf_hash_of(entry)
        if entry.leaf_index != frontier.size:
            faults.append(f"entry {frontier.size} is missing")
            break
        if entry.leaf_hash is None or bytes(entry.leaf_hash) != leaf:
            faults.append(f"entry {entry.leaf_index} was changed")
        frontier.append(leaf)
        root = wanted.pop(frontier.size, None)
        if root is not None and root != frontier.root():
            faults.append(f"the checkpoint of {frontier.size} entries does not agree")
    tree = Tree.objects.filter(name=AUDIT).first()
    if tree is not None and tree.size != frontier.size:
        faults.append(f"{tree.size} entries were folded, {frontier.size} are there")
    faults += [f"{size} entries were signed, fewer are there" for size in wanted]
    if tree is not None and tree.size and not notes:
        faults.append("there is no checkpoint outside the database")
    faults += _list_unfolded(now)
    return Verified(
        verified=not faults,
        entries=frontier.size,
        waiting=Entry.objects.filter(leaf_index=None).count(),
        checkpoints=len(notes),
        faults=tuple(faults[:MAX_FAULTS]),
    )


def _list_unfolded(now: datetime) -> Iterator[str]:
    """What the tree does not vouch for yet."""
    late = Entry.objects.filter(leaf_index=None, at__lt=now - FOLDED_WITHIN).count()
    if late:
        yield f"{late} entries wait to be folded: the worker does not run"
    if connection.vendor == "sqlite":
        # There, and only there, no number is ever left out.
        span = Entry.objects.aggregate(last=Max("pk"), held=Count("pk"))
        missing = (span["last"] or 0) - span["held"]
        if missing:
            yield f"{missing} entries were deleted"


def _read_checkpoints(path: Path) -> list[str]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    notes = []
    for line in lines:
        try:
            notes.append(str(json.loads(line)["note"]))
        except (ValueError, KeyError, TypeError):
            # A line cut short by a power cut holds no checkpoint; the next one does.
            continue
    return notes
