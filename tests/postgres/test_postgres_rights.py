"""What a user of Postgres may not do fails no run and loses no row."""

from __future__ import annotations

import pytest
from engines import Postgres
from projects import Outcome, Project

pytestmark = pytest.mark.postgres
WORK_MEM = "current_setting('work_mem')"


@pytest.fixture
def engine(postgres_host: str) -> Postgres:
    return Postgres(postgres_host)


def as_user(project: Project, *grants: str) -> None:
    """The project's dbt is a user who may do only this."""
    for statement in (
        "drop role if exists builder",
        "create role builder login",
        "grant create on schema main to builder",
        "grant usage on schema main to builder",
        *grants,
    ):
        project.sql(statement)
    project.outputs["prod"]["user"] = "builder"


@pytest.fixture(autouse=True)
def _no_builder(project: Project) -> None:
    project.sql("drop role if exists builder")


def test_a_schema_that_may_not_be_made_fails_no_run(project: Project) -> None:
    as_user(project)
    project.models(fct="select 1 as id")
    outcome = project.dbt("run")
    assert "not everything could be recorded: permission denied for database shop" in outcome.text
    assert project.sql("select * from main.fct") == [(1,)]
    assert project.relations("ops") == []
    project.sql("drop owned by builder")


def test_a_schema_that_someone_made_is_used(project: Project) -> None:
    """By a user who may make none."""
    project.sql("create schema ops")
    as_user(project, "grant usage, create on schema ops to builder")
    project.models(fct="select 1 as id")
    outcome = project.dbt("run")
    assert "could be recorded" not in outcome.text
    assert project.sql("select count(*) from ops.ops_runs") == [(1,)]
    project.sql("drop owned by builder cascade")


def test_a_table_that_may_not_be_written_fails_no_run(project: Project) -> None:
    project.models(fct="select 1 as id")
    project.dbt("run")
    project.sql("drop table main.fct")
    as_user(
        project,
        "grant usage on schema ops to builder",
        "grant select on all tables in schema ops to builder",
        "grant insert on ops.ops_results to builder",
    )
    outcome = project.dbt("run")
    assert "not everything could be recorded: permission denied for table ops_runs" in outcome.text
    assert project.sql("select count(*) from ops.ops_results") == [(2,)]
    project.sql("drop owned by builder")


def test_tables_that_may_not_be_read_fail_no_run(project: Project) -> None:
    project.models(fct="select 1 as id")
    project.dbt("run")
    project.sql("drop table main.fct")
    as_user(
        project,
        "grant usage on schema ops to builder",
        "grant insert on all tables in schema ops to builder",
    )
    outcome = project.dbt("run")
    assert "not everything could be recorded: permission denied" in outcome.text
    assert project.sql("select count(*) from ops.ops_runs") == [(1,)]
    project.sql("drop owned by builder")


def test_nothing_is_dropped_at_the_end_of_a_run_that_was_not_recorded(project: Project) -> None:
    project.vars(drop_stg=True)
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql("drop table main.stg_a, main.fct")
    as_user(
        project,
        "grant usage on schema ops to builder",
        "grant select, insert on all tables in schema ops to builder",
        "revoke insert on ops.ops_results from builder",
    )
    outcome = project.dbt("build")
    assert "not everything could be recorded: permission denied for table ops_results" in (
        outcome.text
    )
    assert project.relations() == ["fct", "stg_a"]
    project.sql("grant insert on ops.ops_results to builder")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.sql("drop owned by builder")


@pytest.mark.parametrize("half", ["on", "off"])
def test_without_rights_a_build_that_would_drop_keeps_its_outcome(
    project: Project, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", half)
    project.vars(drop_stg=True)
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql("drop table main.stg_a, main.fct")
    as_user(project)
    outcome = project.dbt("build")
    assert "permission denied for schema ops" in outcome.text
    assert project.relations() == ["fct", "stg_a"]
    project.sql("drop owned by builder")


@pytest.mark.parametrize("half", ["on", "off"])
def test_without_rights_a_model_with_a_size_is_built_without_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", half)
    as_user(project)
    project.models(
        own="{{ config(meta={'opsplugin': {'warehouse_size': 'LARGE'}}) }}"
        f" select {WORK_MEM} as work_mem",
        hook="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('LARGE') }}\") }}"
        f" select {WORK_MEM} as work_mem",
    )
    outcome = project.dbt("run")
    assert "permission denied for database shop" in outcome.text
    assert project.sql("select distinct work_mem from main.hook") == [("4MB",)]
    project.sql("drop owned by builder")


@pytest.mark.parametrize("half", ["on", "off"])
def test_a_model_with_two_hooks_that_may_not_write_is_built(
    project: Project, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", half)
    project.models(
        fct="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('LARGE') }}\","
        " post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select 1 as id"
    )
    project.dbt("run")
    project.sql("drop table main.fct")
    as_user(project, "grant usage on schema ops to builder")
    project.sql("grant select on all tables in schema ops to builder")
    outcome = project.dbt("run")
    assert "set_warehouse_size: not everything could be recorded" in outcome.text
    assert "fct: row_count 1" in outcome.text
    project.sql("drop owned by builder")


@pytest.mark.parametrize("half", ["on", "off"])
def test_a_view_of_the_users_on_ours_fails_no_run_and_loses_no_row(
    project: Project, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    """A newer package cannot put its views in place; its tables, rows and drops are not held up."""
    monkeypatch.setenv("DBT_OPSPLUGIN", half)
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql("create view main.theirs as select count(*) as n from ops.ops_builds")
    project.sql("drop view ops.ops_version")
    project.sql("create view ops.ops_version as select 1 as v00000_00000_00001_12345678")
    project.sql("alter table ops.ops_runs drop column manifest_hash cascade")
    project.vars(drop_stg=True)
    outcome = project.dbt("build")
    assert "view main.theirs depends on view ops.ops_builds" in outcome.text
    assert project.relations() == ["fct", "theirs"]
    assert project.sql("select n from main.theirs") == [(4,)]
    assert project.sql("select count(manifest_hash) from ops.ops_runs") == [(1,)]


def test_a_health_check_leaves_no_trace_and_says_what_may_not_be_done(project: Project) -> None:
    project.models(fct="select 1 as id")
    assert '"ops_schema": "\\"shop\\".\\"ops\\""' in logged(project.operation("report_health"))
    assert project.relations("ops") == []
    project.dbt("run")
    before = project.relations("ops")
    project.operation("report_health")
    assert project.relations("ops") == before
    as_user(project, "grant usage on schema ops to builder")
    refused = project.operation("report_health", ok=False)
    assert "permission denied for schema ops" in refused.text
    project.sql("drop owned by builder")


def logged(outcome: Outcome) -> str:
    return "\n".join(event.info.msg for event in outcome.events)
