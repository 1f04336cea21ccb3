"""What hooks of the project do beside ours."""

from __future__ import annotations

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


@pytest.mark.duckdb
def test_a_word_in_a_comment_makes_no_tables_in_development(project: Project) -> None:
    size = "{{ dbt_opsplugin.set_warehouse_size('SMALL'%s) }} select 1 as id -- the workforce"
    project.models(a=size % "")
    project.dbt("run", target="dev")
    assert project.relations("ops") == []
    project.models(a=size % ", true")
    project.dbt("run", target="dev")
    assert "ops_actions" in project.relations("ops")
