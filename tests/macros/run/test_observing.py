"""Observing never fails a run, by macro alone, where the engine can catch an error in SQL."""

from __future__ import annotations

import json

import pytest
from projects import Project

UNCAUGHT = "cannot catch an error in SQL"


def in_the_way(project: Project, table: str) -> None:
    """A view of somebody's in place of one of our tables."""
    project.sql(
        f"drop table ops.{table}" + (" cascade" if project.engine.name == "postgres" else "")
    )
    project.sql(f"create view ops.{table} as select 1 as invocation_id")


@pytest.mark.not_on("duckdb", UNCAUGHT)
@pytest.mark.not_on("spark", UNCAUGHT)
@pytest.mark.not_on("redshift", UNCAUGHT)
@pytest.mark.not_on("clickhouse", UNCAUGHT)
@pytest.mark.slow_engines
def test_a_table_that_cannot_be_written_fails_no_run_and_holds_up_drops(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    in_the_way(project, "ops_results")
    project.vars(drop_stg=True)
    project.models(stg_a="select 1 as id")
    outcome = project.dbt("build")
    assert outcome.text.count("not everything could be recorded") == 1
    assert "stg_a" in project.relations()


@pytest.mark.not_on("duckdb", UNCAUGHT)
@pytest.mark.not_on("spark", UNCAUGHT)
@pytest.mark.not_on("redshift", UNCAUGHT)
@pytest.mark.not_on("clickhouse", UNCAUGHT)
@pytest.mark.slow_engines
def test_a_metric_that_cannot_be_recorded_fails_no_model(project: Project) -> None:
    project.models(
        a="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select 1 as id"
    )
    project.dbt("run")
    in_the_way(project, "ops_metrics")
    outcome = project.dbt("run")
    assert "log_model_metrics: a: row_count 1" in outcome.text
    assert "log_model_metrics: not everything could be recorded: " in outcome.text


@pytest.mark.slow_engines
def test_text_of_any_kind_stays_text(project: Project) -> None:
    text = "it's $$ and \\ and \\n and\n;\r\n end; \" and @@error and /* */ and \\u0041 and ''' and { } é😀"
    project.vars(tags={"team": text})
    project.models(a="select 1 as id")
    outcome = project.dbt("run")
    assert "could be recorded" not in outcome.text
    [(tags,)] = project.sql("select tags from ops.ops_runs")
    assert json.loads(tags)["team"] == text
