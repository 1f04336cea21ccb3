"""ClickHouse: its engine, chdb, in a process of its own."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from engines.base import AsWritten

try:
    import clickhouse_connect
    from dbt.adapters.clickhouse.dbclient import _ensured_databases
except ImportError:
    clickhouse_connect = None

OF_CLICKHOUSE = {"INFORMATION_SCHEMA", "default", "information_schema", "system"}

AGED = (
    "create table ops.aged as {table}; insert into ops.aged"
    " select * replace (recorded_at - interval {days} day as recorded_at) from {table};"
    " exchange tables ops.aged and {table}; drop table ops.aged"
)


class ClickHouse(AsWritten):
    """dbt's own adapter and client, before the engine behind an HTTP front (emulators/)."""

    name = adapter = "clickhouse"
    resource = "clickhouse_port"
    # What the shared tests hold of each macro they hold on DuckDB and Postgres: no need to wait twice.
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return clickhouse_connect is not None and find_spec("chdb") is not None

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.client = clickhouse_connect.get_client(
            host="127.0.0.1", port=port, autogenerate_session_id=False
        )
        for (database,) in self.sql("select name from system.databases"):
            if database not in OF_CLICKHOUSE:
                # Whatever may still be read from elsewhere.
                self.client.command(
                    f"drop database `{database}` sync", settings={"check_table_dependencies": 0}
                )
        # Which dbt would take for what it has made before, in this process.
        _ensured_databases.clear()
        self.client.command("create database main")
        self.client.database = "main"
        urlopen(Request(f"{self.url}/statements", method="DELETE")).close()

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "clickhouse",
            "driver": "http",
            "host": "127.0.0.1",
            "port": self.port,
            "user": "default",
            "password": "",
            "schema": "main",
            "threads": 2,
            # chdb keeps tables in a database of its own kind by default, which dbt does not know.
            "check_exchange": False,
        }

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        aged = re.fullmatch(
            r"update (\S+) set recorded_at = recorded_at - interval '(\d+) days'", statement
        )
        if aged:
            # What a table is sorted by cannot be changed in it.
            statement = AGED.format(table=aged[1], days=aged[2])
        # One at a time, as everywhere by HTTP.
        *before, last = [part for part in statement.split("; ") if part.strip()]
        for part in before:
            self._ask(self.client, part, ())
        return self._ask(self.client, last, ())

    def relations(self, schema: str) -> list[str]:
        found = self.sql(f"select name from system.tables where database = '{schema}'")
        return [row[0] for row in found]

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        return self._ask(handle._client, statement, values)

    def statements(self) -> list[dict[str, Any]]:
        """{sql, settings} of everything that was sent since the test began."""
        with urlopen(f"{self.url}/statements") as response:
            return json.load(response)

    def _ask(self, client: Any, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """As the tests write it for the other engines."""
        if values:
            statement = statement.replace("?", "%s")
        statement = in_dialect(statement)
        if statement.split()[0].lower() not in ("select", "with", "show", "describe", "exists"):
            client.command(statement, parameters=values or None)
            return []
        rows = client.query(statement, parameters=values or None).result_rows
        return [tuple(plain(value) for value in row) for row in rows]

    def close(self) -> None:
        pass


def in_dialect(statement: str) -> str:
    """A schema is a database, nothing cascades, and a type holds no null unless it says so."""
    statement = re.sub(
        r"^(\s*(?:create|drop)) schema\b", r"\1 database", statement.removesuffix(" cascade")
    )
    return re.sub(r"(add column \w+) varchar", r"\1 Nullable(String)", statement)


def plain(value: Any) -> Any:
    """As the other engines give it: a time without its zone, which is UTC."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value
