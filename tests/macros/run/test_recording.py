"""What dbt did is what the ops tables hold: every command, resource type and status, in one
project on which the commands run one after the other."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from projects import make_project
from recorded_shop import BATCHES, MESSAGE, MODELS, PROPERTIES, Recorded


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    project = make_project(tmp_path_factory.mktemp("recording"))
    project.models(**MODELS)
    project.write("models/properties.yml", PROPERTIES)
    project.write("seeds/colours.csv", "id,name\n1,red\n2,it's\n")
    project.write(
        "snapshots/history.sql",
        """
        {% snapshot history %}
        {{ config(strategy='check', unique_key='id', check_cols='all') }}
        select * from {{ ref('ok') }}
        {% endsnapshot %}
    """,
    )
    project.write("tests/broken_test.sql", "select no_such_column")
    project.sql("create schema raw")
    for name, hours in (("fresh", 0), ("late", 2), ("old", 9)):
        project.sql(
            f"create table raw.{name} as"
            f" select cast(now() as timestamp) - interval {hours} hour as loaded_at"
        )
    shop = Recorded(project)
    shop.dbt("build", "build", *BATCHES)
    shop.dbt("retry", "retry")
    shop.dbt("run", "run", "--select", "ok", "seen", "inline", "--full-refresh")
    shop.dbt("ephemeral", "run", "--select", "inline")
    shop.dbt("empty", "run", "--empty", "--select", "ok", "--exclude", "seen")
    shop.dbt("seed", "seed")
    shop.dbt("snapshot", "snapshot")
    shop.dbt("test", "test", "--select", "ok")
    shop.dbt("freshness", "source", "freshness")
    project.config["on-run-start"] = ["select error('no start')"]
    shop.dbt("failed start", "run", "--select", "ok")
    project.config["flags"]["skip_nodes_if_on_run_start_fails"] = True
    shop.dbt("skipped by start", "run", "--select", "ok")
    return shop


def test_a_build_records_every_status(shop: Recorded) -> None:
    assert shop.statuses("build") == {
        "ok": "success",
        "seen": "success",
        "events": "success",
        "grown": "skipped",
        "broken": "error",
        "after_broken": "skipped",
        "batched": "partial success",
        "colours": "success",
        "history": "success",
        "unique_ok_id": "pass",
        "not_null_ok_id": "pass",
        "is_zero": "fail",
        "should_be_small": "warn",
        "broken_test": "error",
        "counts_right": "pass",
        "counts_wrong": "fail",
    }


def test_the_counts_of_a_run_are_those_of_its_nodes(shop: Recorded) -> None:
    for name, run in shop.runs.items():
        results = shop.results(name).values()
        statuses = [row["status"] for row in results if row["resource_type"] != "operation"]
        counted = {status: statuses.count(status) for status in statuses}
        assert json.loads(run["status_counts"]) == counted, name
        assert run["node_count"] == len(statuses), name
    run = shop.runs["build"]
    counts = ("success_count", "warn_count", "error_count", "skipped_count")
    assert [run[count] for count in counts] == [8, 1, 5, 2]


def test_a_run_has_failed_where_dbt_failed(shop: Recorded) -> None:
    recorded = {name: run["status"] == "success" for name, run in shop.runs.items()}
    assert recorded == {name: outcome.success for name, outcome in shop.outcomes.items()}
    assert {name for name, success in recorded.items() if success} == {
        "run",
        "ephemeral",
        "empty",
        "seed",
        "snapshot",
        "test",
    }


def test_every_resource_type_is_recorded_by_its_name(shop: Recorded) -> None:
    types = {name: row["resource_type"] for name, row in shop.results("build").items()}
    assert {types[name] for name in ("ok", "seen", "batched")} == {"model"}
    assert types["colours"] == "seed"
    assert types["history"] == "snapshot"
    assert types["is_zero"] == types["broken_test"] == "test"
    assert types["counts_right"] == "unit_test"
    assert shop.results("freshness")["late"]["resource_type"] == "source"
    assert shop.results("failed start")["shop-on-run-start-0"]["resource_type"] == "operation"


def test_a_result_says_what_the_node_is_and_where(shop: Recorded) -> None:
    row = shop.results("build")["ok"]
    assert row["unique_id"] == "model.shop.ok"
    assert (row["database_name"], row["schema_name"], row["alias"]) == ("shop", "main", "ok")
    assert (row["materialized"], row["package_name"], row["owner"]) == ("table", "shop", "ann")
    assert json.loads(row["tags"]) == ["daily", "it's"]
    assert json.loads(row["adapter_response"]) == {"_message": "OK"}
    assert row["attempt"] == 1
    assert shop.results("build")["seen"]["owner"] is None


def test_a_result_is_timed(shop: Recorded) -> None:
    run = shop.runs["build"]
    row = shop.results("build")["ok"]
    assert run["started_at"] < row["started_at"] < row["completed_at"] < run["completed_at"]
    taken = (row["completed_at"] - row["started_at"]).total_seconds()
    assert 0 < row["compile_time"] < row["execution_time"]
    assert row["compile_time"] + row["execute_time"] == pytest.approx(taken, abs=0.01)
    assert row["thread_id"].startswith("Thread-")
    assert 0 < run["elapsed_time"] < 60
    assert run["recorded_at"] - run["completed_at"] < timedelta(seconds=5)


def test_a_skipped_result_has_no_time(shop: Recorded) -> None:
    row = shop.results("build")["after_broken"]
    assert (row["started_at"], row["completed_at"], row["execution_time"]) == (None, None, 0)


def test_a_message_of_any_content_is_stored_as_dbt_says_it(shop: Recorded) -> None:
    said = [r.message for r in shop.outcomes["build"].result if r.node.name == "broken"]
    assert [shop.results("build")["broken"]["message"]] == said
    for line in MESSAGE.splitlines():
        assert line.strip() in said[0]


def test_a_failed_test_says_how_many_rows_failed(shop: Recorded) -> None:
    results = shop.results("build")
    assert [results[name]["failures"] for name in ("unique_ok_id", "is_zero")] == [0, 1]
    assert results["should_be_small"]["failures"] == 3
    assert results["broken_test"]["failures"] is None
    assert results["is_zero"]["message"] == "Got 1 result, configured to fail if != 0"
    assert "no_such_column" in results["broken_test"]["message"]


def test_a_microbatch_model_says_which_batches_failed(shop: Recorded) -> None:
    row = shop.results("build")["batched"]
    assert json.loads(row["batch_results"]) == {
        "successful": 3,
        "failed": 1,
        "failed_batches": ["2026-01-03 00:00:00.000000"],
    }
    assert row["message"] == "PARTIAL SUCCESS (3/4)"
    assert row["completed_at"] > row["started_at"]
    assert shop.results("build")["ok"]["batch_results"] is None


def test_a_retry_is_a_run_of_what_it_repeats(shop: Recorded) -> None:
    assert set(shop.statuses("retry")) == {
        "broken",
        "after_broken",
        "batched",
        "is_zero",
        "broken_test",
        "counts_wrong",
        "grown",
    }
    assert shop.runs["retry"]["command"] == "build"


def test_a_run_says_what_was_asked_for(shop: Recorded) -> None:
    def asked(name: str) -> list[Any]:
        columns = ("command", "selected", "excluded", "full_refresh", "empty", "target_name")
        run = shop.runs[name]
        return [json.loads(run[c]) if c in ("selected", "excluded") else run[c] for c in columns]

    assert asked("build") == ["build", [], [], False, False, "prod"]
    assert asked("run") == ["run", ["ok", "seen", "inline"], [], True, False, "prod"]
    assert asked("empty") == ["run", ["ok"], ["seen"], False, True, "prod"]
    assert [asked(n)[0] for n in ("seed", "snapshot", "test", "freshness")] == [
        "seed",
        "snapshot",
        "test",
        "freshness",
    ]
    run = shop.runs["build"]
    assert (run["project_name"], run["database_name"], run["schema_name"]) == (
        "shop",
        "shop",
        "main",
    )
    assert (run["adapter_type"], run["threads"], run["defer"]) == ("duckdb", 2, False)
    assert run["dbt_version"] == version("dbt-core")


def test_a_run_of_nothing_but_ephemeral_models_has_not_failed(shop: Recorded) -> None:
    run = shop.runs["ephemeral"]
    assert (run["status"], run["node_count"], run["message"]) == ("success", 0, None)


def test_freshness_is_recorded_with_its_age(shop: Recorded) -> None:
    assert shop.statuses("freshness") == {
        "fresh": "pass",
        "late": "warn",
        "old": "error",
        "missing": "runtime error",
    }
    row = shop.results("freshness")["late"]
    [(loaded_at,)] = shop.project.sql("select loaded_at from raw.late")
    assert row["max_loaded_at"] == loaded_at
    assert 7200 <= row["max_loaded_at_time_ago_in_s"] < 7300
    assert row["alias"] == "late"
    missing = shop.results("freshness")["missing"]
    assert (missing["max_loaded_at"], missing["max_loaded_at_time_ago_in_s"]) == (None, None)
    assert "missing" in missing["message"]
    assert dict(shop.project.sql("select unique_id, status from ops.ops_source_freshness")) == {
        f"source.shop.raw.{name}": status for name, status in shop.statuses("freshness").items()
    }


def test_a_failed_start_hook_is_a_result_of_its_own(shop: Recorded) -> None:
    assert shop.statuses("failed start") == {"shop-on-run-start-0": "error", "ok": "success"}
    assert "no start" in shop.results("failed start")["shop-on-run-start-0"]["message"]
    run = shop.runs["failed start"]
    counts = ("status", "node_count", "success_count", "error_count")
    # As the Python package counts: it is no node.
    assert [run[name] for name in counts] == ["error", 1, 1, 0]


def test_a_run_without_any_result_is_recorded_as_failed(shop: Recorded) -> None:
    """dbt gives on-run-end no results when skip_nodes_if_on_run_start_fails skips them all."""
    run = shop.runs["skipped by start"]
    assert (run["status"], run["node_count"]) == ("error", 0)
    assert run["message"] == "No node ran: an on-run-start hook failed"


def test_every_run_hashes_the_same_project_alike(shop: Recorded) -> None:
    hashes = {name: run["manifest_hash"] for name, run in shop.runs.items()}
    changed = {hashes.pop("failed start"), hashes.pop("skipped by start")}
    assert len(set(hashes.values())) == 1
    assert changed == set(hashes.values())


def test_a_node_has_one_version_while_it_does_not_change(shop: Recorded) -> None:
    count = "select count(*), count(distinct unique_id) from ops.ops_nodes"
    [(versions, nodes)] = shop.project.sql(count)
    assert versions == nodes > 10
