"""A dbt-duckdb plugin that lets DuckDB itself log every statement it receives.

The demo reads that log to see whether each query carried its tag: it is the database's word,
not dbt's. Nothing is logged unless the profile names a directory.
"""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def initialize(self, config: dict[str, Any]) -> None:
        self.directory: str = config.get("directory", "")

    def configure_connection(self, conn: Any) -> None:
        if self.directory:
            path = self.directory.replace("'", "''")
            conn.execute(f"call enable_logging('QueryLog', storage='file', storage_path='{path}')")
