"""Engines that cannot run here: every statement that the package would send is rendered with the
vendor's own adapter, and parsed in the engine's dialect. What sqlglot has no grammar for is held to the
one that the vendor documents. Nothing answers but a script, so what a statement does is not shown."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from conftest import Macros, Project
from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.clients import agate_helper
from dbt_common.exceptions import DbtRuntimeError
from dialects import assert_is_of

pytest.importorskip("sqlglot")
sqlparse = pytest.importorskip("sqlparse")

pytestmark = [
    pytest.mark.parsed,
    # Of dbt-trino's own macros.
    pytest.mark.filterwarnings("ignore:invalid escape sequence"),
]

Row = tuple[Any, ...]


class Dialect(NamedTuple):
    """What is known of an engine: its dbt target, and its statements that sqlglot does not know."""

    adapter: str
    output: dict[str, Any]
    grammar: list[str]


NAME = r"(?:[`\"]?[\w ]+[`\"]?\.)*[`\"]?[\w ]+[`\"]?"
DIALECTS = {
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
            # Sent by dbt-databricks.
            rf"SHOW SCHEMAS IN {NAME} LIKE '\w+'",
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


class Script:
    """Takes a statement in place of the warehouse, and gives it the rows that are written for it."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.columns: list[Row] = []
        self.backups: list[Row] = []

    def answer(self, sql: str) -> list[Row]:
        if re.search(r"(?i)like 'ops%'", sql):
            return self.columns
        if "view_definition" in sql and "relations" in sql and "relation_type" not in sql:
            is_list = "relations.table_type in" in sql
            return [] if is_list else self.relations()
        if "relation_type" in sql or "materialized_views as stored" in sql:
            return self.relations()
        if "'backup', 'expire'" in sql and "order by" in sql:
            return self.backups
        if sql.lstrip().startswith("select (select count(*)"):
            return [(3, 3)]
        if re.search(r"count\(\*\), *\n? *cast\(null", sql):
            return [("shop.main.stg_table", 3, None)]
        if "count(distinct invocation_id)" in sql:
            return [(3, 1)]
        if "count(*)" in sql and "connector_name" not in sql:
            return [(3,)]
        return []

    def relations(self) -> list[Row]:
        return [
            ("shop", "main", "stg_table", "table", None),
            ("shop", "main", "stg_view", "view", "select 1 as id"),
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


@pytest.fixture(
    scope="module", params=INSTALLED or [pytest.param("", marks=pytest.mark.skip("no adapter"))]
)
def warehouse(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    dialect = DIALECTS[request.param]
    root = tmp_path_factory.mktemp(request.param) / "shop"
    root.mkdir()
    project = Project(root)
    project.outputs = {"prod": {**dialect.output, "threads": 1}}
    project.models(**MODELS)
    macros = Macros(project)
    script = Script()
    connections = macros.adapter.connections
    connections.execute = script.execute
    connections.begin = connections.commit = connections.commit_if_has_connection = lambda *_: None
    macros.context["flags"] = SimpleNamespace(WHICH="run-operation", EMPTY=False)
    macros.context["graph"] = macros.manifest.flat_graph
    return Warehouse(macros, script, request.param)


def checked(warehouse: Warehouse, statements: list[str]) -> list[str]:
    """Statements, each of which is one of the engine."""
    assert statements
    known = DIALECTS[warehouse.dialect].grammar
    for sql in statements:
        bare = re.sub(r"/\*.*?\*/", "", sql, flags=re.S).strip()
        assert_is_of(warehouse.dialect, bare, known)
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


def test_the_tables_and_views_are_made(warehouse: Warehouse) -> None:
    warehouse.script.columns = []
    sent = sent_by(warehouse, "_ensure_ops_tables")
    assert sum("create table" in sql for sql in sent) == 7
    assert sum("view" in sql.split(" as ")[0] for sql in sent) >= 14


def test_a_column_is_added(warehouse: Warehouse) -> None:
    warehouse.script.columns = [
        column for column in columns_of(warehouse) if column[1] not in ("owner", "tags", "value")
    ]
    sent = sent_by(warehouse, "_ensure_ops_tables")
    assert sum(sql.startswith("alter table") for sql in sent) == 6


def test_rows_of_any_content_are_written(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    for table, spec in warehouse.call("ops_tables").items():
        values = {
            "string": NASTY,
            "json": [NASTY],
            "bigint": 1,
            "double": 0.5,
            "boolean": True,
            "timestamp": "2026-01-01 00:00:00.000000",
        }
        row = {column: values[type] for column, type in spec["columns"].items()}
        [*asked, _] = sent_by(warehouse, "write_ops_rows", table=table, rows=[row])
        # Where an insert does not read its own table.
        assert len(asked) == (warehouse.dialect == "trino")


def test_an_adapter_that_takes_statements_apart_leaves_a_row_whole(warehouse: Warehouse) -> None:
    """dbt-trino and dbt-redshift do, by a lexer that knows backslashes as escapes."""
    warehouse.script.columns = columns_of(warehouse)
    text = "split_part(p, '\\', 1), case a end, case b end)); drop table x; case c end; it's; "
    rows = [{"action_id": "1", "reason": text}, {"action_id": "2", "reason": "; a; b"}]
    [*_, insert] = sent_by(warehouse, "write_ops_rows", table="ops_actions", rows=rows)
    if warehouse.dialect == "trino":
        assert len(sqlparse.split(insert)) == 1


def test_what_the_package_asks_of_its_tables(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    row = {"schema_name": "main", "database_name": "shop"}
    sent_by(warehouse, "_recorded_state", counted_rows=[row])
    sent_by(warehouse, "report_status")
    sent_by(warehouse, "report_runs")
    sent_by(warehouse, "report_health")
    sent_by(warehouse, "_restore_recorded_size")
    sent_by(warehouse, "_restore_interrupted_size")
    sent_by(warehouse, "_unfinished_since")
    sent_by(warehouse, "_history_refusal")
    sent_by(warehouse, "_build_states", unique_ids=["model.shop.fct"], result_rows=[])
    sent_by(warehouse, "_recorded_backups")
    counts = ["select 'model.shop.fct' as unique_id, count(*) as row_count from shop.main.fct"]
    checked(warehouse, [warehouse.call("_insert_row_counts_sql", counts=counts)])


def test_staging_is_backed_up_and_dropped(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    warehouse.script.backups = []
    sent = sent_by(
        warehouse, "drop_stg_tables", force=True, orphans=True, backup="schema", backup_set="one"
    )
    dropped = [re.sub(r'[`"]', "", sql) for sql in sent if sql.startswith("drop ")]
    assert dropped == ["drop view shop.main.stg_view", "drop table shop.main.stg_table"]
    # Each drop is told of before the next.
    order = [sql.split()[0] for sql in sent if re.match(r"\s*(drop|insert)", sql)]
    assert order[-4:] == ["drop", "insert", "drop", "insert"]


def test_staging_is_restored(warehouse: Warehouse) -> None:
    details = {"set": "one", "kind": "schema", "rows": 3, "database": "shop", "schema": "main"}
    for relation, of_it in {
        "table": {"identifier": "stg_table", "location": "shop.opsplugin_backups.one__0001"},
        "view": {
            "identifier": "stg_view",
            "definition": "(`id`) as select 1 as id",
            "location": None,
        },
    }.items():
        definition = of_it.get("definition")
        if definition and warehouse.dialect != "databricks":
            definition = "as select 1 as id"
        made = warehouse.call(
            "restore_relation_sql",
            details={**details, **of_it, "type": relation, "definition": definition},
        )
        checked(warehouse, [made])


def test_old_rows_are_purged(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    sent = sent_by(warehouse, "purge_ops_tables", days=30, force=True)
    assert sum(sql.strip().startswith("delete") for sql in sent) == 8


def test_the_history_of_statements_is_recorded(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    for dry_run in (True, False):
        sent = sent_by(warehouse, "record_query_history", days=5, dry_run=dry_run)
        assert sum(sql.startswith("insert into") for sql in sent) == (not dry_run)
        history = {"databricks": "system.query.history", "trino": "system.runtime.queries"}
        assert sum(history[warehouse.dialect] in sql for sql in sent) == 1


def test_a_size_is_refused_by_name(warehouse: Warehouse) -> None:
    with pytest.raises(DbtRuntimeError, match="no SQL changes the"):
        warehouse.call("set_warehouse_size", size="LARGE", force=True)


def test_a_session_is_tagged_or_that_is_refused_by_name(warehouse: Warehouse) -> None:
    node = warehouse.call.manifest.nodes["model.shop.fct"].to_dict()
    if warehouse.call("engine_facts")["session_tag"]:
        assert len(sent_by(warehouse, "_tag_session", node=node)) == 1
        assert len(sent_by(warehouse, "untag_session")) == 1
    else:
        with pytest.raises(DbtRuntimeError, match="has no tag of a session"):
            warehouse.call("_tag_session", node=node)
