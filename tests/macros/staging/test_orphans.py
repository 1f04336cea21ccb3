"""orphans: true takes what belongs to no node any more, unless the ops tables know better."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import make_project


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    project = make_project(tmp_path_factory.mktemp("orphans"))
    project.models(
        stg_kept="select 1 as id",
        stg_gone="select 1 as id",
        stg_incremental="{{ config(materialized='incremental') }} select 1 as id",
    )
    project.write("seeds/stg_seed.csv", "id\n1\n")
    project.write(
        "snapshots/stg_snapshot.sql",
        "{% snapshot stg_snapshot %}{{ config(unique_key='id', strategy='check', check_cols='all')"
        " }} select 1 as id {% endsnapshot %}",
    )
    project.dbt("build")
    for file in [
        *("models/staging/stg_gone.sql", "models/staging/stg_incremental.sql"),
        *("seeds/stg_seed.csv", "snapshots/stg_snapshot.sql"),
    ]:
        (project.root / file).unlink()
    project.dbt("build")
    return project.operation("drop_stg_tables", dry_run=True, orphans=True).plan()


def test_what_was_built_from_nothing_but_its_sources_goes(
    plan: dict[str, tuple[str, str]],
) -> None:
    assert plan["main.stg_gone"] == ("drop", "belongs to no node")


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ("main.stg_incremental", "was incremental, as model.shop.stg_incremental"),
        ("main.stg_seed", "was the seed seed.shop.stg_seed"),
        ("main.stg_snapshot", "was the snapshot snapshot.shop.stg_snapshot"),
    ],
)
def test_what_held_history_or_input_stays(
    plan: dict[str, tuple[str, str]], relation: str, reason: str
) -> None:
    assert plan[relation] == ("keep", reason)


def test_what_keeps_history_from_going_outlives_its_retention(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.models(
        stg_kept="select 1 as id",
        stg_incremental="{{ config(materialized='incremental') }} select 1 as id",
    )
    project.write("seeds/stg_seed.csv", "id\n1\n")
    project.dbt("build")
    (project.root / "models/staging/stg_incremental.sql").unlink()
    (project.root / "seeds/stg_seed.csv").unlink()
    project.dbt("build")
    for table in ("ops_nodes", "ops_results", "ops_runs", "ops_actions"):
        project.sql(f"update ops.{table} set recorded_at = recorded_at - interval 100 day")
    project.dbt("build")
    project.operation("purge_ops_tables", days=90)
    plan = project.operation("drop_stg_tables", orphans=True).plan()
    assert plan["main.stg_incremental"][0] == plan["main.stg_seed"][0] == "keep"


def test_what_an_ephemeral_node_left_is_no_orphan(tmp_path: Path) -> None:
    """It belongs to a model: one that its own word takes out of staging, or that a package brought."""
    project = make_project(tmp_path)
    lookup = (
        "{{ config(materialized='%s', meta={'opsplugin': {'staging': false}}) }} select 1 as id"
    )
    project.models(stg_kept="select 1 as id")
    project.write("models/marts/stg_lookup.sql", lookup % "table")
    project.dbt("build")
    project.write("models/marts/stg_lookup.sql", lookup % "ephemeral")
    project.dbt("build")
    assert "main.stg_lookup" not in project.operation("drop_stg_tables", orphans=True).plan()


def test_no_orphan_goes_while_a_run_may_read_it(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.models(stg_kept="select 1 as id")
    project.dbt("build")
    project.sql("create table main.stg_new as select 1 as id")
    project.sql(
        "insert into ops.ops_actions (action_id, invocation_id, action, status, project_name,"
        " target_name, schema_name, recorded_at) values ('x', 'other', 'run', 'started', 'shop',"
        " 'prod', 'main', now()::timestamp)"
    )
    plan = project.operation("drop_stg_tables", orphans=True).plan()
    assert plan["main.stg_new"][0] == "keep"
    assert "has not ended and may read it" in plan["main.stg_new"][1]


def test_the_backup_of_another_environment_is_no_orphan(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.models(stg_kept="select 1 as id")
    project.vars(backup_schema="main", prod_targets=["prod", "eu"])
    project.outputs["eu"] = dict(project.outputs["prod"])
    project.dbt("build", target="eu")
    project.operation("drop_stg_tables", target="eu", backup="schema", backup_set="stg_before")
    project.dbt("build")
    plan = project.operation("drop_stg_tables", orphans=True).plan()
    assert plan["main.stg_before__0001"][0] == "keep"
    project.operation("restore_stg_tables", target="eu")
