"""The Python half beside the macros, in real dbt commands."""

from __future__ import annotations

import contextlib
import json
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import REPOSITORY, Project

SLOW = "select count(*) as n from range(100000000000) t(i) where i % 7 = 3"


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    project.outputs["prod"]["threads"] = 1
    project.models(
        stg_a="{{ config(tags=['t'], meta={'owner': 'Ann'}) }} select 1 as id",
        stg_b="select 1 as id",
        fct="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }}"
        " select * from {{ ref('stg_a') }} join {{ ref('stg_b') }} using (id)",
    )
    project.write(
        "models/schema.yml",
        "models: [{name: fct, columns: [{name: id, data_tests: [not_null]}]}]",
    )
    return project


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, output


def journals(shop: Project) -> list[Path]:
    return sorted((shop.root / ".dbt_opsplugin").glob("*.jsonl"))


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"dbt ended: {process.communicate()[0]}")
        assert time.monotonic() < deadline
        time.sleep(0.005)


def recorded(shop: Project, text: str) -> Callable[[], bool]:
    return lambda: any(text in file.read_text() for file in journals(shop))


def block(shop: Project) -> None:
    """Puts a view where an ops table would be: nothing can be delivered."""
    shop.sql("create schema if not exists ops; create view ops.ops_results as select 1 as x")


def unblock(shop: Project) -> None:
    shop.sql("drop view ops.ops_results")


def statuses(shop: Project) -> list[tuple[str, str]]:
    """(node, status) of all runs but the newest, hooks aside."""
    return sorted(
        shop.sql(
            "select name, status from ops.ops_results where resource_type <> 'operation' and"
            " invocation_id <> (select arg_max(invocation_id, started_at) from ops.ops_runs)"
        )
    )


def test_the_recorder_delivers_what_the_macros_would_and_more(shop: Project) -> None:
    outcome = shop.dbt("build")
    assert "dbt_opsplugin:" not in outcome.text
    ((status, command, count, parse, cpu, memory, manifest),) = shop.sql(
        "select status, command, node_count, parse_time, cpu_time, peak_memory, manifest_hash"
        " from ops.ops_runs"
    )
    assert (status, command, count) == ("success", "build", 6)
    assert parse > 0
    assert cpu > 0
    assert memory > 50_000_000
    assert manifest
    rows = shop.sql(
        "select name, status, materialized, owner, tags ->> 0, statement_count > 0, schema_name,"
        " completed_at >= started_at, package_name from ops.ops_results where name = 'stg_a'"
    )
    assert rows == [("stg_a", "success", "table", "Ann", "t", True, "main", True, "shop")]
    assert shop.sql("select metric, value from ops.ops_metrics") == [("row_count", 1.0)]
    assert len(shop.sql("select * from ops.ops_nodes")) == 4
    assert journals(shop) == []


def test_both_halves_record_the_same_of_a_node(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.vars(row_counts=True)
    shop.dbt("build")
    monkeypatch.setenv("DBT_OPSPLUGIN", "off")
    shop.dbt("build")
    same = (
        "name, unique_id, resource_type, package_name, status, materialized, database_name,"
        "schema_name, alias, tags::varchar, owner, failures, message, adapter_response::varchar,"
        "attempt, rows_affected, query_id"
    )
    both = shop.sql(
        f"select {same}, count(*) from ops.ops_results where resource_type <> 'operation'"
        " group by all order by 1"
    )
    assert [(row[0], row[-1]) for row in both] == [
        ("fct", 2), ("not_null_fct_id", 2), ("stg_a", 2), ("stg_b", 2),
    ]  # fmt: skip
    assert len(shop.sql("select * from ops.ops_nodes")) == 4
    assert shop.sql("select count(*), count(distinct unique_id) from ops.ops_metrics") == [(6, 3)]


def test_it_is_silent_where_it_is_not_used(shop: Project) -> None:
    for target, arguments in (("dev", ["build"]), ("prod", ["compile"]), ("prod", ["ls"])):
        outcome = shop.dbt(*arguments, target=target)
        assert "dbt_opsplugin:" not in outcome.text
    assert shop.relations("ops") == []
    assert not (shop.root / ".dbt_opsplugin").exists()


def test_a_run_that_cannot_even_be_parsed_is_delivered_by_the_next(shop: Project) -> None:
    shop.models(broken="select {{ nonsense( }}")
    outcome = shop.dbt("build", ok=False)
    assert "this run is not recorded yet" in outcome.text
    assert len(journals(shop)) == 1
    (shop.root / "models/broken.sql").unlink()
    shop.dbt("run")
    rows = shop.sql(
        "select status, command, message, node_count from ops.ops_runs order by started_at"
    )
    assert rows[0][:2] == ("error", "build")
    assert "nonsense" in rows[0][2]
    assert rows[1][:2] == ("success", "run")
    assert journals(shop) == []


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
    if done:
        wait_for(recorded(shop, f'model.shop.{done[0] if len(done) == 3 else done[-1]}"'), process)
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
    names = shop.column(
        "select name from ops.ops_results where resource_type = 'model'"
        f" and invocation_id = '{interrupted[0][0]}'"
    )
    assert names == done
    assert journals(shop) == []
    assert shop.sql("select count(*) from ops.ops_runs") == [(3,)]


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06, 0.1, 0.2])
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


def test_after_ctrl_c_the_run_is_recorded(shop: Project) -> None:
    path = next(shop.root.glob("models/**/stg_b.sql"))
    path.write_text(SLOW)
    process = shop.start("run")
    wait_for(recorded(shop, 'model.shop.stg_a"'), process)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    code, output = finish(process)
    assert code != 0
    path.write_text("select 1 as id")
    shop.dbt("run", "--select", "stg_a")
    assert ("stg_a", "success") in statuses(shop)
    assert shop.sql("select count(*) from ops.ops_runs where status <> 'success'") == [(1,)], output


def test_a_locked_warehouse_changes_nothing_of_dbts_own_outcome(shop: Project) -> None:
    with duckdb.connect(str(shop.database)):
        process = shop.start("run")
        code, output = finish(process)
    assert code != 0
    assert "lock" in output.lower()
    assert len(journals(shop)) == 1
    shop.dbt("run")
    assert shop.column("select status from ops.ops_runs") == ["error", "success"]


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
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 5)]


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
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 5)]
    shop.vars(tags={})
    # What the disk did hold is delivered again, and skipped.
    shop.dbt("run")
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 5)] * 2
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
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 5)]


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


def test_eight_processes_in_one_project_do_not_disturb_each_other(shop: Project) -> None:
    # DuckDB lets one in and refuses the others: all eight are recorded in the end.
    shop.dbt("parse")
    processes = [shop.start("run") for _ in range(8)]
    codes = [finish(process)[0] for process in processes]
    shop.dbt("run")
    counts = shop.sql("select count(*), count(distinct invocation_id) from ops.ops_runs")
    assert counts == [(9, 9)]
    assert len(shop.sql("select * from ops.ops_runs where status = 'success'")) == 1 + codes.count(
        0
    )
    doubled = "select 1 from ops.ops_results group by invocation_id, unique_id having count(*) > 1"
    assert shop.sql(doubled) == []
    assert journals(shop) == []


def test_another_targets_journal_waits_for_that_target(shop: Project) -> None:
    shop.vars(prod_targets=["prod", "dev"])
    block(shop)
    shop.dbt("run", target="dev")
    assert len(journals(shop)) == 1
    unblock(shop)
    shop.dbt("run")
    assert len(journals(shop)) == 1
    shop.dbt("run", target="dev")
    assert journals(shop) == []
    assert len(shop.sql("select * from ops.ops_runs where target_name = 'dev'")) == 2


def test_an_operation_sees_the_killed_run_before_it(shop: Project) -> None:
    shop.dbt("build")
    slow = next(shop.root.glob("models/**/fct.sql"))
    text = slow.read_text()
    slow.write_text(SLOW + " and i > (select count(*) from {{ ref('stg_a') }}, {{ ref('stg_b') }})")
    process = shop.start("run")
    wait_for(recorded(shop, 'model.shop.stg_b"'), process)
    time.sleep(0.3)
    process.kill()
    finish(process)
    slow.write_text(text)
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt run of target prod" in refused.text
    assert journals(shop) == []
    assert "stg_a" in shop.relations()


def test_dbt_ops_deliver_delivers_without_another_run(shop: Project) -> None:
    block(shop)
    shop.dbt("run")
    deliver = [sys.executable, "-m", "dbt_opsplugin.cli", "deliver", "--profiles-dir", "."]

    def run(*arguments: str) -> tuple[int, str, str]:
        result = subprocess.run(
            [*deliver, *arguments], cwd=shop.root, capture_output=True, text=True, check=False
        )
        return result.returncode, result.stdout, result.stderr

    code, output, errors = run()
    assert (code, output) == (1, "0 delivered, 1 waiting in .dbt_opsplugin\n")
    assert "is not delivered yet" in errors
    unblock(shop)
    code, output, _ = run("--format", "json")
    assert (code, json.loads(output)) == (0, {"delivered": 1, "waiting": 0})
    assert shop.sql("select status, command from ops.ops_runs") == [("success", "run")]
    assert run()[:2] == (0, "0 delivered, 0 waiting in .dbt_opsplugin\n")


def test_the_journal_is_for_its_owner_alone(shop: Project) -> None:
    block(shop)
    shop.dbt("run")
    assert stat.S_IMODE(journals(shop)[0].stat().st_mode) == 0o600
