"""Linking on one machine: DuckDB for what SQL can say, numba for the rest."""

from proxeny.engines.duckdb.linking import compare, link

__all__ = ["compare", "link"]
