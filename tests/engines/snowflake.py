"""Snowflake, emulated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from engines.base import InformationSchema

try:
    import snowflake.connector as snowflake
except ImportError:
    snowflake = None


class Snowflake(InformationSchema):
    """dbt's own adapter and connector, before a server that is not Snowflake (emulators/)."""

    name = adapter = "snowflake"
    resource = "snowflake_port"
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return snowflake is not None

    def __init__(self, port: int) -> None:
        self.port = port
        for statement in ("drop database if exists shop", "create database shop"):
            self._execute(None, statement)

    def folded(self, name: str) -> str:
        return name.lower() if name.isupper() else name

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "snowflake",
            "account": "emulator",
            "user": "dbt",
            "password": "none",
            "host": "127.0.0.1",
            "port": self.port,
            "protocol": "http",
            "database": "SHOP",
            "schema": "MAIN",
            "warehouse": "DBT_WH",
            "role": "SYSADMIN",
            "threads": 2,
            "connect_retries": 0,
            "connect_timeout": 10,
        }

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        # The connector takes one at a time.
        *before, last = [part for part in statement.split("; ") if part.strip()]
        for part in before:
            self._execute("SHOP", part)
        return self._execute("SHOP", last)

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        cursor = handle.cursor()
        cursor.execute(statement.replace("?", "%s") if values else statement, values or None)
        return cursor.fetchall()

    def statements(self) -> list[dict[str, str]]:
        """{sql, tag, warehouse} of everything that was sent since the test began."""
        with urlopen(f"http://127.0.0.1:{self.port}/statements") as response:
            return json.load(response)

    def later(self, hours: float) -> None:
        """The time of the server goes on."""
        urlopen(f"http://127.0.0.1:{self.port}/later?hours={hours}").close()

    def _execute(self, database: str | None, statement: str) -> list[tuple[Any, ...]]:
        connection = snowflake.connect(
            account="emulator",
            user="dbt",
            password="none",
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            database=database,
            schema="MAIN" if database else None,
        )
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        pass
