"""Runs linking at scale: DuckDB on one machine, Spark on many."""
