"""Prints what two production runs left behind: `make demo` runs them, then this.

Everything but the decisions of the plan comes from tables in the warehouse: those in schema
`ops`, which dbt-opsplugin's hooks wrote, and DuckDB's own log of the statements it received.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

DATABASE = Path(os.environ.get("FLIGHTS_DUCKDB", "data/flights.duckdb"))
QUERY_LOG = Path("data/query_log/duckdb_log_entries.csv")
DBT_LOG = Path("logs/dbt.log")

RUNS = """
    select
        command, target_name as target, strftime(started_at, '%H:%M:%S') as started,
        elapsed_time as seconds, status, node_count as nodes, success_count as passed,
        warn_count as warned, error_count as failed, skipped_count as skipped
    from ops.ops_runs
    order by started_at
"""

SLOWEST = """
    select
        name as model, materialized,
        execution_time as seconds, thread_id as thread
    from ops.ops_results
    where invocation_id = ? and resource_type in ('model', 'seed', 'snapshot')
    order by execution_time desc
    limit 5
"""

METRICS = """
    select
        split_part(unique_id, '.', -1) as model, metric,
        previous_value as "first run", value as "last run"
    from ops.ops_row_counts
    order by metric <> 'row_count', value desc
"""

ACTIONS = """
    select
        split_part(unique_id, '.', 3) as node, details->>'size' as size,
        (details->'before'->>'threads') || ' -> ' || (details->'after'->>'threads') as threads,
        (details->'before'->>'memory_limit') || ' -> ' || (details->'after'->>'memory_limit')
            as memory
    from ops.ops_actions
    where invocation_id = ? and action = 'set_warehouse_size'
    order by recorded_at
"""

DROPS = """
    select
        replace(relation, '"', '') as relation, details->>'type' as type,
        cast(details->>'rows' as bigint) as rows, reason
    from ops.ops_actions
    where invocation_id = ? and action = 'drop'
    order by relation
"""

RELATIONS = """
    select schema_name as schema, table_name as name, 'table' as type from duckdb_tables()
    where schema_name not in ('ops', 'raw')
    union all
    select schema_name, view_name, 'view' from duckdb_views()
    where not internal and schema_name <> 'ops'
    order by all
"""

# A transaction's begin, commit and rollback read and write nothing: dbt sends them bare.
STATEMENTS = """
    select
        case
            when regexp_matches(message, '/\\* \\{"app": "dbt".*\\} \\*/\\s*;?\\s*$') then 'tagged'
            when regexp_matches(message, '^\\s*(begin|commit|rollback)\\s*;?\\s*$', 'i')
                then 'begin, commit, rollback'
            else 'not tagged'
        end as kind,
        regexp_extract(message, '"node_name": "([^"]*)"', 1) as node,
        message
    from read_csv(
        ?, header = true, delim = ',', quote = '"', escape = '"', max_line_size = 64000000
    )
    where type = 'QueryLog'
"""


def cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    return str(value)


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a table; columns of numbers are flush right."""
    print(f"\n{title}\n")
    table = [list(head), *[[cell(value) for value in row] for row in rows]]
    numeric = [any(isinstance(row[i], int | float) for row in rows) for i, _ in enumerate(head)]
    widths = [max(len(row[i]) for row in table) for i, _ in enumerate(head)]
    table.insert(1, ["-" * width for width in widths])
    for row in table:
        cells = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())


def show_query(connection: duckdb.DuckDBPyConnection, title: str, query: str, *values: Any) -> None:
    result = connection.execute(query, values)
    show(title, [column[0] for column in result.description or []], result.fetchall())


def kept_relations(log: str) -> list[list[str]]:
    """The rows marked `keep` in the last plan of dbt's log: relation, type, reason."""
    plan = log.rpartition("drop_stg_tables: plan for ")[2]
    kept = re.findall(r"  (\S+) +(\w+) +[\d,-]+ +[-\d.]+(?: \w+)? +keep +(.+)", plan)
    return [list(row) for row in kept]


def show_tags(connection: duckdb.DuckDBPyConnection) -> None:
    statements = connection.execute(STATEMENTS, [str(QUERY_LOG)]).fetchall()
    kinds = [kind for kind, _, _ in statements]
    show(
        "Does every query say whose it is? All statements that DuckDB received, by its own log",
        ["statements", "what"],
        [[kinds.count(kind), kind] for kind in sorted(set(kinds), reverse=True)],
    )
    for kind, _, message in statements:
        if kind == "not tagged":
            print("    not tagged: " + " ".join(message.split())[:90])
    example = next(message for _, node, message in statements if node == "fct_flights")
    tag = re.findall(r"/\* (\{.*\}) \*/", example)[-1]
    print(f"\n  One of them, from fct_flights:\n    {tag}")


def main() -> None:
    with duckdb.connect(str(DATABASE), read_only=True) as connection:
        [[last]] = connection.execute(
            "select invocation_id from ops.ops_latest_runs where target_name = 'prod'"
        ).fetchall()
        show_query(connection, "The runs (ops_runs)", RUNS)
        show_query(connection, "Slowest of the last run (ops_results)", SLOWEST, last)
        show_query(connection, "Row counts and metrics (ops_row_counts)", METRICS)
        show_query(connection, "Sizes set and put back (ops_actions)", ACTIONS, last)
        show_query(connection, "Dropped at the end of the last run (ops_actions)", DROPS, last)
        show(
            "Kept, and why (the plan in dbt's log)",
            ["relation", "type", "reason"],
            kept_relations(DBT_LOG.read_text(encoding="utf-8")),
        )
        show_query(connection, "What stands in production now", RELATIONS)
        show_tags(connection)
    print(f"\nAsk for more: the tables and views in schema ops of integration_tests/{DATABASE}")


if __name__ == "__main__":
    main()
