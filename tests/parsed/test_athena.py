"""What is of Athena alone: DDL of another dialect than the rest, files in S3, and what only Glue tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from scripted import Aws, Warehouse, checked, columns_of, make_warehouse, sent_by

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.athena")

pytestmark = [
    pytest.mark.parsed,
    # Of dbt-athena's own macros.
    pytest.mark.filterwarnings("ignore:invalid escape sequence"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("athena", tmp_path_factory.mktemp("athena"))


@pytest.fixture
def athena(built: Warehouse) -> Iterator[Warehouse]:
    aws = built.script.aws
    usual = dict(vars(Aws()))
    vars(aws).update(usual)
    type(built.call.adapter)._get_work_group.cache_clear()
    built.script.columns = columns_of(built)
    built.script.backups = []
    built.script.views = []
    yield built
    built.call.context.pop("target", None)


def aim_at(athena: Warehouse, **settings: Any) -> None:
    """Another target than the profile has."""
    target = {**athena.call.adapter.config.to_target_dict(), **settings}
    athena.call.context["target"] = target


def of_kind(sent: list[str], start: str) -> list[str]:
    return [sql for sql in sent if sql.startswith(start)]


# The ops tables ----------------------------------------------------------------------------------


def test_ddl_is_that_of_hive_and_each_table_has_a_folder_of_its_own(athena: Warehouse) -> None:
    athena.script.columns = []
    sent = sent_by(athena, "_ensure_ops_tables")
    assert of_kind(sent, "create schema") == ["create schema if not exists `ops`"]
    # docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
    form = (
        r"create table if not exists `ops`\.`(\w+)` \((?:\w+ (?:string|bigint|double|boolean|timestamp)(?:, )?)+\)"
        r" partitioned by \(day\(recorded_at\)\) location '(s3://[\w/.-]+)' tblproperties \('table_type' = 'iceberg'\)"
    )
    places = {}
    for sql in of_kind(sent, "create table"):
        made = re.fullmatch(form, sql)
        assert made, sql
        places[made[1]] = made[2]
    assert len(places) == len(set(places.values())) == 7
    for table, place in places.items():
        assert re.fullmatch(rf"s3://lake/data/dbt_opsplugin/ops/{table}/[\w-]+", place)


def test_without_a_folder_for_data_tables_are_where_dbt_athena_keeps_them(
    athena: Warehouse,
) -> None:
    aim_at(athena, s3_data_dir=None, s3_staging_dir="s3://lake/results/")
    options = athena.call("engine_facts")["table_options"]
    assert " location 's3://lake/results/tables/dbt_opsplugin/ops/%s/" in options


def test_a_schema_that_stands_is_not_asked_for(athena: Warehouse) -> None:
    athena.script.columns = []
    athena.script.aws.schemas = ["ops"]
    sent = sent_by(athena, "_ensure_ops_tables")
    assert of_kind(sent, "create table")
    assert not of_kind(sent, "create schema")


def test_a_column_is_added_in_the_form_of_hive(athena: Warehouse) -> None:
    athena.script.columns = [c for c in athena.script.columns if c != ("ops_runs", "tags")]
    assert of_kind(sent_by(athena, "_ensure_ops_tables"), "alter") == [
        "alter table `ops`.`ops_runs` add columns (tags string)"
    ]


def test_ops_tables_in_another_catalog_than_that_of_the_target_are_refused(
    athena: Warehouse,
) -> None:
    """As opsplugin_database would have them: DDL cannot name a catalog."""
    relation = athena.call.adapter.Relation.create(database="lake", schema="ops", identifier="x")
    with pytest.raises(DbtRuntimeError, match="is lake, the catalog of target prod is shop"):
        athena.call("_ops_columns_sql", relation=relation)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"database": "s3tablescatalog/lake"}, "is of S3 Tables, which hold no views"),
        ({"s3_data_dir": None, "s3_staging_dir": None}, "set s3_data_dir in the profile"),
    ],
)
def test_a_target_in_which_no_ops_table_can_be_is_refused_by_name(
    athena: Warehouse, settings: dict[str, Any], said: str
) -> None:
    aim_at(athena, **settings)
    with pytest.raises(DbtRuntimeError, match=said):
        athena.call("_ensure_ops_tables")


def test_no_statement_is_longer_than_athena_takes(athena: Warehouse) -> None:
    """Of text that takes the most room: a quote is doubled."""
    rows = [{"action_id": str(number), "reason": "'" * 55000} for number in range(4)]
    sent = sent_by(athena, "write_ops_rows", table="ops_actions", rows=rows)
    assert [len(sql) > 220000 for sql in sent] == [True, True]
    one = [{"action_id": "1", "reason": "'" * 300000}]
    [insert] = sent_by(athena, "write_ops_rows", table="ops_actions", rows=one)
    assert "(shortened)" in insert


def test_what_a_query_has_scanned_is_recorded(athena: Warehouse) -> None:
    from dbt.adapters.athena.connections import AthenaAdapterResponse

    response = AthenaAdapterResponse("OK 3", rows_affected=3, data_scanned_in_bytes=512)
    result = SimpleNamespace(
        node=athena.call.manifest.nodes["model.shop.fct"],
        adapter_response=response.to_dict(),
        status="success",
        execution_time=1.0,
        thread_id="Thread-1",
        message="OK 3",
        failures=None,
        timing=[],
    )
    [row] = athena.call("_result_rows", results=[result])
    assert (row["bytes_processed"], row["rows_affected"]) == (512, 3)


# Staging -----------------------------------------------------------------------------------------


def drop(athena: Warehouse, **arguments: Any) -> list[str]:
    return sent_by(athena, "drop_stg_tables", force=True, backup_set="before-all", **arguments)


def test_a_copy_of_iceberg_is_iceberg_wherever_the_work_group_keeps_results(
    athena: Warehouse,
) -> None:
    athena.script.aws.decides_on_locations = True
    [copy] = of_kind(drop(athena, backup="schema"), "create table")
    assert re.fullmatch(
        r'create table "opsplugin_trash"."before_all__0002" with \(table_type = \'iceberg\','
        r" is_external = false, format = 'parquet', location ="
        r" 's3://lake/data/dbt_opsplugin/opsplugin_trash/before_all__0002/[\w-]+'\)"
        r' as select \* from "shop"."main"."stg_table"',
        copy,
    ), copy


@pytest.mark.parametrize("forced", [False, True])
def test_a_copy_of_hive_is_hive_where_the_work_group_lets_it_be(
    athena: Warehouse, forced: bool
) -> None:
    athena.script.aws.formats["stg_table"] = "hive"
    athena.script.aws.decides_on_locations = forced
    [copy] = of_kind(drop(athena, backup="schema"), "create table")
    assert "table_type = 'hive', is_external = true, format = 'parquet'" in copy
    assert ("external_location = 's3://" in copy) is not forced


def test_where_the_files_of_a_dropped_table_of_hive_stay_is_said(
    athena: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    said = 'the files of "shop"."main"."stg_table" stay at s3://lake/data/stg_table/1'
    drop(athena)
    assert said not in caplog.text
    athena.script.aws.formats["stg_table"] = "hive"
    assert of_kind(drop(athena), "drop table") == ["drop table `main`.`stg_table`"]
    assert said in caplog.text


@pytest.mark.parametrize("backup", ["none", "schema"])
def test_a_table_that_glue_does_not_know_stops_the_drop_before_it_begins(
    athena: Warehouse, backup: str
) -> None:
    del athena.script.aws.formats["stg_table"]
    athena.script.sent.clear()
    with pytest.raises(DbtRuntimeError, match=r"Glue knows no table .*nothing was dropped"):
        athena.call("drop_stg_tables", force=True, backup=backup, backup_set="one")
    assert not of_kind(athena.script.sent, "drop")


def test_what_is_in_another_catalog_is_neither_dropped_nor_taken_for_one_that_is(
    athena: Warehouse,
) -> None:
    sql = athena.call("relations_sql", database="other", schemas=["main"])
    checked(athena, [sql])
    assert " || ' of another catalog'" in sql
    row = {"database": "other", "schema": "main", "identifier": "stg_table", "type": "table"}
    with pytest.raises(DbtRuntimeError, match=r'"other"."main"."stg_table" is not in shop'):
        athena.call("drop_relation_sql", relation=row)


def test_a_view_without_a_text_keeps_everything(
    athena: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    athena.script.views = [("shop", "reports", "of_spark", None)]
    assert not of_kind(drop(athena), "drop")
    assert "of_spark (its text is hidden) reads it" in caplog.text


@pytest.mark.parametrize(
    "name", ["stg_table", '"stg_table"', '(select 1 from"stg_table")', "(STG_TABLE)"]
)
def test_a_bare_name_in_a_view_of_any_schema_is_a_reader(
    athena: Warehouse, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    athena.script.views = [("shop", "reports", "daily", f"select * from {name}")]
    assert not of_kind(drop(athena), "drop table")
    assert "shop.main.reports.daily reads it" in caplog.text


@pytest.mark.parametrize("name", ['"other"."stg_table"', "other.stg_table", '"a_stg_table"'])
def test_a_name_of_another_schema_or_another_name_is_no_reader(
    athena: Warehouse, name: str
) -> None:
    athena.script.views = [("shop", "reports", "daily", f"select * from {name}")]
    assert of_kind(drop(athena), "drop table")


def test_a_backup_that_expires_is_dropped_by_the_name_that_ddl_takes(athena: Warehouse) -> None:
    details = {"kind": "schema", "format": "hive", "location": '"opsplugin_backups"."one__0001"'}
    assert sent_by(athena, "_expire_backup", details=details) == [
        "drop table if exists `opsplugin_backups`.`one__0001`"
    ]


def test_a_restored_table_has_the_format_of_its_backup(athena: Warehouse) -> None:
    details = {
        "kind": "schema",
        "type": "table",
        "format": "iceberg",
        "location": '"opsplugin_backups"."one__0001"',
        "database": "shop",
        "schema": "main",
        "identifier": "stg_table",
    }
    made = athena.call("restore_relation_sql", details=details)
    checked(athena, [made])
    assert made.startswith('create table "shop"."main"."stg_table" with (table_type = \'iceberg\'')
    assert "location = 's3://lake/data/dbt_opsplugin/main/stg_table/" in made
