"""What drop_stg_tables does on ClickHouse alone: who reads what, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engines import ClickHouse
from projects import Macros, Project, open_macros

pytest.importorskip("clickhouse_connect")
pytest.importorskip("chdb")

pytestmark = pytest.mark.clickhouse


TIME = "2026-01-01 00:00:00"


@pytest.fixture
def engine(clickhouse_port: int) -> ClickHouse:
    return ClickHouse(clickhouse_port)


@pytest.fixture
def macros(project: Project) -> Iterator[Macros]:
    with open_macros(project) as macros:
        yield macros


# Readers -----------------------------------------------------------------------------------------

READERS = {
    "a view": "create view main.v as select * from main.stg_a",
    "a view elsewhere": "create view other.v as select a.id from main.stg_a as a",
    "a bare name": "create view main.v as select * from stg_a",
    "what a materialized view reads": "create materialized view main.v engine = MergeTree order by id"
    " as select id from main.stg_a",
    "what a materialized view writes to": "create materialized view other.v to main.stg_a"
    " as select id from main.raw",
    "a dictionary": "create dictionary other.v (id UInt64, x UInt8) primary key id"
    " source(clickhouse(table 'stg_a' db 'main')) layout(flat()) lifetime(0)",
    "a query of a dictionary": "create dictionary main.v (id UInt64, x UInt8) primary key id"
    " source(clickhouse(query 'select id, id as x from main.stg_a')) layout(flat()) lifetime(0)",
    "a buffer": "create table other.v (id UInt8)"
    " engine = Buffer(main, stg_a, 1, 10, 100, 10, 1000, 10, 1000)",
    "a pattern": "create table other.v (id UInt8) engine = Merge(main, '^stg_')",
    "a pattern in a view": "create view other.v as select id from merge('main', '^stg_')",
    "a function": "create function v as (x) -> x + (select max(id) from main.stg_a)",
}
NO_READERS = {
    "another schema's": "create view other.v as select * from other.stg_a where 'x' <> 'y'",
    "a longer name": "create view main.v as select 1 as stg_a_id, 'my_stg_a' as x",
    "a table": "create table main.v (stg_a UInt8) engine = MergeTree order by stg_a",
}


@pytest.mark.parametrize("kind", [*READERS, *NO_READERS])
def test_what_reads_a_relation_is_found_by_its_text(macros: Macros, kind: str) -> None:
    engine = macros.engine
    for statement in (
        "create database other",
        "create table main.stg_a (id UInt8) engine = MergeTree order by id",
        "create table main.raw (id UInt8) engine = MergeTree order by id",
        "create table other.stg_a (id UInt8) engine = MergeTree order by id",
        "drop function if exists v",
        {**READERS, **NO_READERS}[kind],
    ):
        engine.sql(statement)
    relations = [{"key": "k", "schema": "main", "identifier": "stg_a"}]
    found = {row[3] for row in macros("readers", relations=relations)}
    engine.sql("drop function if exists v")
    assert bool(found) is (kind in READERS), found


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_a="select toUInt8(number) as id from numbers(5)",
        stg_b="select 1 as id",
        fct="select id from {{ ref('stg_a') }} where id in (select id from {{ ref('stg_b') }})",
    )
    return project


def test_what_a_materialized_view_needs_stays(shop: Project) -> None:
    shop.dbt("build")
    shop.sql("create table main.raw (id UInt8) engine = MergeTree order by id")
    shop.sql(
        "create database other; create materialized view other.feed to main.stg_a as select id from main.raw"
    )
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_a"] == ("keep", "other.feed reads it")
    assert plan["main.stg_b"][0] == "drop"
    assert shop.relations() == ["fct", "raw", "stg_a"]


def test_what_differs_by_case_alone_stays(shop: Project) -> None:
    """Two names there, and one key here."""
    shop.dbt("build")
    shop.sql("create table main.STG_A (id UInt8) engine = Memory")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_a"][1] == "may not be main.stg_a: a name differs by case alone"
    assert {"STG_A", "stg_a"} <= {*shop.relations()}


def test_only_tables_that_hold_their_rows_are_dropped(shop: Project) -> None:
    shop.models(
        stg_mv="{{ config(materialized='materialized_view', order_by='id') }}"
        " select id from {{ ref('stg_a') }}"
    )
    shop.dbt("build")
    shop.sql("drop table main.stg_b; create table main.stg_b as main.fct engine = Merge(main, 'x')")
    plan = shop.operation("drop_stg_tables", force=True).plan()
    assert plan["main.stg_b"] == ("keep", "is a table of Merge")
    assert plan["main.stg_mv"][0] == "keep"
    assert plan["main.stg_a"][0] == "keep"


def test_rows_that_a_light_delete_has_marked_are_not_counted(shop: Project) -> None:
    shop.dbt("build")
    shop.sql("delete from main.stg_a where id < 3")
    outcome = shop.operation("drop_stg_tables", dry_run=True)
    [line] = [line for line in outcome.text.splitlines() if "main.stg_a " in line]
    relation, kind, rows, size, unit, *_ = line.split()
    assert (relation, kind, rows, unit) == ("main.stg_a", "table", "2", "B")
    assert int(size) > 0


def test_what_is_asked_of_many_nodes_is_no_longer_than_clickhouse_parses(macros: Macros) -> None:
    macros("_ensure_ops_tables")
    run = {
        "invocation_id": "a",
        "project_name": "shop",
        "target_name": "prod",
        "schema_name": "main",
    }
    macros("_write_rows", table="ops_runs", rows=[run])
    plan, results, actions, tests = [], [], [], []
    for number in range(2500):
        name = f"stg_{number:04}" + "_of_a_source_with_a_long_name" * 3
        of = {"database_name": "", "schema_name": "main", "alias": name}
        kept = {"invocation_id": "a", "attempt": 1, "started_at": TIME, "completed_at": TIME, **of}
        results += [
            {
                **kept,
                "unique_id": f"model.shop.{name}",
                "status": "success",
                "materialized": "view",
            },
            {**kept, "unique_id": f"test.shop.{name}", "status": "pass"},
        ]
        plan.append({"unique_id": f"model.shop.{name}", "key": f".main.{name}"})
        plan[-1] |= {"database": None, "schema": "main", "identifier": name}
        tests.append({"unique_id": f"test.shop.{name}", "resource_type": "test"})
        dropped = {"action": "drop", "status": "success", "relation": f'"main"."{name}"'}
        actions.append({"action_id": str(number), "invocation_id": "a", **dropped})
    macros("_write_rows", table="ops_results", rows=results)
    macros("_write_rows", table="ops_actions", rows=actions)
    macros.manifest.flat_graph["nodes"] |= {
        row["unique_id"]: {"database": None, "schema": "main", "alias": row["identifier"]}
        for row in plan
    }
    ids = [row["unique_id"] for row in plan]
    states = macros("_build_states", unique_ids=ids, result_rows=[])
    assert {state["status"] for state in states.values()} == {"success"}
    assert set(states) == set(ids)
    macros("_note_what_happened_since", plan=plan, states=states)
    assert all(row["dropped_at"] > TIME for row in plan)
    found = macros(
        "_test_statuses",
        plan=plan,
        consumers={row["key"]: {"built": [], "live": []} for row in plan},
        children={row["unique_id"]: [test] for row, test in zip(plan, tests, strict=True)},
        result_rows=[],
    )
    assert len(found) == 2500


def test_a_statement_may_read_as_many_tables_as_we_let_it(macros: Macros) -> None:
    """ClickHouse takes so many steps to plan a query, and no more."""
    macros("_ensure_ops_tables")
    names = [f"a_model_of_the_shop_{i}" for i in range(macros("engine_facts")["max_tables"])]
    for name in names:
        macros.sql(f"create table main.{name} engine = MergeTree order by id as select 1 as id")
    counts = [
        f"select cast('{name}' as Nullable(String)) as unique_id, count(*) as row_count from main.{name}"
        for name in names
    ]
    macros.sql(macros("_insert_row_counts_sql", counts=counts))
    assert macros.sql("select count(*), sum(value) from ops.ops_metrics") == [(len(names),) * 2]
    relations = [{"key": name, "schema": "main", "identifier": name} for name in names]
    sizes = {key: (rows, size) for key, rows, size in macros("size_rows", relations=relations)}
    assert sizes.keys() == {*names}
    assert all(rows == 1 and size > 0 for rows, size in sizes.values())


@pytest.mark.parametrize(
    "place", ["schema: main", "database: main", "database: main, schema: main"]
)
def test_what_is_a_source_too_stays(shop: Project, place: str) -> None:
    """dbt-clickhouse takes the database of a source for its schema."""
    shop.write("models/s.yml", f"sources: [{{name: raw, {place}, tables: [{{name: stg_a}}]}}]")
    shop.dbt("build")
    plan = shop.operation("drop_stg_tables").plan()
    assert plan["main.stg_a"] == ("keep", "also belongs to source.shop.raw.stg_a")
    assert plan["main.stg_b"][0] == "drop"


# Backups -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "engine_of_model",
    ["MergeTree()", "ReplacingMergeTree(id)", "Memory", "Log", "SummingMergeTree(amount)"],
)
def test_a_table_comes_back_as_it_was(project: Project, engine_of_model: str) -> None:
    keys = "order_by='id', partition_by='day', " if "Merge" in engine_of_model else ""
    project.vars(backup="schema")
    project.models(
        stg_a=f"{{{{ config({keys}engine='{engine_of_model}') }}}}"
        """ select
            toUInt32(number) as id, toDate('2026-01-01') + number % 3 as day,
            toDecimal64(number / 7, 4) as amount, toLowCardinality('é😀') as text,
            if(number % 2 = 0, null, number) as maybe, [number] as list, map('k', number) as pairs,
            toDateTime64('2026-01-01 00:00:00.123', 3, 'Europe/Paris') as at,
            cast('x' as Enum8('x' = 1, 'y' = 2)) as level, generateUUIDv4() as uuid,
            tuple(number, 'it''s') as both
        from numbers(1000)""",
        stg_view="{{ config(materialized='view') }} select id, both.2 as name from {{ ref('stg_a') }}",
        fct="select count() as n from {{ ref('stg_view') }}",
    )
    project.dbt("build")
    made = "select create_table_query from system.tables where database = 'main' and name like 'stg%' order by name"
    before = project.sql(made), project.sql("select * from main.stg_a order by id")
    project.operation("drop_stg_tables")
    assert project.relations() == ["fct"]
    copies = project.sql("select engine from system.tables where database = 'opsplugin_trash'")
    assert all("MergeTree" in engine for (engine,) in copies)
    assert len(copies) == 1
    project.operation("restore_stg_tables")
    assert (project.sql(made), project.sql("select * from main.stg_a order by id")) == before


def test_a_backup_that_has_lost_rows_is_not_restored(shop: Project) -> None:
    shop.vars(backup="schema")
    shop.dbt("build")
    shop.operation("drop_stg_tables")
    [(copy,)] = shop.sql(
        "select name from system.tables where database = 'opsplugin_trash' and total_rows = 5"
    )
    shop.sql(f"delete from opsplugin_trash.`{copy}` where id = 1")
    assert "has 4 rows, not 5" in shop.operation("restore_stg_tables", ok=False).text
    assert shop.relations() == ["fct"]


def test_rows_that_a_merge_or_their_age_would_take_are_kept(project: Project) -> None:
    """A copy is merged by nobody; what comes back is again."""
    project.vars(backup="schema")
    project.models(
        stg_replaced="{{ config(engine='ReplacingMergeTree', order_by='id') }} select 1 as id",
        stg_aged="{{ config(order_by='id') }} select 1 as id, today() as day",
        fct="select r.id from {{ ref('stg_replaced') }} r join {{ ref('stg_aged') }} a using (id)",
    )
    project.dbt("build")
    for statement in (
        "insert into main.stg_replaced select 1 as id",
        "alter table main.stg_aged modify ttl day + interval 2 day",
        "alter table main.stg_aged add column twice UInt8 materialized id * 2",
    ):
        project.sql(statement)
    made = "select create_table_query from system.tables where name like 'stg%' order by name"
    before = project.sql(made)
    project.operation("drop_stg_tables")
    for (copy,) in project.sql("select name from system.tables where database = 'opsplugin_trash'"):
        project.sql(f"optimize table opsplugin_trash.`{copy}` final")
    project.operation("restore_stg_tables")
    assert project.sql(made) == before
    project.sql("optimize table main.stg_replaced final")
    assert project.sql("select id, twice from main.stg_aged") == [(1, 2)]
    assert project.sql("select count() from main.stg_replaced") == [(1,)]


MADE = "CREATE TABLE main.stg (`id` UInt8 COMMENT 'ENGINE = Log') ENGINE = "


@pytest.mark.parametrize(
    ("made_with", "copied", "restored"),
    [
        (
            "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', v) ORDER BY id",
            "engine = ReplicatedMergeTree order by tuple() as select * from s",
            "ReplicatedReplacingMergeTree(v) ORDER BY id",
        ),
        (
            "SharedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY id",
            "engine = SharedMergeTree order by tuple() as select * from s",
            "SharedMergeTree() ORDER BY id",
        ),
        ("MergeTree ORDER BY id", "clone as s", None),
        (
            "MergeTree ORDER BY id TTL d + toIntervalDay(1)",
            "engine = MergeTree order by tuple() as select * from s",
            "MergeTree ORDER BY id TTL d + toIntervalDay(1)",
        ),
        ("Memory", "engine = MergeTree order by tuple() as select * from s", "Memory"),
    ],
)
def test_a_copy_of_a_replicated_table_has_a_path_of_its_own(
    macros: Macros, made_with: str, copied: str, restored: str | None
) -> None:
    definition = MADE + made_with
    sql = macros("copy_table_sql", copy="c", source="s", relation={"definition": definition})
    assert sql == f"create table c {copied}"
    details = {"type": "table", "schema": "main", "identifier": "stg b", "location": "s"}
    made = macros("restore_relation_sql", details={**details, "definition": definition})
    if restored is None:
        assert made == 'create table "main"."stg b" clone as s'
    else:
        create = MADE.replace("CREATE TABLE main.stg", 'create table "main"."stg b"')
        assert made[0] == create + restored
        assert made[1].startswith('insert into "main"."stg b" select * from s settings ')
