"""What is of SQL Server alone: its tables, batches that are all or nothing, errors that are caught, and sessions."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from batches import batches, refreshed
from dbt_common.exceptions import DbtRuntimeError
from scripted import Warehouse, make_warehouse, sent_by
from tsql import statements_in

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.sqlserver")

pytestmark = pytest.mark.parsed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("sqlserver", tmp_path_factory.mktemp("sqlserver"))


@pytest.fixture
def server(built: Warehouse) -> Warehouse:
    return refreshed(built)


# The ops tables ----------------------------------------------------------------------------------


def test_tables_are_made_in_one_transaction_of_the_targets_database_and_views_after_it(
    server: Warehouse,
) -> None:
    """Whatever database dbt has left as the current one: that of a view cannot be named. A view that
    cannot be made keeps no table from it."""
    server.script.columns = []
    [_, made, *views] = batches(server, "_ensure_ops_tables")
    assert "create or alter view" not in made
    assert "ops_builds" in "".join(views)
    assert all("begin try" in sql and "create or alter view" in sql for sql in views)
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


class Driver:
    """A connection of the driver that takes what dbt-sqlserver itself sends."""

    autocommit, description, rowcount = True, None, 0

    def __init__(self) -> None:
        self.sent: list[str] = []

    def cursor(self) -> Driver:
        return self

    def execute(self, sql: str) -> None:
        self.sent.append(re.sub(r"^/\*.*?\*/\s*", "", sql, flags=re.S))

    def nextset(self) -> bool:
        return False

    def close(self) -> None:
        pass


@pytest.mark.parametrize("flag", [False, True])
def test_what_is_sent_is_committed_with_and_without_transactions_of_dbts(
    server: Warehouse, monkeypatch: pytest.MonkeyPatch, flag: bool
) -> None:
    connections = server.call.adapter.connections
    driver = Driver()

    def opened(connection: Any) -> Any:
        connection.state, connection.handle = "open", driver
        return connection

    manager = type(connections)
    monkeypatch.setattr(connections, "_dbt_sqlserver_use_dbt_transactions", flag, raising=False)
    monkeypatch.setattr(manager, "open", staticmethod(opened))
    monkeypatch.setattr(f"{manager.__module__}.is_pyodbc_handle", lambda _: False)
    for stubbed in ("execute", "begin", "commit", "commit_if_has_connection"):
        monkeypatch.delattr(connections, stubbed)
    server.call("run_statement", sql="delete from a")
    server.call("run_transaction", statements=["delete from b"])
    ours = [sql for sql in driver.sent if "delete from" in sql]
    assert len(ours) == 2
    # A transaction of ours within one of dbt's counts as a part of that.
    begun, ended = "BEGIN TRANSACTION", "IF @@TRANCOUNT > 0 COMMIT TRANSACTION"
    around = [begun, ours[0], ended, begun, ours[1], ended]
    assert driver.sent == (around if flag else ours)


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
