"""What is of SQL Server alone: batches that are all or nothing, what it keeps of who reads what, and types that
no copy keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from scripted import Script, Warehouse, columns_of, make_warehouse, sent_by
from tsql import statements_in

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.sqlserver")

pytestmark = pytest.mark.parsed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("sqlserver", tmp_path_factory.mktemp("sqlserver"))


@pytest.fixture
def server(built: Warehouse) -> Iterator[Warehouse]:
    vars(built.script).update(vars(Script()))
    built.script.columns = columns_of(built)
    built.script.definition = "create view main.stg_view as select 1 as id"
    yield built
    built.call.context.pop("target", None)
    built.call.context.pop("model", None)


def batches(server: Warehouse, macro: str, **arguments: Any) -> list[str]:
    """What is sent as it is sent; each statement in it is one of T-SQL."""
    sent_by(server, macro, **arguments)
    return [re.sub(r"^/\*.*?\*/\s*", "", sql, flags=re.S) for sql in server.script.sent]


def drop(server: Warehouse, **arguments: Any) -> list[str]:
    return batches(server, "drop_stg_tables", force=True, backup_set="one", **arguments)


def is_refused(server: Warehouse, said: str, **arguments: Any) -> None:
    """Before anything is changed."""
    server.script.sent.clear()
    with pytest.raises(DbtRuntimeError, match=said):
        server.call("drop_stg_tables", force=True, backup_set="one", **arguments)
    assert not [sql for sql in server.script.sent if "drop table" in sql or "drop view" in sql]


# The ops tables ----------------------------------------------------------------------------------


def test_tables_and_views_are_made_in_one_transaction_of_the_targets_database(
    server: Warehouse,
) -> None:
    """Whatever database dbt has left as the current one: that of a view cannot be named."""
    server.script.columns = []
    [_, made] = batches(server, "_ensure_ops_tables")
    assert made.startswith(
        'use "shop"; begin try begin transaction; exec(N\'use "shop"; if not exists'
    )
    assert made.endswith(
        " commit transaction; end try begin catch if @@trancount > 0 rollback transaction; throw; end catch"
    )


def test_text_by_which_rows_are_joined_has_a_length_and_the_rest_has_not(server: Warehouse) -> None:
    server.script.columns = []
    sent = sent_by(server, "_ensure_ops_tables")
    [runs] = [
        sql for sql in sent if re.search(r'is null create table "shop"."ops"."ops_runs"', sql)
    ]
    assert "invocation_id nvarchar(400), " in runs
    assert "message nvarchar(max), " in runs
    assert "full_refresh bit, " in runs
    assert "started_at datetime2(6), " in runs
    rows = [{"action_id": "1", "reason": "x" * 5000, "relation": "x" * 5000}]
    [insert] = sent_by(server, "write_ops_rows", table="ops_actions", rows=rows)
    assert "cast(action_id as nvarchar(400)) as action_id" in insert
    assert re.search(r"\n +reason,\n", insert)


def test_json_of_a_single_value_is_not_lost(server: Warehouse) -> None:
    """`as json` gives null for it."""
    rows = [{"action_id": "1", "details": "a"}]
    [insert] = sent_by(server, "write_ops_rows", table="ops_actions", rows=rows)
    assert (
        "details nvarchar(max) '$.details' as json, details_value nvarchar(max) '$.details'"
        in insert
    )
    assert "coalesce(details, '\"' + replace(replace(details_value, " in insert


def test_a_column_is_added(server: Warehouse) -> None:
    server.script.columns = [c for c in server.script.columns if c != ("ops_runs", "tags")]
    added = [sql for sql in sent_by(server, "_ensure_ops_tables") if sql.startswith("alter")]
    assert added == ['alter table "shop"."ops"."ops_runs" add tags nvarchar(max)']


def test_ops_tables_in_another_database_are_refused(server: Warehouse) -> None:
    relation = server.call.adapter.Relation.create(database="lake", schema="ops", identifier="x")
    with pytest.raises(DbtRuntimeError, match="is lake, the database of target prod is shop"):
        server.call("_ops_columns_sql", relation=relation)


def test_a_trial_takes_back_what_it_has_made(server: Warehouse) -> None:
    [trial] = server.call("trial_statements", schema_exists=False)
    inner = statements_in(trial)
    assert [sql.split()[0] for sql in inner] == ["create", "create", "insert", "create"]
    assert " rollback transaction; end try" in trial
    assert "commit" not in trial


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("é'", "N'é'''"),
        ("a\\\nb\\\\\r\n", "(N'a\\' + N'\nb\\\\' + N'\r\n')"),
        (True, "1"),
        (None, "null"),
        (2.5, "2.5"),
    ],
)
def test_a_literal_is_of_unicode_and_keeps_the_end_of_a_line(
    server: Warehouse, value: Any, literal: str
) -> None:
    assert server.call("literal", value=value) == literal


# What only records -------------------------------------------------------------------------------


def test_an_error_that_is_caught_is_told_of_once_and_fails_no_run(
    server: Warehouse, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script.said = "Invalid object name 'ops.ops_runs'."
    flags = {"WHICH": "build", "EMPTY": False, "FULL_REFRESH": False, "DEFER": False}
    monkeypatch.setitem(server.call.context, "flags", SimpleNamespace(**flags))
    sent = sent_by(server, "on_run_end", results=[])
    assert any(sql.lstrip().startswith('insert into "shop"."ops"."ops_runs"') for sql in sent)
    told = re.findall("not everything could be recorded: Invalid object name", caplog.text)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("model", "end"),
    [
        (None, "rollback transaction;"),
        (SimpleNamespace(resource_type="model"), "begin; throw; end;"),
    ],
)
def test_a_transaction_that_is_doomed_is_hidden_only_where_it_holds_nothing_else(
    server: Warehouse, model: Any, end: str
) -> None:
    server.call.context["model"] = model
    [batch] = server.call("observed_statements", statements=["select 1 as a"])
    assert f" if xact_state() = -1 {end} end catch;" in batch
    # As it was before, whichever way it ends.
    assert batch.index("set xact_abort off") < batch.index("begin try")
    assert batch.count("set xact_abort on;") == 2


# Staging -----------------------------------------------------------------------------------------


def test_staging_is_dropped_in_one_batch_with_its_audit_rows(server: Warehouse) -> None:
    [batch] = [sql for sql in drop(server, backup="none") if "drop table" in sql]
    view, table = (batch.index(f"exec(N'drop {kind} ") for kind in ("view", "table"))
    assert batch.index("begin transaction") < view < table < batch.index("exec(N'", table + 9)
    assert 'drop view "main"."stg_view"' in batch
    assert '"ops_actions"' in batch


def test_one_command_drops_after_the_other(server: Warehouse) -> None:
    sent = drop(server, backup="none")
    taken, freed = (
        next(number for number, sql in enumerate(sent) if f"sp_{what}applock" in sql)
        for what in ("get", "release")
    )
    read = next(number for number, sql in enumerate(sent) if "relation_type" in sql)
    dropped = next(number for number, sql in enumerate(sent) if "drop table" in sql)
    assert taken < read < dropped < freed


@pytest.mark.parametrize("may_see", [0, None])
def test_who_may_not_see_what_reads_a_table_drops_none(
    server: Warehouse, may_see: int | None
) -> None:
    server.script.may_see = may_see
    is_refused(server, "may not see every definition in database shop: nothing was dropped")


@pytest.mark.parametrize(
    ("of_database", "of_schema", "of_name", "reads"),
    [
        (None, "main", "stg_table", True),
        ("SHOP", "MAIN", "STG_TABLE", True),
        (None, None, "stg_table", True),
        ("shop", "", "stg_table", True),
        (None, "other", "stg_table", False),
        ("other", "main", "stg_table", False),
    ],
)
def test_what_names_a_relation_keeps_it(
    server: Warehouse,
    caplog: pytest.LogCaptureFixture,
    of_database: str | None,
    of_schema: str | None,
    of_name: str,
    reads: bool,
) -> None:
    server.script.views = [("reports", "daily", of_database, of_schema, of_name)]
    sent = drop(server, backup="none")
    assert any("drop table" in sql for sql in sent) is not reads
    assert ("shop.reports.daily reads it" in caplog.text) is reads


def test_a_check_of_a_table_is_no_reader_of_it(server: Warehouse) -> None:
    """It is listed as the table that it is a part of."""
    server.script.views = [("main", "stg_table", None, "main", "stg_table")]
    assert any("drop table" in sql for sql in drop(server, backup="none"))


def test_what_is_in_another_database_stays(server: Warehouse) -> None:
    row = {"key": "lake.main.stg", "database": "lake", "type": "table", "unique_id": None}
    said = server.call("_own_objection", row=row, owners={}, states={})
    assert said == "is in another database: sqlserver writes to one in a transaction"


def test_a_copy_is_made_where_nothing_is_lost(server: Warehouse) -> None:
    sent = drop(server, backup="schema")
    copies = [sql for sql in sent if sql.startswith("select * into")]
    assert copies == [
        'select * into "shop"."opsplugin_trash"."one__0002" from "shop"."main"."stg_table"'
    ]


@pytest.mark.parametrize(
    ("objection", "said"),
    [
        (("total", "is computed"), 'column total of "shop"."main"."stg_table" is computed'),
        (
            ("", "has a policy"),
            '"shop"."main"."stg_table" has a policy, which a copy would not keep',
        ),
    ],
)
def test_what_a_copy_would_not_keep_stops_the_drop(
    server: Warehouse, objection: tuple[str, str], said: str
) -> None:
    server.script.objections = [objection]
    is_refused(server, said, backup="schema")
    assert not [sql for sql in server.script.sent if "select * into" in sql]


VIEW = {"type": "view", "database": "shop", "schema": "main", "identifier": "stg_view"}


@pytest.mark.parametrize(
    ("definition", "made"),
    [
        ("create view main.stg_view as select 1 as id", " as select 1 as id"),
        ('/* x */ CREATE OR ALTER VIEW "main"."stg_view__dbt_tmp"\nAS\nselect 1', "\nAS\nselect 1"),
        (
            "-- it's\ncreate view [ma]]in] . [v] (id) with schemabinding as select 1",
            " (id) with schemabinding as select 1",
        ),
        ("create view v(id) as select 1", "(id) as select 1"),
    ],
)
def test_a_view_comes_back_under_its_own_name(
    server: Warehouse, definition: str, made: str
) -> None:
    sql = server.call("restore_relation_sql", details={**VIEW, "definition": definition})
    assert sql == f'create view "main"."stg_view"{made}'


def test_a_text_that_is_not_understood_is_not_guessed_at(server: Warehouse) -> None:
    with pytest.raises(
        DbtRuntimeError, match="does not begin as a view does: build the model again"
    ):
        server.call(
            "restore_relation_sql", details={**VIEW, "definition": "alter view v as select 1"}
        )


def test_bytes_are_told_and_rows_are_counted(server: Warehouse) -> None:
    row = {
        "database": "shop",
        "schema": "main",
        "identifier": "stg_table",
        "key": "shop.main.stg_table",
    }
    [sizes] = sent_by(server, "size_rows", relations=[row])
    assert '(select count_big(*) from "shop"."main"."stg_table") as row_count' in sizes
    assert "8192" in sizes


# Sessions ----------------------------------------------------------------------------------------


def test_a_tag_fits_into_the_context_of_a_session(server: Warehouse) -> None:
    node = server.call.manifest.nodes["model.shop.fct"].to_dict()
    [tag] = sent_by(server, "_tag_session", node={**node, "name": "m" * 300})
    [text] = re.findall(r"cast\(N'(.*)' as varchar\(128\)\)", tag)
    assert len(text) <= 128
    assert text.startswith("dbt:mmm")


def test_a_run_that_would_resize_is_refused_before_it_begins(server: Warehouse) -> None:
    with pytest.raises(DbtRuntimeError, match="no SQL changes the resources of a session"):
        server.call("warehouse_state", wanted={})
