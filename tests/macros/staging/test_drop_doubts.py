"""What a drop must not take although the graph alone would let it go."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from projects import Macros, Project


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_a="select 1 as id",
        eph_a="{{ config(materialized='ephemeral') }} select * from {{ ref('stg_a') }}",
        fct="select * from {{ ref('eph_a') }}",
    )
    project.write(
        "models/schema.yml",
        "models: [{name: eph_a, columns: [{name: id, data_tests: [not_null]}]}]",
    )
    return project


@pytest.mark.duckdb
@pytest.mark.parametrize(
    "hook",
    [
        "{{ dbt_opsplugin.drop_stg_tables() if var('really', false) else '' }}",
        "{# {{ dbt_opsplugin.drop_stg_tables() }} #}",
        "-- {{ dbt_opsplugin.drop_stg_tables() }}",
    ],
)
def test_a_call_that_is_not_alone_in_its_hook_asks_for_nothing(shop: Project, hook: str) -> None:
    shop.config["models"]["shop"]["+post-hook"] = hook
    shop.dbt("build", ok=None)
    assert "stg_a" in shop.relations()


def test_a_test_of_an_ephemeral_consumer_counts(shop: Project) -> None:
    shop.vars(drop_stg=True)
    outcome = shop.dbt("build", "--exclude", "not_null_eph_a_id")
    assert outcome.plan()["main.stg_a"] == ("keep", "test not_null_eph_a_id did not run")
    shop.dbt("build")
    assert "stg_a" not in shop.relations()


@pytest.mark.duckdb
@pytest.mark.parametrize("when", ["on-run-start", "on-run-end"])
def test_a_hook_of_the_project_is_a_reader(shop: Project, when: str) -> None:
    """At the end of a run too: the next command may not build what it reads."""
    shop.dbt("build")
    shop.config[when] = "select count(*) from {{ ref('stg_a') }}"
    shop.dbt("build")
    decision, reason = shop.operation("drop_stg_tables").plan()["main.stg_a"]
    assert decision == "keep"
    assert reason.startswith(f"operation shop-{when}-0 reads it")


def test_what_another_run_has_built_since_is_not_taken_for_this_runs(shop: Project) -> None:
    """Runs overlap: the one that ends last has not built what it drops."""
    shop.vars(drop_stg=True)
    shop.dbt("build", "--vars", "{opsplugin_drop_stg: false}")
    shop.sql(
        "insert into ops.ops_runs (invocation_id, project_name, target_name, schema_name, command,"
        " status, node_count, started_at, empty, defer, recorded_at)"
        " select 'other', project_name, target_name, schema_name, 'run', 'success', 1, started_at,"
        " false, false, recorded_at from ops.ops_runs"
    )
    shop.sql(
        "insert into ops.ops_results (invocation_id, unique_id, attempt, status, materialized,"
        " database_name, schema_name, alias, started_at, completed_at, recorded_at)"
        " select 'other', unique_id, attempt, status, materialized, database_name, schema_name,"
        " alias, timestamp '2100-01-01 00:00:00', timestamp '2100-01-01 00:00:01', recorded_at"
        " from ops.ops_results where name = 'stg_a'"
    )
    outcome = shop.dbt("build")
    assert outcome.plan()["main.stg_a"] == ("keep", "fct was not built after it")


def test_a_run_that_is_still_at_work_keeps_what_it_may_read(shop: Project) -> None:
    """It began before this one, and nobody can tell that it was not killed."""
    shop.vars(drop_stg=True)
    shop.dbt("build")
    for hours, left in ((1, True), (13, False)):
        shop.sql("delete from ops.ops_actions where invocation_id = 'other'")
        began = (datetime.now(timezone.utc) - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
        shop.sql(
            "insert into ops.ops_actions (action_id, invocation_id, action, status, project_name,"
            " target_name, schema_name, recorded_at) values ('x', 'other', 'run', 'started', 'shop',"
            f" 'prod', 'main', '{began}')"
        )
        outcome = shop.dbt("build")
        assert ("stg_a" in shop.relations()) is left
        assert (f"the run that began at {began}" in outcome.text) is left
        assert ("may read it (opsplugin_longest_run_hours: 12)" in outcome.text) is left


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("kind", "reads"),
    [("iceberg table", "table"), ("hybrid table", "table"), ("dynamic table", "dynamic table")],
)
def test_a_consumer_with_rows_of_its_own_reads_nothing_any_more(
    project: Project, kind: str, reads: str
) -> None:
    """By its kind alone, which are Snowflake's."""
    node = {"database": "S", "schema": "M", "alias": "fct"}
    relations = {"s.m.fct": {"type": kind}}
    assert Macros(project)("_relation_type", node=node, relations=relations) == reads
