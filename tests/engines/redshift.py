"""Redshift, emulated by Postgres."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engines.base import InformationSchema
from engines.postgres import Postgres

try:
    import redshift_connector
except ImportError:
    redshift_connector = None

# What Redshift has and Postgres has not.
OF_REDSHIFT = """
create domain public.super as jsonb;
create function public.json_parse(text) returns jsonb immutable language sql as 'select cast($1 as jsonb)';
create function public.json_serialize(jsonb) returns text immutable language sql as 'select cast($1 as text)';
create function public.pg_get_late_binding_view_cols() returns setof record language sql as
'select cast(null as name), cast(null as name), cast(null as name), cast(null as varchar), 0 where false';
create table public.svv_external_columns (
    columnnum int, schemaname text, tablename text, columnname text, external_type text
);
create function public.json_extract_path_text(text, text, boolean) returns text
language plpgsql as 'begin return cast($1 as jsonb) ->> $2; exception when others then return null; end';
create table public.sys_query_history (
    query_id bigint, query_label varchar(320), status varchar(10), start_time timestamp, end_time timestamp,
    elapsed_time bigint, queue_time bigint, generic_query_hash varchar(40)
);
create table public.sys_query_text (
    query_id bigint, start_time timestamp, sequence integer, text varchar(4000)
);
create function public.getdate() returns timestamp language sql as
'select cast(now() at time zone ''utc'' as timestamp)'
"""


class Redshift(InformationSchema):
    """dbt's own adapter and connector, before a Postgres behind a proxy (emulators/)."""

    name = adapter = "redshift"
    resource = "redshift_server"
    # No slower than Postgres, which it is: what they share need not run twice.
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return redshift_connector is not None

    def __init__(self, server: tuple[int, str, Path]) -> None:
        self.port, host, self.log = server
        self.postgres = Postgres(host)
        self.postgres.sql(OF_REDSHIFT)
        self.log.write_text("")

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "redshift",
            "host": "127.0.0.1",
            "port": self.port,
            "user": "postgres",
            "password": "none",
            "dbname": "shop",
            "schema": "main",
            "sslmode": "disable",
            "threads": 2,
            "retries": 0,
        }

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self.postgres.sql(statement)

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        cursor = handle.cursor()
        cursor.execute(statement.replace("?", "%s") if values else statement, values or None)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def statements(self) -> list[str]:
        """What was sent since the test began."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def close(self) -> None:
        pass
