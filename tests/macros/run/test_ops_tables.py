"""The ops tables are made, mended and migrated without a run that fails or a row that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from projects import Macros, Project, open_macros

NUMBERS = {"attempt", "query_number"}
TABLES = ["ops_actions", "ops_metrics", "ops_nodes", "ops_queries", "ops_results", "ops_runs"]


@pytest.fixture
def shop(project: Project) -> Project:
    """One model, and a pre-hook whose SQL each test sets: the damage in mid-run."""
    project.models(a="{{ config(pre_hook=var('damage', '')) }} select 1 as id")
    return project


def damaged_run(project: Project, sql: str) -> None:
    if project.engine.adapter == "spark" and not sql.startswith("drop schema"):
        sql = sql.removesuffix(" cascade")
    if project.engine.adapter == "clickhouse":
        sql = sql.removesuffix(" cascade").replace("drop schema", "drop database")
    project.config["vars"]["damage"] = sql
    project.dbt("run")
    project.config["vars"]["damage"] = ""


# Damage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        "drop schema ops cascade",
        "drop table ops.ops_results cascade",
        "drop table ops.ops_nodes cascade",
        "drop view ops.ops_version",
        "drop view ops.ops_latest_nodes cascade",
        "alter table ops.ops_runs drop column manifest_hash cascade",
    ],
)
def test_what_is_damaged_in_mid_run_is_mended_at_its_end(shop: Project, damage: str) -> None:
    shop.dbt("run")
    before = shop.relations("ops")
    damaged_run(shop, damage)
    assert shop.relations("ops") == before
    assert shop.sql(
        "select status, node_count, manifest_hash is not null from ops.ops_runs"
        " order by started_at desc limit 1"
    ) == [("success", 1, True)]
    assert shop.sql("select count(*) from ops.ops_failures") == [(0,)]
    [(last,)] = shop.sql("select invocation_id from ops.ops_runs order by started_at desc limit 1")
    assert shop.sql(f"select name from ops.ops_results where invocation_id = '{last}'") == [("a",)]


def test_tables_that_were_dropped_between_two_runs_are_made_again(shop: Project) -> None:
    shop.dbt("run")
    shop.sql("drop table ops.ops_runs cascade")
    shop.dbt("run")
    assert shop.sql("select count(*) from ops.ops_runs") == [(1,)]
    assert shop.sql("select count(*) from ops.ops_results") == [(2,)]


# Migration --------------------------------------------------------------------------------------


@pytest.fixture
def macros(project: Project) -> Iterator[Macros]:
    with open_macros(project) as macros:
        yield macros


def version_of(macros: Macros) -> str:
    [(version,)] = macros.sql(
        "select column_name from information_schema.columns where lower(table_name) = 'ops_version'"
    )
    return str(version).lower()


def set_version(macros: Macros, name: str) -> None:
    replace_view(macros, "ops_version", name)


def replace_view(macros: Macros, view: str, column: str) -> None:
    macros.sql(f"drop view if exists ops.{view} cascade")
    macros.sql(f"create view ops.{view} as select 1 as {column}")


def counted_statements(macros: Macros, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    execute = macros.adapter.connections.execute

    def record(sql: str, *args: Any, **kwargs: Any) -> Any:
        sent.append(sql)
        return execute(sql, *args, **kwargs)

    monkeypatch.setattr(macros.adapter.connections, "execute", record)
    return sent


def test_an_older_package_gets_columns_and_views_and_keeps_its_rows(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    current = version_of(macros)
    views = [view for view in macros("_ops_views") if view != "ops_builds"]
    for view in views:
        macros.sql(f"drop view if exists ops.{view} cascade")
    replace_view(macros, "ops_builds", "of_another_time")
    for table, column in [("ops_runs", "price_per_hour"), ("ops_nodes", "project_name")]:
        macros.sql(f"alter table ops.{table} drop column {column} cascade")
    macros.sql("insert into ops.ops_runs (invocation_id, status) values ('old', 'ok')")
    set_version(macros, "v00000_00000_00001_12345678")
    macros("_ensure_ops_tables")
    assert version_of(macros) == current
    assert macros.sql("select invocation_id, status, price_per_hour from ops.ops_runs") == [
        ("old", "ok", None)
    ]
    assert macros.sql("select * from ops.ops_builds") == []
    for view in views:
        macros.sql(f"select * from ops.{view}")


def test_views_are_replaced_when_nothing_but_their_version_is_older(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    replace_view(macros, "ops_builds", "of_another_time")
    set_version(macros, "v00000_00000_00001_12345678")
    macros("_ensure_ops_tables")
    assert macros.sql("select * from ops.ops_builds") == []


def test_a_newer_package_is_left_alone_and_written_to(
    macros: Macros, monkeypatch: pytest.MonkeyPatch
) -> None:
    macros("_ensure_ops_tables")
    newer = "v00099_00000_00000_12345678"
    set_version(macros, newer)
    replace_view(macros, "ops_builds", "of_the_future")
    macros.sql("drop view ops.ops_flaky_tests")
    macros.sql("alter table ops.ops_runs add column of_the_future varchar")
    sent = counted_statements(macros, monkeypatch)
    macros("_ensure_ops_tables")
    assert len(sent) == 1, sent
    assert version_of(macros) == newer
    assert macros.sql("select of_the_future from ops.ops_builds") == [(1,)]
    macros("write_ops_rows", table="ops_runs", rows=[{"invocation_id": "x", "status": "success"}])
    assert macros.sql("select status, of_the_future from ops.ops_runs") == [("success", None)]


def test_a_table_of_a_newer_package_that_is_missing_is_made(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    set_version(macros, "v00099_00000_00000_12345678")
    macros.sql("drop table ops.ops_metrics cascade")
    macros("_ensure_ops_tables")
    assert macros.sql("select * from ops.ops_metrics") == []


def test_when_nothing_is_missing_there_is_one_metadata_query(
    macros: Macros, monkeypatch: pytest.MonkeyPatch
) -> None:
    macros("_ensure_ops_tables")
    sent = counted_statements(macros, monkeypatch)
    macros("_ensure_ops_tables")
    assert len(sent) == 1
    assert "like 'ops%'" in sent[0]


def test_projects_with_other_settings_share_the_views(project: Project) -> None:
    """Else each run of one would replace the views of the other."""
    project.models(a="select 1 as id")
    project.dbt("run")
    project.config["name"] = "other"
    project.vars(
        price_per_hour=3, slow_model_seconds=1, staging_prefixes=["raw_"], tags={"team": "x"}
    )
    outcome = project.dbt("run")
    # dbt may make its own views so.
    assert not any("create or replace view" in sql for sql in outcome.statements if "ops" in sql)
    assert project.sql(
        "select project_name, price_per_hour, slow_model_seconds from ops.ops_latest_runs"
        " order by project_name"
    ) == [("other", 3.0, 1.0), ("shop", None, 300.0)]
    versions = "select project_name, name from ops.ops_nodes order by 1, 2"
    assert project.sql(versions) == [("other", "a"), ("shop", "a")]
    project.config["name"] = "shop"
    project.config["vars"] = {}
    project.dbt("run")
    assert project.sql(versions) == [("other", "a"), ("shop", "a")]


# Append-only ------------------------------------------------------------------------------------


def rows_of(macros: Macros) -> dict[str, int]:
    return {table: macros.sql(f"select count(*) from ops.{table}")[0][0] for table in TABLES}


@pytest.mark.slow_engines
def test_writing_twice_is_writing_once(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    for table, spec in macros("ops_tables").items():
        for _ in range(2):
            row = {column: 1 if column in NUMBERS else "x" for column in spec["key"]}
            macros("write_ops_rows", table=table, rows=[row])
            # One that is there and one that is not.
            other = {column: 2 if column in NUMBERS else "y" for column in spec["key"]}
            macros("write_ops_rows", table=table, rows=[row, other])
    assert rows_of(macros) == dict.fromkeys(TABLES, 2)


@pytest.mark.slow_engines
def test_rows_above_the_statement_limit_are_split(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "macros/limit.sql",
        "{% macro NAME() %}{% do return(dict(dbt_opsplugin.NAME(), max_statement_length=320)) %}"
        "{% endmacro %}".replace("NAME", f"{project.engine.adapter}__engine_facts"),
    )
    project.config["dispatch"] = [
        {"macro_namespace": "dbt_opsplugin", "search_order": ["shop", "dbt_opsplugin"]}
    ]
    with open_macros(project) as macros:
        macros("_ensure_ops_tables")
        sent = counted_statements(macros, monkeypatch)
        rows = [{"invocation_id": f"run{i}", "message": "x" * 60} for i in range(8)]
        macros("write_ops_rows", table="ops_runs", rows=rows)
        # Where an insert does not read its own table, what is there is asked for before.
        asked = 1 if project.engine.name in ("redshift", "clickhouse") else 0
        assert len(sent) == 4 + asked
        assert macros.sql("select count(*), min(message) from ops.ops_runs") == [(8, "x" * 60)]
        long = {"invocation_id": "long", "message": "y" * 500, "threads": 4}
        macros("write_ops_rows", table="ops_runs", rows=[long])
        found = macros.sql("select message, threads from ops.ops_runs where threads = 4")
        assert found == [("y" * 40 + " (shortened)", 4)]


@pytest.mark.slow_engines
def test_a_node_gets_a_version_only_when_it_changed(project: Project) -> None:
    def versions() -> list[Any]:
        return project.sql(
            "select name, materialized, path, removed from ops.ops_nodes order by recorded_at, name"
        )

    project.models(a="select 1 as id", b="select 2 as id")
    project.dbt("run")
    project.dbt("run", "--select", "a")
    first = [("a", "table", "models/a.sql", False), ("b", "table", "models/b.sql", False)]
    assert versions() == first
    project.models(b="{{ config(materialized='view') }} select 2 as id")
    # Without it, dbt-bigquery does not replace a table by a view.
    project.dbt("run", "--full-refresh")
    second = [*first, ("b", "view", "models/b.sql", False)]
    assert versions() == second
    (project.root / "models" / "b.sql").unlink()
    project.dbt("run")
    third = [*second, (None, None, None, True)]
    assert versions() == third
    assert project.column("select name from ops.ops_latest_nodes") == ["a"]
    project.dbt("run")
    assert versions() == third
    project.models(b="{{ config(materialized='view') }} select 2 as id")
    project.dbt("run")
    assert versions() == [*third, ("b", "view", "models/b.sql", False)]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        # By a run that ended while the last one compared: only the number of versions tells.
        pytest.param("recorded_at + interval 1 microsecond", "false", id="during the last run"),
        # As many as a purge took: only their time tells.
        pytest.param(
            "(select max(recorded_at) from ops.ops_runs) + interval 1 microsecond",
            "name = 'b'",
            id="after the last run and a purge",
        ),
    ],
)
@pytest.mark.duckdb
def test_versions_are_not_read_again_until_another_run_writes_some(
    project: Project, written: str, taken: str
) -> None:
    counts = "select node_version_count from ops.ops_runs order by started_at"
    hashes = "select name, node_hash from ops.ops_latest_nodes order by name"
    project.models(a="select 1 as id", b="select 2 as id")
    project.dbt("run")
    known = project.sql(hashes)
    project.dbt("run")
    [state] = [s for s in project.dbt("run").statements if "node_version_count is not null" in s]
    assert project.sql(counts) == [(None,), (2,), (2,)]
    assert [row[3] for row in project.sql(state)] == ["current"]
    project.sql(
        "insert into ops.ops_nodes select * replace ('other' as invocation_id,"
        f" 'other' as node_hash, {written} as recorded_at) from ops.ops_nodes where name = 'a'"
    )
    project.sql(f"delete from ops.ops_nodes where {taken}")
    assert project.sql(hashes) != known
    project.dbt("run")
    assert project.sql(hashes) == known
    assert project.sql(counts)[3] == (None,)


def test_what_decides_about_staging_is_part_of_a_version(project: Project) -> None:
    project.models(raw_a="select 1 as id", stg_b="select 1 as id")
    staging = "select name, staging from ops.ops_latest_nodes order by name"
    project.dbt("run")
    assert project.sql(staging) == [("raw_a", False), ("stg_b", True)]
    project.vars(staging_prefixes=["raw_"], staging_folders=[])
    project.dbt("run")
    assert project.sql(staging) == [("raw_a", True), ("stg_b", False)]


def test_a_target_whose_schema_alternates_does_not_write_every_node_anew(project: Project) -> None:
    """Each tenant has its own versions; else each run would replace those of the other."""
    project.models(a="select 1 as id", b="select 1 as id")
    for schema in ("acme", "zenith", "acme", "zenith"):
        project.outputs["prod"]["schema"] = schema
        project.dbt("run")
    assert project.sql("select target_schema, name from ops.ops_nodes order by 1, 2") == [
        (schema, name) for schema in ("acme", "zenith") for name in ("a", "b")
    ]
