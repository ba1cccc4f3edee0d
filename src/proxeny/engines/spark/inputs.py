"""Reads the Parquet files of a batch on the workers, row by row as they were written.

The driver has checked the files. Spark is told their columns: by itself it would refuse
a file for a column that nobody reads.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from proxeny.engines.duckdb.inputs import MAX_VALUE_CHARS, has_column

_SPECIAL: Final = "\\[]{}*?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that was checked, for the workers to read."""

    session: SparkSession
    path: Path
    file: pq.ParquetFile

    def has(self, column: str) -> bool:
        """Whether the file has a column with anything in it to read."""
        return has_column(self.file, column)

    def names_by_number(self) -> bool:
        """Whether reports are named by whole numbers."""
        return self._find_type("report_id") != "STRING"

    def read(self, *columns: str) -> DataFrame:
        """Give columns, null where the file has none, and `row`: their numbers."""
        found = [name for name in columns if self.has(name)]
        schema = ", ".join(f"{name} {self._find_type(name)}" for name in found)
        rows = self.session.read.schema(schema).parquet(locate_pattern(self.path))
        return rows.selectExpr(
            "_metadata.row_index AS row",
            *(
                name if name in found else f"CAST(NULL AS STRING) AS {name}"
                for name in columns
            ),
        )

    def render_hour(self) -> str:
        """Give SQL for the hour of `ts` since 1970; null where there is none."""
        seconds = {
            "TIMESTAMP": "unix_micros(ts) / 1e6",
            "TIMESTAMP_NTZ": "unix_micros(CAST(ts AS TIMESTAMP)) / 1e6",
            "DATE": "unix_date(ts) * 86400e0",
            "BIGINT": "ts / 1e9",  # Nanoseconds, which Spark has no type for.
        }[self._find_type("ts")]
        return f"TRY_CAST(FLOOR({seconds} / 3600) AS INT)"

    def _find_type(self, name: str) -> str:
        """Spark's type for a column, by what the file itself says of it."""
        schema = self.file.schema
        columns = (schema.column(place) for place in range(len(schema.names)))
        column = next(column for column in columns if column.path == name)
        logical = json.loads(column.logical_type.to_json())
        if logical["Type"] == "Timestamp":
            if logical["timeUnit"] == "nanoseconds":
                return "BIGINT"
            return "TIMESTAMP" if logical["isAdjustedToUTC"] else "TIMESTAMP_NTZ"
        if logical["Type"] == "Date":
            return "DATE"
        is_unsigned = logical["Type"] == "Int" and not logical["isSigned"]
        return {
            "INT96": "TIMESTAMP",
            "INT64": "DECIMAL(20, 0)" if is_unsigned else "BIGINT",
            "INT32": "BIGINT" if is_unsigned else "INT",
            "BYTE_ARRAY": "STRING",
        }[column.physical_type]


def locate(path: Path) -> str:
    """Name a file or folder on the disk that all machines share."""
    return f"file://{path.resolve()}"


def locate_pattern(path: Path) -> str:
    """Name the same for reading, where some signs of a path would be a pattern."""
    return "".join(f"\\{s}" if s in _SPECIAL else s for s in locate(path))


def read_reports(source: Source) -> DataFrame:
    """Give each report once: its number, id, hour, and codes of offence and country."""
    rows = source.read("report_id", "ts", "country", "crime_type")
    rows.createOrReplaceTempView("told")
    return source.session.sql(
        f"""SELECT CAST(row AS INT) AS report, report_id, hour, offence, country
        FROM (
          SELECT
            row, report_id, {source.render_hour()} AS hour,
            CASE WHEN NOT crime_type IN ('', 'unknown') THEN XXHASH64(crime_type) END
              AS offence,
            CASE WHEN NOT country IN ('', 'unknown') THEN XXHASH64(country) END
              AS country,
            ROW_NUMBER() OVER (PARTITION BY report_id ORDER BY row) AS time
          FROM told
        )
        WHERE time = 1"""  # noqa: S608 - our own names
    )


def read_mentions(source: Source) -> DataFrame:
    """Give each mention with its number."""
    rows = source.read("report_id", "kind", "value", "role")
    return rows.withColumnRenamed("row", "mention")


def name_reports(session: SparkSession, *, same_types: bool) -> DataFrame:
    """Give the mentions of `told` with the number of their report, null for none.

    Args:
        session: with `told` and `report`.
        same_types: reports are named by the same type, text or number, in both.

    """
    ids = "r.report_id", "m.report_id"
    one, other = ids if same_types else (f"CAST({name} AS STRING)" for name in ids)
    return session.sql(
        f"""SELECT m.mention, m.kind, m.value, r.report,
          COALESCE(m.role = 'victim', FALSE) AS is_victims
        FROM told AS m
        LEFT JOIN report AS r ON {one} = {other}
        WHERE m.kind <> 'text' AND LENGTH(m.value) BETWEEN 1 AND {MAX_VALUE_CHARS}"""  # noqa: S608 - our own names
    )
