"""Tables, views, datasets and functions of BigQuery, before the emulator."""

from __future__ import annotations

import re

import pytest
from bigquery_statements import sent, without_comment
from engines import BigQuery
from projects import Project

pytest.importorskip("bqemulator")

pytestmark = pytest.mark.bigquery


@pytest.fixture
def engine(bigquery_port: int) -> BigQuery:
    return BigQuery(bigquery_port)


def test_tables_of_ours_have_a_partition_for_each_day(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    [script] = [sql for sql in sent(project, "begin create") if "create table" in sql]
    made = re.findall(r"create table .*?\((.*?)\)( partition by .*?);", script)
    assert len(made) == 7
    for columns, options in made:
        assert options == " partition by date(recorded_at) cluster by invocation_id"
        assert "recorded_at timestamp" in columns
        assert "invocation_id string" in columns


def test_a_backup_is_a_clone(project: Project) -> None:
    project.models(
        stg_a="select 1 as id",
        stg_v="{{ config(materialized='view') }} select \"it's\" as t",
        fct="select a.id, v.t from {{ ref('stg_a') }} as a cross join {{ ref('stg_v') }} as v",
    )
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert project.sql("select * from stg_a") == [(1,)]
    assert project.sql("select * from stg_v") == [("it's",)]
    assert len(sent(project, r"create table \S+ clone ")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "select * from main.stg_a",
        "select * from `shop.main.stg_a`",
        "select id from `shop`.`main`.`stg_a` where id = 1",
        "select * from `shop.main.stg_*`",
    ],
)
def test_a_view_of_another_dataset_holds_what_it_reads(project: Project, text: str) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True)
    project.dbt("run")
    project.sql("create schema report")
    project.sql(f"create view report.v as {text}")
    plan = project.dbt("build").plan()
    assert plan == {"main.stg_a": ("keep", "shop.report.v reads it")}


def test_a_materialized_view_holds_what_it_reads(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql(
        "create materialized view main.counted as select id, count(*) as n from main.stg_a group by id"
    )
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "shop.main.counted reads it")}


def test_a_snapshot_table_stays(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    project.sql("create snapshot table main.stg_old clone main.a")
    project.models(stg_old="select 1 as id")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_old": ("keep", "is a snapshot table")}


def test_a_function_holds_what_it_reads(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    # The emulator makes no function that reads a table.
    project.sql("create function main.f() as ('of main.stg_a')")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "shop.main.f reads it")}


def test_a_relation_whose_name_differs_in_case_is_another(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.operation("drop_stg_tables", force=True, backup="schema")
    project.sql("create table main.STG_A as select 2 as id")
    said = "`shop`.`main`.`STG_A` is not `shop`.`main`.`stg_a`"
    arguments = {"replace": True, "relations": ["stg_a"]}
    assert said in project.operation("restore_stg_tables", ok=False, **arguments).text
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.STG_A": ("keep", "may not be main.stg_a: a name differs by case alone")}
    assert "STG_A" in project.relations()


def test_what_cannot_be_read_whole_stays(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql("alter table `shop`.`main`.`stg_a` set options (require_partition_filter = true)")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "is a table that asks for a partition filter")}


def test_a_materialized_view_has_no_backup(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    project.sql(
        "create materialized view main.stg_m as select id, count(*) as n from main.a group by id"
    )
    meta = "meta={'opsplugin': {'staging': true}}"
    project.models(
        stg_m="{{ config(materialized='materialized_view', " + meta + ") }} select 1 as id"
    )
    plan = project.operation("drop_stg_tables", force=True, backup="schema").plan()
    kept = "is a materialized view, of which there is no backup: schema"
    assert plan == {"main.stg_m": ("keep", kept)}
    assert project.operation("drop_stg_tables", force=True).plan()["main.stg_m"][0] == "drop"
    assert "stg_m" not in project.relations()


def test_a_dataset_that_someone_made_is_used_without_the_right_to_make_one(
    project: Project,
) -> None:
    project.sql("create schema ops")
    project.sql("create schema opsplugin_trash")
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    project.operation("restore_stg_tables")
    statements = [without_comment(s["sql"]) for s in project.engine.statements()]
    assert not [sql for sql in statements if "create schema if not exists" in sql]


def test_names_of_datasets_keep_their_case(project: Project) -> None:
    project.write(
        "macros/schema.sql",
        "{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}",
    )
    project.models(
        stg_a="{{ config(schema='Staging', alias='STG_Orders') }} select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.vars(drop_stg=True, backup="schema")
    outcome = project.dbt("build")
    assert outcome.plan()["Staging.STG_Orders"][0] == "drop"
    assert project.relations("Staging") == []
    project.operation("restore_stg_tables")
    assert project.relations("Staging") == ["STG_Orders"]
