"""What hooks of the project do beside ours."""

from __future__ import annotations

from datetime import datetime

import pytest
from projects import Project

READS = "{% call statement('x', fetch_result=true) %}select 1{% endcall %}"


@pytest.mark.parametrize("when", ["on-run-start", "on-run-end"])
def test_a_run_is_recorded_whole_after_a_hook_that_leaves_a_transaction_open(
    project: Project, when: str
) -> None:
    """dbt rolls it back when the hooks have ended."""
    project.config[when] = READS
    project.models(a="select 1 as id")
    for runs in (1, 2):
        project.dbt("run")
        assert project.sql("select count(*) from ops.ops_runs") == [(runs,)]
        assert project.sql("select count(*) from ops.ops_results") == [(runs,)]
        assert project.sql("select count(*) from ops.ops_actions where action = 'run'") == [(runs,)]


ROW = "{'invocation_id': invocation_id, 'unique_id': 'x', 'metric': 'm', 'value': 1}"


@pytest.mark.duckdb
def test_a_hook_writes_rows_where_runs_are_recorded(project: Project) -> None:
    project.models(a="select 1 as id")
    call = f"{{{{ dbt_opsplugin.write_ops_rows('ops_metrics', [{ROW}, {ROW}]) }}}}"
    project.config["on-run-end"] = call
    project.dbt("run", target="dev")
    project.dbt("compile")
    assert project.relations("ops") == []
    project.dbt("run")
    project.dbt("compile")
    assert project.sql("select value from ops.ops_metrics") == [(1,)]


def test_a_hook_writes_what_a_query_of_it_has_found(project: Project) -> None:
    """dbt gives numbers as decimals, and times as such."""
    project.write(
        "macros/measure.sql",
        """
        {% macro measure() %}{% if execute %}
            {% set found = run_query(
                "select cast(1.5 as decimal(9, 2)), 7, cast('2026-01-31' as date)"
            ).rows[0] %}
            {% set key = {'invocation_id': invocation_id, 'unique_id': 'x'} %}
            {% do dbt_opsplugin.write_ops_rows('ops_metrics', [
                dict(key, metric='part', value=found[0]), dict(key, metric='whole', value=found[1]),
            ]) %}
            {% do dbt_opsplugin.write_ops_rows('ops_results', [
                dict(key, attempt=found[1], rows_affected=found[1], started_at=found[2])
            ]) %}
        {% endif %}{% endmacro %}
        """,
    )
    project.config["on-run-end"] = "{{ measure() }}"
    project.models(a="select 1 as id")
    project.dbt("run")
    assert project.sql("select metric, value from ops.ops_metrics order by metric") == [
        ("part", 1.5),
        ("whole", 7),
    ]
    written = "select rows_affected, started_at from ops.ops_results where unique_id = 'x'"
    assert project.sql(written) == [(7, datetime(2026, 1, 31))]


@pytest.mark.duckdb
def test_a_word_in_a_comment_makes_no_tables_in_development(project: Project) -> None:
    size = "{{ dbt_opsplugin.set_warehouse_size('SMALL'%s) }} select 1 as id -- the workforce"
    project.models(a=size % "")
    project.dbt("run", target="dev")
    assert project.relations("ops") == []
    project.models(a=size % ", true")
    project.dbt("run", target="dev")
    assert "ops_actions" in project.relations("ops")
