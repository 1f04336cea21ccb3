"""What is of Postgres alone; the behaviour that all engines share is tested in tests/macros."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dbt.adapters.factory import FACTORY
from engines import DuckDB, Postgres
from flaky_socket import flaky_socket
from projects import Project
from runs_at_once import assert_all_is_recorded, run_at_once, to_the_end

from dbt_opsplugin.hookspecs import hookimpl
from dbt_opsplugin.manager import Plugins

pytestmark = pytest.mark.postgres
WORK_MEM = "current_setting('work_mem')"


@pytest.fixture
def engine(postgres_host: str) -> Postgres:
    return Postgres(postgres_host)


# Several at once --------------------------------------------------------------------------------


def test_eight_runs_at_once_lose_and_double_nothing(engine: Postgres, tmp_path: Path) -> None:
    project = run_at_once(engine, tmp_path, 8, "select {i} as id from pg_sleep(0.01)")
    assert_all_is_recorded(project, 8)


def test_commands_that_end_at_once_drop_one_after_the_other(project: Project) -> None:
    """What they test stays, or the later one would miss it."""
    project.vars(drop_stg=True)
    project.models(fct="select 1 as id", **{f"stg_{i}": "select 1 as id" for i in range(6)})
    tested = {"name": "fct", "columns": [{"name": "id", "data_tests": ["not_null"]}]}
    project.write("models/schema.yml", json.dumps({"models": [tested]}))
    for _ in range(2):
        project.dbt("run")
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(lambda _: to_the_end(project, "test"), range(2)))
        for code, text in ended:
            assert code == 0, text
        assert project.relations() == ["fct"]
    assert project.sql("select count(*) from ops.ops_actions where action = 'drop'") == [(12,)]


def test_a_statement_timeout_while_recording_fails_no_run(
    project: Project, postgres_host: str
) -> None:
    import psycopg2

    project.models(fct="select 1 as id")
    project.dbt("run")
    project.sql("alter database shop set statement_timeout = '300ms'")
    other = psycopg2.connect(host=postgres_host, user="postgres", dbname="shop")
    other.cursor().execute("lock table ops.ops_results in share mode")
    outcome = project.dbt("run")
    other.close()
    assert "not everything could be recorded: canceling statement due to statement timeout" in (
        outcome.text
    )
    assert project.sql("select count(*) from ops.ops_runs") == [(2,)]


# Sizes and tags ---------------------------------------------------------------------------------


def test_a_size_holds_for_its_model_alone(project: Project) -> None:
    project.outputs["prod"]["threads"] = 1
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('large') }}\") }}"
        f" select {WORK_MEM} as work_mem",
        b=f"{{{{ dbt_opsplugin.set_warehouse_size('SMALL') }}}} select {WORK_MEM} as work_mem",
        c=f"select {WORK_MEM} as work_mem",
    )
    before = project.sql(f"select {WORK_MEM}")
    project.dbt("run")
    assert project.sql("select work_mem from main.a") == [("256MB",)]
    assert project.sql("select work_mem from main.b") == [("16MB",)]
    assert project.sql("select work_mem from main.c") == before
    assert project.sql(
        "select unique_id, details ->> 'size' from ops.ops_actions"
        " where action = 'set_warehouse_size' order by 1"
    ) == [("model.shop.a", "LARGE"), ("model.shop.b", "SMALL")]


def test_a_size_of_a_failed_model_does_not_stay(project: Project) -> None:
    project.outputs["prod"]["threads"] = 1
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('large') }}\") }} select 1 / 0",
        c=f"select {WORK_MEM} as work_mem",
    )
    before = project.sql(f"select {WORK_MEM}")
    project.dbt("run", ok=False)
    assert project.sql("select work_mem from main.c") == before


def test_a_size_outside_a_model_is_refused(project: Project) -> None:
    project.models(a="select 1 as id")
    outcome = project.operation("set_warehouse_size", size="LARGE", ok=False)
    assert "on postgres a size belongs to the session of a model: call it in a pre-hook" in (
        outcome.text
    )
    assert project.sql("select * from ops.ops_actions") == []


def test_a_size_that_postgres_does_not_know_is_refused(project: Project) -> None:
    project.vars(warehouse_sizes={"big": {"work_men": "1GB"}})
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\") }} select 1 as id"
    )
    outcome = project.dbt("run", ok=False)
    assert "work_men in opsplugin_warehouse_sizes: big is not a setting of a size" in outcome.text
    assert "did you mean work_mem?" in outcome.text


def test_a_pre_hook_tags_the_session_of_the_model(project: Project) -> None:
    project.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"
    project.models(fct="select current_setting('application_name') as tag")
    invocation = project.dbt("run").events[0].info.invocation_id
    assert project.sql("select tag from main.fct") == [(f"dbt:fct:prod:{invocation}",)]


def test_a_name_that_is_not_ascii_leaves_room_for_the_id_of_the_run(project: Project) -> None:
    """Postgres writes each byte of such a letter as four."""
    project.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"
    project.models(
        größe_und_länge="{{ config(alias='fct') }} select current_setting('application_name') as tag"
    )
    invocation = project.dbt("run").events[0].info.invocation_id
    assert project.sql("select tag from main.fct") == [(f"dbt:gr??e_und_l?nge:prod:{invocation}",)]


# With the Python half ---------------------------------------------------------------------------


def test_the_recorder_delivers_and_gives_each_model_its_size(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    project.vars(session_tags=True)
    sized = "{{ config(meta={'opsplugin': {'warehouse_size': 'LARGE'}}) }}"
    seen = f"select {WORK_MEM} as work_mem, current_setting('application_name') as tag"
    project.models(
        a=f"{sized} {seen} from pg_sleep(0.3)",
        b=f"{sized} {seen} from pg_sleep(0.1)",
        c=f"{seen} from {{{{ ref('a') }}}}, {{{{ ref('b') }}}}",
    )
    before = project.sql(f"select {WORK_MEM}")[0][0]
    code, text = to_the_end(project, "run")
    assert code == 0, text
    rows = project.sql(
        "select 'a', work_mem, split_part(tag, ':', 2) from main.a"
        " union all select 'b', work_mem, split_part(tag, ':', 2) from main.b"
        " union all select 'c', work_mem, split_part(tag, ':', 2) from main.c order by 1"
    )
    assert rows == [("a", "256MB", "a"), ("b", "256MB", "b"), ("c", before, "c")]
    assert project.sql("select status, node_count from ops.ops_runs") == [("success", 3)]
    assert project.sql("select count(*) from ops.ops_results where queue_time is not null") == [
        (3,)
    ]


def test_a_connection_that_is_tried_again_is_counted(both_halves: Project, tmp_path: Path) -> None:
    both_halves.models(a="select 1 as id", b="select 1 / 0 as id")
    (tmp_path / "socket").mkdir()
    with flaky_socket(both_halves.engine.host, tmp_path / "socket") as folder:
        both_halves.outputs["prod"].update(host=folder, retries=1)
        both_halves.dbt("run", ok=False)
    assert both_halves.sql(
        "select name, status, retry_count from ops.ops_results where resource_type = 'model'"
        " order by name"
    ) == [("a", "success", 1), ("b", "error", 1)]


def test_a_connection_that_fails_for_a_plugin_does_not_fail_the_model(
    both_halves: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens one of its own, as it would without the plugin."""
    plugin = ModuleType("third_party")

    def opsplugin_start_model(call_macro: Any) -> None:
        [adapter] = FACTORY.adapters.values()
        credentials = adapter.config.credentials
        credentials.port = 1
        try:
            call_macro("query_rows", sql="select 1")
        finally:
            credentials.port = 5432

    plugin.opsplugin_start_model = hookimpl(opsplugin_start_model)  # type: ignore[attr-defined]
    load = Plugins.load
    monkeypatch.setattr(
        Plugins, "load", lambda self: (load(self), self.register(plugin, "third_party"))[0]
    )
    both_halves.outputs["prod"].update(threads=1, retries=0)
    both_halves.models(a="select 1 as id", b="select 1 as id")
    outcome = both_halves.dbt("run")
    assert "opsplugin_start_model: FailedToConnectError" in outcome.text
    assert both_halves.sql("select status, node_count from ops.ops_runs") == [("success", 2)]


def test_a_killed_run_is_delivered_by_the_next(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    project.outputs["prod"]["threads"] = 1
    project.models(a="select 1 as id", b="select 1 as id from {{ ref('a') }}, pg_sleep(60)")
    process = project.start("run")
    deadline = time.monotonic() + 60
    while "a" not in project.relations() or not project.sql(
        "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(process.pid, 9)
    process.communicate()
    project.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
    )
    project.models(b="select 1 as id")
    code, text = to_the_end(project, "run")
    assert code == 0, text
    assert project.sql("select status, node_count from ops.ops_runs order by started_at") == [
        ("interrupted", 2),
        ("success", 2),
    ]
    assert project.sql("select name, status from ops.ops_results where status <> 'success'") == [
        ("b", "interrupted")
    ]


# Beside another engine ----------------------------------------------------------------------------


def test_one_project_on_two_engines_has_the_macros_of_each(
    project: Project, tmp_path: Path
) -> None:
    """With dbt's saved parse from one to the other and back."""
    project.outputs["small"] = {**DuckDB().output(tmp_path), "schema": "main"}
    project.models(a="select 1 as id")
    project.vars(prod_targets=["prod", "small"])
    project.dbt("build", artifacts=True)
    assert engines_parsed(project) == {"postgres"}
    outcome = project.dbt("build", target="small", artifacts=True)
    assert "could not" not in outcome.text
    assert engines_parsed(project) == {"duckdb"}
    project.dbt("build", artifacts=True)
    assert engines_parsed(project) == {"postgres"}
    assert project.sql("select count(*) from ops.ops_runs") == [(2,)]


def engines_parsed(project: Project) -> set[str]:
    """The engines' folders of which dbt has parsed a macro."""
    manifest = json.loads((project.root / "target" / "manifest.json").read_text())
    paths = (macro["original_file_path"] for macro in manifest["macros"].values())
    return {path.split("/")[2] for path in paths if path.startswith("macros/engines/")}
