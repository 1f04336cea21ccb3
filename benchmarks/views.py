"""How long each view takes over a long history: ops tables with N results, in runs of 1,000 nodes,
of which 4 in 5 are tests.

    python benchmarks/views.py --results 1000000 10000000 --engines duckdb postgres
    .tox/spark/bin/python benchmarks/views.py --results 10000000 --engines spark

The rows are made up in the database; the tables and views are those that a real dbt run made there.
Every view is read whole, into a temporary table, or in Spark into nothing."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from engines import DuckDB, Engine, Postgres, Spark  # noqa: E402
from engines.postgres import postgres_server  # noqa: E402
from engines.spark import spark_session  # noqa: E402
from projects import Project, make_project  # noqa: E402

NODES = 1000
SERIES = {
    "duckdb": "range(0, {n}) as t(i)",
    "postgres": "generate_series(0::bigint, {n} - 1) as t(i)",
    "spark": "range({n}) as t(i)",
}
JSON = {"duckdb": "json", "postgres": "jsonb", "spark": "string"}
DIVIDED = {"duckdb": "//", "postgres": "/", "spark": "div"}
# As a driver of production has it, where the tests care for a quick start.
SPARK = {
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": "",
    "spark.ui.showConsoleProgress": "false",
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


def start(engine: str, stack: ExitStack) -> Engine:
    if engine == "spark":
        return Spark(stack.enter_context(spark_session(SPARK)))
    return DuckDB() if engine == "duckdb" else Postgres(stack.enter_context(postgres_server()))


@contextmanager
def project(engine: str, folder: Path) -> Iterator[Project]:
    with ExitStack() as stack:
        shop = make_project(folder, start(engine, stack))
        shop.models(fct="select 1 as id")
        os.chdir(shop.root)
        shop.dbt("run")
        yield shop


def timed(shop: Project, statement: str) -> float:
    started = time.perf_counter()
    shop.sql(statement)
    return time.perf_counter() - started


def views_of(shop: Project) -> list[str]:
    if shop.engine.name == "spark":
        names = [row[1] for row in shop.sql("show views in ops")]
    else:
        names = shop.column(
            "select table_name from information_schema.views where table_schema = 'ops'"
        )
    return sorted(name for name in names if name != "ops_version")


def read(shop: Project, view: str) -> float:
    if shop.engine.name != "spark":
        return timed(shop, f"create temporary table seen as select * from ops.{view}")
    started = time.perf_counter()
    rows = shop.engine.session.table(f"ops.{view}")
    rows.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - started


def measure(engine: str, results: int) -> None:
    with tempfile.TemporaryDirectory() as folder, project(engine, Path(folder)) as shop:
        seconds = 0.0
        for sql, count in [(RUNS, results // NODES), (RESULTS, results), (METRICS, results // 5)]:
            integer = SERIES[engine].format(n=count)
            divided = re.sub(r"\bi / (?=\{nodes|200)", f"i {DIVIDED[engine]} ", sql)
            seconds += timed(shop, divided.format(series=integer, nodes=NODES, json=JSON[engine]))
        if engine == "postgres":
            shop.sql("analyze")
        print(f"{engine}, {results:,} results (made in {seconds:.0f} s)", flush=True)
        for view in views_of(shop):
            print(f"  {view:24} {read(shop, view):8.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--results", type=int, nargs="+", default=[1_000_000])
    parser.add_argument(
        "--engines", nargs="+", default=["duckdb", "postgres"], choices=list(SERIES)
    )
    arguments = parser.parse_args()
    for engine in arguments.engines:
        for results in arguments.results:
            measure(engine, results)


if __name__ == "__main__":
    main()
