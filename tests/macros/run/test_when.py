"""When the package writes, and when it leaves the database alone."""

from __future__ import annotations

import pytest
from projects import Outcome, Project, make_project


def ours(outcome: Outcome) -> list[str]:
    """Every statement about the ops schema, but for dbt's own catalog query in docs generate."""
    statements = [statement for statement in outcome.statements if "ops" in statement]
    return [statement for statement in statements if "information_schema" not in statement]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing of ours has happened yet. Its names do not hold `ops`."""
    project = make_project(tmp_path_factory.mktemp("quiet"))
    project.models(a="select 1 as id", b="select * from {{ ref('a') }}")
    project.vars(row_counts=True, drop_stg=True)
    return project


@pytest.mark.parametrize(
    "command",
    ["parse", "ls", "compile", "show --select a", "show --inline 'select 1'", "docs generate"],
)
def test_a_command_that_builds_nothing_leaves_no_trace(quiet: Project, command: str) -> None:
    outcome = quiet.dbt(*(word.strip("'") for word in command.split(maxsplit=2)))
    assert ours(outcome) == []
    assert (
        quiet.column(
            "select schema_name from information_schema.schemata where schema_name = 'ops'"
        )
        == []
    )


def test_outside_production_nothing_is_written(quiet: Project) -> None:
    outcome = quiet.dbt("build", target="dev")
    assert ours(outcome) == []
    assert quiet.relations("dev") == ["a", "b"]
    assert quiet.relations("ops") == []


def test_what_takes_the_python_package_says_so_without_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.models(a="select 1 as id")
    project.vars(queries=True)
    said = "opsplugin_queries has no effect: it takes the Python package"
    assert said in project.dbt("--warn-error", "run").text
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    assert said not in project.dbt("run").text


def test_outside_production_it_is_written_when_asked_for(project: Project) -> None:
    project.models(a="select 1 as id")
    project.vars(enabled=True)
    project.dbt("run", target="dev")
    assert project.sql("select target_name, status, node_count from ops.ops_runs") == [
        ("dev", "success", 1)
    ]


def test_in_production_nothing_is_written_when_it_is_disabled(project: Project) -> None:
    project.models(a="select 1 as id")
    project.vars(enabled=False)
    assert ours(project.dbt("run")) == []
    assert project.relations("ops") == []


def test_production_is_what_the_var_says(project: Project) -> None:
    project.models(a="select 1 as id")
    project.vars(prod_targets=["dev"])
    assert ours(project.dbt("run")) == []
    project.dbt("run", target="dev")
    assert project.sql("select target_name from ops.ops_runs") == [("dev",)]


def test_a_run_is_not_recorded_when_a_hook_of_the_project_fails_at_its_end(
    project: Project,
) -> None:
    """dbt runs the project's own hooks first and skips all others once one has failed."""
    project.models(a="select 1 as id")
    project.config["on-run-end"] = ["select no_such_column"]
    outcome = project.dbt("run", ok=False)
    assert "shop.on-run-end.0 failed" in outcome.text
    assert project.relations() == ["a"]
    assert project.sql("select * from ops.ops_runs") == []


def test_tables_are_made_at_run_end_when_a_hook_of_the_project_failed_at_the_start(
    project: Project,
) -> None:
    project.models(a="select 1 as id")
    project.config["on-run-start"] = ["select no_such_column"]
    project.dbt("run", ok=False)
    assert project.sql("select status, node_count, error_count from ops.ops_runs") == [
        ("error", 1, 0)
    ]
