"""Where the ops tables are, what a run says of its environment, and configuration that is
refused before anything has happened."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from projects import Project


def recorded(project: Project, columns: str) -> Any:
    [row] = project.sql(f"select {columns} from ops.ops_runs order by started_at desc limit 1")
    return row


# Place ------------------------------------------------------------------------------------------


@pytest.mark.not_on("snowflake", "dbt writes the schema of a source without quotes")
@pytest.mark.not_on("spark", "dbt-spark quotes no names")
@pytest.mark.parametrize("schema", ["Ops Tables", "öps-2", "select"])
def test_a_schema_of_any_name_holds_the_tables(project: Project, schema: str) -> None:
    project.models(
        a="select 1 as id",
        seen="select count(*) as n from {{ source('dbt_opsplugin', 'ops_runs') }}",
    )
    project.vars(schema=schema)
    project.dbt("run", "--select", "a")
    project.dbt("run")
    assert project.sql("select n from seen") == [(1,)]
    assert "ops_latest_runs" in project.relations(schema)
    assert project.relations("ops") == []
    assert project.sql(f'select count(*) from "{schema}".ops_nodes') == [(2,)]


@pytest.mark.not_on("snowflake", "writes to several")
@pytest.mark.not_on("spark", "dbt-spark itself refuses a database")
def test_another_database_is_refused_where_one_transaction_writes_to_one(project: Project) -> None:
    """log_model_metrics writes in the transaction of its model."""
    project.models(a="select 1 as id")
    if project.engine.adapter == "duckdb":
        elsewhere = {"path": str(project.root / "elsewhere.duckdb"), "alias": "elsewhere"}
        project.outputs["prod"]["attach"] = [elsewhere]
    project.vars(database="elsewhere")
    outcome = project.dbt("run", ok=False)
    problem = f"opsplugin_database is elsewhere, and {project.engine.name} writes to one database"
    assert problem in outcome.text
    assert project.relations() == project.relations("ops") == []


@pytest.mark.duckdb
def test_an_engine_that_is_not_supported_is_refused_before_anything_is_made(
    project: Project,
) -> None:
    """An adapter without facts of its own, here by dispatch; what is only text works there."""
    project.write(
        "macros/facts.sql",
        "{% macro duckdb__engine_facts() %}"
        "{% do return(dbt_opsplugin.default__engine_facts()) %}{% endmacro %}",
    )
    project.config["dispatch"] = [
        {"macro_namespace": "dbt_opsplugin", "search_order": ["shop", "dbt_opsplugin"]}
    ]
    project.models(a="select '{{ dbt_opsplugin.query_tag() }}' as tag")
    said = "duckdb is not supported yet: set opsplugin_enabled: false"
    assert said in project.dbt("run", ok=False).text
    for operation, arguments in {
        "drop_stg_tables": {"force": True},
        "restore_stg_tables": {},
        "purge_ops_tables": {"days": 1},
        "set_warehouse_size": {"size": "SMALL"},
    }.items():
        assert said in project.operation(operation, ok=False, **arguments).text
    assert project.relations() == project.relations("ops") == []
    project.vars(enabled=False)
    project.dbt("run")
    assert project.sql("select left(tag, 11) from a") == [("dbt:a:prod:",)]


def test_vars_below_the_name_of_the_project_are_refused(project: Project) -> None:
    """dbt shows those to the project's own models and not to the hooks of a package."""
    project.models(a="select 1 as id")
    project.config["vars"] = {"shop": {"opsplugin_schema": "elsewhere"}}
    outcome = project.dbt("run", ok=False)
    assert "opsplugin_schema is set below vars: shop" in outcome.text
    assert "set it directly below vars:" in outcome.text
    assert project.relations() == []


def test_the_sources_are_the_tables_and_views_that_exist(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    listed = project.dbt("ls", "--resource-type", "source", "--output", "name").result
    names = {name.removeprefix("dbt_opsplugin.") for name in listed}
    assert names == set(project.relations("ops")) - {"ops_version"}


@pytest.mark.core
def test_a_model_can_select_from_every_source(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    for view in project.relations("ops"):
        if view != "ops_version":
            project.models(
                **{f"of_{view}": f"select * from {{{{ source('dbt_opsplugin', '{view}') }}}}"}
            )
    project.dbt("run")
    [(count,)] = project.sql("select count(*) from of_ops_runs")
    assert count == 1


# Environment ------------------------------------------------------------------------------------


KNOWN = [
    (
        "github",
        {
            "GITHUB_RUN_ID": "7",
            "GITHUB_WORKFLOW": "nightly",
            "GITHUB_SHA": "abc",
            "GITHUB_REF_NAME": "main",
            "GITHUB_SERVER_URL": "https://git.example",
            "GITHUB_REPOSITORY": "o/r",
        },
        "https://git.example/o/r/actions/runs/7",
    ),
    (
        "gitlab",
        {
            "CI_PIPELINE_ID": "7",
            "CI_JOB_NAME": "nightly",
            "CI_COMMIT_SHA": "abc",
            "CI_COMMIT_REF_NAME": "main",
            "CI_JOB_URL": "https://gitlab/1",
        },
        "https://gitlab/1",
    ),
    (
        "jenkins",
        {
            "BUILD_TAG": "7",
            "JOB_NAME": "nightly",
            "GIT_COMMIT": "abc",
            "GIT_BRANCH": "main",
            "BUILD_URL": "https://jenkins/1",
        },
        "https://jenkins/1",
    ),
    (
        "airflow",
        {
            "AIRFLOW_CTX_DAG_RUN_ID": "7",
            "AIRFLOW_CTX_DAG_ID": "nightly",
            "GIT_COMMIT": "abc",
            "GIT_BRANCH": "main",
        },
        None,
    ),
]


@pytest.fixture
def no_orchestrator(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variables in [variables for _, variables, _ in KNOWN]:
        for name in variables:
            monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_orchestrator_and_the_commit_are_recorded(
    project: Project, no_orchestrator: pytest.MonkeyPatch
) -> None:
    project.models(a="select 1 as id")
    columns = (
        "orchestrator, orchestrator_run_id, orchestrator_job_id, git_sha, git_branch,"
        " orchestrator_url"
    )
    for name, variables, url in KNOWN:
        with pytest.MonkeyPatch.context() as environment:
            for variable, value in variables.items():
                environment.setenv(variable, value)
            project.dbt("run")
        assert recorded(project, columns) == (name, "7", "nightly", "abc", "main", url)


def test_a_run_by_hand_says_who_and_where(
    project: Project, no_orchestrator: pytest.MonkeyPatch
) -> None:
    project.models(a="select 1 as id")
    no_orchestrator.setenv("USER", "ann o'neil")
    no_orchestrator.setenv("HOSTNAME", "box")
    no_orchestrator.setenv("GIT_SHA", "abc")
    project.dbt("run")
    columns = "orchestrator, orchestrator_url, performed_by, host, git_sha, git_branch"
    assert recorded(project, columns) == (None, None, "ann o'neil", "box", "abc", None)


def test_vars_of_the_command_line_are_not_recorded(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are where secrets are typed."""
    project.models(a="select 1 as id")
    told = {
        "dbt run --vars {key: s3cret - b} --select a": "dbt run --vars ... --select a",
        "dbt run --vars={key: s3cret}": "dbt run --vars ...",
        "dbt run --vars key: - s3cret --select a": "dbt run --vars ...",
        "dbt run --select a": "dbt run --select a",
    }
    for typed, kept in told.items():
        monkeypatch.setattr("sys.argv", typed.split())
        project.dbt("run")
        assert recorded(project, "invocation_command, retry") == (kept, False)
    monkeypatch.setattr("sys.argv", ["dbt", "retry"])
    project.models(a="select no_such_column")
    project.dbt("run", ok=False, artifacts=True)
    project.dbt("retry", ok=False)
    assert recorded(project, "command, retry, invocation_command") == ("run", True, "dbt retry")


def test_values_of_yaml_that_are_not_json_do_not_break_the_recording(project: Project) -> None:
    project.models(a="select 1 as id")
    project.write(
        "models/a.yml",
        """
        version: 2
        models:
          - name: a
            config:
              tags: [2026-01-31, "it's"]
              meta: {owner: 2026-02-01, since: 2026-01-31, opsplugin: {tags: {day: 2026-01-31}}}
    """,
    )
    project.vars(tags={"since": date(2026, 1, 31), 5: [1.5, None, {"a": True}]})
    project.dbt("run")
    tags, owner = project.sql("select tags, owner from ops.ops_results")[0]
    assert (json.loads(tags), owner) == (["2026-01-31", "it's"], "2026-02-01")
    assert json.loads(recorded(project, "tags")[0]) == {
        "since": "2026-01-31",
        "5": [1.5, None, {"a": True}],
    }
