"""The views of T-SQL beside those of DuckDB, over the same history: sqlglot translates them, so that DuckDB says
what they mean. Those that take JSON apart have no translation."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from projects import Macros, make_project
from scripted import make_warehouse, sent_by

sqlglot = pytest.importorskip("sqlglot")
pytest.importorskip("dbt.adapters.sqlserver")

pytestmark = pytest.mark.parsed

OF_JSON = {"ops_cost_by_tag", "ops_staging_advice"}


def history(connection: duckdb.DuckDBPyConnection) -> None:
    """Runs of two targets: with failures, full refreshes, runs without data, nulls, metrics that came late or are
    too large to be squared, and nodes that go."""
    chance = random.Random(20261129)
    kinds = ["table", "incremental", "view"]
    counts = [["null", "1e200"], [99, 100, 101], [95, 100, 105], [0, 100, 500]]
    for number in range(150):
        run, at = f"run{number}", f"2026-01-01 00:00:00'::timestamp + interval {number} hour"
        target = "prod" if number % 3 else "dev"
        yes = chance.choice(["true", "false", "null"])
        connection.execute(
            "insert into ops.ops_runs (invocation_id, project_name, target_name, schema_name, command, status,"
            " node_count, empty, full_refresh, defer, started_at, completed_at, recorded_at, price_per_hour,"
            f" slow_model_seconds) values ('{run}', 'shop', '{target}', 'main', 'build', 'success',"
            f" {number % 4}, {chance.choice(['false', 'false', 'null', 'true'])}, {yes}, false, '{at}, '{at},"
            f" '{at}, 3.5, 60)"
        )
        for model in range(4):
            name = f"model.shop.m{model}"
            status = chance.choice(["success", "success", "success", "error", "skipped"])
            connection.execute(
                "insert into ops.ops_results (invocation_id, unique_id, attempt, resource_type, status, materialized,"
                " execution_time, bytes_processed, completed_at, recorded_at) values"
                f" ('{run}', '{name}', 1, 'model', '{status}', '{kinds[model % 3]}', {chance.random() * 90},"
                f" {chance.choice(['null', '7'])}, {chance.choice(['null', chr(39) + at])}, '{at})"
            )
            connection.execute(
                f"insert into ops.ops_metrics values ('{run}', '{name}', 'row_count',"
                f" {chance.choice(counts[model])}, '{at} + interval {chance.choice([0, 0, 30])} hour)"
            )
            connection.execute(
                "insert into ops.ops_nodes (project_name, target_name, target_schema, unique_id, node_hash, removed,"
                f" staging, recorded_at) values ('shop', '{target}', 'main', '{name}', '{number}',"
                f" {'true' if model == 3 and number > 140 else chance.choice(['false', 'null'])}, true, '{at})"
            )
        if number >= 143:
            # Five values, one too few for an expectation.
            connection.execute(
                f"insert into ops.ops_metrics values ('{run}', 'model.shop.new', 'row_count', 7, '{at})"
            )
        for kind, status in {
            "test": chance.choice(["pass", "fail", "warn"]),
            "source": chance.choice(["pass", "error"]),
        }.items():
            connection.execute(
                "insert into ops.ops_results (invocation_id, unique_id, attempt, resource_type, status, completed_at,"
                f" recorded_at) values ('{run}', '{kind}.shop.t', 1, '{kind}', '{status}', '{at}, '{at})"
            )


def rounded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    plain = [tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in rows]
    return sorted(plain, key=str)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """What the views of DuckDB have, by view."""
    project = make_project(tmp_path_factory.mktemp("duckdb"))
    macros = Macros(project)
    macros("_ensure_ops_tables")
    views = macros("_ops_view_names")
    project.engine.close()
    with duckdb.connect(str(project.database)) as connection:
        history(connection)
        found = {}
        for view in views:
            rows = connection.execute(f"select * from ops.{view}")
            found[view] = ([column[0] for column in rows.description], rounded(rows.fetchall()))
    return project.database, found


def test_each_view_has_the_columns_and_rows_of_duckdbs(
    expected: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    database, of_duckdb = expected
    sqlserver = make_warehouse("sqlserver", tmp_path)
    seen = set()
    with duckdb.connect(str(database)) as connection:
        for sql in sent_by(sqlserver, "_ensure_ops_tables"):
            made = re.match(r'create or alter view "ops"\."(\w+)" as (.*)', sql, re.S)
            if not made or made[1] not in of_duckdb or made[1] in OF_JSON:
                continue
            [select] = sqlglot.transpile(made[2], read="tsql", write="duckdb")
            select = select.replace('"shop".', "").replace(" AS BIT)", " AS BOOLEAN)")
            # There of 53 bits, which DuckDB calls otherwise.
            select = select.replace(" AS REAL)", " AS DOUBLE)").replace(" AS FLOAT)", " AS DOUBLE)")
            # DuckDB takes the order of a percentile from its argument.
            select = re.sub(
                r"(QUANTILE_CONT\(.*?, 0\.\d+) ORDER BY .*? NULLS FIRST\)", r"\1)", select
            )
            rows = connection.execute(select)
            names = [column[0] for column in rows.description]
            assert (made[1], names) == (made[1], of_duckdb[made[1]][0])
            assert rounded(rows.fetchall()) == of_duckdb[made[1]][1], made[1]
            assert of_duckdb[made[1]][1], f"{made[1]} has no rows to tell them apart"
            seen.add(made[1])
    assert seen == set(of_duckdb) - OF_JSON
