"""Spark, a session in this process."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from engines.base import AsWritten

try:
    import pyspark
    from pyspark.sql import SparkSession
except ImportError:
    pyspark = None

HAS_JAVA = bool(shutil.which("java") or os.environ.get("JAVA_HOME"))

# What a size of a warehouse sets.
SPARK_SETTINGS = (
    "spark.sql.shuffle.partitions",
    "spark.sql.autoBroadcastJoinThreshold",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes",
)


class Spark(AsWritten):
    """A session in this process, which dbt's `method: session` finds."""

    name = adapter = "spark"
    resource = "warm_spark"
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return pyspark is not None and HAS_JAVA and iceberg_jar() is None

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


class Thrift(Spark):
    """The same Spark, which dbt asks over the network, as most do who have a cluster."""

    name = "thrift"
    resource = "spark_thrift"

    @staticmethod
    def is_installed() -> bool:
        return Spark.is_installed() and bool(importlib.util.find_spec("pyhive"))

    def __init__(self, server: tuple[Any, int]) -> None:
        session, self.port = server
        super().__init__(session)

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "spark",
            "method": "thrift",
            "host": "127.0.0.1",
            "port": self.port,
            "auth": "NOSASL",
            "user": "dbt",
            "schema": "main",
            "threads": 2,
        }


class Iceberg(Spark):
    """Whose tables, ours and the models, are Iceberg's."""

    name = "iceberg"
    resource = "warm_iceberg"
    config: ClassVar[dict[str, Any]] = {
        "vars": {"opsplugin_file_format": "iceberg"},
        "models": {"shop": {"+materialized": "table", "+file_format": "iceberg"}},
        "seeds": {"shop": {"+file_format": "iceberg"}},
    }

    @staticmethod
    def is_installed() -> bool:
        return iceberg_jar() is not None and HAS_JAVA


def iceberg_jar() -> Path | None:
    """Of the runtime for Spark 3.5, in a wheel of a vendor that brings it for another purpose."""
    try:
        import snowpark_connect_deps_iceberg
    except ImportError:
        return None
    folder = Path(snowpark_connect_deps_iceberg.__file__).parent
    return next(folder.rglob("iceberg-spark-runtime-3.5_2.12-*.jar"))


def iceberg_settings() -> dict[str, str]:
    """The catalog of the session, as those have it who came from Hive: a metastore, in memory."""
    return {
        "spark.driver.extraClassPath": str(iceberg_jar()),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
        "spark.sql.catalog.spark_catalog.type": "hive",
        # Or it would know tables whose schema has been dropped.
        "spark.sql.catalog.spark_catalog.cache-enabled": "false",
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.metastore.schema.verification": "false",
        "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
    }


@contextmanager
def thrift_server(session: Any) -> Iterator[int]:
    """Spark's own, in the process of the session, whose catalog it shares; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in (("port", port), ("bind.host", "127.0.0.1")):
        session.conf.set(f"hive.server2.thrift.{name}", str(value))
    session.conf.set("hive.server2.authentication", "NOSASL")
    servers = session._jvm.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2
    server = servers.startWithSparkSession(session._jsparkSession, False)
    try:
        yield port
    finally:
        server.stop()


@contextmanager
def spark_session(more_settings: dict[str, str] | None = None) -> Iterator[Any]:
    """One for the whole process, since the first statements take half a minute. Its catalog is in
    memory (Hive's takes seconds for what this one does in tenths) unless the settings say more,
    and its time zone is not UTC, which the tables are."""
    folder = Path(tempfile.mkdtemp(prefix="opsplugin_spark_"))
    settings = {
        "spark.master": "local[2]",
        # Derby, which a metastore in memory is, writes a log into the working directory.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -Dderby.stream.error.file=/dev/null",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        # To compile a statement, or to look at its stages for a better plan, takes longer than
        # to run it over the few rows of a test: a quarter of the time.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        **(more_settings or {}),
    }
    session = SparkSession.builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    try:
        yield session
    finally:
        session.stop()
        shutil.rmtree(folder, ignore_errors=True)
