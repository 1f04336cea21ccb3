"""A project with every status and resource type, and the runs of it that are recorded."""

from __future__ import annotations

from typing import Any

from projects import Outcome, Project

MESSAGE = 'it\'s "x" \\ \\u0000 \n $$ {{ y }} */ -- 😀'

MODELS = {
    "ok": "{{ config(tags=['daily', \"it's\"], meta={'owner': 'ann'}) }} select 1 as id",
    "seen": "{{ config(materialized='view') }} select * from {{ ref('ok') }}",
    "inline": "{{ config(materialized='ephemeral') }} select * from {{ ref('ok') }}",
    "broken": "select error($m$%MESSAGE%$m$) from {{ ref('inline') }}".replace(
        "%MESSAGE%", MESSAGE.replace("{{ y }}", "{{ '{{ y }}' }}")
    ),
    "after_broken": "select * from {{ ref('broken') }}",
    "grown": "{{ config(materialized='incremental') }} select 1 as id",
    "events": """{{ config(event_time='loaded_at') }}
        select i, cast('2026-01-01' as timestamp) + to_days(cast(i as integer)) as loaded_at
        from range(4) as numbers(i)""",
    "batched": """{{ config(
            materialized='incremental', incremental_strategy='microbatch',
            event_time='loaded_at', begin='2026-01-01', batch_size='day'
        ) }}
        select loaded_at, case when i = 2 then error('boom') else i end as i
        from {{ ref('events') }}""",
}

PROPERTIES = """
version: 2
sources:
  - name: raw
    schema: raw
    config:
      freshness:
        warn_after: {count: 1, period: hour}
        error_after: {count: 3, period: hour}
    tables:
      - {name: fresh, loaded_at_field: loaded_at}
      - {name: late, loaded_at_field: loaded_at}
      - {name: old, loaded_at_field: loaded_at}
      - {name: missing, loaded_at_field: loaded_at}
models:
  - name: ok
    columns:
      - name: id
        data_tests: [unique, not_null]
  - name: seen
    columns:
      - name: id
        data_tests:
          - accepted_values:
              name: is_zero
              arguments: {values: [0]}
  - name: events
    columns:
      - name: i
        data_tests:
          - accepted_values:
              name: should_be_small
              arguments: {values: [0]}
              config: {severity: warn}
unit_tests:
  - name: counts_right
    model: seen
    given: [{input: ref('ok'), rows: [{id: 7}]}]
    expect: {rows: [{id: 7}]}
  - name: counts_wrong
    model: grown
    given: []
    expect: {rows: [{id: 8}]}
"""

BATCHES = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-05"]


class Recorded:
    """The commands by name: what dbt said, and the run that the ops tables hold of it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.outcomes: dict[str, Outcome] = {}
        self.runs: dict[str, dict[str, Any]] = {}

    def dbt(self, name: str, *args: str, target: str = "prod") -> None:
        before = set(self.invocations())
        self.outcomes[name] = self.project.dbt(*args, ok=None, target=target, artifacts=True)
        [new] = set(self.invocations()) - before
        [self.runs[name]] = self.select("ops_runs", f"invocation_id = '{new}'")

    def invocations(self) -> list[str]:
        if "ops_runs" not in self.project.relations("ops"):
            return []
        return self.project.column("select invocation_id from ops.ops_runs")

    def select(self, table: str, condition: str) -> list[dict[str, Any]]:
        names = [
            row[0] for row in self.project.sql(f"select column_name from (describe ops.{table})")
        ]
        rows = self.project.sql(f"select * from ops.{table} where {condition}")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def results(self, name: str) -> dict[str, dict[str, Any]]:
        invocation = self.runs[name]["invocation_id"]
        rows = self.select("ops_results", f"invocation_id = '{invocation}'")
        return {row["name"]: row for row in rows}

    def statuses(self, name: str) -> dict[str, str]:
        return {node: row["status"] for node, row in self.results(name).items()}
