"""How long models take: the views of performance and of what is slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from projects import Macros
from written_history import INSERTS, NOON, History, empty_history

pytestmark = pytest.mark.not_on("iceberg", INSERTS)


@pytest.fixture(scope="module")
def macros(module_macros: Macros) -> Macros:
    return module_macros


@pytest.fixture
def history(macros: Macros) -> History:
    return empty_history(macros)


@pytest.mark.not_on("bigquery", "takes one of the values and none between them")
@pytest.mark.slow_engines
def test_performance_has_the_percentiles_of_all_builds(history: History) -> None:
    history.builds("model.shop.a", *range(1, 22))
    assert history.rows(
        "unique_id, build_count, last_seconds, mean_seconds, p50_seconds, p95_seconds,"
        " max_seconds, usual_seconds, last_completed_at",
        "ops_model_performance",
    ) == [("model.shop.a", 21, 21.0, 11.0, 11.0, 20.0, 21.0, 10.5, NOON + timedelta(days=21))]


def test_the_trend_is_the_last_five_over_the_thirty_before(history: History) -> None:
    history.builds("model.shop.slower", *[99] * 10, *[2] * 30, *[3] * 5)
    history.builds("model.shop.young", *[1] * 5)
    history.builds("model.shop.free", *[0] * 6)
    assert history.rows("unique_id, trend", "ops_model_performance") == [
        ("model.shop.free", None),
        ("model.shop.slower", 1.5),
        ("model.shop.young", None),
    ]


def test_performance_leaves_out_what_is_no_normal_build(history: History) -> None:
    history.run()
    history.result("model.shop.a", 1.0)
    history.result("model.shop.big", 2.0, materialized="incremental")
    history.run()
    history.result("model.shop.a", 50.0, status="error")
    history.run(empty=True)
    history.result("model.shop.a", 60.0)
    history.run()
    history.result("test.shop.a", 70.0)
    history.run(full_refresh=True)
    history.result("model.shop.a", 3.0, materialized="table")
    history.result("model.shop.big", 90.0, materialized="incremental")
    assert history.rows("unique_id, build_count, max_seconds", "ops_model_performance") == [
        ("model.shop.a", 2, 3.0),
        ("model.shop.big", 1, 2.0),
    ]


def test_a_build_without_a_time_of_its_own_has_that_of_its_record(history: History) -> None:
    history.run()
    history.result("model.shop.a", 1.0, completed_at=None)
    assert history.rows("last_completed_at", "ops_model_performance") == [NOON + timedelta(days=1)]


def test_environments_that_share_the_tables_are_kept_apart(history: History) -> None:
    history.builds("model.common.a", 1.0, 1.0)
    history.builds("model.common.a", 5.0, target_name="staging")
    history.builds("model.common.a", 9.0, project_name="other")
    history.builds("model.common.a", 7.0, schema_name="tenant")
    environment = "project_name, target_name"
    columns = f"{environment}, target_schema, build_count, mean_seconds"
    assert history.rows(columns, "ops_model_performance") == [
        ("other", "prod", "main", 1, 9.0),
        ("shop", "prod", "main", 2, 1.0),
        ("shop", "prod", "tenant", 1, 7.0),
        ("shop", "staging", "main", 1, 5.0),
    ]
    runs = history.rows(f"{environment}, schema_name, invocation_id", "ops_latest_runs")
    assert runs == [
        ("other", "prod", "main", "run4"),
        ("shop", "prod", "main", "run2"),
        ("shop", "prod", "tenant", "run5"),
        ("shop", "staging", "main", "run3"),
    ]


def test_slow_is_over_the_limit_of_the_last_run_or_twice_the_usual_time(history: History) -> None:
    history.builds("model.shop.huge", 301.0)
    history.builds("model.shop.doubled", 2, 2, 2, 2, 4.1)
    history.builds("model.shop.not_quite", 2, 2, 2, 2, 4.0)
    history.builds("model.shop.tiny", 0.1, 0.1, 0.1, 0.1, 0.9)
    history.builds("model.shop.young", 2, 2, 2, 9)
    history.builds("model.shop.recovered", 500, 1, 1, 1, 1)
    columns = "unique_id, reason, last_seconds, usual_seconds, slow_model_seconds"
    assert history.rows(columns, "ops_slow_models") == [
        ("model.shop.doubled", "twice its usual time", 4.1, 2.0, 300.0),
        ("model.shop.huge", "over the limit", 301.0, None, 300.0),
    ]
    history.run(slow_model_seconds=4)
    assert history.rows("unique_id, reason", "ops_slow_models") == [
        ("model.shop.doubled", "over the limit"),
        ("model.shop.huge", "over the limit"),
        ("model.shop.young", "over the limit"),
    ]


@pytest.mark.slow_engines
def test_what_has_been_removed_is_neither_slow_nor_expected_to_have_rows(history: History) -> None:
    for model in ("model.shop.kept", "model.shop.removed", "model.shop.back"):
        history.builds(model, 301.0)
        history.insert(
            "ops_metrics",
            **{
                "invocation_id": f"run{history.day}",
                "unique_id": model,
                "metric": "rows",
                "value": 1,
            },
        )
    history.run()
    of = {"project_name": "shop", "target_name": "prod", "target_schema": "main", "removed": True}
    for model in ("model.shop.removed", "model.shop.back"):
        history.insert("ops_nodes", unique_id=model, node_hash="x", **of)
    history.builds("model.shop.back", 302.0)
    assert history.rows("unique_id", "ops_slow_models") == ["model.shop.back", "model.shop.kept"]
    assert history.rows("unique_id", "ops_row_counts") == ["model.shop.kept"]
