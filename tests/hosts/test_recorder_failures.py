"""Killed, interrupted, locked out, without a disk: nothing is lost and dbt's own outcome stands."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from projects import Project
from recorded_project import (
    SLOW,
    block,
    finish,
    journals,
    recorded,
    statuses,
    told,
    unblock,
    wait_for,
    with_recorder,
)


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return with_recorder(project, monkeypatch)


@pytest.mark.parametrize(
    "point",
    ["before the nodes", "in the first node", "in the second", "in the third", "in on-run-end"],
)
def test_what_finished_before_a_kill_is_delivered_once_by_the_next_run(
    shop: Project, point: str
) -> None:
    done = {
        "before the nodes": [],
        "in the first node": [],
        "in the second": ["stg_a"],
        "in the third": ["stg_a", "stg_b"],
        "in on-run-end": ["fct", "stg_a", "stg_b"],
    }[point]
    slow = {"in the first node": "stg_a", "in the second": "stg_b", "in the third": "fct"}
    original = {}
    if point in slow:
        path = next(shop.root.glob(f"models/**/{slow[point]}.sql"))
        original = {path: path.read_text()}
        path.write_text(
            SLOW + " {# {{ ref('stg_a') }} {{ ref('stg_b') }} #}"
            if slow[point] != "fct"
            else SLOW + " and i > (select count(*) from {{ ref('stg_a') }}, {{ ref('stg_b') }})"
        )
    elif point == "in on-run-end":
        shop.config["on-run-end"] = SLOW
    else:
        shop.config["on-run-start"] = SLOW
    process = shop.start("run")
    if point in slow:
        wait_for(told(shop, "start", slow[point]), process)
    elif done:
        wait_for(told(shop, "result", "fct"), process)
    else:
        wait_for(recorded(shop, '"command"'), process)
    time.sleep(0.3)
    process.kill()
    finish(process)
    for path, text in original.items():
        path.write_text(text)
    shop.config.pop("on-run-end", None)
    shop.config.pop("on-run-start", None)
    for _ in range(2):
        shop.dbt("run", "--select", "stg_a")
    interrupted = shop.sql(
        "select invocation_id, node_count from ops.ops_runs where status = 'interrupted'"
    )
    assert len(interrupted) == 1
    results = shop.sql(
        "select name, status from ops.ops_results where resource_type = 'model'"
        f" and invocation_id = '{interrupted[0][0]}' order by name"
    )
    cut_off = [(slow[point], "interrupted")] if point in slow else []
    assert results == sorted([(name, "success") for name in done] + cut_off)
    assert journals(shop) == []
    assert shop.sql("select count(*) from ops.ops_runs") == [(3,)]


def test_a_model_that_was_killed_after_it_was_measured_has_no_metric(shop: Project) -> None:
    """Its table is rolled back, and holds what it held before."""
    hooks = "{{ config(post_hook=['{{ dbt_opsplugin.log_model_metrics() }}', \"%s\"]) }} "
    shop.models(stg_a=hooks % SLOW + "select 1 as id")
    process = shop.start("run", "--select", "stg_a")
    wait_for(recorded(shop, '"metric"'), process)
    process.kill()
    finish(process)
    shop.dbt("run", "--select", "stg_b")
    assert shop.sql("select status from ops.ops_results where name = 'stg_a'") == [("interrupted",)]
    assert shop.sql("select * from ops.ops_metrics") == []


@pytest.mark.parametrize("delay", [pytest.param(0.0, marks=pytest.mark.core), 0.02, 0.06, 0.15])
def test_a_kill_during_delivery_neither_loses_nor_doubles(shop: Project, delay: float) -> None:
    process = shop.start("run")
    wait_for(recorded(shop, '"kind": "end"'), process)
    time.sleep(delay)
    process.kill()
    finish(process)
    shop.dbt("run", "--select", "stg_a")
    assert shop.sql("select count(*), count(distinct invocation_id) from ops.ops_runs") == [(2, 2)]
    assert statuses(shop) == [("fct", "success"), ("stg_a", "success"), ("stg_b", "success")]
    assert shop.sql("select count(*) from ops.ops_metrics") == [(1,)]
    assert journals(shop) == []


def test_after_ctrl_c_the_run_is_recorded_and_what_it_cut_off(shop: Project) -> None:
    path = next(shop.root.glob("models/**/stg_b.sql"))
    path.write_text(SLOW)
    process = shop.start("run")
    wait_for(told(shop, "start", "stg_b"), process)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    code, output = finish(process)
    assert code != 0
    assert journals(shop) == []
    assert shop.sql("select status, message, node_count from ops.ops_runs") == [
        ("interrupted", "interrupted by Ctrl-C or a signal", 2)
    ], output
    results = dict(
        shop.sql("select name, status from ops.ops_results where resource_type = 'model'")
    )
    # The adapter may tell in time that its statement was cancelled.
    assert results.pop("stg_b") in ("interrupted", "error")
    assert results == {"stg_a": "success"}


def test_ctrl_c_before_the_first_node_is_recorded_too(shop: Project) -> None:
    shop.config["on-run-start"] = SLOW
    process = shop.start("run")
    wait_for(recorded(shop, '"command"'), process)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    code, output = finish(process)
    assert code != 0
    shop.config.pop("on-run-start")
    shop.dbt("run", "--select", "stg_a")
    assert shop.column("select status from ops.ops_runs") == ["interrupted", "success"], output


def test_after_ctrl_c_in_the_delivery_the_next_command_of_the_process_delivers(
    shop: Project,
) -> None:
    """As a worker of an orchestrator goes on."""

    def interrupt(event: Any) -> None:
        if (
            event.info.name == "SQLQuery"
            and 'insert into "shop"."ops"."ops_runs"' in event.data.sql
        ):
            raise KeyboardInterrupt

    shop.write_config()
    place = ["--project-dir", str(shop.root), "--profiles-dir", str(shop.root), "--target", "prod"]
    outcome = dbtRunner(callbacks=[interrupt]).invoke(["--quiet", "run", *place])
    shop.engine.close()
    assert isinstance(outcome.exception, KeyboardInterrupt)
    assert len(journals(shop)) == 1
    shop.dbt("run")
    assert journals(shop) == []
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)] * 2


def test_a_locked_warehouse_changes_nothing_of_dbts_own_outcome(shop: Project) -> None:
    with duckdb.connect(str(shop.database)):
        process = shop.start("run")
        code, output = finish(process)
    assert code != 0
    assert "lock" in output.lower()
    assert len(journals(shop)) == 1
    shop.dbt("run")
    assert shop.column("select status from ops.ops_runs") == ["error", "success"]


def test_a_read_only_warehouse_loses_no_run(shop: Project) -> None:
    shop.dbt("run")
    shop.outputs["prod"]["config_options"] = {"access_mode": "READ_ONLY"}
    code, output = finish(shop.start("run"))
    assert code != 0
    assert "this run is not recorded yet" in output
    assert len(journals(shop)) == 1
    del shop.outputs["prod"]["config_options"]
    shop.dbt("run")
    assert shop.column("select status from ops.ops_runs") == ["error", "success", "success"]
    assert journals(shop) == []


def test_an_ops_table_dropped_in_mid_run_harms_neither_the_run_nor_the_record(
    shop: Project,
) -> None:
    shop.dbt("run")
    shop.models(
        stg_b="{{ config(pre_hook='drop table if exists ops.ops_metrics') }} select 1 as id"
    )
    shop.dbt("run")
    assert shop.sql("select count(*) from ops.ops_runs") == [(2,)]
    assert shop.sql("select count(*) from ops.ops_metrics") == [(1,)]


def test_tables_that_cannot_be_written_leave_dbts_exit_code_alone(shop: Project) -> None:
    block(shop)
    outcome = shop.dbt("run")
    assert "this run is not recorded yet" in outcome.text
    assert outcome.text.count("dbt_opsplugin: ") == 1
    assert len(journals(shop)) == 1
    unblock(shop)
    shop.dbt("run", "--select", "stg_a")
    assert len(statuses(shop)) == 3


def test_a_journal_that_cannot_be_written_costs_only_a_warning(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", "/dev/null/nowhere")
    outcome = shop.dbt("run")
    assert "no journal in /dev/null/nowhere" in outcome.text
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two pages."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_while_the_process_lives(
    shop: Project, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(small_disk))
    shop.vars(tags={"long": "x" * 5000})
    outcome = shop.dbt("run")
    assert "No space left on device" in outcome.text
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)]
    shop.vars(tags={})
    # What the disk did hold is delivered again, and skipped.
    shop.dbt("run")
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)] * 2
    assert shop.sql("select count(*) from ops.ops_results") == [(10,)]
    assert len(list(small_disk.glob("*.jsonl"))) <= 1


def test_a_disk_without_any_room_loses_nothing_either(
    shop: Project, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(small_disk))
    with contextlib.suppress(OSError), (small_disk / "other").open("wb", buffering=0) as other:
        while True:
            other.write(b"x" * 4096)
    outcome = shop.dbt("run")
    assert "No space left on device" in outcome.text
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)]


def test_a_fault_of_the_recorder_leaves_the_run_to_the_macros(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbt_opsplugin.recorder import Recorder

    def fault(*_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(Recorder, "handle", fault)
    outcome = shop.dbt("build")
    assert outcome.text.count("the recorder stopped: a fault of ours") == 1
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 4)]
