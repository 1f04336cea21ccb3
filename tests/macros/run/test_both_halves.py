"""The Python half delivers by the macros, on every engine."""

from __future__ import annotations

import pytest
from projects import Project


@pytest.mark.slow_engines
@pytest.mark.core
def test_the_recorder_delivers(both_halves: Project) -> None:
    both_halves.models(a="select 1 as id", b="select * from {{ ref('a') }}")
    both_halves.dbt("run")
    assert both_halves.sql("select status, node_count from ops.ops_runs") == [("success", 2)]
    assert both_halves.sql(
        "select name, statement_count > 0, retry_count from ops.ops_results"
        " where queue_time is not null order by name"
    ) == [("a", True, 0), ("b", True, 0)]
    both_halves.dbt("run", "--select", "b")
    assert both_halves.sql("select count(*) from ops.ops_results where name = 'b'") == [(2,)]


@pytest.mark.duckdb
def test_what_is_dropped_at_the_end_is_counted_before(both_halves: Project) -> None:
    both_halves.vars(drop_stg=True, row_counts=True)
    both_halves.models(stg_a="select * from range(3)", fct="select * from {{ ref('stg_a') }}")
    both_halves.dbt("build")
    assert both_halves.relations() == ["fct"]
    counts = both_halves.sql("select unique_id, value from ops.ops_metrics order by unique_id")
    assert counts == [("model.shop.fct", 3), ("model.shop.stg_a", 3)]
