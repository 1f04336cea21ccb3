"""A production run of a whole project on the real dbt v2 (Rust): what it records, and that dbt
Core records the same. How dbt v2 gets here, and when it does not, is in v2_binary.py."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from conftest import Project, make_project
from v2_binary import TABLES, V2Project, by_node, first_run, last_run, rows, statuses

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


def fill(project: Project) -> None:
    """One of everything that a project has, and that dbt 1.11 and dbt v2 both build."""
    hooks = (
        "pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('small') }}\","
        ' post_hook="{{ dbt_opsplugin.log_model_metrics() }}"'
    )
    project.models(
        stg_orders="{{ config(tags=['daily', \"it's\"], meta={'owner': 'ann'}) }}"
        " select i as id, 10 * i as amount from range(4) as numbers(i)",
        stg_customers="{{ config(materialized='view') }} select 1 as id, 'x' as name",
        stg_lines="{{ config(materialized=dbt_opsplugin.staging_materialization()) }}"
        " select 1 as n",
        fct_orders="{{ config(" + hooks + ", meta={'opsplugin': {'metrics': {"
        "'total': 'sum(amount)', 'nothing': 'max(null)'}}}) }}"
        " select o.* from {{ ref('stg_orders') }} as o join {{ ref('stg_lines') }} on true",
        inc_orders="{{ config(materialized='incremental', unique_key='id') }}"
        " select * from {{ ref('stg_orders') }}",
        v_customers="{{ config(materialized='view') }} select * from {{ ref('stg_customers') }}",
        aliased="{{ config(alias='Other Name', schema='marts') }} select 1 as id",
    )
    project.write("seeds/countries.csv", "code,name\nDE,Germany\nFR,it's\n")
    project.write(
        "snapshots/history.sql",
        """
        {% snapshot history %}
        {{ config(strategy='check', unique_key='id', check_cols='all') }}
        select * from {{ ref('stg_orders') }}
        {% endsnapshot %}
        """,
    )
    project.write(
        "models/properties.yml",
        """
        models:
          - name: fct_orders
            columns:
              - {name: id, data_tests: [not_null, unique]}
              - name: amount
                data_tests:
                  - accepted_values:
                      name: is_small
                      arguments: {values: [0, 10, 20]}
                      config: {severity: warn}
        unit_tests:
          - name: copies
            model: v_customers
            given: [{input: ref('stg_customers'), rows: [{id: 7, name: y}]}]
            expect: {rows: [{id: 7, name: y}]}
        exposures:
          - name: board
            type: dashboard
            owner: {email: a@b.c}
            depends_on: [ref('v_customers')]
        """,
    )
    project.config["query-comment"] = {
        "comment": "{{ dbt_opsplugin.query_comment(node) }}",
        "append": True,
    }
    project.vars(
        row_counts=True,
        warehouse_sizes={"small": {"threads": 3, "memory_limit": "2GB"}},
        tags={"team": "it's"},
        price_per_hour=3.6,
    )


RESULTS = {
    "aliased": "success",
    "copies": "pass",
    "countries": "success",
    "fct_orders": "success",
    "history": "success",
    "inc_orders": "success",
    "is_small": "warn",
    "not_null_fct_orders_id": "pass",
    "stg_customers": "success",
    "stg_orders": "success",
    "unique_fct_orders_id": "pass",
    "v_customers": "success",
}


@pytest.fixture(scope="module")
def shop(
    make_v2: Callable[[Path], V2Project], tmp_path_factory: pytest.TempPathFactory
) -> V2Project:
    """The project of fill, built in production by dbt v2."""
    project = make_v2(tmp_path_factory.mktemp("v2"))
    fill(project)
    project.built = project.dbt("build")
    return project


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


# The same project on dbt Core ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of fill, built in production by dbt Core in this process."""
    project = make_project(tmp_path_factory.mktemp("core"))
    fill(project)
    project.dbt("build")
    return project


Explanation = Callable[[Any, Any], bool]

#: What differs between two runs of one dbt, too.
MOVING = {
    *("invocation_id", "action_id", "started_at", "completed_at", "recorded_at", "elapsed_time"),
    *("execution_time", "invocation_command"),
}
#: Where dbt v2 tells another story than dbt Core does: column -> what each says.
DIFFERENCES: dict[str, dict[str, Explanation]] = {
    "ops_runs": {
        "dbt_version": lambda v2, core: (v2[0], core[0]) == ("2", "1"),
        # Core lists an exposure, as no-op.
        "node_count": lambda v2, core: v2 == core - 1,
        "success_count": lambda v2, core: v2 == core - 1,
        "status_counts": lambda v2, core: json.loads(v2) | {"no-op": 1} == json.loads(core),
        # It covers the checksum of the snapshot.
        "manifest_hash": lambda v2, core: v2 != core,
    },
    "ops_results": {
        # v2 gives all phases the same begin and end: those of the whole node.
        "compile_time": lambda v2, core: v2 is None and core > 0,
        "execute_time": lambda v2, core: v2 is None and core > 0,
        "thread_id": lambda v2, core: re.match(r"Thread-\d+$", v2) and v2 != core,
        # v2 says how it ended, Core what the adapter or the test said.
        "message": lambda v2, core: v2 in ("Succeeded", "Pass", "Warn"),
        "adapter_response": lambda v2, core: set(json.loads(v2)) <= {"rows_affected"},
        # What v2 does not tell of a unit test.
        "failures": lambda v2, core: (v2, core) == (None, 0),
        "materialized": lambda v2, core: (v2, core) == (None, "unit"),
    },
    "ops_nodes": {
        # v2 hashes the snapshot's body, Core its whole block.
        "checksum": lambda v2, core: v2 != core,
        "node_hash": lambda v2, core: v2 != core,
    },
    "ops_metrics": {},
    "ops_actions": {},
}
KEYS = {
    "ops_runs": ["command"],
    "ops_results": ["unique_id"],
    "ops_nodes": ["unique_id"],
    "ops_metrics": ["unique_id", "metric"],
    "ops_actions": ["action", "reason"],
}


@pytest.mark.parametrize("table", TABLES)
def test_dbt_v2_and_core_record_the_same(shop: V2Project, core: Project, table: str) -> None:
    recorded = []
    for project in (shop, core):
        of_run = rows(project, table, f"invocation_id = '{first_run(project)['invocation_id']}'")
        recorded.append({tuple(row[key] for key in KEYS[table]): row for row in of_run})
    v2_rows, core_rows = recorded
    if table == "ops_results":
        core_rows.pop(("exposure.shop.board",))
    assert v2_rows.keys() == core_rows.keys()
    seen = set()
    for key, v2_row in v2_rows.items():
        assert v2_row.keys() == core_rows[key].keys()
        for column, v2 in v2_row.items():
            expected = core_rows[key][column]
            if column in ("details", "tags", "depends_on"):
                v2, expected = json.loads(v2), json.loads(expected)
            if v2 != expected and column not in MOVING - DIFFERENCES[table].keys():
                explanation = DIFFERENCES[table].get(column)
                assert explanation, f"{key} {column}: {v2!r} on v2, {expected!r} on Core"
                assert explanation(v2, expected), f"{key} {column}: {v2!r}, {expected!r}"
                seen.add(column)
    assert seen == DIFFERENCES[table].keys()
