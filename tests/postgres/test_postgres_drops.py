"""What Postgres alone keeps, drops and brings back."""

from __future__ import annotations

import pytest
from engines import Postgres
from projects import Project

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgres_host: str) -> Postgres:
    return Postgres(postgres_host)


def test_what_hangs_on_a_table_comes_back_with_it(project: Project) -> None:
    project.models(stg_a="select 1 as id, 'x' as name", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    for statement in (
        "alter table main.stg_a add primary key (id)",
        "create index by_name on main.stg_a (name)",
        "alter table main.stg_a alter name set default 'none'",
        "comment on table main.stg_a is 'staging'",
        "comment on column main.stg_a.id is 'the key'",
    ):
        project.sql(statement)
    project.operation("drop_stg_tables", backup="schema")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert len(project.sql("select * from pg_indexes where tablename = 'stg_a'")) == 2
    project.sql("insert into main.stg_a (id) values (2)")
    assert project.sql("select name from main.stg_a where id = 2") == [("none",)]
    assert project.sql("select col_description('main.stg_a'::regclass, 1)") == [("the key",)]


def test_what_postgres_knows_to_read_a_table_keeps_it(project: Project) -> None:
    project.models(
        **{
            f"stg_{name}": "select 1 as id"
            for name in ("view", "matview", "key", "function", "part", "heir", "free")
        }
    )
    project.dbt("build")
    for statement in (
        "create schema report",
        "create view report.v as select * from main.stg_view",
        "create materialized view report.m as select * from main.stg_matview",
        "alter table main.stg_key add primary key (id)",
        "create table report.k (id integer references main.stg_key (id))",
        "create function report.f() returns bigint begin atomic"
        " select count(*) from main.stg_function; end",
        "create table report.whole (id integer) partition by list (id)",
        "alter table report.whole attach partition main.stg_part for values in (1)",
        "create table report.parent (id integer)",
        "alter table main.stg_heir inherit report.parent",
    ):
        project.sql(statement)
    plan = project.operation("drop_stg_tables").plan()
    assert plan == {
        "main.stg_view": ("keep", "shop.report.v reads it"),
        "main.stg_matview": ("keep", "shop.report.m reads it"),
        "main.stg_key": ("keep", "shop.report.k reads it"),
        "main.stg_function": ("keep", "shop.report.f reads it"),
        "main.stg_part": ("keep", "shop.report.whole reads it"),
        "main.stg_heir": ("keep", "shop.report.parent reads it"),
        "main.stg_free": ("drop", "no table is built from it"),
    }


def test_a_materialized_view_stays(project: Project) -> None:
    project.models(
        stg_m="{{ config(materialized='materialized_view') }} select 1 as id",
        fct="select * from {{ ref('stg_m') }}",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables").plan()
    reason = "is a materialized view (meta.opsplugin.staging: true drops it)"
    assert plan == {"main.stg_m": ("keep", reason)}


def test_a_materialized_view_goes_when_its_meta_says_so_and_comes_back(project: Project) -> None:
    project.models(
        stg_m="{{ config(materialized='materialized_view', meta={'opsplugin': {'staging': true}}) }}"
        " select 1 as id",
        fct="select * from {{ ref('stg_m') }}",
    )
    project.dbt("build")
    project.operation("drop_stg_tables", backup="schema")
    assert project.sql("select matviewname from pg_matviews") == []
    project.operation("restore_stg_tables")
    assert project.sql("select matviewname from pg_matviews") == [("stg_m",)]
    assert project.sql("select * from main.stg_m") == [(1,)]


@pytest.mark.parametrize("also", ["", "10 * nextval('main.stg_a_n_seq')"])
def test_a_table_numbered_by_a_sequence_has_no_backup(project: Project, also: str) -> None:
    project.models(
        stg_a="{{ config(post_hook='alter table {{ this }} add column n serial') }} select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.dbt("build")
    if also:
        project.sql(f"alter table main.stg_a alter n set default {also}")
    refused = project.operation("drop_stg_tables", ok=False, backup="schema")
    assert "column n of" in refused.text
    assert "is numbered by a sequence, of which there is no backup" in refused.text
    assert "stg_a" in project.relations()


def test_orphans_go_before_what_they_read(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.sql("create table main.stg_old_t as select 1 as id")
    project.sql("create view main.stg_old_v as select * from main.stg_old_t")
    project.sql("create view main.stg_old_z as select * from main.stg_old_v")
    project.sql("alter table main.stg_old_t add primary key (id)")
    project.sql("create table main.stg_old_a (id integer references main.stg_old_t (id))")
    project.operation("drop_stg_tables", orphans=True)
    assert project.relations() == ["fct"]


def test_what_has_no_backup_is_not_replaced(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.operation("drop_stg_tables", backup="schema")
    project.sql(
        "create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;"
        " create foreign table main.stg_a (id int) server nowhere"
    )
    refused = project.operation("restore_stg_tables", replace=True, ok=False)
    assert "is in the way, a foreign table of which there is no backup" in refused.text
    assert "stg_a" in project.relations()
