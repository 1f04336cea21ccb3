"""orphans: true takes what belongs to no node any more, unless the ops tables know better."""

from __future__ import annotations

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
