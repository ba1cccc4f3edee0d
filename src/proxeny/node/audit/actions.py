"""Write audit rows, and fold committed ones into the tree."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from proxeny import exchange
from proxeny.exchange import log
from proxeny.node.accounts.actor import Actor
from proxeny.node.audit.models import Entry, Tree

AUDIT = "audit"
FOLD_AT_ONCE = 2000


def record_read(actor: Actor, action: str, refs: Iterable[str] = ()) -> None:
    """One row: the actor saw these. Call it in the transaction that read them."""
    _record(actor, action, refs, wrote=False)


def record_write(actor: Actor, action: str, refs: Iterable[str] = ()) -> None:
    """One row: the actor changed these. Call it in the transaction that wrote them."""
    _record(actor, action, refs, wrote=True)


def _record(actor: Actor, action: str, refs: Iterable[str], *, wrote: bool) -> None:
    Entry.objects.create(
        at=timezone.now(),
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        actor=actor.name,
        door=actor.door,
        action=action,
        wrote=wrote,
        refs=sorted(set(refs)),
        salt=secrets.token_bytes(16),
    )


def leaf_hash_of(entry: Entry) -> bytes:
    """The leaf that a row has in the tree, salted."""
    fields = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "organisation": entry.organisation_id,
        "user": entry.user_id,
        "actor": entry.actor,
        "door": entry.door,
        "action": entry.action,
        "wrote": entry.wrote,
        "refs": entry.refs,
    }
    event = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return log.leaf_hash(log.leaf_bytes(event, salt=bytes(entry.salt)))


def _frontier_of(tree: Tree) -> log.Frontier:
    return log.Frontier(tree.size, [base64.b64decode(node) for node in tree.frontier])


@transaction.atomic
def fold_entries() -> int:
    """Give every committed row its place in the tree; return how many were added.

    The tree's row is locked, so that two workers don't give one place twice.
    """
    tree, _ = Tree.objects.select_for_update().get_or_create(name=AUDIT)
    waiting = list(Entry.objects.filter(leaf_index=None).order_by("pk")[:FOLD_AT_ONCE])
    if not waiting:
        return 0
    frontier = _frontier_of(tree)
    for entry in waiting:
        entry.leaf_index = frontier.size
        entry.leaf_hash = leaf_hash_of(entry)
        frontier.append(entry.leaf_hash)
    Entry.objects.bulk_update(waiting, ["leaf_index", "leaf_hash"])
    tree.size = frontier.size
    tree.frontier = [base64.b64encode(node).decode() for node in frontier.hashes]
    tree.save()
    return len(waiting)


def origin_of(authority: str) -> str:
    """The audit log's name in its checkpoints."""
    return f"proxeny/{authority}/{AUDIT}"


def write_checkpoint(folder: Path, keys: exchange.NodeKeys) -> None:
    """Append a signed checkpoint of the tree as it stands, outside the database."""
    tree = Tree.objects.get(name=AUDIT)
    path = folder / f"{AUDIT}.checkpoints"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = log.sign_checkpoint(
        keys=keys,
        origin=origin_of(keys.authority),
        size=tree.size,
        root_hash=_frontier_of(tree).root(),
    )
    line = json.dumps({"at": timezone.now().isoformat(), "note": note})
    with path.open("a", encoding="utf-8") as file:
        # A line that a power cut left unfinished is closed before the next one.
        file.write(("" if _ends_a_line(path) else "\n") + line + "\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
