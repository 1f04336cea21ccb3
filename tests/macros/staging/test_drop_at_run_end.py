"""drop_stg_tables at the end of a run, switched on by var, post-hook or on-run-end."""

from __future__ import annotations

import re

import pytest
from projects import Project

pytestmark = pytest.mark.smoke


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(
        stg_a="select 1 as id",
        stg_b="select 1 as id",
        fct_a="select * from {{ ref('stg_a') }}",
        fct_b="select * from {{ ref('stg_b') }} where {{ var('broken', 'true') }}",
    )
    # A form that every supported dbt knows.
    project.write(
        "tests/fct_a_has_its_id.sql",
        "select * from {{ ref('fct_a') }} where id <> {{ var('id', 1) }}",
    )
    project.vars(drop_stg=True)
    return project


MARTS = ["fct_a", "fct_b"]
ALL = ["fct_a", "fct_b", "stg_a", "stg_b"]


@pytest.mark.slow_engines
@pytest.mark.core
def test_a_successful_build_drops_and_records(shop: Project) -> None:
    shop.dbt("build")
    assert shop.relations() == MARTS
    schema = {
        "spark": "`main`.",
        "bigquery": "`shop`.`main`.",
        "clickhouse": '"main".',
    }.get(shop.engine.adapter, '"shop"."main".')
    quote = schema[0]
    assert shop.column("select lower(relation) from ops.ops_actions where action = 'drop'") == [
        f"{schema}{quote}stg_a{quote}",
        f"{schema}{quote}stg_b{quote}",
    ]
    # The run itself was recorded before, staging included.
    assert len(shop.sql("select * from ops.ops_results where name like 'stg%'")) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["build", "--vars", "{id: 2}"], "is fail"),
        (["build", "--vars", "{broken: nonsense}"], "is error"),
        (["build", "--empty"], "--empty and --sample"),
        (["run"], "dbt run does not show that the tests pass"),
        (["seed"], ""),
        (["snapshot"], ""),
    ],
)
def test_nothing_goes_after_a_run_that_proves_too_little(
    shop: Project, arguments: list[str], reason: str
) -> None:
    shop.vars(drop_stg=False)
    shop.dbt("build")
    shop.vars(drop_stg=True)
    outcome = shop.dbt(*arguments, ok=None)
    assert shop.relations() == ALL
    if reason:
        assert "nothing is dropped, since" in outcome.text
        assert reason in outcome.text


@pytest.mark.parametrize(
    "command", [["compile"], ["docs", "generate"], ["ls"], ["parse"], ["show", "--select", "fct_a"]]
)
def test_nothing_goes_in_commands_that_only_look(shop: Project, command: list[str]) -> None:
    shop.vars(drop_stg=False)
    shop.dbt("build")
    shop.vars(drop_stg=True)
    runs = shop.sql("select count(*) from ops.ops_runs")
    outcome = shop.dbt(*command)
    assert shop.relations() == ALL
    assert shop.sql("select count(*) from ops.ops_runs") == runs
    assert "drop_stg_tables" not in outcome.text


@pytest.mark.slow_engines
def test_a_test_run_that_passes_after_a_successful_run_drops(shop: Project) -> None:
    shop.dbt("run")
    assert shop.relations() == ALL
    shop.dbt("test", "--vars", "{id: 2}", ok=False)
    assert shop.relations() == ALL
    shop.dbt("test")
    assert shop.relations() == MARTS


def test_a_test_run_after_a_failed_run_drops_nothing(shop: Project) -> None:
    shop.dbt("run")
    shop.dbt("run", "--vars", "{broken: nonsense}", ok=False)
    outcome = shop.dbt("test")
    assert "the last dbt run of target prod" in outcome.text
    assert shop.relations() == ALL


@pytest.mark.core
def test_a_partial_build_keeps_what_models_outside_the_selection_need(shop: Project) -> None:
    outcome = shop.dbt("build", "--select", "stg_a", "stg_b", "fct_a")
    assert outcome.plan() == {
        "main.stg_a": ("drop", "read by 1 built"),
        "main.stg_b": ("keep", "fct_b reads it and is not built"),
    }
    assert shop.relations() == ["fct_a", "stg_b"]
    outcome = shop.dbt("build", "--select", "fct_b")
    assert shop.relations() == MARTS


def test_a_build_without_the_tests_keeps_what_they_would_test(shop: Project) -> None:
    plan = shop.dbt("build", "--exclude-resource-type", "test").plan()
    assert plan["main.stg_a"][0] == "keep"
    assert "did not run" in plan["main.stg_a"][1]
    assert plan["main.stg_b"][0] == "drop"


def test_tests_of_an_earlier_build_say_nothing_of_this_one(shop: Project) -> None:
    shop.vars(drop_stg=False)
    shop.dbt("build")
    shop.vars(drop_stg=True)
    plan = shop.dbt("build", "--exclude-resource-type", "test").plan()
    assert plan["main.stg_a"] == ("keep", "test fct_a_has_its_id did not run")
    assert plan["main.stg_b"][0] == "drop"


@pytest.mark.parametrize("failing_test", [False, True])
def test_a_retry_goes_by_the_tests_that_passed_before_it(shop: Project, failing_test: bool) -> None:
    shop.write(
        "tests/fct_b_has_its_id.sql",
        "select * from {{ ref('fct_b') }} where id <> {{ var('id_of_b', 1) }}",
    )
    broken = "{broken: nonsense, id: 2}" if failing_test else "{broken: nonsense}"
    shop.dbt("build", "--vars", broken, ok=False, artifacts=True)
    shop.models(fct_b="select * from {{ ref('stg_b') }} where {{ var('nothing', 'true') }}")
    outcome = shop.dbt("retry", ok=None)
    assert outcome.success is not failing_test, outcome.text
    assert shop.relations() == (ALL if failing_test else MARTS)


@pytest.mark.slow_engines
def test_a_failed_on_run_start_drops_nothing(shop: Project) -> None:
    shop.vars(drop_stg=False)
    shop.dbt("build")
    shop.vars(drop_stg=True)
    shop.config["on-run-start"] = "select * from not_there"
    shop.config["flags"]["skip_nodes_if_on_run_start_fails"] = True
    shop.dbt("build", ok=False)
    assert shop.relations() == ALL


def test_dev_is_left_alone(shop: Project) -> None:
    outcome = shop.dbt("build", target="dev")
    assert shop.relations("dev") == ALL
    assert shop.relations("ops") == []
    assert "drop_stg_tables" not in outcome.text


@pytest.mark.slow_engines
def test_as_a_post_hook_it_drops_at_the_end_of_the_run(shop: Project) -> None:
    shop.vars(drop_stg=False)
    hook = "{{ dbt_opsplugin.drop_stg_tables() }}"
    shop.models(fct_a="{{ config(post_hook='" + hook + "') }} select * from {{ ref('stg_a') }}")
    shop.dbt("run")
    assert shop.relations() == ALL
    shop.dbt("build", "--vars", "{id: 2}", ok=False)
    assert shop.relations() == ALL
    shop.dbt("build")
    assert shop.relations() == MARTS


@pytest.mark.parametrize(
    "hook",
    [
        "{% if false %}{{ dbt_opsplugin.drop_stg_tables() }}{% endif %}",
        "{{ drop_stg_tables() }}",
    ],
)
def test_a_post_hook_with_a_condition_or_a_macro_of_the_same_name_asks_for_nothing(
    shop: Project, hook: str
) -> None:
    shop.vars(drop_stg=False)
    shop.write("macros/own.sql", "{% macro drop_stg_tables() %}{% endmacro %}")
    shop.models(fct_a='{{ config(post_hook="' + hook + "\") }} select * from {{ ref('stg_a') }}")
    shop.dbt("build")
    assert shop.relations() == ALL


def test_a_pre_hook_asks_for_nothing(shop: Project) -> None:
    shop.vars(drop_stg=False)
    call = "{{ dbt_opsplugin.drop_stg_tables() }}"
    shop.models(
        fct_a="{{ config(pre_hook='" + call + "', post_hook='select 1') }}"
        " select * from {{ ref('stg_a') }}"
    )
    shop.dbt("build")
    assert shop.relations() == ALL


def test_the_post_hook_of_a_model_that_was_not_built_asks_for_nothing(shop: Project) -> None:
    shop.vars(drop_stg=False)
    hook = "{{ dbt_opsplugin.drop_stg_tables() }}"
    shop.models(fct_a="{{ config(post_hook='" + hook + "') }} select * from {{ ref('stg_a') }}")
    shop.dbt("build", "--select", "stg_b+")
    assert shop.relations() == ["fct_b", "stg_b"]
    shop.dbt("build", "--select", "stg_a+")
    assert shop.relations() == MARTS


def test_in_the_projects_own_on_run_end_it_behaves_the_same(shop: Project) -> None:
    shop.vars(drop_stg=False)
    shop.config["on-run-end"] = "{{ dbt_opsplugin.drop_stg_tables() }}"
    shop.dbt("build", "--vars", "{id: 2}", ok=False)
    assert shop.relations() == ALL
    shop.dbt("compile")
    assert shop.relations() == ALL
    shop.dbt("build")
    assert shop.relations() == MARTS


def test_a_hook_with_arguments_is_refused(shop: Project) -> None:
    shop.config["on-run-end"] = "{{ dbt_opsplugin.drop_stg_tables(force=true) }}"
    outcome = shop.dbt("build", ok=False)
    assert "a hook takes no arguments: set the vars" in outcome.text
    assert shop.relations() == ALL


@pytest.mark.not_on("duckdb", "drops and tells of it in one transaction")
@pytest.mark.not_on("postgres", "drops and tells of it in one transaction")
@pytest.mark.slow_engines
def test_where_ddl_cannot_be_taken_back_each_drop_is_in_the_log_right_after_it(
    project: Project,
) -> None:
    """What was done before a failure must be known."""
    project.models(stg_a="select 1 as id", stg_b="select 1 as id", fct="select 1 as id")
    project.vars(drop_stg=True)
    order = []
    for statement in project.dbt("build").statements:
        sql = re.sub(r"/\*.*?\*/", "", statement, flags=re.S).strip()
        if found := re.match(r"drop table (?!if exists).*stg_([ab])", sql, re.I):
            order.append(f"drop {found[1].lower()}")
        elif found := re.search(r"into \S*ops_actions\W.*stg_([ab])", sql, re.S):
            order.append(f"log {found[1]}")
    assert order == ["drop a", "log a", "drop b", "log b"]
