"""Several projects, or one project for several tenants, with the same ops schema: what one of them
did says nothing about the others, and one does not see the backups of another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from projects import Project

MODELS = {"stg_a": "select 1 as id", "fct_a": "select * from {{ ref('stg_a') }}"}


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(**MODELS)
    project.dbt("build")
    return project


@pytest.fixture
def second(shop: Project) -> Project:
    """Another project that builds into a schema of its own of the same database."""
    (shop.root.parent / "second").mkdir()
    second = Project(shop.root.parent / "second")
    second.database = shop.database
    second.config["name"] = "second"
    second.config["models"] = {"second": {"+materialized": "table", "+schema": "two"}}
    second.outputs = shop.outputs
    second.models(**MODELS)
    return second


def as_tenant(project: Project, name: str) -> None:
    """The same project and target, building into the schema of another tenant."""
    project.outputs["prod"] = {**project.outputs["prod"], "schema": name}


def test_a_failed_run_of_another_project_does_not_keep_ours(shop: Project, second: Project) -> None:
    second.models(fct_a="select boom from {{ ref('stg_a') }}")
    second.dbt("build", ok=False)
    shop.operation("drop_stg_tables")
    assert shop.relations() == ["fct_a"]


def test_a_good_run_of_another_project_does_not_let_ours_go(shop: Project, second: Project) -> None:
    shop.models(fct_a="select boom from {{ ref('stg_a') }}")
    shop.dbt("build", ok=False)
    second.dbt("build")
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt build of target prod" in refused.text
    assert shop.relations("main_two") == ["fct_a", "stg_a"]


def test_the_backups_of_another_project_are_its_own(shop: Project, second: Project) -> None:
    second.dbt("build")
    shop.operation("drop_stg_tables", backup="schema", backup_set="ours")
    refused = second.operation("restore_stg_tables", backup_set="ours", ok=False)
    assert "no backup of target prod is recorded" in refused.text
    second.operation("drop_stg_tables", backup="schema", backup_set="theirs")
    refused = shop.operation("restore_stg_tables", backup_set="theirs", ok=False)
    assert "there is no backup set theirs: did you mean ours?" in refused.text
    shop.operation("restore_stg_tables")
    assert shop.relations() == ["fct_a", "stg_a"]
    assert shop.relations("main_two") == ["fct_a"]


def test_orphans_that_are_relations_of_another_project_stay(shop: Project, second: Project) -> None:
    second.config["models"] = {"second": {"+materialized": "table"}}
    (second.root / "models" / "staging" / "stg_a.sql").unlink()
    second.models(stg_theirs="select 1 as id", fct_a="{{ config(alias='fct_b') }} select 1 as id")
    second.dbt("build")
    plan = shop.operation("drop_stg_tables", orphans=True).plan()
    assert plan["main.stg_theirs"] == (
        "keep",
        "belongs to model.second.stg_theirs of project second",
    )
    assert shop.relations() == ["fct_a", "fct_b", "stg_theirs"]


def test_orphans_that_are_relations_of_another_target_stay_while_they_are_there(
    shop: Project,
) -> None:
    """Two production targets that share a schema for staging."""
    shop.outputs["prod_eu"] = dict(shop.outputs["prod"])
    shop.vars(prod_targets=["prod", "prod_eu"])
    enabled = "{{ config(enabled=target.name == 'prod_eu') }} "
    shop.models(
        stg_eu=enabled + "select 1 as id", fct_eu=enabled + "select * from {{ ref('stg_eu') }}"
    )
    shop.dbt("build", target="prod_eu")
    plan = shop.operation("drop_stg_tables", orphans=True, dry_run=True).plan()
    assert plan["main.stg_eu"] == (
        "keep",
        "belongs to model.shop.stg_eu in target prod_eu; drop it by hand if that target is gone",
    )
    (shop.root / "models" / "staging" / "stg_eu.sql").unlink()
    (shop.root / "models" / "fct_eu.sql").unlink()
    shop.dbt("build", target="prod_eu")
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables", orphans=True, dry_run=True).plan()
    assert plan["main.stg_eu"] == ("drop", "belongs to no node")


def test_orphans_that_are_tables_or_backups_of_ours_stay(shop: Project) -> None:
    shop.vars(schema="main", backup_schema="main", staging_prefixes=["stg_", "ops_"])
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="schema", backup_set="stg_mine")
    plan = shop.operation("drop_stg_tables", orphans=True, dry_run=True, force=True).plan()
    copies = [name for name in plan if name.startswith("main.stg_mine")]
    assert len(copies) == 1
    assert plan[copies[0]][1].startswith("is the backup of ")
    assert plan["main.ops_version"] == ("keep", "is of dbt_opsplugin itself")
    assert {decision for decision, _ in plan.values()} == {"keep"}


def test_a_tenant_is_not_cleaned_up_by_what_another_tenant_built(shop: Project) -> None:
    as_tenant(shop, "tenant_b")
    shop.sql("create schema tenant_b; create table tenant_b.stg_a as select 1 as id")
    shop.sql("create table tenant_b.fct_a as select 1 as id")
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the ops tables hold no run of target prod" in refused.text
    shop.models(fct_a="select boom from {{ ref('stg_a') }}")
    shop.dbt("build", ok=False)
    as_tenant(shop, "main")
    shop.operation("drop_stg_tables", backup="schema", backup_set="main")
    assert shop.relations() == ["fct_a"]
    assert shop.relations("tenant_b") == ["fct_a", "stg_a"]
    as_tenant(shop, "tenant_b")
    assert "no backup of target prod" in shop.operation("restore_stg_tables", ok=False).text


@pytest.mark.duckdb
def test_a_backup_folder_that_holds_files_of_another_is_not_written_to(shop: Project) -> None:
    shop.operation("drop_stg_tables", backup="parquet", backup_set="mine")
    files = Path("opsplugin_backups/mine")
    shutil.copytree(files, "opsplugin_backups/taken")
    before = {file: file.read_bytes() for file in Path("opsplugin_backups/taken").iterdir()}
    shop.dbt("build")
    refused = shop.operation("drop_stg_tables", backup="parquet", backup_set="taken", ok=False)
    assert "opsplugin_backups/taken holds a backup already: nothing was dropped" in refused.text
    assert {file: file.read_bytes() for file in before} == before
    assert shop.relations() == ["fct_a", "stg_a"]
