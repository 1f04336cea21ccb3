"""opsplugin_row_counts: every built table is counted at run end, in one statement."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Outcome, Project


@pytest.fixture
def shop(project: Project) -> Project:
    project.vars(row_counts=True)
    return project


def counts(project: Project) -> dict[str, Any]:
    rows = project.sql(
        "select unique_id, value from ops.ops_metrics where metric = 'row_count' and invocation_id"
        " = (select invocation_id from ops.ops_runs order by started_at desc limit 1)"
    )
    found = {node.split(".")[2]: value for node, value in rows}
    assert len(found) == len(rows)
    return found


def counting(outcome: Outcome) -> list[str]:
    return [s for s in outcome.statements if "as row_count from" in s]


@pytest.mark.not_on("snowflake", "keeps no mixed case without quotes")
def test_all_built_tables_are_counted_in_one_statement(shop: Project) -> None:
    shop.write("seeds/raw.csv", "id\n1\n2\n3\n")
    shop.models(
        a_view="{{ config(materialized='view') }} select * from {{ ref('raw') }}",
        stg_ephemeral="{{ config(materialized='ephemeral') }} select * from {{ ref('raw') }}",
        grown="{{ config(materialized='incremental') }} select * from {{ ref('raw') }}",
        MixedCase="{{ config(alias='Mixed Case', schema='Other') }} select * from {{ ref('raw') }}",
        empty="select * from {{ ref('stg_ephemeral') }} where false",
        broken="select 1 / 'x' as id",
        skipped="select * from {{ ref('broken') }}",
    )
    shop.write(
        "snapshots/snap.yml",
        """
        snapshots:
          - name: snap
            relation: ref('raw')
            config: {unique_key: id, strategy: check, check_cols: all}
        """,
    )
    outcome = shop.dbt("build", ok=False)
    assert len(counting(outcome)) == 1
    assert counts(shop) == {"raw": 3, "grown": 3, "MixedCase": 3, "empty": 0, "snap": 3}


def test_a_model_that_logs_its_metrics_too_has_one_row_count(shop: Project) -> None:
    shop.models(
        a="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select 1 as id",
        b="select 1 as id",
    )
    outcome = shop.dbt("run")
    assert len(counting(outcome)) == 1
    assert counts(shop) == {"a": 1, "b": 1}


def test_a_table_that_a_hook_has_dropped_fails_nothing(shop: Project) -> None:
    shop.config["on-run-end"] = "drop table main.a"
    shop.models(a="select 1 as id", b="select 1 as id")
    shop.dbt("run")
    assert counts(shop) == {"b": 1}
    shop.config["on-run-end"] = ["drop table main.a", "drop table main.b"]
    assert counting(shop.dbt("run")) == []


@pytest.mark.not_on("clickhouse", "counts fewer tables in a statement: tests/emulators")
def test_more_tables_than_an_expression_may_be_deep_are_counted(shop: Project) -> None:
    shop.write(
        "macros/count_many.sql",
        """
        {% macro count_many() %}
            {% set counts = [] %}
            {% for number in range(1500) %}
                {% do counts.append("select 'm" ~ number ~ "' as unique_id, 1 as row_count") %}
            {% endfor %}
            {% do dbt_opsplugin.run_statement(dbt_opsplugin._insert_row_counts_sql(counts)) %}
        {% endmacro %}
        """,
    )
    shop.models(a="select 1 as id")
    shop.dbt("run")
    shop.operation("count_many")
    assert shop.sql("select count(*) from ops.ops_metrics") == [(1501,)]


@pytest.mark.duckdb
@pytest.mark.parametrize("when", ["by a hook of the project", "by ours"])
def test_what_the_run_drops_is_counted_before(shop: Project, when: str) -> None:
    shop.models(stg_a="select 1 as id", b="select * from {{ ref('stg_a') }}")
    if when == "by ours":
        shop.vars(drop_stg=True)
    else:
        shop.config["on-run-end"] = "{{ dbt_opsplugin.drop_stg_tables() }}"
    shop.dbt("build")
    assert shop.relations() == ["b"]
    assert counts(shop) == {"b": 1, "stg_a": 1}


@pytest.mark.parametrize("command", [["run", "--empty"], ["test"], ["compile"]], ids=" ".join)
def test_nothing_is_counted_where_no_data_is_built(shop: Project, command: list[str]) -> None:
    shop.models(a="select 1 as id")
    shop.write(
        "models/schema.yml", "models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]"
    )
    shop.dbt("run")
    assert counting(shop.dbt(*command)) == []
    assert shop.sql("select count(*) from ops.ops_metrics") == [(1,)]


def test_it_is_off_by_default(project: Project) -> None:
    project.models(a="select 1 as id")
    assert counting(project.dbt("run")) == []


@pytest.mark.slow_engines
def test_metadata_counts_or_is_refused_by_name(project: Project) -> None:
    project.vars(row_counts="metadata")
    project.models(a="select 1 as id")
    if project.engine.adapter in ("postgres", "redshift", "spark"):
        refused = project.dbt("run", ok=False)
        said = f"opsplugin_row_counts is metadata, and {project.engine.adapter} has no exact count"
        assert said in refused.text
        assert project.relations() == []
    else:
        project.dbt("run")
        assert counts(project) == {"a": 1}
