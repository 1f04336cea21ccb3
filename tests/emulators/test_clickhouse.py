"""What is of ClickHouse alone, on its engine (chdb); the behaviour that all engines share is tested in
tests/macros."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from engines import ClickHouse
from projects import Macros, Project, open_macros
from vendor_history import Statement, add, make_history

clickhouse_connect = pytest.importorskip("clickhouse_connect")
pytest.importorskip("chdb")

pytestmark = pytest.mark.clickhouse


@pytest.fixture
def engine(clickhouse_port: int) -> ClickHouse:
    return ClickHouse(clickhouse_port)


@pytest.fixture
def macros(project: Project) -> Iterator[Macros]:
    with open_macros(project) as macros:
        yield macros


def at_once(engine: ClickHouse, count: int, work: Callable[[Any], Any]) -> None:
    """The same work, each on a connection of its own; what one raises is raised."""
    clients = [
        clickhouse_connect.get_client(host="127.0.0.1", port=engine.port) for _ in range(count)
    ]
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, clients))
    for client in clients:
        client.close()


# The ops tables ----------------------------------------------------------------------------------


def test_the_tables_are_sorted_by_run_and_have_a_partition_for_each_month(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    for table in macros("ops_tables"):
        [(engine, key, partition)] = macros.sql(
            "select engine, sorting_key, partition_key from system.tables"
            f" where database = 'ops' and name = '{table}'"
        )
        assert (engine, key) == ("MergeTree", "invocation_id, recorded_at")
        assert partition == "toYYYYMM(recorded_at)"
    assert dict(
        macros.sql(
            "select name, type from system.columns where database = 'ops' and table = 'ops_results'"
            " and name in ('invocation_id', 'recorded_at', 'started_at', 'tags', 'attempt')"
        )
    ) == {
        "invocation_id": "String",
        "recorded_at": "DateTime64(6, 'UTC')",
        "started_at": "Nullable(DateTime64(6, 'UTC'))",
        "tags": "Nullable(String)",
        "attempt": "Nullable(Int64)",
    }


def test_a_profile_in_which_types_hold_nulls_makes_the_same_tables(project: Project) -> None:
    project.outputs["prod"]["custom_settings"] = {"data_type_default_nullable": 1}
    project.models(a="select 1 as id")
    project.dbt("run")
    assert project.column(
        "select distinct type from system.columns"
        " where database = 'ops' and name in ('invocation_id', 'recorded_at') and table = 'ops_runs'"
    ) == ["DateTime64(6, 'UTC')", "String"]


def test_no_column_of_a_view_is_named_with_its_table(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    named = "select table, name from system.columns where database = 'ops' and name like '%.%'"
    assert macros.sql(named) == []


def test_of_one_earlier_value_there_is_no_deviation(macros: Macros) -> None:
    """For which ClickHouse has a number that is none."""
    macros("_ensure_ops_tables")
    key = {"project_name": "shop", "target_name": "prod", "schema_name": "main"}
    for run, value in [("a", 1), ("b", 3)]:
        macros("_write_rows", table="ops_runs", rows=[{"invocation_id": run, **key}])
        metric = {"invocation_id": run, "unique_id": "m", "metric": "rows", "value": value}
        macros("_write_rows", table="ops_metrics", rows=[metric])
    rows = macros.sql("select previous_value, history_count, deviation from ops.ops_row_counts")
    assert rows == [(1, 1, 0)]


def test_runs_that_start_at_once_make_the_tables_once(macros: Macros) -> None:
    engine = macros.engine
    assert isinstance(engine, ClickHouse)
    tables = macros("_missing_table_statements", found={})
    views = dict(macros("_ops_views"), ops_version="select 1 as v")
    statements = macros("definition_statements", tables=tables, views=views, observed=False)

    def define(client: Any) -> None:
        for statement in statements:
            client.command(statement)

    at_once(engine, 6, define)
    assert sorted(engine.relations("ops")) == sorted([*macros("ops_tables"), *views])


def test_rows_that_are_delivered_at_once_are_there_once(macros: Macros) -> None:
    """No look before the insert can prevent it."""
    engine = macros.engine
    assert isinstance(engine, ClickHouse)
    macros("_ensure_ops_tables")
    rows = [{"invocation_id": "i", "unique_id": f"n{i}", "attempt": 1} for i in range(10)]
    spec = macros("ops_tables")["ops_results"]
    payload = macros("_json_payload", rows=rows)
    insert = macros("_insert_json_sql", table="ops_results", spec=spec, payload=payload)
    at_once(engine, 6, lambda client: client.command(insert))
    assert macros.sql("select count(*) from ops.ops_results") == [(10,)]


def test_the_profiles_cluster_is_refused_by_name(project: Project) -> None:
    """Its tables would be on one node, and each connection may be to another."""
    project.outputs["prod"]["cluster"] = "two_nodes"
    said = project.operation("purge_ops_tables", ok=False, days=1).text
    assert "the profile has the cluster two_nodes" in said
    assert "opsplugin_enabled: false" in said


@pytest.mark.parametrize(
    ("profile", "log"),
    [
        ({}, "system.query_log"),
        ({"cluster": "two_nodes"}, "clusterAllReplicas('two_nodes', system.query_log)"),
        # As on ClickHouse Cloud.
        (
            {"custom_settings": {"cloud_mode": 1}},
            "clusterAllReplicas('default', system.query_log)",
        ),
    ],
)
def test_the_log_of_statements_is_that_of_every_node(
    project: Project, profile: dict[str, Any], log: str
) -> None:
    """Each connection may be to another. Here one node stands for all."""
    project.outputs["prod"].update(profile)
    make_history(project)
    text = '/* {"app": "dbt", "node_id": "model.shop.é", "dbt_opsplugin_version": "1"} */ select 1'
    old, new = datetime(2026, 5, 31, 23, 59, 50), datetime(2026, 6, 1, 0, 0, 0, 1)
    add(project, [Statement("q1", text, old), Statement("q2", text, new, failed=True)])
    with open_macros(project) as macros:
        sql = macros("clickhouse__query_history_sql", since="2026-06-01 00:00:00.000001")
        found = macros.sql(
            f"select query_id, unique_id, status, started_at from ({sql}) as history"
        )
    assert f"from {log} as statements" in " ".join(sql.split())
    assert found == [("q2", "model.shop.é", "error", new)]


# Values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{name:String}",
        "%(name)s %s",
        "$dbt_opsplugin$",
        "\\$dbt_opsplugin$ $$",
        "`a` \\' '' \\0 é😀",
    ],
)
def test_what_looks_like_a_parameter_or_an_end_stays_text(macros: Macros, text: str) -> None:
    macros("_ensure_ops_tables")
    row = {"invocation_id": "i", "unique_id": "n", "attempt": 1, "message": text, "tags": [text]}
    macros("write_ops_rows", table="ops_results", rows=[row])
    [(message, tags)] = macros.sql("select message, tags from ops.ops_results")
    assert (message, json.loads(tags)) == (text, [text])
    assert macros.sql(f"select {macros('literal', value=text)}") == [(text,)]


@pytest.mark.parametrize("text", ["\\", "'", '"', "é", "😀", "$dbt_opsplugin$"])
def test_no_statement_is_longer_than_clickhouse_parses(macros: Macros, text: str) -> None:
    """256 KiB, however much of it is escapes."""
    macros("_ensure_ops_tables")
    rows = [
        {"invocation_id": "i", "unique_id": f"n{i}", "attempt": 1, "message": text * 1000}
        for i in range(300)
    ]
    macros("write_ops_rows", table="ops_results", rows=rows)
    assert macros.sql(
        "select count(*), count(distinct message), min(message) from ops.ops_results"
    ) == [(300, 1, text * 1000)]


def test_a_row_that_no_statement_holds_is_shortened(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    row = {"invocation_id": "i", "unique_id": "n", "attempt": 1, "message": "\\" * 1_000_000}
    macros("write_ops_rows", table="ops_results", rows=[row])
    [(message,)] = macros.sql("select message from ops.ops_results")
    assert len(message) > 20_000
    assert message.endswith("\\ (shortened)")


# Retention ---------------------------------------------------------------------------------------


def test_old_rows_are_deleted_and_the_newest_of_each_node_stays(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    for table in ("ops_runs", "ops_results", "ops_nodes", "ops_actions"):
        columns = project.column(
            "select name from system.columns where database = 'ops'"
            f" and table = '{table}' and name not in ('invocation_id', 'recorded_at')"
        )
        names = ", ".join(columns)
        project.sql(
            f"insert into ops.{table} ({names}, invocation_id, recorded_at)"
            f" select {names}, 'old', recorded_at - interval 100 day from ops.{table}"
        )
    project.operation("purge_ops_tables", days=30)
    assert project.sql("select count(*) from ops.ops_runs where invocation_id = 'old'") == [(0,)]
    assert project.sql("select count(*) from ops.ops_nodes") == [(1,)]
    assert project.sql("select count(*) > 0 from ops.ops_results") == [(1,)]


# The Python half ---------------------------------------------------------------------------------


def test_statements_are_recorded_though_dbt_has_no_event_of_them(both_halves: Project) -> None:
    both_halves.vars(queries=True)
    both_halves.models(a="select 1 as id", b="select nothing")
    both_halves.dbt("run", ok=False)
    assert both_halves.sql(
        "select unique_id, countIf(status = 'success' and execution_time >= 0) > 0,"
        " countIf(status = 'error') from ops.ops_queries where unique_id like 'model%'"
        " group by unique_id order by unique_id"
    ) == [("model.shop.a", 1, 0), ("model.shop.b", 0, 1)]
    [(count, seconds)] = both_halves.sql(
        "select statement_count, statement_time from ops.ops_results where name = 'a'"
    )
    assert count > 1
    assert seconds >= 0
