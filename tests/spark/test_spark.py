"""What is of Spark alone; the behaviour that all engines share is tested in tests/macros."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest
from engines import Spark
from engines.spark import HAS_JAVA, SPARK_SETTINGS, pyspark
from projects import Project, open_macros

if pyspark is None:
    pytest.skip("pyspark is not installed", allow_module_level=True)

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not HAS_JAVA, reason="Spark takes a Java"),
]
PARTITIONS, BROADCAST, _ = SPARK_SETTINGS


@pytest.fixture
def engine(warm_spark: Any) -> Spark:
    return Spark(warm_spark)


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_types="""
        select
            id, concat("it's ", id) as name, cast(id / 7 as decimal(20, 4)) as price,
            timestamp_ntz'2026-01-01 00:00:00' as at, timestamp'2026-01-01 00:00:00' as moment,
            date'2026-01-01' as day, case when id % 2 = 0 then cast(id as double) end as maybe,
            array(id, id + 1) as list, named_struct('a', id, 'b', 'x') as struct,
            map('k', id) as map, 'é😀' as unicode, cast('ab' as binary) as bytes
        from range(100)
        """,
        stg_view="{{ config(materialized='view') }} select id, name from {{ ref('stg_types') }}",
        fct="select * from {{ ref('stg_view') }}",
    )
    project.dbt("build")
    return project


def types_of(project: Project, relation: str) -> list[Any]:
    return project.sql(f"describe table {relation}")


# Values -----------------------------------------------------------------------------------------


def test_what_looks_like_a_variable_of_spark_stays_what_it_is(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark puts the environment into SQL text, secrets included."""
    monkeypatch.setenv("HOME", "/secret")
    project.models(a="select 1 as id")
    project.vars(tags={"team": "${env:HOME} ${spark.app.name} $${x}"})
    project.dbt("run")
    [(tags,)] = project.sql("select tags from ops.ops_runs")
    assert json.loads(tags) == {"team": "${env:HOME} ${spark.app.name} $${x}"}


def test_a_setting_that_would_lose_every_row_is_refused(project: Project) -> None:
    project.models(a="select 1 as id")
    setting = "spark.sql.parser.escapedStringLiterals"
    project.engine.session.conf.set(setting, "true")
    try:
        outcome = project.dbt("run", ok=False)
    finally:
        project.engine.session.conf.unset(setting)
    assert f"unset {setting}, nothing was written" in outcome.text


def test_times_are_utc_in_every_time_zone(shop: Project) -> None:
    """The session of dbt is in New York."""
    [(started, recorded)] = shop.sql("select started_at, recorded_at from ops.ops_runs")
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    for at in (started, recorded):
        assert at.tzinfo is None
        assert abs((now - at).total_seconds()) < 1200


# Tables -----------------------------------------------------------------------------------------


def test_tables_of_an_older_package_get_what_they_lack_and_keep_their_rows(
    project: Project,
) -> None:
    project.sql("create schema ops")
    project.sql("create table ops.ops_metrics (invocation_id string, unique_id string) using orc")
    project.sql("insert into ops.ops_metrics values ('old', 'n')")
    project.models(
        a="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }} select 1 as id"
    )
    project.dbt("run")
    assert project.sql(
        "select unique_id, metric, value from ops.ops_metrics order by unique_id"
    ) == [("model.shop.a", "row_count", 1.0), ("n", None, None)]
    assert project.sql("select count(*) from ops.ops_row_counts") == [(1,)]


def test_built_tables_are_counted_in_one_statement(project: Project) -> None:
    project.write("seeds/raw.csv", "id\n1\n2\n3\n")
    project.models(
        a_view="{{ config(materialized='view') }} select * from {{ ref('raw') }}",
        grown="{{ config(materialized='incremental') }} select * from {{ ref('raw') }}",
        empty="{{ config(schema='other') }} select * from {{ ref('a_view') }} where false",
    )
    project.vars(row_counts=True)
    outcome = project.dbt("build")
    assert len([s for s in outcome.statements if "as row_count from" in s]) == 1
    assert project.sql("select unique_id, value from ops.ops_metrics order by value, 1") == [
        ("model.shop.empty", 0.0),
        ("model.shop.grown", 3.0),
        ("seed.shop.raw", 3.0),
    ]


# Staging ----------------------------------------------------------------------------------------


def test_what_is_dropped_with_a_backup_comes_back_the_same(shop: Project) -> None:
    before = shop.sql("select * from stg_types order by id")
    types = types_of(shop, "stg_types")
    dropped = shop.operation("drop_stg_tables", backup="schema")
    assert "dropped 2 (backup set " in dropped.text
    assert shop.relations() == ["fct"]
    shop.operation("restore_stg_tables")
    assert shop.sql("select * from stg_types order by id") == before
    assert types_of(shop, "stg_types") == types
    assert len(shop.sql("select * from stg_view")) == 100
    assert shop.column("select action from ops.ops_actions where action <> 'run'") == [
        *("backup", "backup", "backup", "drop", "drop", "restore", "restore"),
    ]
    # The restored relations are dbt's again.
    shop.dbt("build")


def test_the_names_that_a_view_gives_its_columns_come_back(shop: Project) -> None:
    shop.sql("drop view stg_view")
    shop.sql("create view stg_view (`Id Of It`, `as name`) as select id, name from main.stg_types")
    shop.operation("drop_stg_tables", backup="schema")
    shop.operation("restore_stg_tables")
    assert [row[0] for row in types_of(shop, "stg_view")] == ["Id Of It", "as name"]
    assert len(shop.sql("select `Id Of It` from stg_view")) == 100


def test_a_kind_of_backup_that_spark_lacks_drops_nothing(shop: Project) -> None:
    refused = shop.operation("drop_stg_tables", backup="parquet", ok=False)
    assert "backup: parquet does not exist on spark: use backup: schema" in refused.text
    assert shop.relations() == ["fct", "stg_types", "stg_view"]


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("main", "select * from stg_types"),
        ("other", "select * from main.stg_types"),
        ("other", "select * from `main`.`STG_TYPES`"),
        # A bare name is of the schema that was current, not of the view's own.
        ("other", "select * from stg_types"),
        ("other", "with x as (select * from stg_types) select 'View Original Text: ' as t from x"),
    ],
)
def test_a_view_that_dbt_does_not_know_holds_what_it_reads(
    shop: Project, schema: str, text: str
) -> None:
    shop.sql("create schema if not exists other")
    shop.sql(f"create view {schema}.by_hand as {text}")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_types"][0] == "keep", plan
    assert plan["main.stg_types"][1].endswith("by_hand reads it")
    assert "stg_types" in shop.relations()


def test_a_view_reads_the_schema_that_it_names(shop: Project) -> None:
    shop.sql("create schema other")
    shop.sql("create table other.stg_types using parquet as select 1 as id")
    shop.sql("create view main.by_hand as select * from `other`.`stg_types`")
    assert shop.operation("drop_stg_tables").plan()["main.stg_types"][0] == "drop"


def test_a_table_whose_files_are_elsewhere_is_kept(shop: Project) -> None:
    """Its files outlive it, and Spark would not build it there again."""
    place = shop.root / "files"
    shop.models(stg_types=f"{{{{ config(location_root='{place}') }}}} select 1 as id, 'a' as name")
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_types"] == ("keep", "is a external table")
    assert plan["main.stg_view"][0] == "drop"


# Retention --------------------------------------------------------------------------------------


def test_a_purge_of_tables_that_keep_every_row_is_refused(shop: Project) -> None:
    for dry_run in (True, False):
        refused = shop.operation("purge_ops_tables", days=1, dry_run=dry_run, ok=False)
        assert "is a table of parquet, from which Spark deletes no rows" in refused.text
        assert "make the ops tables anew with opsplugin_file_format: delta" in refused.text
    assert shop.sql("select count(*) from ops.ops_runs") == [(1,)]


def test_the_format_of_the_tables_is_the_one_of_the_var(project: Project) -> None:
    project.models(a="select 1 as id")
    project.vars(file_format="orc")
    project.dbt("run")
    shown = dict(row[:2] for row in project.sql("describe table extended ops.ops_runs"))
    assert shown["Provider"] == "orc"
    project.vars(file_format="parket")
    assert "nearest: parquet" in project.dbt("run", ok=False).text


# What other sessions do -------------------------------------------------------------------------


def test_what_another_run_has_written_meanwhile_counts(shop: Project) -> None:
    """A session remembers the files of a table that it has read."""
    shop.dbt("build")
    shop.sql(
        "insert into ops.ops_actions (action_id, invocation_id, action, status, project_name,"
        " target_name, schema_name, recorded_at) values ('x', 'other', 'run', 'started', 'shop',"
        " 'prod', 'main', timestamp_ntz'2100-01-01 00:00:00')"
    )
    plan = shop.operation("drop_stg_tables").plan()
    assert "after the run that began at 2100-01-01" in plan["main.stg_types"][1]


@pytest.mark.parametrize("file_format", ["parquet", "orc"])
def test_what_is_written_at_the_same_moment_is_all_there(
    project: Project, file_format: str
) -> None:
    """Spark writes into a table of plain files by one folder, which the first that is done takes."""
    project.vars(file_format=file_format)
    with open_macros(project) as macros:
        macros("_ensure_ops_tables")
        spec = macros("ops_tables")["ops_actions"]
        inserts = [
            macros(
                "_insert_json_sql",
                table="ops_actions",
                spec=spec,
                payload=f'[{{"action_id": "{i}"}}]',
            )
            for i in range(40)
        ]
    session = project.engine.session
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda sql: session.newSession().sql(sql), inserts))
    assert project.sql("select count(distinct action_id), count(*) from ops.ops_actions") == [
        (40, 40)
    ]


# Sizes ------------------------------------------------------------------------------------------


def settings(project: Project) -> tuple[str, str]:
    return tuple(project.engine.session.conf.get(name) for name in (PARTITIONS, BROADCAST))


def test_a_size_is_set_for_the_run_and_put_back(shop: Project) -> None:
    before = settings(shop)
    shop.models(
        fct="{{ config(pre_hook='{{ dbt_opsplugin.set_warehouse_size(\"LARGE\") }}') }} select 1 as id"
    )
    outcome = shop.dbt("run", "--select", "fct")
    found = [s for s in outcome.statements if f"set {PARTITIONS} = 800" in s]
    assert len(found) == 1
    assert settings(shop) == before
    resizes = shop.sql(
        "select reason from ops.ops_actions where action = 'set_warehouse_size'"
        " and status = 'success' order by recorded_at"
    )
    assert resizes == [("set_warehouse_size",), ("put back",)]


def test_a_size_by_hand_stays_and_is_recognised(shop: Project) -> None:
    shop.operation("set_warehouse_size", size="large")
    assert settings(shop) == ("800", "64MB")
    shop.vars(warehouse_sizes={"same": {PARTITIONS: 800, BROADCAST: "65536kb"}})
    assert "already same" in shop.operation("set_warehouse_size", size="same").text


# Tags -------------------------------------------------------------------------------------------


def test_a_session_tag_is_refused_by_name(shop: Project) -> None:
    shop.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"
    refused = shop.dbt("run", "--select", "fct", ok=False)
    assert "set_query_tag: spark has no tag of a session: use query-comment" in refused.text
