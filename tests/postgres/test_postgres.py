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


# Drops ------------------------------------------------------------------------------------------


def test_what_hangs_on_a_table_comes_back_with_it(project: Project) -> None:
    project.models(stg_a="select 1 as id, 'x' as name", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    for statement in (
        "alter table main.stg_a add primary key (id)",
        "create index by_name on main.stg_a (name)",
        "alter table main.stg_a alter name set default 'none'",
        "comment on table main.stg_a is 'staging'",
        "comment on column main.stg_a.id is 'the key'",
    ):
        project.sql(statement)
    project.operation("drop_stg_tables", backup="schema")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert len(project.sql("select * from pg_indexes where tablename = 'stg_a'")) == 2
    project.sql("insert into main.stg_a (id) values (2)")
    assert project.sql("select name from main.stg_a where id = 2") == [("none",)]
    assert project.sql("select col_description('main.stg_a'::regclass, 1)") == [("the key",)]


def test_what_postgres_knows_to_read_a_table_keeps_it(project: Project) -> None:
    project.models(
        **{
            f"stg_{name}": "select 1 as id"
            for name in ("view", "matview", "key", "function", "part", "heir", "free")
        }
    )
    project.dbt("build")
    for statement in (
        "create schema report",
        "create view report.v as select * from main.stg_view",
        "create materialized view report.m as select * from main.stg_matview",
        "alter table main.stg_key add primary key (id)",
        "create table report.k (id integer references main.stg_key (id))",
        "create function report.f() returns bigint begin atomic"
        " select count(*) from main.stg_function; end",
        "create table report.whole (id integer) partition by list (id)",
        "alter table report.whole attach partition main.stg_part for values in (1)",
        "create table report.parent (id integer)",
        "alter table main.stg_heir inherit report.parent",
    ):
        project.sql(statement)
    plan = project.operation("drop_stg_tables").plan()
    assert plan == {
        "main.stg_view": ("keep", "shop.report.v reads it"),
        "main.stg_matview": ("keep", "shop.report.m reads it"),
        "main.stg_key": ("keep", "shop.report.k reads it"),
        "main.stg_function": ("keep", "shop.report.f reads it"),
        "main.stg_part": ("keep", "shop.report.whole reads it"),
        "main.stg_heir": ("keep", "shop.report.parent reads it"),
        "main.stg_free": ("drop", "no table is built from it"),
    }


def test_a_materialized_view_stays(project: Project) -> None:
    project.models(
        stg_m="{{ config(materialized='materialized_view') }} select 1 as id",
        fct="select * from {{ ref('stg_m') }}",
    )
    project.dbt("build")
    plan = project.operation("drop_stg_tables").plan()
    reason = "is a materialized view (meta.opsplugin.staging: true drops it)"
    assert plan == {"main.stg_m": ("keep", reason)}


def test_a_materialized_view_goes_when_its_meta_says_so_and_comes_back(project: Project) -> None:
    project.models(
        stg_m="{{ config(materialized='materialized_view', meta={'opsplugin': {'staging': true}}) }}"
        " select 1 as id",
        fct="select * from {{ ref('stg_m') }}",
    )
    project.dbt("build")
    project.operation("drop_stg_tables", backup="schema")
    assert project.sql("select matviewname from pg_matviews") == []
    project.operation("restore_stg_tables")
    assert project.sql("select matviewname from pg_matviews") == [("stg_m",)]
    assert project.sql("select * from main.stg_m") == [(1,)]


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


def test_a_table_whose_name_differs_by_case_is_another(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.operation("drop_stg_tables")
    project.sql('create table main."STG_A" as select 1 as id')
    decision, reason = project.operation("drop_stg_tables").plan()["main.STG_A"]
    assert (decision, "differs by case alone" in reason) == ("keep", True)


@pytest.mark.parametrize("quoted", [True, False])
def test_an_ops_schema_whose_name_differs_by_case_is_another(
    project: Project, quoted: bool
) -> None:
    """Where names are in quotes, as dbt writes them unless told otherwise."""
    project.config["quoting"] = {"schema": quoted}
    project.models(fct="select 1 as id")
    project.dbt("run")
    project.vars(schema="OPS")
    project.dbt("run")
    spaces = project.column("select nspname from pg_namespace where lower(nspname) = 'ops'")
    assert spaces == (["OPS", "ops"] if quoted else ["ops"])
    assert project.sql("select count(*) from ops.ops_runs") == [(1 if quoted else 2,)]


def test_schemas_with_capitals_beyond_ascii_are_found(project: Project) -> None:
    """A name of Postgres' catalog has a collation in which these have no lower case."""
    project.vars(schema="Ops Ü", drop_stg=True, backup="schema", backup_schema="Müll Ü")
    project.outputs["prod"]["schema"] = "Büro Ä"
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    outcome = project.dbt("build")
    assert outcome.plan() == {"Büro Ä.stg_a": ("drop", "read by 1 built")}
    assert project.sql('select status, node_count from "Ops Ü".ops_runs') == [("success", 2)]
    project.operation("restore_stg_tables")
    assert project.sql('select * from "Büro Ä".stg_a') == [(1,)]


@pytest.mark.parametrize("also", ["", "10 * nextval('main.stg_a_n_seq')"])
def test_a_table_numbered_by_a_sequence_has_no_backup(project: Project, also: str) -> None:
    project.models(
        stg_a="{{ config(post_hook='alter table {{ this }} add column n serial') }} select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.dbt("build")
    if also:
        project.sql(f"alter table main.stg_a alter n set default {also}")
    refused = project.operation("drop_stg_tables", ok=False, backup="schema")
    assert "column n of" in refused.text
    assert "is numbered by a sequence, of which there is no backup" in refused.text
    assert "stg_a" in project.relations()


def test_orphans_go_before_what_they_read(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.sql("create table main.stg_old_t as select 1 as id")
    project.sql("create view main.stg_old_v as select * from main.stg_old_t")
    project.sql("create view main.stg_old_z as select * from main.stg_old_v")
    project.sql("alter table main.stg_old_t add primary key (id)")
    project.sql("create table main.stg_old_a (id integer references main.stg_old_t (id))")
    project.operation("drop_stg_tables", orphans=True)
    assert project.relations() == ["fct"]


def test_what_has_no_backup_is_not_replaced(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    project.operation("drop_stg_tables", backup="schema")
    project.sql(
        "create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;"
        " create foreign table main.stg_a (id int) server nowhere"
    )
    refused = project.operation("restore_stg_tables", replace=True, ok=False)
    assert "is in the way, a foreign table of which there is no backup" in refused.text
    assert "stg_a" in project.relations()
