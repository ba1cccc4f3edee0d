"""A file of reports that came over HTTP, taken in under a name that tells nothing."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from proxeny import formats
from proxeny.node.accounts.actor import Actor
from proxeny.node.reports.actions import Taken, take_items

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
ENDINGS = frozenset({".eml", ".csv", ".tsv", ".jsonl", ".ndjson", ".json"})


def take_upload(
    actor: Actor, chunks: Iterable[bytes], *, name: str, form: str = "auto"
) -> Iterator[Taken]:
    """Take the items of an upload in, and say of each what became of it.

    Args:
        actor: who uploads it.
        chunks: the file's bytes; their number is the caller's to limit.
        name: as the caller gave it; only its ending is used, to tell the format.
        form: `auto`, `eml`, `csv` or `jsonl`.

    Raises:
        ForbiddenError: the role may not take reports in.
        InputError: there is no such form (PXY-FORMAT).
    """
    actor.require("report.write")
    suffix = PurePath(name).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="proxeny-") as folder:
        path = Path(folder) / f"upload{suffix if suffix in ENDINGS else ''}"
        with path.open("wb") as file:
            file.writelines(chunks)
        items = formats.read_reports([path], form=form)
        yield from take_items(actor, _name_apart_from(folder, items))


def _name_apart_from(
    folder: str, items: Iterable[formats.Accepted | formats.Refused]
) -> Iterator[formats.Accepted | formats.Refused]:
    """The items without this machine's folder in the names of their places."""

    def shorten(where: str) -> str:
        return PurePath(where.removeprefix(folder)).name

    for item in items:
        match item:
            case formats.Accepted():
                dropped = tuple(
                    replace(drop, where=shorten(drop.where)) for drop in item.dropped
                )
                yield replace(item, where=shorten(item.where), dropped=dropped)
            case formats.Refused():
                yield replace(item, where=shorten(item.where))
