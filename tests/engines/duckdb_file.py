"""DuckDB, in a file of the project."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from engines.base import InformationSchema


class DuckDB(InformationSchema):
    name = adapter = "duckdb"
    resource = None
    is_slow = False

    @staticmethod
    def is_installed() -> bool:
        return True

    def output(self, root: Path) -> dict[str, Any]:
        self.database = root / "shop.duckdb"
        return {"type": "duckdb", "path": str(self.database), "threads": 2}

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with self._connect() as connection:
            return connection.execute(statement).fetchall()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(str(self.database))
        except duckdb.ConnectionException:
            # A model's exception may still hold a cursor of the dbt command, with its settings.
            gc.collect()
            return duckdb.connect(str(self.database))

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        cursor = handle.cursor()
        cursor.execute(statement, values)
        return cursor.fetchall()

    def close(self) -> None:
        DuckDBConnectionManager.close_all_connections()
        if sys.version_info >= (3, 12):
            # There a command that failed leaves cycles that hold the file (seen on 3.13).
            gc.collect()
