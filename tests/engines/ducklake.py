"""DuckLake: tables as Parquet files, with their catalog in a DuckDB file."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from engines.duckdb_file import DuckDB

try:
    import duckdb_extension_ducklake
except ImportError:
    duckdb_extension_ducklake = None


@cache
def extension_directory(root: Path) -> str:
    """The extension where DuckDB looks for it: one for all projects, since a process loads each copy
    anew and keeps it to its end."""
    [extension] = Path(duckdb_extension_ducklake.__file__).parent.rglob("*.duckdb_extension")
    platform = duckdb.sql("pragma platform").fetchone()[0]
    folder = root / "extensions" / extension.parent.name / platform
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(extension, folder)
    return str(root / "extensions")


class DuckLake(DuckDB):
    """Attached to a DuckDB in memory, as the database of the target."""

    name = "ducklake"
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return duckdb_extension_ducklake is not None

    def output(self, root: Path) -> dict[str, Any]:
        self.settings = {"extension_directory": extension_directory(root.parent)}
        self.lake = f"ducklake:{root / 'shop.ducklake'}"
        return {
            "type": "duckdb",
            "path": ":memory:",
            "database": "shop",
            "attach": [{"path": self.lake, "alias": "shop"}],
            "config_options": self.settings,
            # With more it crashes now and then, without our package too: duckdb/ducklake#1248.
            "threads": 1,
        }

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config=self.settings)
        connection.execute(f"attach '{self.lake}' as shop; use shop")
        return connection

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        cursor = handle.cursor()
        cursor.execute("use shop")
        try:
            cursor.execute(statement, values)
            return cursor.fetchall()
        finally:
            cursor.execute("use memory")
