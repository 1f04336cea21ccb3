"""What the hooks send for a run of very many models, where a statement may have 1 MB, as on
Snowflake and BigQuery: their number, the largest, and the seconds.

    python benchmarks/scale.py --models 5000 --engines duckdb postgres

Each model is the smallest view; the run is a real one, in process, on the production target."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from engines import DuckDB, Postgres  # noqa: E402
from engines.postgres import postgres_server  # noqa: E402
from projects import Outcome, Project, make_project  # noqa: E402

LIMIT = 1_000_000
# The package's own limit where a statement may have 1 MB: of the JSON, which is quoted in it.
PAYLOAD = 450_000
FACTS = (
    "{{% macro {name}__engine_facts() %}}{{% do return(dict("
    "dbt_opsplugin.{name}__engine_facts(), max_statement_length={payload})) %}}{{% endmacro %}}"
)


def project(engine: str, folder: Path, stack: ExitStack) -> Project:
    made = DuckDB() if engine == "duckdb" else Postgres(stack.enter_context(postgres_server()))
    shop = make_project(folder, made)
    shop.config["models"] = {"shop": {"+materialized": "view"}}
    shop.config["dispatch"] = [
        {"macro_namespace": "dbt_opsplugin", "search_order": ["shop", "dbt_opsplugin"]}
    ]
    shop.write("macros/facts.sql", FACTS.format(name=engine, payload=PAYLOAD))
    return shop


def hooks(outcome: Outcome) -> tuple[list[str], float]:
    """The statements before the first node and after the last, and the seconds of our hooks."""
    names = [event.info.name for event in outcome.events]
    first = names.index("NodeStart")
    last = len(names) - 1 - names[::-1].index("LogModelResult")
    around = outcome.events[:first] + outcome.events[last:]
    statements = [event.data.sql for event in around if event.info.name == "SQLQuery"]
    seconds = sum(
        event.data.execution_time
        for event in outcome.events
        if event.info.name == "LogHookEndLine" and "dbt_opsplugin" in event.data.statement
    )
    return statements, seconds


def measure(engine: str, models: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        shop = project(engine, Path(folder), stack)
        for i in range(models):
            shop.write(f"models/m{i:05}.sql", f"select {i} as id")
        os.chdir(shop.root)
        for number in range(1, runs + 1):
            outcome = shop.dbt("--quiet", "run")
            statements, seconds = hooks(outcome)
            largest = max(len(sql.encode()) for sql in statements)
            assert largest <= LIMIT, largest
            print(
                f"{engine}, {models:,} models, run {number}"
                f" of {outcome.result.elapsed_time:.0f} s:"
                f" {len(statements)} statements around it, the largest of {largest:,} bytes,"
                f" {sum(map(len, statements)):,} in all; hooks {seconds:.1f} s",
                flush=True,
            )
        [counts] = shop.sql(
            "select (select count(*) from ops.ops_runs), (select count(*) from ops.ops_results"
            " where resource_type = 'model'), (select count(*) from ops.ops_nodes)"
        )
        assert counts == (runs, runs * models, models)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--engines", nargs="+", default=["duckdb"], choices=["duckdb", "postgres"])
    arguments = parser.parse_args()
    for engine in arguments.engines:
        measure(engine, arguments.models, arguments.runs)


if __name__ == "__main__":
    main()
