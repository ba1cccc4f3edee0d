"""What commands print: a page for people, or one JSON document for programs."""

import contextlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

AsJSON = Annotated[
    bool, typer.Option("--json", help="Print one JSON document for programs.")
]


def _plain(value: object) -> str:
    """What JSON has no form for: times as RFC 3339, the rest in words."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _only_ascii() -> bool:
    """Whether JSON must escape what this output has no character for."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return not encoding.lower().startswith("utf")


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(
        json.dumps(document, ensure_ascii=_only_ascii(), default=_plain) + "\n"
    )


def print_json_line(document: Mapping[str, Any]) -> None:
    """One line of JSON Lines on standard output."""
    sys.stdout.write(
        json.dumps(
            document,
            ensure_ascii=_only_ascii(),
            default=_plain,
            separators=(",", ":"),
        )
        + "\n"
    )


def say(text: str = "") -> None:
    """One line for a person on standard output."""
    sys.stdout.write(text + "\n")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for a person: columns as wide as their widest cell."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max(len(row[index]) for row in [list(head), *cells])
        for index in range(len(head))
    ]
    for row in [list(head), *cells]:
        say(
            "  ".join(
                cell.ljust(width) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
        )


def complain(what: str, to_do: str, code: str) -> None:
    """What is wrong, what to do, and the stable code, on standard error."""
    first = " ".join(what.split())
    # Where even this can't be written, the exit code still says it.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"proxeny: {first}\n  {to_do}\n  {code}\n")
        sys.stderr.flush()
