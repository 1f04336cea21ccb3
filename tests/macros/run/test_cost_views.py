"""The views of cost, estimated and measured, over histories that are written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Macros
from written_history import INSERTS, History, empty_history

pytestmark = pytest.mark.not_on("iceberg", INSERTS)


@pytest.fixture(scope="module")
def macros(module_macros: Macros) -> Macros:
    return module_macros


@pytest.fixture
def history(macros: Macros) -> History:
    return empty_history(macros)


@pytest.mark.slow_engines
def test_cost_is_seconds_at_the_price_of_each_run(history: History) -> None:
    history.run(price_per_hour=2)
    history.result("model.shop.a", 1800, tags=["daily", "it's"], bytes_processed=10)
    history.result("test.shop.t", 900, tags=["daily"])
    for status in ("skipped", "no-op", "reused"):
        history.result(f"model.shop.{status}", 0.01, status=status, tags=["daily"])
    history.run(price_per_hour=4)
    history.result("model.shop.a", 1800, tags=["daily"], bytes_processed=5)
    history.run()
    history.result("model.shop.free", 60, status="error")
    figures = "run_count, seconds, bytes_processed, cost"
    assert history.rows(f"unique_id, resource_type, {figures}", "ops_cost_by_model") == [
        ("model.shop.a", "model", 2, 3600, 15, 3.0),
        ("model.shop.free", "model", 1, 60, None, None),
        ("test.shop.t", "test", 1, 900, None, 0.5),
    ]
    assert history.rows(f"cast(day as varchar(10)), unique_id, {figures}", "ops_cost_by_day") == [
        ("2026-01-02", "model.shop.a", 1, 1800, 10, 1.0),
        ("2026-01-02", "test.shop.t", 1, 900, None, 0.5),
        ("2026-01-03", "model.shop.a", 1, 1800, 5, 2.0),
        ("2026-01-04", "model.shop.free", 1, 60, None, None),
    ]
    assert history.rows(f"tag, {figures}", "ops_cost_by_tag") == [
        ("daily", 3, 4500, 15, 3.5),
        ("it's", 1, 1800, 10, 1.0),
    ]


def test_a_hook_costs_time_and_bears_no_tag(history: History) -> None:
    """dbt gives it one, by when it runs."""
    history.run(price_per_hour=2)
    history.result("operation.shop.hook", 1800, tags=["on-run-end"])
    history.result("model.shop.a", 1800, tags=["daily"])
    assert history.rows("unique_id, cost", "ops_cost_by_model") == [
        ("model.shop.a", 1.0),
        ("operation.shop.hook", 1.0),
    ]
    assert history.rows("tag, cost", "ops_cost_by_tag") == [("daily", 1.0)]


@pytest.mark.slow_engines
def test_cost_is_what_the_warehouse_has_measured_where_it_is_known(history: History) -> None:
    def statement(node: str | None, number: int, **row: Any) -> None:
        history.insert(
            "ops_query_history",
            **{
                "invocation_id": f"run{history.day}",
                "query_id": f"q{number}",
                **({"unique_id": node} if node else {}),
                **row,
            },
        )

    history.run(price_per_hour=2)
    for model in ("both", "measured", "unpriced", "estimated"):
        history.result(f"model.shop.{model}", 1800, tags=["daily"])
    statement("model.shop.both", 1, cost=0.25, credits=0.5)
    statement("model.shop.measured", 2, cost=0.25, bytes_billed=10)
    statement("model.shop.measured", 3, cost=0.5, slot_ms=7)
    # Recorded twice, by two at once.
    statement("model.shop.measured", 3, cost=0.5, slot_ms=7)
    statement("model.shop.unpriced", 4, credits=4.0)
    # Of no result: a statement of the run itself, and of a model that has not run in it.
    statement(None, 5, cost=100.0)
    statement("model.shop.elsewhere", 6, cost=100.0)
    history.run(price_per_hour=4)
    history.result("model.shop.both", 1800)
    history.run()
    history.result("model.shop.unknown", 60)
    columns = "unique_id, cost, basis, credits, bytes_billed, slot_ms"
    assert history.rows(columns, "ops_cost_by_model") == [
        ("model.shop.both", 2.25, "mixed", 0.5, None, None),
        ("model.shop.estimated", 1.0, "estimated", None, None, None),
        ("model.shop.measured", 0.75, "measured", None, 10, 7),
        ("model.shop.unknown", None, None, None, None, None),
        ("model.shop.unpriced", 1.0, "estimated", 4.0, None, None),
    ]
    assert history.rows("cast(day as varchar(10)), unique_id, cost, basis", "ops_cost_by_day")[
        :2
    ] == [
        ("2026-01-02", "model.shop.both", 0.25, "measured"),
        ("2026-01-02", "model.shop.estimated", 1.0, "estimated"),
    ]
    assert history.rows("tag, run_count, cost, basis", "ops_cost_by_tag") == [
        ("daily", 4, 3.0, "mixed")
    ]
