"""The Python half beside the macros, in real dbt commands."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pty
import stat
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from dbt.cli.main import dbtRunner
from projects import REPOSITORY, Project
from recorded_project import (
    SLOW,
    block,
    finish,
    journals,
    told,
    unblock,
    wait_for,
    with_recorder,
)


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return with_recorder(project, monkeypatch)


@pytest.mark.core
def test_the_recorder_delivers_what_the_macros_would_and_more(shop: Project) -> None:
    outcome = shop.dbt("build")
    assert "dbt_opsplugin:" not in outcome.text
    ((status, command, count, parse, cpu, memory, manifest),) = shop.sql(
        "select status, command, node_count, parse_time, cpu_time, peak_memory, manifest_hash"
        " from ops.ops_runs"
    )
    assert (status, command, count) == ("success", "build", 4)
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


def test_a_run_is_counted_by_its_nodes_as_the_macros_count(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.config["on-run-start"] = shop.config["on-run-end"] = "select 1"
    shop.models(
        cte="{{ config(materialized='ephemeral') }} select 1 as id",
        bad="select error('boom') as id from {{ ref('cte') }}",
        after="select * from {{ ref('bad') }}",
    )
    shop.dbt("run", ok=False)
    monkeypatch.setenv("DBT_OPSPLUGIN", "off")
    shop.dbt("run", ok=False)
    counts = "node_count, success_count, error_count, skipped_count, status_counts::varchar"
    first, second = shop.sql(f"select status, {counts} from ops.ops_runs")
    assert first[:5] == second[:5] == ("error", 5, 3, 1, 1)
    assert json.loads(first[5]) == json.loads(second[5])


def test_a_command_with_nothing_to_do_does_not_make_up_for_a_failure(shop: Project) -> None:
    shop.models(bad="select error('boom') as id")
    shop.dbt("build", ok=False)
    shop.dbt("build", "--select", "nothing")
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt build of target prod" in refused.text
    assert "failed" in refused.text


def test_it_is_silent_where_it_is_not_used(shop: Project) -> None:
    for target, command in (
        ("dev", "build"),
        ("prod", "compile"),
        ("prod", "ls"),
        ("prod", "clean"),
    ):
        outcome = shop.dbt(command, target=target)
        assert "dbt_opsplugin:" not in outcome.text
    assert shop.relations("ops") == []
    assert not (shop.root / ".dbt_opsplugin").exists()


@pytest.mark.parametrize("command", [["show", "--inline", "select boom"], ["compile"]])
def test_a_command_that_raises_says_no_more_than_without_us(
    shop: Project, command: list[str]
) -> None:
    """Python tells of errors of its own at the end of a process."""
    shop.models(broken="{{ exceptions.raise_compiler_error('boom') if execute }} select 1 as id")
    shop.dbt("parse")
    code, output = finish(shop.start(*command))
    assert code != 0
    assert "boom" in output
    assert "Exception ignored" not in output


@pytest.mark.parametrize(("target", "during"), [("prod", (10_000, 10, 10)), ("dev", None)])
def test_garbage_is_collected_less_until_the_command_ends(
    shop: Project, target: str, during: tuple[int, int, int] | None
) -> None:
    shop.write_config()
    of_the_suite = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    before, seen = gc.get_threshold(), set()
    folders = ["--project-dir", str(shop.root), "--profiles-dir", str(shop.root)]
    runner = dbtRunner(callbacks=[lambda event: seen.add(gc.get_threshold())])
    assert runner.invoke(["run", "--target", target, *folders]).success
    shop.engine.close()
    after = gc.get_threshold()
    gc.set_threshold(*of_the_suite)
    assert seen == ({before, during} if during else {before})
    assert after == before


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
    wait_for(told(shop, "start", "fct"), process)
    time.sleep(0.3)
    process.kill()
    finish(process)
    slow.write_text(text)
    refused = shop.operation("drop_stg_tables", ok=False)
    assert "the last dbt run of target prod" in refused.text
    assert journals(shop) == []
    assert "stg_a" in shop.relations()


def test_an_error_is_no_interruption_because_of_what_dbt_is_called_in(shop: Project) -> None:
    fct = next(shop.root.glob("models/**/fct.sql"))
    fct.write_text("select * from not_there")
    try:
        raise SystemExit(1)
    except SystemExit:
        shop.dbt("build", ok=False)
    assert shop.sql("select status from ops.ops_runs") == [("error",)]


def test_a_package_that_goes_while_dbt_runs_takes_no_run_with_it(shop: Project) -> None:
    """As another process's `dbt deps` does, which fills the folder anew."""
    fct = next(shop.root.glob("models/**/fct.sql"))
    fct.write_text("select count(*) as id from range(3000000000) t(i) where i % 7 = 3")
    process = shop.start("build")
    wait_for(told(shop, "start", "fct"), process)
    (shop.root / "dbt_packages").rename(shop.root / "elsewhere")
    code, output = finish(process)
    assert code == 0, output
    assert shop.sql("select command, status from ops.ops_runs") == [("build", "success")]
    assert journals(shop) == []


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
    assert (code, json.loads(output)) == (0, {"delivered": 1, "waiting": 0, "places": []})
    assert shop.sql("select status, command from ops.ops_runs") == [("success", "run")]
    assert run()[:2] == (0, "0 delivered, 0 waiting in .dbt_opsplugin\n")


def test_on_a_terminal_the_delivery_has_a_bar(shop: Project) -> None:
    block(shop)
    shop.dbt("run")
    unblock(shop)
    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "dbt_opsplugin.cli", "deliver", "--profiles-dir", "."]
    process = subprocess.Popen(command, cwd=shop.root, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    shown = b""
    # At once: a terminal that nobody reads stops who writes to it.
    with contextlib.suppress(OSError):  # What Linux says when the other end is closed.
        while data := os.read(ours, 65536):
            shown += data
    os.close(ours)
    process.communicate()
    assert process.returncode == 0
    assert "runs delivered" in shown.decode()
    assert "1/1" in shown.decode()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            "import dbt.version; dbt.version.__version__ = '1.99.0'",
            "dbt Core 1.99.0 is not supported",
        ),
        pytest.param(
            "import sys; sys.modules['dbt_opsplugin.hosts.dbt_core'] = None",
            "is switched off",
            marks=pytest.mark.skipif(
                version("dbt-core").startswith("1.8."), reason="shows no warning of Python's"
            ),
        ),
    ],
)
def test_a_dbt_that_is_not_known_leaves_the_run_to_the_macros(
    shop: Project, monkeypatch: pytest.MonkeyPatch, damage: str, reason: str
) -> None:
    shop.write("path/sitecustomize.py", damage)
    monkeypatch.setenv("PYTHONPATH", f"{shop.root / 'path'}{os.pathsep}{REPOSITORY}")
    code, output = finish(shop.start("run"))
    assert code == 0, output
    assert output.count(reason) == 1
    assert shop.sql("select status, node_count from ops.ops_runs") == [("success", 3)]
    assert journals(shop) == []


def test_the_journal_is_for_its_owner_alone(shop: Project) -> None:
    block(shop)
    shop.dbt("run")
    assert stat.S_IMODE(journals(shop)[0].stat().st_mode) == 0o600
