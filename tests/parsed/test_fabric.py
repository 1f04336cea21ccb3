"""What is of Fabric alone: text without nvarchar, a catalog that no query reads beside tables, and clones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from batches import batches, refreshed
from dbt_common.exceptions import DbtRuntimeError
from scripted import Warehouse, make_warehouse, sent_by

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.fabric")

pytestmark = pytest.mark.parsed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("fabric", tmp_path_factory.mktemp("fabric"))


@pytest.fixture
def fabric(built: Warehouse) -> Warehouse:
    return refreshed(built)


def drop(fabric: Warehouse, **arguments: Any) -> list[str]:
    return batches(fabric, "drop_stg_tables", force=True, backup_set="one", **arguments)


def test_each_statement_is_a_batch_in_the_database_of_the_target(fabric: Warehouse) -> None:
    fabric.script.columns = []
    sent_by(fabric, "_ensure_ops_tables")
    [_, *made] = fabric.script.sent
    assert len(made) == 22
    begin = r"^(/\*.*?\*/\s*)?use \[shop\]; (declare @said .*?begin try )?exec\('"
    for sql in made:
        assert re.search(begin, sql, re.S), sql


def test_text_is_varchar_and_what_rows_are_joined_by_has_a_length(fabric: Warehouse) -> None:
    fabric.script.columns = []
    sent = sent_by(fabric, "_ensure_ops_tables")
    [runs] = [sql for sql in sent if "create table [shop].[ops].[ops_runs]" in sql]
    assert "invocation_id varchar(800), " in runs
    assert "message varchar(max), " in runs
    assert fabric.call("literal", value="é'") == "'é'''"


def test_a_schema_has_the_owner_that_the_profile_names(
    fabric: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = {**fabric.call.adapter.config.to_target_dict(), "schema_authorization": "team"}
    monkeypatch.setitem(fabric.call.context, "target", target)
    fabric.script.columns = []
    made = sent_by(fabric, "_ensure_ops_tables")
    assert "create schema [ops] authorization [team]" in made


def test_what_only_records_fails_nothing(fabric: Warehouse) -> None:
    [batch] = fabric.call("observed_statements", statements=["select 1 as a"])
    assert batch == (
        "use [shop]; declare @said nvarchar(4000); begin try exec('select 1 as a'); end try"
        " begin catch set @said = error_message(); end catch; select @said as said"
    )


def test_a_view_is_dropped_in_the_database_that_it_is_in(fabric: Warehouse) -> None:
    dropped = [sql for sql in drop(fabric, backup="none") if "drop " in sql and "insert" not in sql]
    assert dropped == [
        "use [shop]; exec('drop view [main].[stg_view]');",
        "drop table [shop].[main].[stg_table]",
    ]


def test_a_backup_is_a_clone(fabric: Warehouse) -> None:
    assert [sql for sql in drop(fabric, backup="schema") if "clone" in sql] == [
        "create table [shop].[opsplugin_trash].[one__0002] as clone of [shop].[main].[stg_table]"
    ]


def test_a_view_is_made_again_in_the_database_that_it_was_in(fabric: Warehouse) -> None:
    details = {
        "type": "view",
        "database": "shop",
        "schema": "main",
        "identifier": "stg_view",
        "definition": "create view [main].[stg_view] as select 'x' as a",
    }
    made = fabric.call("restore_relation_sql", details=details)
    assert made == "use [shop]; exec('create view [main].[stg_view] as select ''x'' as a');"


@pytest.mark.parametrize(
    ("schema", "text", "type", "reads"),
    [
        ("reports", "create view reports.daily as select * from [main].[stg_table]", "V ", True),
        ("reports", "create view reports.daily as select * from [Main] . [STG_TABLE]", "V ", True),
        ("main", "create view daily as select * from [stg_table]", "V ", True),
        ("reports", "create view reports.daily as select * from stg_table", "V ", False),
        ("reports", "create procedure reports.daily as select * from stg_table", "P ", True),
        ("reports", None, "V ", True),
        ("reports", "create view reports.daily as select * from main.stg_table_2", "V ", False),
    ],
)
def test_what_names_a_table_keeps_it(
    fabric: Warehouse, schema: str, text: str | None, type: str, reads: bool
) -> None:
    fabric.script.views = [("shop", schema, "daily", text, type)]
    assert any("drop table" in sql for sql in drop(fabric, backup="none")) is not reads


def test_ops_tables_in_another_warehouse_are_refused(fabric: Warehouse) -> None:
    relation = fabric.call.adapter.Relation.create(database="lake", schema="ops", identifier="x")
    with pytest.raises(DbtRuntimeError, match="on fabric the ops tables are in that of the target"):
        fabric.call("_ops_columns_sql", relation=relation)
