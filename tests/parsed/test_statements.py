"""Engines that cannot run here: every statement that the package would send is rendered with the
vendor's own adapter, and parsed in the engine's dialect. What sqlglot has no grammar for is held to the
one that the vendor documents. Nothing answers but a script, so what a statement does is not shown."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from dbt_common.exceptions import DbtRuntimeError
from scripted import INSTALLED, NASTY, Warehouse, checked, columns_of, make_warehouse, sent_by

pytest.importorskip("sqlglot")
sqlparse = pytest.importorskip("sqlparse")

pytestmark = [
    pytest.mark.parsed,
    # Of dbt-trino's own macros.
    pytest.mark.filterwarnings("ignore:invalid escape sequence"),
]

TSQL = ("fabric", "sqlserver")


@pytest.fixture(
    scope="module", params=INSTALLED or [pytest.param("", marks=pytest.mark.skip("no adapter"))]
)
def warehouse(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    return make_warehouse(request.param, tmp_path_factory.mktemp(request.param))


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
    sent_by(warehouse, "_recorded_state", manifest_hash="x", counted_rows=[row])
    sent_by(warehouse, "report_status")
    sent_by(warehouse, "report_runs")
    sent_by(warehouse, "report_health")
    sent_by(warehouse, "_restore_recorded_size")
    sent_by(warehouse, "_restore_interrupted_size")
    sent_by(warehouse, "_unfinished_runs")
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
    dropped = [re.sub(r'[`"\[\]]', "", sql) for sql in sent if sql.startswith("drop ")]
    # On Athena a table is dropped by Hive's DDL, which names no catalog; nor does T-SQL for a view.
    table = "main.stg_table" if warehouse.dialect == "athena" else "shop.main.stg_table"
    view = "main.stg_view" if warehouse.dialect in TSQL else "shop.main.stg_view"
    assert dropped == [f"drop view {view}", f"drop table {table}"]
    order = [sql.split()[0] for sql in sent if re.match(r"\s*(drop|insert)", sql)]
    if warehouse.dialect == "sqlserver":
        # In one transaction.
        assert order[-3:] == ["drop", "drop", "insert"]
    else:
        # Each drop is told of before the next.
        assert order[-4:] == ["drop", "insert", "drop", "insert"]


def test_staging_is_restored(warehouse: Warehouse) -> None:
    details = {"set": "one", "kind": "schema", "rows": 3, "database": "shop", "schema": "main"}
    head = {"databricks": "(`id`) ", "fabric": "CREATE view [x] ", "sqlserver": "CREATE view x "}
    chosen = [
        {"relation": name, "unique_id": None, "details": {**details, "identifier": name, **of_it}}
        for name, of_it in {
            "stg_table": {
                "type": "table",
                "definition": None,
                "location": "opsplugin_backups.one__0001",
                "in_the_way": {**details, "identifier": "stg_table", "type": "table"},
            },
            "stg_view": {
                "type": "view",
                "definition": f"{head.get(warehouse.dialect, '')}as select 1 as id",
                "location": None,
                "in_the_way": None,
            },
        }.items()
    ]
    sent = sent_by(warehouse, "_restore", chosen=chosen)
    order = [" ".join(sql.split()[:2]) for sql in sent if re.match(r"(create|drop|select \*)", sql)]
    copy = "select *" if warehouse.dialect == "sqlserver" else "create table"
    assert order[-3:] == ["drop table", copy, "create view"]


def test_old_rows_are_purged(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    sent = sent_by(warehouse, "purge_ops_tables", days=30, force=True)
    assert sum(sql.strip().startswith("delete") for sql in sent) == 8


def test_the_history_of_statements_is_recorded(warehouse: Warehouse) -> None:
    warehouse.script.columns = columns_of(warehouse)
    if warehouse.dialect in ("athena", "sqlserver"):
        with pytest.raises(
            DbtRuntimeError, match=f"{warehouse.dialect} keeps no history of statements"
        ):
            warehouse.call("record_query_history", days=5)
        return
    for dry_run in (True, False):
        sent = sent_by(warehouse, "record_query_history", days=5, dry_run=dry_run)
        assert sum(sql.startswith("insert into") for sql in sent) == (not dry_run)
        history = {
            "databricks": "system.query.history",
            "fabric": "queryinsights.exec_requests_history",
            "trino": "system.runtime.queries",
        }
        assert sum(history[warehouse.dialect] in sql for sql in sent) == 1


def test_a_size_is_refused_by_name(warehouse: Warehouse) -> None:
    with pytest.raises(DbtRuntimeError, match="no SQL changes the"):
        warehouse.call("set_warehouse_size", size="LARGE", force=True)


def test_a_size_hinders_nobody_in_development(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be one of another target, of an engine that has sizes."""
    context = warehouse.call.context
    monkeypatch.setitem(context, "target", {"name": "dev", "type": warehouse.dialect})
    monkeypatch.setitem(context, "flags", SimpleNamespace(WHICH="parse", EMPTY=False))
    assert warehouse.call("set_warehouse_size", size="LARGE") == ""


def test_a_session_is_tagged_or_that_is_refused_by_name(warehouse: Warehouse) -> None:
    node = warehouse.call.manifest.nodes["model.shop.fct"].to_dict()
    if warehouse.call("engine_facts")["session_tag"]:
        assert len(sent_by(warehouse, "_tag_session", node=node)) == 1
        assert len(sent_by(warehouse, "untag_session")) == 1
    else:
        with pytest.raises(DbtRuntimeError, match="has no tag of a session"):
            warehouse.call("_tag_session", node=node)
