"""What the recorder measures beyond results: statements, waiting, warnings; and alerts."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dbt.version import __version__ as dbt_version
from projects import Project

from dbt_opsplugin import manager
from dbt_opsplugin.hookspecs import hookimpl

pytestmark = pytest.mark.smoke


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    project.outputs["prod"]["threads"] = 1
    return project


def test_every_statement_is_a_row_on_request(shop: Project) -> None:
    shop.vars(queries=True)
    shop.config["query-comment"] = "{{ dbt_opsplugin.query_comment(node) }}"
    shop.models(a="select 1 as id", bad="select error('boom') as id", b="select 1 as id")
    shop.dbt("run", ok=False)
    rows = shop.sql(
        "select status, query_tag ->> 'node_name', execution_time is not null, query_hash"
        " from ops.ops_queries where unique_id = 'model.shop.a' order by query_number"
    )
    created = [row for row in rows if row[1] == "a"]
    assert created
    assert {row[0] for row in rows} == {"success"}
    assert all(row[2] for row in rows)
    assert ("error",) in shop.sql(
        "select status from ops.ops_queries where unique_id = 'model.shop.bad'"
    )
    # One hash for one statement, whatever its tag.
    shop.dbt("run", "--select", "a")
    hashes = shop.sql(
        "select query_hash, count(distinct invocation_id) as runs from ops.ops_queries"
        " where unique_id = 'model.shop.a' and query_tag is not null group by 1"
    )
    assert 2 in {runs for _, runs in hashes}


def test_a_comment_of_the_models_own_is_not_taken_for_the_tag(shop: Project) -> None:
    shop.vars(queries=True)
    own = '/* {"mine": 1} */ select 1 as id'
    shop.models(tagged=own, untagged="{{ config(materialized='view') }} " + own)
    shop.config["query-comment"] = {
        "comment": "{{ dbt_opsplugin.query_comment(node) if node.name == 'tagged' else '' }}",
        "append": True,
    }
    shop.dbt("run")
    tags = shop.sql(
        "select distinct unique_id, query_tag ->> 'node_name', query_tag ->> 'mine'"
        " from ops.ops_queries where query_tag is not null and unique_id like 'model.%' order by 1"
    )
    assert tags == [("model.shop.tagged", "tagged", None), ("model.shop.untagged", None, "1")]


def test_no_statement_is_a_row_otherwise(shop: Project) -> None:
    shop.models(a="select 1 as id")
    shop.dbt("run")
    assert shop.sql("select * from ops.ops_queries") == []


def test_a_node_waits_for_a_thread_and_not_for_its_parents(shop: Project) -> None:
    work = "select count(*) as n from range(30000000) t(i) where i % 7 = 3"
    shop.models(a=work, b=work, z_child="select * from {{ ref('b') }}")
    shop.dbt("run")
    waited = dict(
        shop.sql("select name, queue_time from ops.ops_results where name not like '%on%'")
    )
    times = dict(shop.sql("select name, execution_time from ops.ops_results"))
    assert waited["a"] < times["a"] / 2
    assert waited["b"] >= times["a"] / 2
    assert waited["z_child"] < times["b"] / 2


def test_warnings_are_counted(shop: Project) -> None:
    shop.write(
        "models/schema.yml",
        "models: [{name: not_there, description: x}, {name: nor_this, description: x}]",
    )
    shop.models(a="select 1 as id")
    outcome = shop.dbt("run")
    said = [event for event in outcome.events if event.info.level == "warn"]
    [(warnings, deprecations)] = shop.sql(
        "select warning_count, deprecation_count from ops.ops_runs"
    )
    assert warnings == len(said) >= 2
    assert deprecations == len([e for e in said if e.info.name.endswith("Deprecation")])


def test_the_processor_time_is_that_of_the_run_and_not_of_the_process(shop: Project) -> None:
    shop.models(a="select 1 as id")
    before = time.process_time()
    shop.dbt("run")
    [(recorded,)] = shop.sql("select cpu_time from ops.ops_runs")
    assert 0 < recorded < time.process_time() - before


def test_alerts_of_all_plugins_reach_all_that_notify(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def opsplugin_find_alerts(run: Any, results: Any) -> list[dict[str, Any]]:
        return [
            {"title": f"{row['name']} failed", "severity": "error", "unique_id": row["unique_id"]}
            for row in results
            if row["status"] == "error"
        ]

    def opsplugin_notify(run: Any, alerts: Any) -> None:
        told.append((run["status"], [alert["title"] for alert in alerts]))

    plugins = []
    for number in range(2):
        plugin = ModuleType(f"plugin_{number}")
        for function in (opsplugin_find_alerts, opsplugin_notify):
            setattr(plugin, function.__name__, hookimpl(function))
        plugins.append(plugin)
    load = manager.Plugins.load

    def load_these_too(self: manager.Plugins) -> None:
        load(self)
        for plugin in plugins:
            self.register(plugin, plugin.__name__)

    monkeypatch.setattr(manager.Plugins, "load", load_these_too)
    shop.models(a="select 1 as id", bad="select error('boom') as id")
    shop.dbt("run", ok=False)
    assert told == [("error", ["bad failed", "bad failed"])] * 2
    shop.models(bad="select 1 as id")
    shop.dbt("run")
    assert len(told) == 2


def test_what_dbt_skips_without_a_word_is_recorded(shop: Project) -> None:
    shop.models(
        a="select error('boom') as id",
        b="select 1 as id",
        c="select 1 as id",
        # dbt starts with what most others wait for.
        **{f"of_a_{i}": "select * from {{ ref('a') }}" for i in range(3)},
        # Which dbt lists only here.
        inlined="{{ config(materialized='ephemeral') }} select * from {{ ref('a') }}",
    )
    outcome = shop.dbt("run", "--fail-fast", ok=False)
    found = dict(shop.sql("select unique_id, status from ops.ops_results"))
    told = [e.data.node_info.unique_id for e in outcome.events if e.info.name == "NodeFinished"]
    # dbt 1.8 has no hooks among its results.
    models = {one for one in found if one.startswith("model.")}
    results = {result.node.unique_id for result in outcome.result}
    assert models == {
        one for one in results if one.startswith("model.") and one != "model.shop.inlined"
    }
    assert found["model.shop.a"] == "error"
    # What was at work meanwhile may have succeeded, though dbt then calls it skipped.
    assert "skipped" in {found["model.shop.b"], found["model.shop.c"]}
    assert len(models) > len(told)


def test_a_microbatch_model_is_one_row_with_its_batches(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tuple(map(int, dbt_version.split(".")[:2])) < (1, 9):
        pytest.skip("dbt 1.8 has no microbatch")
    shop.models(
        days="{{ config(event_time='day') }} select timestamp '2026-01-01' + to_days(i::int) as day"
        " from range(3) t(i)",
        batched="{{ config(materialized='incremental', incremental_strategy='microbatch',"
        " event_time='day', batch_size='day', begin='2026-01-01') }} select * from {{ ref('days') }}",
    )
    shop.config["flags"]["require_batched_execution_for_custom_microbatch_strategy"] = True
    # dbt 1.9 waits for ever in its only thread for a batch that would take another.
    shop.outputs["prod"]["threads"] = 2
    place = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04"]
    shop.dbt("run", *place)
    rows = shop.sql(
        "select status, batch_results ->> 'successful', statement_count > 3 from ops.ops_results"
        " where name = 'batched'"
    )
    assert rows == [("success", "3", True)]
    assert shop.sql("select success_count from ops.ops_runs") == [(2,)]
    file = shop.root / "models/batched.sql"
    file.write_text(file.read_text().replace("*", "*, if(day(day) = 2, error('boom'), 1) as one"))
    for half in ("on", "off"):
        monkeypatch.setenv("DBT_OPSPLUGIN", half)
        shop.dbt("run", "--full-refresh", *place, ok=False)
    failed = "select batch_results ->> 'failed_batches' from ops.ops_results where name = 'batched'"
    first = '["2026-01-02 00:00:00.000000"]'
    assert shop.sql(failed + " and status = 'partial success'") == [(first,), (first,)]


def test_projects_that_share_a_folder_of_journals_keep_to_their_own(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "journals"
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(folder))
    folder.mkdir()
    (folder / "of_others.jsonl").write_text('{"not": "ours"}\n')
    shop.models(a="select 1 as id")
    shop.sql("create schema ops; create view ops.ops_results as select 1 as x")
    shop.dbt("run")
    waiting = sorted(folder.glob("*.opsplugin.jsonl"))
    assert len(waiting) == 1
    shop.sql("drop view ops.ops_results")
    shop.config["name"] = "another"
    shop.config["models"] = {}
    shop.dbt("run")
    assert sorted(folder.glob("*.opsplugin.jsonl")) == waiting
    shop.config["name"] = "shop"
    shop.dbt("run")
    assert [file.name for file in folder.glob("*.jsonl")] == ["of_others.jsonl"]
    names = "select project_name, count(*) from ops.ops_runs group by all order by all"
    assert shop.sql(names) == [("another", 1), ("shop", 2)]
