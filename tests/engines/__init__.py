"""The engines that the tests run on: each gives a project its profile and answers queries as a
stranger would, past dbt."""

from __future__ import annotations

from engines.base import Engine
from engines.bigquery import BigQuery
from engines.clickhouse import ClickHouse
from engines.duckdb_file import DuckDB
from engines.ducklake import DuckLake
from engines.postgres import Postgres
from engines.redshift import Redshift
from engines.snowflake import Snowflake
from engines.spark import Iceberg, Spark, Thrift

__all__ = [
    "ENGINES",
    "BigQuery",
    "ClickHouse",
    "DuckDB",
    "DuckLake",
    "Engine",
    "Iceberg",
    "Postgres",
    "Redshift",
    "Snowflake",
    "Spark",
    "Thrift",
]

ENGINES = {
    engine.name: engine
    for engine in (
        DuckDB,
        DuckLake,
        Postgres,
        Redshift,
        Snowflake,
        BigQuery,
        ClickHouse,
        Spark,
        Thrift,
        Iceberg,
    )
}
