"""Relations that may be another's, or that something else than a model still needs."""

from __future__ import annotations

import shutil

import pytest
from projects import Project

MODELS = {"stg_a": "select 1 as id", "fct_a": "select * from {{ ref('stg_a') }}"}


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(**MODELS)
    return project


@pytest.mark.parametrize("materialized", ["ephemeral", "table"])
def test_a_relation_that_no_run_of_ours_built_stays(shop: Project, materialized: str) -> None:
    """A raw table that happens to have the name of a model."""
    shop.models(stg_raw="{{ config(materialized='" + materialized + "') }} select 1 as id")
    shop.sql("create table stg_raw as select 42 as id")
    shop.dbt("build", "--exclude", "stg_raw")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_raw"] == ("keep", "no build of it is recorded: it may be another's")
    assert shop.sql("select * from stg_raw") == [(42,)]


def test_after_a_deferred_run_nothing_goes(shop: Project) -> None:
    shop.vars(drop_stg=True)
    shop.dbt("compile", artifacts=True)
    shutil.copytree(shop.root / "target", shop.root / "state")
    deferred = shop.dbt("build", "--defer", "--state", str(shop.root / "state"))
    assert "with --defer, models may have read another environment" in deferred.text
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "was --empty, --sample or deferred" in refused.text
    assert shop.relations() == ["fct_a", "stg_a"]


@pytest.mark.not_on("bigquery", "the emulator reads a dropped table that a view names for ever")
@pytest.mark.slow_engines
def test_stored_failures_do_not_hold_what_they_were_read_from(shop: Project) -> None:
    shop.write(
        "models/staging/tests.yml",
        """
        models:
          - name: stg_a
            columns:
              - name: id
                data_tests: [{not_null: {config: {store_failures_as: view}}}]
        """,
    )
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables").plan()
    if shop.engine.name in ("postgres", "redshift"):
        # There, no relation can be dropped while a view reads it.
        reader = "shop.main_dbt_test__audit.not_null_stg_a_id"
        assert plan["main.stg_a"] == ("keep", f"{reader} reads it")
    else:
        assert shop.relations() == ["fct_a"]
    shop.dbt("build")


@pytest.mark.duckdb
def test_a_consumer_that_is_written_to_a_file_is_a_copy(shop: Project) -> None:
    shop.models(
        fct_a="{{ config(materialized='external', location='fct_a.parquet') }}"
        " select * from {{ ref('stg_a') }}"
    )
    shop.dbt("build")
    shop.operation("drop_stg_tables")
    assert shop.relations() == ["fct_a"]
    assert shop.sql("select * from fct_a") == [(1,)]


@pytest.mark.duckdb
def test_staging_in_an_attached_database_stays_and_the_plan_says_why(shop: Project) -> None:
    elsewhere = {"path": str(shop.root / "elsewhere.duckdb"), "alias": "elsewhere"}
    shop.outputs["prod"]["attach"] = [elsewhere]
    shop.models(stg_a="{{ config(database='elsewhere') }} select 1 as id")
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables").plan()
    [(decision, reason)] = plan.values()
    assert decision == "keep"
    assert reason == "is in another database: duckdb writes to one in a transaction"
    # The database is named where there are several.
    shop.models(stg_b="{{ config(alias='stg_a') }} select 1 as id")
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables", dry_run=True).plan()
    assert plan["shop.main.stg_a"] == ("drop", "no table is built from it")
    assert plan["elsewhere.main.stg_a"] == ("keep", reason)


def test_a_table_that_is_not_on_disk_yet_has_no_size(shop: Project) -> None:
    shop.dbt("build")
    line = shop.operation("drop_stg_tables", dry_run=True).text
    assert "0 B" not in line


@pytest.mark.not_on("duckdb", "names have no case")
@pytest.mark.not_on("spark", "names have no case")
@pytest.mark.not_on("bigquery", "the emulator's names have no case")
def test_a_relation_beside_one_that_differs_in_case_stays(shop: Project) -> None:
    shop.dbt("build")
    shop.sql('create table main."STG_A" as select 2 as id')
    plan = shop.operation("drop_stg_tables").plan()
    [(decision, reason)] = plan.values()
    assert decision == "keep"
    assert reason.endswith("a name differs by case alone")
    assert {"stg_a", "STG_A"} <= set(shop.relations())
