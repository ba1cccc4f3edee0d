"""Makes a new edition: from another one, or from a Treaty Office status export.

The new edition is built beside its place and checked like any other; only a whole one
gets its name. What an export says is read by the header names of the lawbook's
``imports/treaty-office.toml``; one row that can't be read refuses the file.
"""

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from proxeny import lawbook
from proxeny.law.editions.exports import Export, Status, parse_status
from proxeny.law.editions.loading import load_lawbook
from proxeny.law.facts import Lawbook, Standing
from proxeny.law.values import LawbookError, Reading

_TABLES = (
    *("bodies.csv", "instruments.csv", "memberships.csv", "names.csv"),
    *("offences.csv", "parties.csv", "reservations.csv"),
)
_EDITION = "edition.toml"


def import_edition(folder: Path, into: Path, *, base: Lawbook) -> Path:
    """Take over another edition, after it was checked as a whole.

    Args:
        folder: the edition.
        into: the folder of editions; the new one is named by its number there.
        base: the edition in use, which must be the earlier one.

    Returns:
        The folder of the new edition.

    Raises:
        LawbookError: the edition is not sound, not later, or there already.

    """
    book = load_lawbook(folder)
    if _rank(book.edition) <= _rank(base.edition):
        raise LawbookError(
            f"Edition {book.edition} is not later than {base.edition}, which is in use."
        )
    with _staging(into) as stage:
        _copy_edition(folder, stage)
        return _finish(stage, into, book.edition)


def import_status(export: Export, into: Path, *, base: Path | None, on: date) -> Path:
    """Make the next edition with the status of Parties that an export gives.

    Rows of the export replace the entries of its countries; every other entry stays.

    Args:
        export: the file, with instrument, source and the day for which it speaks.
        into: the folder of editions; the new one is named by its number there.
        base: the edition to start from; None for the packaged one.
        on: the day of the new edition.

    Returns:
        The folder of the new edition.

    Raises:
        LawbookError: a row can't be read (with file and line), or the edition that
            would come of it is not sound.

    """
    before = load_lawbook(base)
    if export.instrument not in before.instruments:
        raise LawbookError(f"{export.instrument[:60]!r} is not in the lawbook.")
    if export.as_of > on:
        raise LawbookError(f"The export speaks for {export.as_of}, after {on}.")
    rows = tuple(parse_status(export))
    number = next_number(before.edition, on)
    with _staging(into) as stage:
        _copy_edition(lawbook.path() if base is None else base, stage)
        _replace_parties(stage, export, rows)
        _bring_into_force(stage, export, rows)
        title = f"Lawbook with the status of {export.instrument} as of {export.as_of}"
        (stage / _EDITION).write_text(
            f'number = "{number}"\ndate = {on}\ntitle = "{title}"\n', encoding="utf-8"
        )
        return _finish(stage, into, number)


def next_number(current: str, on: date) -> str:
    """The number of the edition after this one: year and month, then a count."""
    month = f"{on:%Y.%m}"
    if _rank(month) > _rank(current):
        return month
    year, number, *count = _rank(current)
    return f"{year}.{number:02}.{(count[0] if count else 0) + 1}"


@contextmanager
def _staging(into: Path) -> Iterator[Path]:
    """A folder beside the editions, gone when it was not moved to its name."""
    into.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".edition-", dir=into))
    # The facts are public: whoever runs the node may read them.
    stage.chmod(0o755)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _finish(stage: Path, into: Path, number: str) -> Path:
    load_lawbook(stage)
    place = into / number
    if place.exists():
        raise LawbookError(f"Edition {number} is there already.")
    return stage.rename(place)


def _copy_edition(source: Traversable, stage: Path) -> None:
    """The files of an edition and nothing else."""
    measures = source.joinpath("measures")
    (stage / "measures").mkdir()
    for name in (*_TABLES, _EDITION):
        (stage / name).write_bytes(source.joinpath(name).read_bytes())
    for file in measures.iterdir():
        if file.name.endswith(".toml"):
            (stage / "measures" / file.name).write_bytes(file.read_bytes())


def _replace_parties(stage: Path, export: Export, rows: Sequence[Status]) -> None:
    known = _read_table(stage / "parties.csv")
    replaced = {(export.instrument, row.country) for row in rows}
    kept = [one for one in known if (one["instrument"], one["country"]) not in replaced]
    made = [_make_party(export, row, dict.fromkeys(known[0], "")) for row in rows]
    _write_table(stage / "parties.csv", [*kept, *made])


def _make_party(export: Export, row: Status, columns: dict[str, str]) -> dict[str, str]:
    if row.in_force is not None:
        standing, since = Standing.PARTY, row.in_force
    elif row.ratified is not None:
        standing, since = Standing.RATIFIED, row.ratified
    else:
        standing, since = Standing.SIGNATORY, row.signed or export.as_of
    days = {
        "signed": row.signed,
        "ratified": row.ratified,
        "in_force": row.in_force,
        "from": since,
        "until": row.until,
        "as_of": export.as_of,
    }
    return {
        **columns,
        "instrument": export.instrument,
        "country": row.country,
        "status": standing.value,
        "note": row.note,
        "source": export.source,
        "reading": Reading.READ.value,
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }


def _bring_into_force(stage: Path, export: Export, rows: Sequence[Status]) -> None:
    """The first day for any Party is the instrument's, where none was recorded."""
    days = [row.in_force for row in rows if row.in_force is not None]
    instruments = _read_table(stage / "instruments.csv")
    for one in instruments:
        if one["id"] == export.instrument and not one["in_force"] and days:
            one["in_force"] = min(days).isoformat()
            one["as_of"] = export.as_of.isoformat()
            one["source"] = export.source
            one["note"] = ""
    _write_table(stage / "instruments.csv", instruments)


def _read_table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def _write_table(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _rank(number: str) -> tuple[int, ...]:
    try:
        rank = tuple(map(int, number.split(".")))
    except ValueError as error:
        raise LawbookError(f"{number[:40]!r} is no number of an edition.") from error
    if len(rank) not in {2, 3}:
        raise LawbookError(f"{number[:40]!r} is no number of an edition.")
    return rank
