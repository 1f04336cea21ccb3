"""Staging on SQL Server: what it keeps of who reads what, drops in one transaction, and what no copy keeps."""

from __future__ import annotations

from typing import Any

import pytest
from batches import batches, refreshed
from dbt_common.exceptions import DbtRuntimeError
from scripted import Warehouse, make_warehouse, sent_by

pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.sqlserver")

pytestmark = pytest.mark.parsed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse("sqlserver", tmp_path_factory.mktemp("sqlserver"))


@pytest.fixture
def server(built: Warehouse) -> Warehouse:
    return refreshed(built)


def drop(server: Warehouse, **arguments: Any) -> list[str]:
    return batches(server, "drop_stg_tables", force=True, backup_set="one", **arguments)


def is_refused(server: Warehouse, said: str, **arguments: Any) -> None:
    """Before anything is changed."""
    server.script.sent.clear()
    with pytest.raises(DbtRuntimeError, match=said):
        server.call("drop_stg_tables", force=True, backup_set="one", **arguments)
    assert not [sql for sql in server.script.sent if "drop table" in sql or "drop view" in sql]


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


@pytest.mark.parametrize(
    "kind",
    [
        "indexed view",
        "synonym",
        "external table",
        "system-versioned table",
        "memory-optimized table",
        "graph table",
    ],
)
def test_what_is_no_plain_table_or_view_stays(
    server: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    assert f" then '{kind}'\n" in server.call("relations_sql", database="shop", schemas=["main"])
    relations = [
        ("shop", "main", "stg_table", kind, None),
        ("shop", "main", "fct", "table", None),
    ]
    monkeypatch.setattr(server.script, "relations", lambda: relations)
    assert not [sql for sql in drop(server, backup="none") if "drop table" in sql]
    assert f"is a {kind}" in caplog.text
