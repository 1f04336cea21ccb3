"""The vendor's own adapter before a script in place of its warehouse: what the package would send, each
statement parsed in the engine's dialect. Nothing answers but the script."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.clients import agate_helper
from dialects import assert_is_of
from projects import Macros, Project
from tsql import broken_rules, statements_in

Row = tuple[Any, ...]


class Dialect(NamedTuple):
    """What is known of an engine: its dbt target, and its statements that sqlglot does not know."""

    adapter: str
    output: dict[str, Any]
    grammar: list[str]
    # Bytes of a statement that the engine still takes, where it counts them.
    longest: int | None = None


NAME = r"(?:[`\"\[]?[\w ]+[`\"\]]?\.)*[`\"\[]?[\w ]+[`\"\]]?"
DIALECTS = {
    # docs.aws.amazon.com/athena/latest/ug: service-limits.
    "athena": Dialect(
        "athena",
        {
            "type": "athena",
            "region_name": "eu-west-1",
            "s3_data_dir": "s3://lake/data/",
            "database": "shop",
            "schema": "main",
            "work_group": "primary",
        },
        [],
        262144,
    ),
    # docs.databricks.com/en/sql/language-manual: set-query-tags, delta-clone.
    "databricks": Dialect(
        "databricks",
        {
            "type": "databricks",
            "host": "none.cloud.databricks.com",
            "http_path": "/sql/1.0/warehouses/none",
            "token": "none",
            "catalog": "shop",
            "schema": "main",
        },
        [
            r"set query_tags\['dbt_opsplugin'\] = (unset|'(?:[^'\\]|\\.){0,128}')",
            rf"create table {NAME} deep clone {NAME}",
            # undrop, show-tables-dropped.
            rf"undrop table (?:{NAME}|with id '[\w-]+')",
            rf"show tables dropped in {NAME}",
            # Sent by dbt-databricks.
            rf"SHOW SCHEMAS IN {NAME} LIKE '\w+'",
        ],
    ),
    # learn.microsoft.com/fabric/data-warehouse: clone-table.
    "fabric": Dialect(
        "fabric",
        {
            "type": "fabric",
            "host": "none.datawarehouse.fabric.microsoft.com",
            "database": "shop",
            "schema": "main",
        },
        [rf"create table {NAME} as clone of {NAME}"],
    ),
    # learn.microsoft.com/sql/t-sql: set-context-info-transact-sql.
    "sqlserver": Dialect(
        "sqlserver",
        {
            "type": "sqlserver",
            "driver": "none",
            "host": "none",
            "database": "shop",
            "schema": "main",
            "user": "none",
            "password": "none",
        },
        [
            r"declare @tag varbinary\(128\) = convert\(varbinary\(128\), cast\(N'(?:[^'])*' as varchar\(128\)\)\);"
            r" set context_info @tag",
        ],
    ),
    "trino": Dialect(
        "trino",
        {
            "type": "trino",
            "method": "none",
            "user": "dbt",
            "host": "127.0.0.1",
            "port": 1,
            "database": "shop",
            "schema": "main",
        },
        [],
    ),
}
INSTALLED = [
    name for name in DIALECTS if importlib.util.find_spec(f"dbt.adapters.{DIALECTS[name].adapter}")
]

MODELS = {
    "stg_table": "select 1 as id",
    "stg_view": "{{ config(materialized='view') }} select * from {{ ref('stg_table') }}",
    "fct": "select * from {{ ref('stg_view') }}",
}
NASTY = "it's \\ ${x} {{ y }} */ -- ; é 😀 $$ \\' \n"


class Aws:
    """What dbt-athena asks of Glue and other services, by the names of its tables and schemas."""

    def __init__(self) -> None:
        self.schemas: list[str] = []
        self.formats = {"stg_table": "iceberg"}
        self.asked: list[str] = []
        self.decides_on_locations = False

    def client(self, service: str, **_: Any) -> Aws:
        return self

    def get_data_catalog(self, **_: str) -> Any:
        return {"DataCatalog": {"Type": "GLUE", "Parameters": {"catalog-id": "1"}}}

    def get_database(self, **asked: str) -> Any:
        if asked["Name"] not in self.schemas:
            raise self.error("get_database")
        return {}

    def get_table(self, **asked: str) -> Any:
        self.asked.append(asked["Name"])
        if asked["Name"] not in self.formats:
            raise self.error("get_table")
        return {
            "Table": {
                "Name": asked["Name"],
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"table_type": self.formats[asked["Name"]]},
                "StorageDescriptor": {"Location": f"s3://lake/data/{asked['Name']}/1"},
            }
        }

    def get_work_group(self, **_: str) -> Any:
        results = {"ResultConfiguration": {"OutputLocation": "s3://lake/results"}}
        forced = {"EnforceWorkGroupConfiguration": self.decides_on_locations}
        return {"WorkGroup": {"Configuration": {**results, **forced}}}

    def error(self, operation: str) -> Exception:
        from botocore.exceptions import ClientError

        return ClientError({"Error": {"Code": "EntityNotFoundException"}}, operation)


class Script:
    """Takes a statement in place of the warehouse, and gives it the rows that are written for it."""

    def __init__(self) -> None:
        self.aws = Aws()
        self.sent: list[str] = []
        self.columns: list[Row] = []
        self.backups: list[Row] = []
        # Of a list of views: database, schema, name and text.
        self.views: list[Row] = []
        # Of Databricks: when a table was created, and what `show tables dropped` lists.
        self.created: dict[str, str] = {}
        self.dropped: list[Row] = []
        # Of T-SQL: whether every definition may be seen, what is not to be copied, and an error.
        self.definition = "select 1 as id"
        self.may_see: int | None = 1
        self.objections: list[Row] = []
        self.said: str | None = None

    def answer(self, sql: str) -> list[Row]:
        if re.search(r"(?i)like 'ops%'", sql):
            return self.columns
        if "view_definition" in sql and "relations" in sql and "relation_type" not in sql:
            is_list = re.search(r"relations.table_type (in|<>)", sql)
            return self.views if is_list else self.relations()
        if "relation_type" in sql or "materialized_views as stored" in sql:
            return self.relations()
        if "cast(convert_timezone('UTC', created) as string)" in sql:
            return [(at,) for name, at in self.created.items() if f"table_name = '{name}'" in sql]
        if "show tables dropped" in sql:
            return self.dropped
        if "'backup', 'expire'" in sql and "order by" in sql:
            return self.backups
        if re.match(r"\s*select \(select count(_big)?\(\*\)", sql):
            return [(3, 3)]
        if re.search(r"count(_big)?\(\*\), *\n? *cast\(null", sql):
            return [("shop.main.stg_table", 3, None)]
        if re.search(r"as bytes\s", sql):
            return [("shop.main.stg_table", 3, 8192)]
        if "@said" in sql:
            return [(self.said,)]
        if "has_perms_by_name" in sql:
            return [(self.may_see,)]
        if "sql_expression_dependencies" in sql or "as reader" in sql:
            return self.views
        if "security_predicates" in sql:
            return self.objections
        if "count(distinct invocation_id)" in sql:
            return [(3, 1)]
        if re.search(r"count(_big)?\(\*\)(?! over)", sql) and "connector_name" not in sql:
            return [(3,)]
        return []

    def relations(self) -> list[Row]:
        return [
            ("shop", "main", "stg_table", "table", None),
            ("shop", "main", "stg_view", "view", self.definition),
            ("shop", "main", "fct", "table", None),
        ]

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, Any]:
        self.sent.append(sql)
        rows = self.answer(sql) if fetch else []
        names = [f"c{number}" for number in range(len(rows[0]))] if rows else ["c0"]
        table = agate_helper.table_from_data_flat(
            [dict(zip(names, row, strict=True)) for row in rows], names
        )
        return AdapterResponse("OK"), table


class Warehouse(NamedTuple):
    call: Callable[..., Any]
    script: Script
    dialect: str


def make_warehouse(name: str, folder: Path, **output: Any) -> Warehouse:
    """A project of three models on the engine, and a script that has built them."""
    root = folder / "shop"
    root.mkdir()
    project = Project(root)
    project.outputs = {"prod": {**DIALECTS[name].output, **output, "threads": 1}}
    project.models(**MODELS)
    macros = Macros(project)
    script = Script()
    if name in ("fabric", "sqlserver"):
        script.definition = "create view main.stg_view as select 1 as id"
    connections = macros.adapter.connections
    connections.execute = script.execute
    connections.begin = connections.commit = connections.commit_if_has_connection = lambda *_: None
    if name == "athena":
        handle = SimpleNamespace(session=script.aws, region_name="eu-west-1")
        connections.get_thread_connection = lambda: SimpleNamespace(
            credentials=macros.adapter.config.credentials, handle=handle
        )
    macros.context["flags"] = SimpleNamespace(WHICH="run-operation", EMPTY=False)
    macros.context["graph"] = macros.manifest.flat_graph
    return Warehouse(macros, script, name)


def checked(warehouse: Warehouse, statements: list[str]) -> list[str]:
    """Statements, each of which is one of the engine. A batch of T-SQL is taken apart."""
    assert statements
    known = DIALECTS[warehouse.dialect].grammar
    if warehouse.dialect in ("fabric", "sqlserver"):
        dialect = "fabric" if warehouse.dialect == "fabric" else "tsql"
        apart = [part for sql in statements for part in statements_in(sql)]
        wrong = {sql: broken for sql in apart if (broken := broken_rules(sql, dialect, known))}
        assert not wrong, wrong
        return apart
    for sql in statements:
        bare = re.sub(r"/\*.*?\*/", "", sql, flags=re.S).strip()
        assert_is_of(warehouse.dialect, bare, known)
        assert len(sql.encode()) <= (DIALECTS[warehouse.dialect].longest or len(sql.encode()))
    return statements


def sent_by(warehouse: Warehouse, macro: str, **arguments: Any) -> list[str]:
    warehouse.script.sent.clear()
    warehouse.call(macro, **arguments)
    return checked(warehouse, list(warehouse.script.sent))


def columns_of(warehouse: Warehouse) -> list[Row]:
    """What the tables and views have when all is there."""
    found = [
        (table, column)
        for table, spec in warehouse.call("ops_tables").items()
        for column in spec["columns"]
    ]
    found += [(view, "x") for view in warehouse.call("_ops_view_names")]
    return [*found, ("ops_version", warehouse.call("_ops_version"))]
