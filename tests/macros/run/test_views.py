"""The views of outcomes, counts, nodes and freshness, over histories that are written by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

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


def test_failures_are_all_results_but_the_harmless(history: History) -> None:
    statuses = [
        "success",
        "pass",
        "no-op",
        "reused",
        "warn",
        "skipped",
        "skip",
        "error",
        "fail",
        "runtime error",
        "partial success",
        "from the future",
    ]
    history.run(git_sha="abc", orchestrator_url="https://ci/1")
    for status in statuses:
        history.result(f"model.shop.{status}", status=status, message="it's \\n", owner="ann")
    assert history.rows("status", "ops_failures") == [
        "error",
        "fail",
        "from the future",
        "partial success",
        "runtime error",
    ]
    assert history.rows(
        "distinct message, owner, git_sha, orchestrator_url, command, target_name, project_name",
        "ops_failures",
    ) == [("it's \\n", "ann", "abc", "https://ci/1", "build", "prod", "shop")]


def outcomes(history: History, node: str, text: str) -> None:
    words = {"p": "pass", "f": "fail", "w": "warn", "e": "error", "s": "skipped"}
    for letter in text:
        history.run()
        history.result(node, status=words[letter])


def test_a_flaky_test_changed_its_outcome_three_times_of_late(history: History) -> None:
    outcomes(history, "test.shop.flaky", "ppfpf")
    outcomes(history, "unit_test.shop.unit", "pepe")
    outcomes(history, "test.shop.warns", "pwpw")
    outcomes(history, "test.shop.skips_between", "psfspsf")
    outcomes(history, "test.shop.one_incident", "ppfffpppp")
    outcomes(history, "test.shop.broken", "ffff")
    outcomes(history, "test.shop.long_ago", "pfpfpf" + "p" * 30)
    outcomes(history, "model.shop.no_test", "pfpf")
    assert history.rows("unique_id, run_count, pass_count, change_count", "ops_flaky_tests") == [
        ("test.shop.flaky", 5, 3, 3),
        ("test.shop.skips_between", 4, 2, 3),
        ("test.shop.warns", 4, 2, 3),
        ("unit_test.shop.unit", 4, 2, 3),
    ]


def test_a_test_that_has_been_removed_is_not_flaky_until_it_is_back(history: History) -> None:
    for test in ("test.shop.kept", "test.shop.removed", "test.shop.back"):
        outcomes(history, test, "pfpf")
    for test in ("test.shop.removed", "test.shop.back"):
        node(history, test, removed=True)
    assert history.rows("unique_id", "ops_flaky_tests") == ["test.shop.kept"]
    outcomes(history, "test.shop.back", "p")
    assert history.rows("unique_id", "ops_flaky_tests") == ["test.shop.back", "test.shop.kept"]


def measure(history: History, metric: str, *values: float | None, **run: Any) -> None:
    for value in values:
        invocation = history.run(**run)
        history.insert(
            "ops_metrics",
            invocation_id=invocation,
            unique_id="model.shop.a",
            metric=metric,
            value=value,
        )


def test_row_counts_stand_beside_their_expected_range(history: History) -> None:
    measure(history, "steady", 100, 100, 100, 100, 100, 111)
    measure(history, "within", 100, 100, 100, 100, 100, 110)
    measure(history, "spread", 10, 20, 30, 40, 50, 77)
    measure(history, "negative", -100, -100, -100, -100, -100, -105)
    measure(history, "young", 1, 1, 1, 1, 99)
    measure(history, "gone", 5, 5, 5, 5, 5, None)
    columns = (
        "metric, value, previous_value, history_count, round(expected_min, 2),"
        " round(expected_max, 2), is_expected"
    )
    assert history.rows(columns, "ops_row_counts") == [
        ("gone", None, 5, 5, 4.5, 5.5, None),
        ("negative", -105, -100, 5, -110, -90, True),
        ("spread", 77, 50, 5, -17.43, 77.43, True),
        ("steady", 111, 100, 5, 90, 110, False),
        ("within", 110, 100, 5, 90, 110, True),
        ("young", 99, 1, 4, None, None, None),
    ]


def test_a_value_too_large_to_be_squared_costs_no_other_its_range(history: History) -> None:
    measure(history, "huge", *[1.5e308, -1.5e308] * 4)
    measure(history, "rows", 100, 100, 1.5e308, 100, 100, 100, 110)
    columns = "metric, value, previous_value, history_count, expected_min, is_expected"
    assert history.rows(columns, "ops_row_counts") == [
        ("huge", -1.5e308, 1.5e308, 0, None, None),
        ("rows", 110, 100, 5, 90, True),
    ]


def test_what_is_delivered_late_is_as_old_as_its_run(history: History) -> None:
    killed = history.run(completed_at=NOON + timedelta(days=1))
    measure(history, "rows", 10, 20)
    history.day += 1
    late = {"invocation_id": killed, "unique_id": "model.shop.a", "metric": "rows", "value": 500}
    history.insert("ops_metrics", **late)
    columns = "value, previous_value, recorded_at"
    assert history.rows(columns, "ops_row_counts") == [(20, 10, NOON + timedelta(days=3))]


def test_the_range_forgets_what_is_over_thirty_values_old(history: History) -> None:
    measure(history, "grown", *[1] * 20, *[1000] * 31)
    measure(history, "elsewhere", 1)
    measure(history, "elsewhere", 2, target_name="staging")
    assert history.rows("metric, target_name, value, expected_min", "ops_row_counts") == [
        ("elsewhere", "prod", 1, None),
        ("elsewhere", "staging", 2, None),
        ("grown", "prod", 1000, 900),
    ]


def node(history: History, unique_id: str, *parents: str, **row: Any) -> None:
    history.day += 1
    history.insert(
        "ops_nodes",
        **{
            "invocation_id": f"run{history.day}",
            "unique_id": unique_id,
            "project_name": "shop",
            "target_name": "prod",
            "target_schema": "main",
            "resource_type": unique_id.split(".")[0],
            "removed": False,
            "staging": unique_id.startswith("model.shop.stg"),
            "materialized": "table",
            "depends_on": list(parents),
            **row,
        },
    )


def test_the_newest_version_of_a_node_is_its_latest_and_a_removed_one_has_none(
    history: History,
) -> None:
    node(history, "model.shop.a", materialized="view")
    node(history, "model.shop.a", materialized="table")
    node(history, "model.shop.a", target_name="staging", materialized="incremental")
    node(history, "model.shop.a", target_schema="tenant", materialized="view")
    node(history, "model.shop.gone")
    node(history, "model.shop.gone", removed=True)
    node(history, "model.shop.back")
    node(history, "model.shop.back", removed=True)
    node(history, "model.shop.back", removed=False)
    node(history, "model.shop.old_package", removed=None)
    assert history.rows("unique_id, target_name, materialized", "ops_latest_nodes") == [
        ("model.shop.a", "prod", "table"),
        ("model.shop.a", "prod", "view"),
        ("model.shop.a", "staging", "incremental"),
        ("model.shop.back", "prod", "table"),
        ("model.shop.old_package", "prod", "table"),
    ]


@pytest.mark.slow_engines
def test_staging_advice_goes_by_readers_and_cost(history: History) -> None:
    def staging(name: str, *readers: str, seconds: float = 0.1, **row: Any) -> None:
        unique_id = f"model.shop.stg_{name}"
        node(history, unique_id, **row)
        for reader in readers:
            node(history, f"{reader}_of_{name}", unique_id)
        history.builds(unique_id, seconds)

    two = ("model.shop.x", "snapshot.shop.y")
    four = (*two, "model.shop.z", "model.shop.q")
    staging("unread", "test.shop.t")
    staging("unread_now", "model.shop.former")
    node(history, "model.shop.former_of_unread_now", removed=True)
    staging("exposed", "exposure.shop.board")
    staging("exposed_inline", "exposure.shop.board", materialized="ephemeral")
    staging("one", "model.shop.x", "test.shop.t")
    staging("inline", *two, materialized="ephemeral")
    staging("inline_often", *four, materialized="ephemeral")
    staging("incremental", *two, materialized="incremental")
    staging("dear", *two, seconds=2)
    staging("cheap", *two)
    staging("view", *two, materialized="view")
    for name, seconds in [("of_python", 0.1), ("of_python_dear", 2)]:
        staging(name, seconds=seconds)
        node(history, f"model.shop.p_of_{name}", f"model.shop.stg_{name}", path="models/p.py")
    staging("view_of_python", materialized="view")
    node(history, "model.shop.p", "model.shop.stg_view_of_python", path="models/p.py")
    assert dict(
        history.rows("replace(unique_id, 'model.shop.stg_', ''), advice", "ops_staging_advice")
    ) == {
        "unread": "remove: nothing reads it",
        "unread_now": "remove: nothing reads it",
        "exposed": "keep: an exposure or metric reads it",
        "exposed_inline": "materialize: an exposure or metric reads it",
        "one": "make it ephemeral: one model reads it",
        "inline": "keep: nothing is left in production",
        "inline_often": "materialize: it is computed once for each of its readers",
        "incremental": "keep: its history may not be rebuildable",
        "dear": "keep the table and drop it after the run",
        "cheap": "make it a view or ephemeral: it is cheap",
        "view": "keep",
        "of_python": "make it a view: it is cheap",
        "of_python_dear": "keep the table and drop it after the run",
        "view_of_python": "keep",
    }


@pytest.mark.not_on("snowflake", "the emulator has no time that is null")
def test_source_freshness_is_the_last_check_of_each_source(history: History) -> None:
    for status, age in [("pass", 60.0), ("error", 7200.0)]:
        history.run(command="freshness")
        history.result(
            "source.shop.raw.t", status=status, max_loaded_at=NOON, max_loaded_at_time_ago_in_s=age
        )
    history.result("source.shop.raw.gone", status="runtime error", message="no such table")
    columns = "unique_id, status, max_loaded_at, max_loaded_at_time_ago_in_s, message"
    assert history.rows(columns, "ops_source_freshness") == [
        ("source.shop.raw.gone", "runtime error", None, None, "no such table"),
        ("source.shop.raw.t", "error", NOON, 7200.0, None),
    ]


def test_builds_are_of_models_seeds_and_snapshots_with_their_run(history: History) -> None:
    history.run(full_refresh=True, orchestrator_run_id="7")
    for kind in ("model", "seed", "snapshot", "test", "operation", "source", "unit_test"):
        history.result(f"{kind}.shop.a")
    assert history.rows("unique_id, full_refresh, orchestrator_run_id", "ops_builds") == [
        ("model.shop.a", True, "7"),
        ("seed.shop.a", True, "7"),
        ("snapshot.shop.a", True, "7"),
    ]


def test_views_over_empty_tables_are_empty(macros: Macros, history: History) -> None:
    for view in macros("_ops_views"):
        assert history.rows("*", view) == []
