"""Reads the Parquet files of a batch: checked first, then loaded as tables."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from proxeny.engines.values import BatchError

REPORTS: Final = "reports.parquet"
MENTIONS: Final = "mentions.parquet"

_Check = Callable[[pa.DataType], bool]
_TEXT: Final = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_WHOLE: Final = (pa.types.is_integer,)
_REPORT_COLUMNS: Final = {
    "report_id": (True, (*_TEXT, *_WHOLE), "text or a whole number"),
    "ts": (True, (pa.types.is_timestamp, pa.types.is_date), "a timestamp"),
    "country": (False, _TEXT, "text"),
    "crime_type": (False, _TEXT, "text"),
    "amount": (False, (pa.types.is_floating, pa.types.is_decimal, *_WHOLE), "a number"),
    "lang": (False, _TEXT, "text"),
    "narrative": (False, _TEXT, "text"),
}
_MENTION_COLUMNS: Final = {
    "report_id": (True, (*_TEXT, *_WHOLE), "text or a whole number"),
    "kind": (True, _TEXT, "text"),
    "value": (True, _TEXT, "text"),
    "role": (False, _TEXT, "text"),
}
_ROW_NUMBER: Final = "file_row_number"
# Longer than any normal form: what stands there is no selector, and joins nobody.
MAX_VALUE_CHARS: Final = 8_192


def quote_pattern(path: Path) -> str:
    """Name one file where DuckDB takes a pattern."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def open_reports(folder: Path) -> pq.ParquetFile:
    """Open and check the reports of a batch.

    Raises:
        BatchError: there are none, or the file is damaged or has the wrong columns.

    """
    return _open(folder / REPORTS, _REPORT_COLUMNS)


def find_mentions(folder: Path) -> pq.ParquetFile | None:
    """Open and check the mentions of a batch, if it has any.

    Raises:
        BatchError: the file is damaged or has the wrong columns.

    """
    path = folder / MENTIONS
    return _open(path, _MENTION_COLUMNS) if path.exists() else None


def has_column(file: pq.ParquetFile, name: str) -> bool:
    """Whether a file has a column with anything in it to read."""
    return name in file.schema_arrow.names and not pa.types.is_null(
        file.schema_arrow.field(name).type
    )


def load_reports(
    con: duckdb.DuckDBPyConnection, path: Path, file: pq.ParquetFile
) -> int:
    """Make `report`: number, id, hour, and codes of offence and country.

    Returns:
        How many rows were left out because their id came before.

    """
    for name, column in (("offence", "crime_type"), ("country", "country")):
        value = column if has_column(file, column) else "NULL::VARCHAR"
        con.execute(
            f"""CREATE TEMP TABLE {name}_code AS
            SELECT {name}, row_number() OVER (ORDER BY {name})::INTEGER AS code FROM (
              SELECT DISTINCT {value} AS {name} FROM read_parquet(?)
              WHERE {value} IS NOT NULL AND {value} NOT IN ('', 'unknown')
            )""",  # noqa: S608 - names of our own columns
            [quote_pattern(path)],
        ).fetchall()
    joins = " ".join(
        f"LEFT JOIN {name}_code ON {name}_code.{name} = r.{column}"
        for name, column in (("offence", "crime_type"), ("country", "country"))
        if has_column(file, column)
    )
    codes = ", ".join(
        f"{name}_code.code AS {name}"
        if has_column(file, column)
        else f"NULL::INTEGER AS {name}"
        for name, column in (("offence", "crime_type"), ("country", "country"))
    )
    # DuckDB has no epoch() of nanoseconds with a time zone.
    has_zone = getattr(file.schema_arrow.field("ts").type, "tz", None) is not None
    at = "r.ts::TIMESTAMPTZ" if has_zone else "r.ts"
    con.execute(
        f"""CREATE TABLE report AS
        SELECT r.file_row_number::INTEGER AS report, r.report_id,
          TRY_CAST(floor(epoch({at}) / 3600) AS INTEGER) AS hour, {codes}
        FROM read_parquet(?, file_row_number = true) AS r {joins}""",  # noqa: S608 - as above
        [quote_pattern(path)],
    ).fetchall()
    rows, ids, named = con.execute(
        "SELECT count(*), count(DISTINCT report_id), count(report_id) FROM report"
    ).fetchall()[0]
    if named < rows:
        raise BatchError(f"{rows - named:,} rows of {REPORTS} have no report_id.")
    if ids < rows:
        con.execute(
            """DELETE FROM report WHERE report NOT IN (
              SELECT min(report) FROM report GROUP BY report_id)"""
        ).fetchall()
    return int(rows - ids)


def load_mentions(
    con: duckdb.DuckDBPyConnection, path: Path, *, roles: bool
) -> tuple[int, int]:
    """Make `known` and `mention` out of a file of report_id, kind, value and role.

    Args:
        con: with `report`.
        path: of the file.
        roles: whether it has a role.

    Returns:
        How many rows name a report and a selector, and how many don't.

    """
    # An id of the other type can't name a report, and is no reason to stop.
    kind = _find_id_type(con)
    role = "coalesce(m.role = 'victim', false)" if roles else "false"
    pattern = quote_pattern(path)
    if roles:
        require_roles(con, pattern)
    con.execute(
        f"""CREATE TABLE named AS
        SELECT m.file_row_number AS mention, m.kind, m.value, r.report,
          {role} AS is_victims
        FROM read_parquet(?, file_row_number = true) AS m
        LEFT JOIN report AS r ON r.report_id = TRY_CAST(m.report_id AS {kind})
        WHERE m.kind IS NOT NULL AND m.kind <> 'text'
          AND length(m.value) BETWEEN 1 AND {MAX_VALUE_CHARS}""",  # noqa: S608 - our own names
        [pattern],
    ).fetchall()
    con.execute(
        "CREATE VIEW known AS SELECT * FROM named WHERE report IS NOT NULL"
    ).fetchall()
    con.execute(
        "CREATE VIEW mention AS SELECT * FROM known WHERE NOT is_victims"
    ).fetchall()
    [(known, rows)] = con.execute(
        "SELECT (SELECT count(report) FROM named), count(*) FROM read_parquet(?)",
        [pattern],
    ).fetchall()
    return int(known), int(rows - known)


def require_roles(con: duckdb.DuckDBPyConnection, pattern: str) -> None:
    """A role that is misspelt would let a victim's selector link.

    Raises:
        BatchError: one is.

    """
    [(wrong,)] = con.execute(
        """SELECT count(*) FROM read_parquet(?)
        WHERE role NOT IN ('offender', 'victim', 'unknown')""",
        [pattern],
    ).fetchall()
    if wrong:
        raise BatchError(
            f"{wrong:,} rows of {MENTIONS} have a role that is none.",
            advice="Write offender, victim or unknown, in small letters.",
        )


def _find_id_type(con: duckdb.DuckDBPyConnection) -> str:
    [(kind,)] = con.execute(
        """SELECT data_type FROM duckdb_columns()
        WHERE table_name = 'report' AND column_name = 'report_id'"""
    ).fetchall()
    return str(kind)


def _open(
    path: Path, wanted: dict[str, tuple[bool, tuple[_Check, ...], str]]
) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError:
        raise BatchError(f"There is no {path.name} in the folder.") from None
    except (OSError, pa.ArrowException):
        raise BatchError(f"{path.name} is no Parquet file, or a damaged one.") from None
    names = file.schema_arrow.names
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise BatchError(f"{path.name} has the column {name} twice.")
    if _ROW_NUMBER in map(str.lower, names):
        raise BatchError(f"{path.name} has a column {_ROW_NUMBER}, which is reserved.")
    for name, (is_needed, kinds, told) in wanted.items():
        if name not in file.schema_arrow.names:
            if is_needed:
                raise BatchError(f"{path.name} has no column {name}.")
            continue
        kind = file.schema_arrow.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not (pa.types.is_null(kind) and not is_needed) and not any(
            check(kind) for check in kinds
        ):
            raise BatchError(f"The column {name} of {path.name} is not {told}.")
    return file
