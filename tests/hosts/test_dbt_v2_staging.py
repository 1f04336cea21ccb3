"""Staging on the real dbt v2: how it is materialized, dropped, backed up and brought back."""

from __future__ import annotations

import json
import re

import pytest
from v2_binary import V2Project, last_run, rows

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture
def project(v2_project: V2Project) -> V2Project:
    """An empty project on dbt v2; its production target is `prod`."""
    return v2_project


def test_staging_is_ephemeral_in_production_and_a_view_elsewhere(project: V2Project) -> None:
    call = "{{ config(materialized=dbt_opsplugin.staging_materialization()%s) }} select 1 as id"
    project.models(stg_a=call.replace("%s", ""), fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.dbt("build", target="dev")
    assert project.relations("dev") == ["fct", "stg_a"]
    # dbt v2 does not show a model's own config at parse: what it loses is said when it runs.
    project.models(stg_hooked=call.replace("%s", ", post_hook='select 1'"))
    outcome = project.dbt("build")
    assert "model.shop.stg_hooked has hooks but is ephemeral" in outcome.text


def test_what_a_folder_or_a_property_says_keeps_a_relation(project: V2Project) -> None:
    project.config["models"]["shop"]["staging"] = {
        "+materialized": "{{ dbt_opsplugin.staging_materialization() }}",
    }
    call = "{{ config(materialized=dbt_opsplugin.staging_materialization()) }} select 1 as id"
    project.config["models"]["shop"]["staging"] = {"stg_hooks": {"+post-hook": "select 1"}}
    project.models(stg_hooks=call, stg_contract=call, stg_plain=call)
    project.write(
        "models/properties.yml",
        """
        models:
          - name: stg_contract
            config: {contract: {enforced: true}}
            columns: [{name: id, data_type: integer}]
        """,
    )
    outcome = project.dbt("build")
    assert project.relations() == ["stg_contract", "stg_hooks"]
    assert "stg_contract has an enforced contract, so it cannot be ephemeral" in outcome.text
    assert "stg_hooks has hooks, so it cannot be ephemeral: it stays a view" in outcome.text


@pytest.fixture
def staged(project: V2Project) -> V2Project:
    """Staging read by tables and by a view, built in production."""
    project.models(
        stg_a="select 1 as id, 'it''s' as name",
        stg_b="select 2 as id",
        stg_view="{{ config(materialized='view') }} select * from {{ ref('stg_a') }}",
        fct_a="select * from {{ ref('stg_view') }}",
        mart="{{ config(materialized='view') }} select * from {{ ref('stg_b') }}",
    )
    project.write(
        "models/properties.yml",
        """
        models:
          - name: fct_a
            columns:
              - name: id
                data_tests:
                  - accepted_values:
                      name: is_one
                      arguments: {values: ["{{ var('id', 1) }}"]}
        """,
    )
    project.dbt("build")
    return project


ALL = ["fct_a", "mart", "stg_a", "stg_b", "stg_view"]
KEPT = ["fct_a", "mart", "stg_b"]


def test_a_rehearsal_prints_the_plan_and_changes_nothing(staged: V2Project) -> None:
    plan = staged.operation("drop_stg_tables", dry_run=True).plan()
    assert plan == {
        "main.stg_a": ("drop", "read by 1 built"),
        "main.stg_b": ("keep", "shop.main.mart reads it"),
        "main.stg_view": ("drop", "read by 1 built"),
    }
    assert staged.relations() == ALL


@pytest.mark.parametrize("backup", ["parquet", "schema"])
def test_what_was_dropped_can_be_brought_back(staged: V2Project, backup: str) -> None:
    before = staged.sql("from stg_a") + staged.sql("from stg_view")
    outcome = staged.operation("drop_stg_tables", backup=backup, backup_set="night 1", ok=False)
    assert "backup_set is night 1, which cannot name a folder" in outcome.text
    staged.operation("drop_stg_tables", backup=backup, backup_set="night1")
    assert staged.relations() == KEPT
    dropped = rows(staged, "ops_actions", "action = 'drop'")
    assert {row["relation"] for row in dropped} == {
        '"shop"."main"."stg_a"',
        '"shop"."main"."stg_view"',
    }
    assert json.loads(dropped[-1]["details"])["backup_set"] == "night1"
    wrong = staged.operation("restore_stg_tables", backup_set="nihgt1", ok=False)
    assert "no backup set nihgt1: did you mean night1? Recorded: night1" in wrong.text
    staged.operation("restore_stg_tables")
    assert staged.relations() == ALL
    assert staged.sql("from stg_a") + staged.sql("from stg_view") == before


def test_a_drop_is_one_transaction(project: V2Project) -> None:
    calls = {"half": "'drop table not_there'", "whole": "'create table two as select $$;$$ as id'"}
    for name, statement in calls.items():
        project.write(
            f"macros/{name}.sql",
            f"{{% macro {name}() %}}{{% do dbt_opsplugin.run_transaction("
            f"['create table one as select 1 as id', {statement}]) %}}{{% endmacro %}}",
        )
    project.operation("half", ok=False)
    assert project.relations() == []
    project.operation("whole")
    assert project.relations() == ["one", "two"]
    assert project.sql("from two") == [(";",)]


def test_the_var_drops_at_the_end_of_a_build_and_keeps_what_views_read(staged: V2Project) -> None:
    staged.vars(drop_stg=True)
    outcome = staged.dbt("build")
    assert staged.relations() == KEPT
    assert outcome.plan()["main.stg_b"] == ("keep", "shop.main.mart reads it")
    assert staged.sql("from mart") == [(2,)]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["build", "--vars", "{id: 2}"], "is fail"),
        (["run"], "dbt run does not show that the tests pass"),
        (["build", "--empty"], "--empty"),
        (["build", "--defer", "--state", "state"], "--defer"),
        (["build", "--state=state"], "--defer"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_run_that_proves_too_little_drops_nothing(
    staged: V2Project, arguments: list[str], reason: str
) -> None:
    (staged.root / "target").rename(staged.root / "state")
    staged.vars(drop_stg=True)
    outcome = staged.dbt(*arguments, ok=None)
    assert staged.relations() == ALL
    [refusal] = re.findall("nothing is dropped, since (.*)", outcome.text)
    assert reason in refusal


def test_a_test_that_passed_after_a_run_drops(staged: V2Project) -> None:
    staged.vars(drop_stg=True)
    staged.dbt("run")
    assert staged.relations() == ALL
    staged.dbt("test")
    assert staged.relations() == KEPT


def test_as_a_post_hook_it_drops_at_the_end_of_the_run(staged: V2Project) -> None:
    staged.models(
        fct_a="{{ config(post_hook='{{ dbt_opsplugin.drop_stg_tables() }}') }}"
        " select * from {{ ref('stg_view') }}"
    )
    staged.dbt("build")
    assert staged.relations() == KEPT


def test_a_staging_model_that_was_incremental_is_kept_when_it_becomes_ephemeral(
    project: V2Project,
) -> None:
    body = " select 1 as id"
    project.models(
        stg_history="{{ config(materialized='incremental') }}" + body,
        stg_plain=body,
        fct="select * from {{ ref('stg_history') }} join {{ ref('stg_plain') }} using (id)",
    )
    project.dbt("build")
    for name in ("stg_history", "stg_plain"):
        project.models(**{name: "{{ config(materialized='ephemeral') }}" + body})
    project.dbt("build")
    assert last_run(project)["status"] == "success"
    plan = project.operation("drop_stg_tables").plan()
    assert plan["main.stg_plain"] == ("drop", "left over: the model is ephemeral now")
    assert "was incremental" in plan["main.stg_history"][1]
    assert project.relations() == ["fct", "stg_history"]


def test_orphans_go_when_asked_for(staged: V2Project) -> None:
    staged.sql("create table stg_old as select 1 as id; create table stgxold as select 1 as id")
    plan = staged.operation("drop_stg_tables", orphans=True).plan()
    assert plan["main.stg_old"] == ("drop", "belongs to no node")
    assert staged.relations() == sorted([*KEPT, "stgxold"])
