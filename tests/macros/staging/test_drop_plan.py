"""What goes and what stays: one project with a staging relation for every rule."""

from __future__ import annotations

import pytest
from projects import Outcome, Project, make_project

pytestmark = pytest.mark.smoke

SCHEMA = """
version: 2
sources:
  - name: raw
    schema: main
    tables: [{name: stg_source}]
models:
  - name: stg_versioned
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
exposures:
  - name: board
    type: dashboard
    owner: {name: Ann, email: ann@example.com}
    depends_on: [ref('stg_exposed'), ref('between_exposed')]
"""

MODELS = {
    "stg_plain": "select 1 as id",
    "fct_plain": "select * from {{ ref('stg_plain') }}",
    # Read by a view that stays, directly and through an ephemeral model.
    "stg_viewed": "select 1 as id",
    "view_mart": "{{ config(materialized='view') }} select * from {{ ref('stg_viewed') }}",
    "stg_through": "select 1 as id",
    "between": "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_through') }}",
    "view_through": "{{ config(materialized='view') }} select * from {{ ref('between') }}",
    # A chain of staging views goes whole, or stays whole.
    "stg_chain_table": "select 1 as id",
    "stg_chain_view": (
        "{{ config(materialized='view') }} select * from {{ ref('stg_chain_table') }}"
    ),
    "fct_chain": "select * from {{ ref('stg_chain_view') }}",
    "stg_kept_table": "select 1 as id",
    "stg_kept_view": "{{ config(materialized='view') }} select * from {{ ref('stg_kept_table') }}",
    "view_of_view": "{{ config(materialized='view') }} select * from {{ ref('stg_kept_view') }}",
    "stg_exposed": "select 1 as id",
    "stg_exposed_through": "select 1 as id",
    "between_exposed": (
        "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_exposed_through') }}"
    ),
    "stg_history": "{{ config(materialized='incremental') }} select 1 as id",
    "stg_rebuildable": (
        "{{ config(materialized='incremental', meta={'opsplugin': {'staging': true}}) }}"
        " select 1 as id"
    ),
    "stg_denied": "{{ config(meta={'opsplugin': {'staging': false}}) }} select 1 as id",
    "stg_aliased": "{{ config(alias='other_name') }} select 1 as id",
    "stg_custom_schema": "{{ config(schema='Stage') }} select 1 as id",
    "stg_mixed": "{{ config(alias='Stg Mixed-Case') }} select 1 as id",
    "stg_seen_by_others": "select 1 as id",
    "stgxorders": "select 1 as id",
    "by_tag": "{{ config(tags=['staging']) }} select 1 as id",
    "by_meta": "{{ config(meta={'opsplugin': {'staging': true}}) }} select 1 as id",
    "fct_of_unbuilt": "select * from {{ ref('stg_unbuilt') }}",
    "stg_unbuilt": "select 1 as id",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("plan"))
    project.models(**MODELS)
    project.write("models/staging/by_folder.sql", "select 1 as id")
    for version in (1, 2):
        project.write(f"models/staging/stg_versioned_v{version}.sql", "select 1 as id")
    project.write("models/schema.yml", SCHEMA)
    project.write("seeds/stg_seed.csv", "id\n1\n")
    project.write(
        "snapshots/stg_snapshot.sql",
        "{% snapshot stg_snapshot %}{{ config(unique_key='id', strategy='check', check_cols='all',"
        " target_schema='main') }} select 1 as id {% endsnapshot %}",
    )
    project.write("dbt_packages/other/dbt_project.yml", "name: other\nversion: '1.0'\n")
    project.write("dbt_packages/other/models/stg_of_other.sql", "select 1 as id")
    project.write("packages.yml", project.packages + "  - local: dbt_packages/other\n")
    project.sql("create table stg_source as select 1 as id")
    project.sql("create table stg_orphan as select 1 as id")
    project.sql("create table stgxorphan as select 1 as id")
    project.sql("create table stg_tmp__dbt_tmp as select 1 as id")
    project.dbt("build")
    project.sql("create view report as select * from stg_seen_by_others")
    # Another environment in the same file: its view reads its own stg_plain.
    project.sql("create schema dev; create table dev.stg_plain as select 1 as id")
    project.sql(
        "create view dev.fct as with stg_plain as (select * from dev.stg_plain)"
        " select * from stg_plain"
    )
    project.sql("drop table fct_of_unbuilt")
    return project


@pytest.fixture(scope="module")
def planned(shop: Project) -> Outcome:
    return shop.operation("drop_stg_tables", dry_run=True, orphans=True)


@pytest.fixture(scope="module")
def plan(planned: Outcome) -> dict[str, tuple[str, str]]:
    return planned.plan()


@pytest.mark.parametrize(
    "relation",
    [
        "main.stg_plain",
        "main.stg_chain_table",
        "main.stg_chain_view",
        "main.stg_rebuildable",
        "main.other_name",
        "main_Stage.stg_custom_schema",
        "main.stg_versioned_v1",
        "main.stg_versioned_v2",
        "main.by_folder",
        "main.by_tag",
        "main.by_meta",
        "main.stg_orphan",
        "main.Stg Mixed-Case",
    ],
)
def test_a_staging_relation_that_nothing_reads_live_goes(
    plan: dict[str, tuple[str, str]], relation: str
) -> None:
    assert plan[relation][0] == "drop", plan


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ("main.stg_viewed", "view_mart reads it"),
        ("main.stg_through", "view_through reads it"),
        ("main.stg_kept_table", "view_of_view reads it"),
        ("main.stg_kept_view", "view_of_view reads it"),
        ("main.stg_exposed", "exposure board reads it"),
        ("main.stg_exposed_through", "exposure board reads it"),
        ("main.stg_history", "is incremental: its history may not be rebuildable"),
        ("main.stg_seen_by_others", "shop.main.report reads it"),
        ("main.stg_unbuilt", "fct_of_unbuilt reads it and is not built"),
    ],
)
def test_a_staging_relation_that_is_needed_stays_and_the_plan_says_why(
    plan: dict[str, tuple[str, str]], relation: str, reason: str
) -> None:
    assert plan[relation][0] == "keep"
    assert reason in plan[relation][1]


@pytest.mark.parametrize(
    "relation",
    [
        "main.stg_source",
        "main.stg_seed",
        "main.stg_snapshot",
        "main.stg_of_other",
        "main.stg_denied",
        "main.stgxorders",
        "main.stgxorphan",
        "main.stg_tmp__dbt_tmp",
        "main.fct_plain",
        "dev.stg_plain",
    ],
)
def test_what_is_not_staging_of_this_project_is_not_even_considered(
    plan: dict[str, tuple[str, str]], relation: str
) -> None:
    assert relation not in plan


def test_without_orphans_a_relation_of_no_node_is_left_alone(shop: Project) -> None:
    plan = shop.operation("drop_stg_tables", dry_run=True).plan()
    assert "main.stg_plain" in plan
    assert "main.stg_orphan" not in plan


def test_a_dry_run_changes_nothing(shop: Project, planned: Outcome) -> None:
    assert "stg_plain" in shop.relations()
    assert shop.sql("select * from ops.ops_actions where action <> 'run'") == []


def test_dropping_carries_out_the_plan_and_writes_an_audit_row_for_each(
    shop: Project, plan: dict[str, tuple[str, str]]
) -> None:
    before = {*shop.relations(), *shop.relations("main_Stage")}
    shop.operation("drop_stg_tables", orphans=True)
    gone = before - {*shop.relations(), *shop.relations("main_Stage")}
    expected = {name.partition(".")[2] for name, row in plan.items() if row[0] == "drop"}
    assert gone == expected
    actions = shop.sql(
        "select relation, status, details ->> 'type' from ops.ops_actions where action = 'drop'"
    )
    assert len(actions) == len(gone)
    assert ('"shop"."main"."stg_chain_view"', "success", "view") in actions
    assert shop.sql("select * from view_mart") == [(1,)]
    assert shop.sql("select * from report") == [(1,)]
