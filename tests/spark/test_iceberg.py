"""What is of Iceberg's tables alone, in the catalog of a session that came from Hive."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines import Iceberg
from projects import Project

pytestmark = [
    pytest.mark.iceberg,
    pytest.mark.skipif(not Iceberg.is_installed(), reason="takes Iceberg and a Java"),
]


@pytest.fixture
def engine(warm_iceberg: Any) -> Iceberg:
    return Iceberg(warm_iceberg)


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_types="""
        select
            id, concat("it's ", id) as name, cast(id / 7 as decimal(20, 4)) as price,
            timestamp_ntz'2026-01-01 00:00:00' as at, timestamp'2026-01-01 00:00:00' as moment,
            array(id, id + 1) as list, named_struct('a', id, 'b', 'x') as struct
        from range(100)
        """,
        fct="select * from {{ ref('stg_types') }}",
    )
    project.dbt("build")
    return project


def files_of(project: Project, table: str) -> Path:
    """The folder of its files."""
    shown = dict(row[:2] for row in project.sql(f"describe table extended {table}"))
    assert shown["Provider"] == "iceberg"
    return Path(urlsplit(shown["Location"]).path)


def test_a_table_goes_with_its_files_and_comes_back_the_same(shop: Project) -> None:
    """A Hive metastore shows it as an external table, whose files a plain drop would leave."""
    before = shop.sql("select * from stg_types order by id")
    types = shop.sql("describe table stg_types")
    files = files_of(shop, "stg_types")
    assert list(files.rglob("*.parquet"))
    shop.operation("drop_stg_tables", backup="schema")
    assert shop.relations() == ["fct"]
    assert not list(files.rglob("*.parquet"))
    shop.operation("restore_stg_tables")
    assert shop.sql("select * from stg_types order by id") == before
    assert shop.sql("describe table stg_types") == types
    files_of(shop, "stg_types")
    shop.dbt("build")


@pytest.mark.parametrize(
    ("statements", "reader"),
    [
        # Of a view of Iceberg nobody tells in which schema its bare names are.
        (["create view other.by_hand as select * from stg_types"], "other.by_hand reads it"),
        # Spark shows the first text of a view that was replaced.
        (
            [
                "create view other.by_hand as select 1 as id",
                "create or replace view other.by_hand as select id from main.stg_types",
            ],
            "other.by_hand (its text is hidden) reads it",
        ),
    ],
)
def test_a_view_that_dbt_does_not_know_holds_what_it_may_read(
    shop: Project, statements: list[str], reader: str
) -> None:
    shop.sql("create schema other")
    for statement in statements:
        shop.sql(statement)
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_types"][0] == "keep"
    assert plan["main.stg_types"][1].endswith(reader)
    assert "stg_types" in shop.relations()


def test_a_view_of_staging_goes_with_what_it_reads_beside_other_schemas(project: Project) -> None:
    """Whatever the schema of its bare names may be: it has none."""
    project.models(
        stg_a="{{ config(schema='raw') }} select 1 as id",
        stg_b="{{ config(schema='raw', materialized='view') }} select id from {{ ref('stg_a') }}",
        stg_c="select id from {{ ref('stg_b') }}",
        fct="select id from {{ ref('stg_c') }}",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables").plan()
    assert {decision for decision, _ in plan.values()} == {"drop"}, plan


def test_a_table_whose_files_others_may_share_is_kept(shop: Project) -> None:
    shop.sql("alter table main.stg_types set tblproperties ('gc.enabled' = 'false')")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_types"] == ("keep", "is a external table")
    shop.sql("alter table main.stg_types set tblproperties ('gc.enabled' = 'true')")


def test_the_views_of_an_older_package_are_made_anew(shop: Project) -> None:
    for view in ("ops_version", "ops_failures"):
        shop.sql(f"drop view ops.{view}")
        shop.sql(f"create view ops.{view} as select 1 as older")
    shop.dbt("build")
    columns = [row[0] for row in shop.sql("describe table ops.ops_failures")]
    assert "older" not in columns
    assert shop.sql("select * from ops.ops_failures") == []
    assert "create" not in " ".join(
        s for s in shop.dbt("build").statements if "view ops." in s.lower()
    )


def test_rows_and_backups_go_by_retention(shop: Project) -> None:
    """Of the ops tables, which have a partition for each day."""
    [(statement,)] = shop.sql("show create table ops.ops_results")
    assert "PARTITIONED BY (days(recorded_at))" in statement
    shop.operation("drop_stg_tables", backup="schema")
    [copy] = shop.relations("opsplugin_trash")
    files = files_of(shop, f"opsplugin_trash.{copy}")
    assert list(files.rglob("*.parquet"))
    for table in ("ops_actions", "ops_runs"):
        shop.sql(f"update ops.{table} set recorded_at = recorded_at - interval 100 days")
    shop.dbt("build")
    shop.operation("drop_stg_tables", backup="schema")
    assert copy not in shop.relations("opsplugin_trash")
    assert not list(files.rglob("*.parquet"))
    shop.operation("purge_ops_tables", days=50)
    assert shop.sql("select count(*) from ops.ops_runs") == [(1,)]
