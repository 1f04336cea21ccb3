"""What the recorder measures beyond results: statements, waiting, warnings; and alerts."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from conftest import Project

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
