"""How long each view takes over a long history: ops tables with N results, in runs of 1,000 nodes,
of which 4 in 5 are tests.

    python benchmarks/views.py --results 1000000 10000000 --engines duckdb postgres

The rows are made up in the database; the tables and views are those that a real dbt run made there.
Every view is read whole, into a temporary table."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import Project, make_project  # noqa: E402
from engines import DuckDB, Postgres, postgres_server  # noqa: E402

NODES = 1000
SERIES = {
    "duckdb": "range(0, {n}) as t(i)",
    "postgres": "generate_series(0::bigint, {n} - 1) as t(i)",
}
RUNS = """
insert into ops.ops_runs (
    invocation_id, command, status, project_name, target_name, schema_name, started_at,
    completed_at, elapsed_time, node_count, empty, full_refresh, slow_model_seconds, price_per_hour,
    recorded_at
)
select
    'run' || i, 'build', 'success', 'shop', 'prod', 'main',
    timestamp '2020-01-01' + i * interval '1 hour', timestamp '2020-01-01' + i * interval '1 hour',
    60, {nodes}, false, false, 300, 3, timestamp '2020-01-01' + i * interval '1 hour'
from {series}
"""
RESULTS = """
insert into ops.ops_results (
    invocation_id, unique_id, attempt, resource_type, name, status, completed_at, execution_time,
    materialized, tags, recorded_at
)
select
    'run' || i / {nodes},
    case when i % 5 = 0 then 'model.shop.m' else 'test.shop.t' end || i % {nodes}, 1,
    case when i % 5 = 0 then 'model' else 'test' end, 'n' || i % {nodes},
    case when i % 5 = 0 then 'success' when (i * 7919) % 1000 = 0 then 'fail' else 'pass' end,
    timestamp '2020-01-01' + (i / {nodes}) * interval '1 hour', (i * 7919) % 100 / 10.0,
    case when i % 5 = 0 then 'table' end, cast('["daily"]' as {json}),
    timestamp '2020-01-01' + (i / {nodes}) * interval '1 hour'
from {series}
"""
METRICS = """
insert into ops.ops_metrics (invocation_id, unique_id, metric, value, recorded_at)
select
    'run' || i / 200, 'model.shop.m' || i % 200 * 5, 'row_count', (i * 7919) % 1000,
    timestamp '2020-01-01' + (i / 200) * interval '1 hour'
from {series}
"""


@contextmanager
def project(engine: str, folder: Path) -> Iterator[Project]:
    with ExitStack() as stack:
        made = DuckDB() if engine == "duckdb" else Postgres(stack.enter_context(postgres_server()))
        shop = make_project(folder, made)
        shop.models(fct="select 1 as id")
        os.chdir(shop.root)
        shop.dbt("run")
        yield shop


def timed(shop: Project, statement: str) -> float:
    started = time.perf_counter()
    shop.sql(statement)
    return time.perf_counter() - started


def measure(engine: str, results: int) -> None:
    with tempfile.TemporaryDirectory() as folder, project(engine, Path(folder)) as shop:
        json = "json" if engine == "duckdb" else "jsonb"
        seconds = 0.0
        for sql, count in [(RUNS, results // NODES), (RESULTS, results), (METRICS, results // 5)]:
            integer = SERIES[engine].format(n=count)
            seconds += timed(
                shop, whole(sql, engine).format(series=integer, nodes=NODES, json=json)
            )
        if engine == "postgres":
            shop.sql("analyze")
        print(f"{engine}, {results:,} results (made in {seconds:.0f} s)", flush=True)
        views = shop.column(
            "select table_name from information_schema.views"
            " where table_schema = 'ops' and table_name <> 'ops_version'"
        )
        for view in views:
            taken = timed(shop, f"create temporary table seen as select * from ops.{view}")
            print(f"  {view:24} {taken:8.2f} s", flush=True)


def whole(sql: str, engine: str) -> str:
    """In DuckDB, / is not of integers."""
    return (
        sql.replace("i / {nodes}", "i // {nodes}").replace("i / 200", "i // 200")
        if (engine == "duckdb")
        else sql
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--results", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engines", nargs="+", default=list(SERIES), choices=list(SERIES))
    arguments = parser.parse_args()
    for engine in arguments.engines:
        for results in arguments.results:
            measure(engine, results)


if __name__ == "__main__":
    main()
