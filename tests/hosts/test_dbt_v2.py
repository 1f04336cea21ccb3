"""A production run of a whole project on the real dbt v2 (Rust): what it records. How dbt v2 gets here,
and when it does not, is in v2_binary.py."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from v2_binary import TABLES, V2Project, by_node, first_run, last_run, rows, statuses
from v2_shop import RESULTS, built_shop, fill

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture(scope="module")
def shop(
    make_v2: Callable[[Path], V2Project], tmp_path_factory: pytest.TempPathFactory
) -> V2Project:
    return built_shop(make_v2, tmp_path_factory.mktemp("v2"))


def test_a_build_records_its_run(shop: V2Project) -> None:
    run = first_run(shop)
    assert {
        "command": "build",
        "status": "success",
        "project_name": "shop",
        "target_name": "prod",
        "adapter_type": "duckdb",
        "selected": "[]",
        "excluded": "[]",
        "full_refresh": False,
        "empty": False,
        "retry": False,
        "threads": 2,
        "node_count": len(RESULTS),
        "success_count": len(RESULTS) - 1,
        "warn_count": 1,
        "error_count": 0,
        "skipped_count": 0,
        "message": None,
        "price_per_hour": 3.6,
    }.items() <= run.items()
    assert json.loads(run["status_counts"]) == {"pass": 3, "success": 8, "warn": 1}
    assert json.loads(run["tags"]) == {"team": "it's"}
    assert run["dbt_version"].startswith("2.0.0")


def test_its_times_are_in_utc_and_in_order(shop: V2Project) -> None:
    run = first_run(shop)
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    assert now - timedelta(minutes=30) < run["started_at"] < run["completed_at"] <= now
    assert run["completed_at"] <= run["recorded_at"] <= now
    elapsed = (run["completed_at"] - run["started_at"]).total_seconds()
    results = rows(shop, "ops_results", f"invocation_id = '{run['invocation_id']}'")
    for row in results:
        assert run["started_at"] <= row["started_at"] <= row["completed_at"] <= run["completed_at"]
        assert 0 < row["execution_time"] <= elapsed
        took = (row["completed_at"] - row["started_at"]).total_seconds()
        assert took == pytest.approx(row["execution_time"], abs=0.001)


def test_the_elapsed_time_of_a_run_is_not_cut_to_seconds(shop: V2Project) -> None:
    run = first_run(shop)
    elapsed = (run["completed_at"] - run["started_at"]).total_seconds()
    assert run["elapsed_time"] == pytest.approx(elapsed, abs=0.05)


def test_every_resource_has_one_result(shop: V2Project) -> None:
    assert statuses(shop, first_run(shop)["invocation_id"]) == RESULTS
    types = shop.sql("select distinct name, resource_type from ops.ops_results")
    assert {name: kind for name, kind in types if kind != "model"} == {
        "copies": "unit_test",
        "countries": "seed",
        "history": "snapshot",
        "is_small": "test",
        "not_null_fct_orders_id": "test",
        "unique_fct_orders_id": "test",
    }


def test_a_result_says_what_the_node_is_and_where(shop: V2Project) -> None:
    found = {row["name"]: row for row in rows(shop, "ops_results")}
    places = {
        name: (row["materialized"], row["schema_name"], row["alias"])
        for name, row in found.items()
        if row["resource_type"] in ("model", "seed", "snapshot")
    }
    assert places == {
        "aliased": ("table", "main_marts", "Other Name"),
        "countries": ("seed", "main", "countries"),
        "fct_orders": ("table", "main", "fct_orders"),
        "history": ("snapshot", "main", "history"),
        "inc_orders": ("incremental", "main", "inc_orders"),
        "stg_customers": ("view", "main", "stg_customers"),
        "stg_orders": ("table", "main", "stg_orders"),
        "v_customers": ("view", "main", "v_customers"),
    }
    assert (found["stg_orders"]["owner"], json.loads(found["stg_orders"]["tags"])) == (
        "ann",
        ["daily", "it's"],
    )
    assert found["is_small"]["failures"] == 1
    assert found["countries"]["rows_affected"] == 2


def test_no_rows_are_claimed_where_the_adapter_does_not_count_them(shop: V2Project) -> None:
    found = rows(shop, "ops_results", "name in ('fct_orders', 'stg_orders', 'history')")
    assert {row["rows_affected"] for row in found} == {None}


def test_nodes_say_what_is_staging(shop: V2Project) -> None:
    found = {row["name"]: row for row in rows(shop, "ops_nodes") if row["resource_type"] == "model"}
    assert {name for name, row in found.items() if row["staging"]} == {
        "stg_customers",
        "stg_lines",
        "stg_orders",
    }
    assert {row["staging"] for row in found.values()} == {True, False}
    assert json.loads(found["fct_orders"]["depends_on"]) == [
        "model.shop.stg_orders",
        "model.shop.stg_lines",
    ]
    assert found["stg_lines"]["materialized"] == "ephemeral"


def test_metrics_of_a_post_hook_and_row_counts_are_recorded(shop: V2Project) -> None:
    found = {
        (row["unique_id"].split(".")[-1], row["metric"]): row["value"]
        for row in rows(shop, "ops_metrics")
        if row["invocation_id"] == first_run(shop)["invocation_id"]
    }
    assert found == {
        ("aliased", "row_count"): 1,
        ("countries", "row_count"): 2,
        ("fct_orders", "nothing"): None,
        ("fct_orders", "row_count"): 4,
        ("fct_orders", "total"): 60,
        ("history", "row_count"): 4,
        ("inc_orders", "row_count"): 4,
        ("stg_orders", "row_count"): 4,
    }
    assert "log_model_metrics: fct_orders: row_count 4, nothing -, total 60" in shop.built.text


def test_the_size_is_set_for_a_model_and_put_back(shop: V2Project) -> None:
    statements = [sql for sql in shop.built.statements if sql.startswith("set global")]
    assert [sql.split("\n")[0].split(" = ")[0] for sql in statements] == [
        "set global memory_limit",
        "set global threads",
    ] * 2
    [start, end] = rows(shop, "ops_actions", "action = 'set_warehouse_size'")[:2]
    assert (start["unique_id"], end["reason"]) == ("model.shop.fct_orders", "put back")
    assert json.loads(start["details"])["before"] == json.loads(end["details"])["after"]
    assert json.loads(start["details"])["after"] == {"threads": 3, "memory_limit": "2GB"}


def test_every_statement_of_a_node_carries_the_comment_of_the_package(shop: V2Project) -> None:
    tagged = {}
    for node, sql in by_node(shop.built):
        comment = re.search(r"/\* (\{.*\}) \*/$", sql)
        if comment:
            tagged.setdefault(node, set()).add(comment[1])
    [of_model] = tagged["model.shop.fct_orders"]
    tag = json.loads(of_model)
    assert tag.pop("dbt_version").startswith("2.0.0")
    assert tag == {
        "app": "dbt",
        "dbt_opsplugin_version": "0.1.0",
        "invocation_id": first_run(shop)["invocation_id"],
        "materialized": "table",
        "node_id": "model.shop.fct_orders",
        "node_name": "fct_orders",
        "project": "shop",
        "resource_type": "model",
        "target": "prod",
        # Of the var opsplugin_tags in dbt_project.yml, which dbt Core does not show a comment.
        "team": "it's",
    }
    own = {unique_id for unique_id in tagged if "." in unique_id}
    assert {unique_id.split(".")[0] for unique_id in own} >= {"model", "test", "operation"}
    # dbt v2 itself asks the catalog and loads seeds without any comment.
    bare = r"SELECT table_catalog.* FROM information_schema.tables|DESCRIBE .*|COPY .*"
    for node, sql in by_node(shop.built):
        if "." in node:
            assert re.search(r"\*/$", sql) or re.match(bare, sql.strip(), re.S), sql


def test_a_run_end_takes_six_statements_at_most(shop: V2Project) -> None:
    statements = [
        sql
        for node, sql in by_node(shop.built)
        if node.endswith("on-run-end-0") and not sql.startswith("set global")
    ]
    # And those of the resize: its record, the state before and after, and the row that says so.
    assert len(statements) <= 6 + 3, statements


def test_every_view_can_be_read(shop: V2Project) -> None:
    views = shop.column(
        "select view_name from duckdb_views()"
        " where schema_name = 'ops' and view_name <> 'ops_version'"
    )
    assert len(views) > 10
    empty = {view for view in views if not shop.sql(f"select * from ops.{view} limit 1")}
    assert empty == {
        "ops_failures",
        "ops_flaky_tests",
        "ops_slow_models",
        "ops_source_freshness",
    }
    assert dict(
        shop.sql("select split_part(unique_id, '.', 3), advice from ops.ops_staging_advice")
    ) == {
        "stg_customers": "make it ephemeral: one model reads it",
        "stg_lines": "keep: nothing is left in production",
        "stg_orders": "make it a view or ephemeral: it is cheap",
    }


def test_a_second_run_adds_its_results_and_no_node(shop: V2Project) -> None:
    nodes = rows(shop, "ops_nodes")
    shop.dbt("build")
    run = last_run(shop)
    assert statuses(shop, run["invocation_id"]) == RESULTS
    assert rows(shop, "ops_nodes") == nodes
    assert run["manifest_hash"] == first_run(shop)["manifest_hash"]
    shop.write("models/aliased.sql", "select 1 as id, 2 as more")
    shop.dbt("build", "--select", "aliased")
    fill(shop)
    [new] = [row for row in rows(shop, "ops_nodes") if row not in nodes]
    assert (new["name"], new["alias"]) == ("aliased", "aliased")
    assert json.loads(last_run(shop)["selected"]) == ["fqn:aliased"]


@pytest.mark.parametrize(
    "command",
    [
        ["compile"],
        ["compile", "--write-catalog"],
        ["docs", "generate"],
        ["list"],
        ["parse"],
        ["show", "--select", "stg_orders"],
        ["show", "--inline", "select 1"],
        ["clone", "--state", "target"],
        ["run-operation", "drop_stg_tables", "--args", "{dry_run: true}"],
    ],
    ids=" ".join,
)
def test_a_command_that_builds_nothing_writes_nothing(shop: V2Project, command: list[str]) -> None:
    def state() -> list[Any]:
        return [shop.sql(f"select count(*) from ops.{table}") for table in TABLES]

    before = [shop.relations(), shop.relations("ops"), state()]
    outcome = shop.dbt(*command)
    assert [shop.relations(), shop.relations("ops"), state()] == before
    assert [sql for sql in outcome.statements if re.match(r"\s*(insert|drop|set) ", sql)] == []
