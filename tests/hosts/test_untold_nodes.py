"""Nodes that dbt cannot put into an event: it then sends one without the node."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Project
from recorded_project import journals, with_recorder

# A key that is no text, and more failures than 32 bits hold.
NO_EVENT = "{{ config(meta={'budget': {2024: 10}, 'owner': 'Ann'}, tags=['t']"


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    shop = with_recorder(project, monkeypatch)
    shop.models(
        stg_a=NO_EVENT + ") }} select 1 as id",
        stg_b=NO_EVENT + ", post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select 1 as id",
    )
    shop.write(
        "tests/many.sql",
        "{{ config(severity='warn', fail_calc='sum(n)') }} select 3000000000 as n",
    )
    return shop


def build(shop: Project, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """As outside pytest, under which dbt raises instead."""
    with monkeypatch.context() as outside:
        outside.delenv("PYTEST_CURRENT_TEST")
        shop.dbt("build", *arguments)


def rows(shop: Project, columns: str, table: str) -> list[tuple[Any, ...]]:
    return shop.sql(
        f"select {columns} from ops.{table} where invocation_id = (select"
        " arg_max(invocation_id, started_at) from ops.ops_runs) order by all"
    )


def test_they_are_recorded_as_the_macros_record_them(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_run = "status, node_count, success_count, warn_count, error_count"
    of_node = (
        "unique_id, name, resource_type, package_name, status, materialized, database_name,"
        "schema_name, alias, tags, owner, failures, message, adapter_response, attempt,"
        "rows_affected, query_id, started_at is null, completed_at >= started_at,"
        "compile_time is null, execute_time is null"
    )
    build(shop, monkeypatch)
    by_both = rows(shop, of_run, "ops_runs"), rows(shop, "unique_id, metric, value", "ops_metrics")
    results = rows(shop, of_node, "ops_results")
    monkeypatch.setenv("DBT_OPSPLUGIN", "off")
    build(shop, monkeypatch)
    assert by_both[0][0][:5] == ("success", 5, 4, 1, 0)
    assert by_both == (
        rows(shop, of_run, "ops_runs"),
        rows(shop, "unique_id, metric, value", "ops_metrics"),
    )
    assert [row for row in results if row[2] != "operation"] == rows(shop, of_node, "ops_results")
    assert journals(shop) == []


def test_of_their_statements_nothing_is_said_that_is_wrong(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, monkeypatch)
    assert shop.sql(
        "select name, statement_count > 0 from ops.ops_results"
        " where name in ('stg_a', 'fct', 'many') order by name"
    ) == [("fct", True), ("many", True), ("stg_a", None)]
