"""Retention: what is old goes, but for what says how things are now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import CompilationError
from projects import Macros, Project, make_project, open_macros


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macros]:
    with open_macros(make_project(tmp_path_factory.mktemp("purge"))) as macros:
        macros.context["flags"] = SimpleNamespace(WHICH="run-operation")
        macros("_ensure_ops_tables")
        yield macros


@pytest.fixture
def macros(operation: Macros) -> Macros:
    for table in operation("ops_tables"):
        operation.sql(f"delete from ops.{table}")
    return operation


def insert(macros: Macros, table: str, days_ago: float, **row: Any) -> None:
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    macros.sql(
        f"insert into ops.{table} ({names}, recorded_at) values ({marks},"
        " cast(now() at time zone 'utc' as timestamp) - to_hours(cast(? as integer)))",
        *row.values(),
        round(24 * days_ago),
    )


def ids(macros: Macros, table: str, column: str = "invocation_id") -> list[str]:
    return [row[0] for row in macros.sql(f"select {column} from ops.{table} order by 1")]


def test_rows_older_than_the_days_go(macros: Macros) -> None:
    tables = ("ops_runs", "ops_results", "ops_metrics", "ops_actions")
    for table in tables:
        for name, days in (("old", 31), ("almost", 29), ("new", 0)):
            insert(macros, table, days, invocation_id=name)
    macros("purge_ops_tables", days=30, dry_run=True)
    assert {table: len(ids(macros, table)) for table in tables} == dict.fromkeys(tables, 3)
    macros("purge_ops_tables", days=30)
    for table in tables:
        assert ids(macros, table) == ["almost", "new"], table


def test_the_newest_version_of_a_node_stays(macros: Macros) -> None:
    def version(name: str, days: float, node: str, target: str = "prod", **row: Any) -> None:
        insert(
            macros,
            "ops_nodes",
            days,
            invocation_id=name,
            unique_id=node,
            project_name="shop",
            target_name=target,
            **row,
        )

    version("replaced", 90, "model.a")
    version("newest", 80, "model.a")
    version("newest of staging", 90, "model.a", target="staging")
    version("replaced lately", 90, "model.b")
    version("newest of a tenant", 90, "model.a", target_schema="acme")
    version("new", 1, "model.b")
    version("before it was removed", 90, "model.gone")
    version("removed", 80, "model.gone", removed=True)
    version("removed lately", 1, "model.gone_lately", removed=True)
    macros("purge_ops_tables", days=30)
    assert ids(macros, "ops_nodes") == [
        "new",
        "newest",
        "newest of a tenant",
        "newest of staging",
        "removed lately",
    ]


def test_the_record_of_a_backup_that_can_be_restored_stays(macros: Macros) -> None:
    def action(
        name: str, action: str, target: str = "prod", schema: str = "main", **details: Any
    ) -> None:
        insert(
            macros,
            "ops_actions",
            90,
            action_id=name,
            action=action,
            status="success",
            project_name="shop",
            target_name=target,
            schema_name=schema,
            details=json.dumps({"location": None, **details}),
        )

    macros.sql("create schema if not exists trash")
    macros.sql("create table if not exists trash.t as select 1 as id")
    action("live, expires in this purge", "backup")
    action("expired", "backup")
    action("expiry", "expire", backup="expired")
    action("of another target", "backup", target="production")
    action("of another tenant", "backup", schema="acme")
    action("drop", "drop")
    macros("purge_ops_tables", days=30)
    kept = [name for name in ids(macros, "ops_actions", "action_id") if len(name) != 32]
    assert kept == ["live, expires in this purge", "of another target", "of another tenant"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"days": "90"}, 'days is "90", not a whole number of days'),
        ({"days": 0}, "days is 0, not a whole number of days"),
        ({"days": True}, "days is true, not a whole number of days"),
        ({}, "days is null, not a whole number of days"),
        ({"days": 90, "dry_run": "yes"}, 'dry_run is "yes", not true or false'),
        ({"day": 90}, "no argument day: did you mean days?"),
        ({"days": 90, "dryrun": True}, "no argument dryrun: did you mean dry_run?"),
    ],
)
def test_a_bad_argument_is_refused_and_nothing_is_deleted(
    macros: Macros, arguments: dict[str, Any], said: str
) -> None:
    insert(macros, "ops_runs", 900, invocation_id="old")
    with pytest.raises(CompilationError) as error:
        macros("purge_ops_tables", **arguments)
    assert f"dbt_opsplugin.purge_ops_tables: {said}" in str(error.value)
    assert ids(macros, "ops_runs") == ["old"]


def test_it_is_an_operation_that_says_what_it_did(project: Project) -> None:
    project.models(a="select 1 as id")
    outcome = project.operation("purge_ops_tables", days=1)
    assert "there are no ops tables" in outcome.text
    project.dbt("run")
    project.sql("update ops.ops_results set recorded_at = recorded_at - interval '40 days'")
    outcome = project.operation("purge_ops_tables", days=30, dry_run=True)
    assert "ops_results: 1 rows would be deleted" in outcome.text
    outcome = project.operation("purge_ops_tables", days=30)
    assert "ops_results: 1 rows deleted" in outcome.text
    assert "ops_runs: 0 rows deleted" in outcome.text
    assert project.sql("select count(*) from ops.ops_results") == [(0,)]
    outcome = project.operation("purge_ops_tables", ok=False, target="dev", days=30)
    assert "target dev is not production: use a target named in" in outcome.text
    project.operation("purge_ops_tables", target="dev", days=30, force=True)
