"""What the Python half does around each model: its size, its tag, and plugins; put back always."""

from __future__ import annotations

import signal
import time
from types import ModuleType
from typing import Any

import pytest
from dbt.version import __version__ as dbt_version
from projects import REPOSITORY, Project

from dbt_opsplugin import manager
from dbt_opsplugin.hookspecs import hookimpl

pytestmark = pytest.mark.smoke

SIZES = {
    "small": {"threads": 1, "memory_limit": "1GB"},
    "big": {"threads": 4, "memory_limit": "2GB"},
}
SEEN = "select current_setting('threads') as threads, getvariable('query_tag') as tag"
SLOW = "select count(*) as n from range(100000000000) t(i) where i % 7 = 3"


def sized(size: str, sql: str = SEEN) -> str:
    return "{{ config(meta={'opsplugin': {'warehouse_size': '" + size + "'}}) }} " + sql


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    for output in project.outputs.values():
        output.update(threads=1, config_options={"threads": 2, "memory_limit": "1536MiB"})
    project.vars(warehouse_sizes=SIZES)
    project.config["on-run-end"] = (
        "create or replace table after_models as select current_setting('threads') as threads"
    )
    return project


def actions(shop: Project) -> list[Any]:
    return shop.sql(
        "select split_part(unique_id, '.', 3), reason, details ->> '$.after.threads'"
        " from ops.ops_actions where action = 'set_warehouse_size' order by recorded_at"
    )


@pytest.mark.core
def test_a_model_runs_on_its_own_size_and_the_next_one_on_that_of_the_run(shop: Project) -> None:
    shop.models(a=sized("big"), b=SEEN + " from {{ ref('a') }}", c=sized("small"))
    outcome = shop.dbt("run")
    assert "dbt_opsplugin:" not in outcome.text
    threads = {name: shop.sql(f"select threads from {name}")[0][0] for name in "abc"}
    assert threads == {"a": 4, "b": 2, "c": 1}
    assert shop.sql("select threads from after_models") == [(2,)]
    assert [row[0] for row in actions(shop)] == ["a", "a", "c", "c"]
    assert actions(shop)[:2] == [
        ("a", "meta.opsplugin.warehouse_size", "4"),
        ("a", "put back", "2"),
    ]


def test_the_size_comes_back_after_a_model_that_failed(shop: Project) -> None:
    shop.models(a=sized("big", "select error('boom') as id"), b=SEEN)
    shop.dbt("run", ok=False)
    assert shop.sql("select threads from b") == [(2,)]
    assert [row[1] for row in actions(shop)] == ["meta.opsplugin.warehouse_size", "put back"]
    assert shop.sql("select status from ops.ops_results where name = 'a'") == [("error",)]


def test_models_that_run_at_once_share_the_size_of_the_last_and_leave_the_first(
    shop: Project,
) -> None:
    for output in shop.outputs.values():
        output["threads"] = 4
    work = "select count(*) as n from range(20000000) t(i) where i % 7 = 3"
    shop.models(
        **{f"big_{i}": sized("big", work) for i in range(4)},
        **{f"small_{i}": sized("small", work) for i in range(4)},
    )
    shop.dbt("run")
    assert shop.sql("select threads from after_models") == [(2,)]
    assert actions(shop)[-1][1:] == ("put back", "2")


def test_seeds_and_snapshots_have_sizes_too(shop: Project) -> None:
    shop.write("seeds/s.csv", "id\n1\n")
    shop.write(
        "seeds/s.yml", "seeds: [{name: s, config: {meta: {opsplugin: {warehouse_size: big}}}}]"
    )
    shop.dbt("seed")
    assert [row[0] for row in actions(shop)] == ["s", "s"]


@pytest.mark.parametrize(
    ("arguments", "target"), [(["run", "--empty"], "prod"), (["run"], "dev"), (["compile"], "prod")]
)
def test_nothing_is_resized_where_it_is_not_worth_it(
    shop: Project, arguments: list[str], target: str
) -> None:
    shop.models(a=sized("big"))
    outcome = shop.dbt(*arguments, target=target)
    assert not [sql for sql in outcome.statements if "set global" in sql]


def test_a_full_refresh_has_a_size_of_its_own_and_the_first_build_is_one(shop: Project) -> None:
    sizes = "{'full_refresh': 'big', 'otherwise': 'small'}"
    meta = "meta={'opsplugin': {'warehouse_size': " + sizes + "}}"
    shop.models(
        table="{{ config(" + meta + ") }} " + SEEN,
        grown="{{ config(materialized='incremental', " + meta + ") }} " + SEEN,
    )
    shop.dbt("run")
    shop.dbt("run")
    assert shop.sql("select threads from grown") == [(4,), (1,)]
    assert shop.sql('select threads from "table"') == [(1,)]
    shop.dbt("run", "--full-refresh")
    assert shop.sql("select threads from grown") == [(4,)]
    assert shop.sql('select threads from "table"') == [(4,)]


@pytest.mark.parametrize("target", ["prod", "dev"])
def test_an_unknown_build_of_a_size_is_refused_in_any_target(shop: Project, target: str) -> None:
    shop.models(
        a="{{ config(meta={'opsplugin': {'warehouse_size': {'full_refesh': 'big'}}}) }} select 1 as id"
    )
    shop.vars(enabled=True)
    outcome = shop.dbt("run", ok=False, target=target)
    assert (
        "full_refesh in warehouse_size in meta.opsplugin of model.shop.a is not known"
        in outcome.text
    )


def test_an_unknown_size_is_refused_before_anything_runs(shop: Project) -> None:
    shop.models(a=sized("huge"))
    outcome = shop.dbt("run", ok=False)
    assert "size huge is not known: did you mean" in outcome.text
    assert "meta.opsplugin.warehouse_size of model.shop.a" in outcome.text
    if dbt_version.split(".")[:2] != ["1", "8"]:  # It goes on after a failed on-run-start.
        assert shop.relations() == []


def test_without_the_python_half_a_size_is_said_to_have_no_effect(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "off")
    shop.models(a=sized("big"), b=sized("small"))
    outcome = shop.dbt("run")
    assert "meta.opsplugin.warehouse_size (of a and 1 more) has no effect" in outcome.text
    assert shop.sql("select threads from a") == [(2,)]


def test_where_the_audit_log_cannot_be_written_nothing_is_resized_and_the_run_goes_on(
    shop: Project,
) -> None:
    shop.sql("create schema ops; create view ops.ops_actions as select 1 as x")
    shop.models(a=sized("big"), b=SEEN)
    outcome = shop.dbt("run")
    assert "the size at the start of this run is not noted" in outcome.text
    assert shop.sql("select threads from a") == shop.sql("select threads from b") == [(2,)]


def test_a_model_that_looked_at_the_database_first_is_resized_outside_its_transaction(
    shop: Project,
) -> None:
    shop.models(source="select 1 as id")
    look = "{{ adapter.get_columns_in_relation(ref('source')) | length }} as columns, "
    shop.models(
        failing=sized("big", f"select {look} error('boom') as id"),
        jinja=sized("big", f"select {look} 1 as id")
        + "{{ config(post_hook=\"{% do exceptions.raise_compiler_error('boom') if execute %}\") }}",
    )
    shop.dbt("run", ok=False)
    assert [row[1] for row in actions(shop)] == ["meta.opsplugin.warehouse_size", "put back"] * 2
    assert shop.sql("select threads from after_models") == [(2,)]


# Ends ---------------------------------------------------------------------------------------------


def interrupt(shop: Project, how: signal.Signals) -> str:
    """Starts a run whose model works on a size of its own, and ends it there."""
    if dbt_version.startswith("1.8."):
        # Its first run makes the ops tables after on-run-start, which notes the size.
        shop.models(a=SEEN)
        shop.dbt("run")
    shop.models(a=sized("big", SLOW))
    process = shop.start("run")
    log = shop.root / "logs" / "dbt.log"
    deadline = time.monotonic() + 60
    while "set global memory_limit" not in (log.read_text() if log.exists() else ""):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(how)
    return process.communicate(timeout=60)[0]


def test_the_size_comes_back_after_ctrl_c(shop: Project) -> None:
    interrupt(shop, signal.SIGINT)
    assert actions(shop)[-1][1:] == ("put back", "2")


def test_what_a_killed_run_left_resized_is_put_back_by_the_next(shop: Project) -> None:
    interrupt(shop, signal.SIGKILL)
    assert [row[1] for row in actions(shop)] == ["meta.opsplugin.warehouse_size"]
    # DuckDB forgets its settings with the process: a warehouse that keeps them stands here.
    for output in shop.outputs.values():
        output["config_options"] = {"threads": 4, "memory_limit": "2GB"}
    shop.models(a=SEEN, z=sized("big"))
    shop.dbt("run")
    assert shop.sql("select threads from a") == [(2,)]
    assert shop.sql("select threads from after_models") == [(2,)]


def test_a_run_that_may_be_at_work_keeps_its_size_and_this_is_said(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(shop, signal.SIGKILL)
    for journal in (shop.root / ".dbt_opsplugin").glob("*.jsonl"):
        journal.unlink()
    for output in shop.outputs.values():
        output["config_options"] = {"threads": 4, "memory_limit": "2GB"}
    shop.models(a=SEEN, z=sized("big"))
    outcome = shop.dbt("run")
    assert "and has not ended: it is left so" in outcome.text
    assert shop.sql("select threads from a") == [(4,)]


# Tags and plugins ---------------------------------------------------------------------------------


def test_the_session_is_tagged_for_each_model_and_not_after_it(shop: Project) -> None:
    shop.vars(session_tags=True)
    shop.models(a=SEEN, bad="select error('boom')", c=SEEN)
    shop.config["on-run-end"] = "create or replace table after_models as " + SEEN
    shop.dbt("run", ok=False)
    [(tag,)] = shop.sql("select tag ->> 'node_id' from a")
    assert tag == "model.shop.a"
    assert shop.sql("select tag ->> 'node_name' from c") == [("c",)]
    assert shop.sql("select tag from after_models") == [(None,)]


def test_an_engine_without_a_tag_of_a_session_is_said_once_and_sent_nothing(shop: Project) -> None:
    shop.vars(session_tags=True)
    shop.write(
        "macros/facts.sql",
        "{% macro duckdb__engine_facts() %}{% do return(dict("
        "dbt_opsplugin.duckdb__engine_facts(), session_tag=none, session_untag=none)) %}{% endmacro %}",
    )
    shop.models(a="select 1 as id", b="select 1 as id")
    outcome = shop.dbt("run")
    told = [e for e in outcome.events if "plugin session_tag is left out" in e.info.msg]
    assert len(told) == 1
    assert "duckdb has no tag of a session: use query-comment" in outcome.text
    assert not [s for s in outcome.statements if s.startswith("None")]


def test_a_plugin_is_called_around_models_and_may_call_macros(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    plugin = ModuleType("third_party")

    def opsplugin_start_model(model: dict[str, Any], call_macro: Any) -> None:
        seen.append(("start", model["name"], call_macro("package_version")))

    def opsplugin_finish_model(model: dict[str, Any], call_macro: Any) -> None:
        seen.append(("finish", model["name"], call_macro("double", package="shop", value=2)))

    for function in (opsplugin_start_model, opsplugin_finish_model):
        setattr(plugin, function.__name__, hookimpl(function))
    load = manager.Plugins.load
    monkeypatch.setattr(
        manager.Plugins,
        "load",
        lambda self: (load(self), self.register(plugin, "third_party"))[0],
    )
    shop.write(
        "macros/double.sql", "{% macro double(value) %}{{ return(value * 2) }}{% endmacro %}"
    )
    shop.models(a="select 1 as id", bad="select error('boom') as id")
    shop.dbt("build", ok=False)
    assert seen == [
        ("start", "a", "0.1.0"),
        ("finish", "a", 4),
        ("start", "bad", "0.1.0"),
        ("finish", "bad", 4),
    ]


def test_nothing_is_left_on_the_adapter_for_the_next_command(shop: Project) -> None:
    from dbt.adapters.duckdb.impl import DuckDBAdapter

    before = (DuckDBAdapter.pre_model_hook, DuckDBAdapter.post_model_hook)
    shop.models(a="select 1 as id")
    shop.dbt("run")
    assert (DuckDBAdapter.pre_model_hook, DuckDBAdapter.post_model_hook) == before
