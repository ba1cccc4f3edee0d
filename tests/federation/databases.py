"""Reads a node's database directly, without Django: SQLite file or PostgreSQL."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


def read_rows(database: str, query: str) -> list[Row]:
    """The rows of a query; ``database`` is a path or a ``postgresql://`` address."""
    if database.startswith("postgres"):
        with psycopg.connect(database, row_factory=dict_row) as connection:
            return list(connection.execute(query))
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def change_rows(database: str, statement: str) -> None:
    """Change rows behind the node's back, as no page would let anybody."""
    if database.startswith("postgres"):
        with psycopg.connect(database) as connection:
            connection.execute(statement)
        return
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        connection.execute(statement)


def parse_json(value: object) -> Any:
    """A JSON column: PostgreSQL gives the value, SQLite its text."""
    return json.loads(value) if isinstance(value, str) else value
