"""set_warehouse_size and reset_warehouse_size: when they resize, what they record, what is put back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from conftest import Outcome, Project

pytestmark = pytest.mark.duckdb

SIZES = {
    "small": {"memory_limit": "1GB", "threads": 1},
    "big": {"memory_limit": "2GB", "threads": 3},
}
SEEN = "current_setting('threads') as threads, current_setting('memory_limit') as memory"


@pytest.fixture
def shop(project: Project) -> Project:
    """A project that starts on 2 threads and 1.5 GB, and writes its settings to after_run when
    all other hooks have ended: the hooks of a package run after those of the project."""
    for output in project.outputs.values():
        output["config_options"] = {"threads": 2, "memory_limit": "1536MiB"}
    project.write(
        "dbt_packages/zz_observer/dbt_project.yml",
        f"""
        name: zz_observer
        version: "1.0"
        on-run-end: "create or replace table after_run as select {SEEN}"
        """,
    )
    project.write("packages.yml", project.packages + "  - local: dbt_packages/zz_observer\n")
    project.vars(warehouse_sizes=SIZES)
    return project


def hook(call: str) -> str:
    return "{{ dbt_opsplugin." + call + " }}"


def hooks(project: Project, **calls: str) -> None:
    """Sets hooks on all models: hooks(project, pre_hook="set_warehouse_size('big')")."""
    for name, call in calls.items():
        project.config["models"]["shop"]["+" + name.replace("_", "-")] = hook(call)


def settings(outcome: Outcome) -> list[str]:
    """The statements that change a setting, without dbt's comment."""
    found = (re.search("set global .*", statement) for statement in outcome.statements)
    return [match[0] for match in found if match]


def resizes(project: Project) -> list[Any]:
    """(node, reason, details) of every resize, oldest first."""
    return [
        (node, reason, json.loads(details))
        for node, reason, details in project.sql(
            "select unique_id, reason, details from ops.ops_actions"
            " where action = 'set_warehouse_size' order by recorded_at"
        )
    ]


BEFORE = (2, "1.5 GiB")
BIG = (3, "1.8 GiB")
SMALL = (1, "953.6 MiB")


def test_a_pre_hook_resizes_for_the_model_and_the_run_end_puts_it_back(shop: Project) -> None:
    shop.models(fct=f"select {SEEN}")
    hooks(shop, pre_hook="set_warehouse_size('big')")
    outcome = shop.dbt("run")
    assert shop.sql("from fct") == [BIG]
    assert shop.sql("from after_run") == [BEFORE]
    assert settings(outcome) == [
        "set global memory_limit = '2GB'",
        "set global threads = 3",
        "set global memory_limit = '1.5 GiB'",
        "set global threads = 2",
    ]


def test_a_resize_and_its_return_are_audited(shop: Project) -> None:
    shop.models(fct="select 1 as id")
    hooks(shop, pre_hook="set_warehouse_size('big')")
    shop.dbt("run")
    before = {"memory_limit": "1.5 GiB", "threads": 2}
    assert resizes(shop) == [
        (
            "model.shop.fct",
            "set_warehouse_size",
            {"size": "big", "before": before, "after": SIZES["big"]},
        ),
        (
            "operation.dbt_opsplugin.dbt_opsplugin-on-run-end-0",
            "put back",
            {
                "size": "the size before this run",
                "before": {"memory_limit": "1.8 GiB", "threads": 3},
                "after": before,
            },
        ),
    ]


def test_the_size_that_already_holds_needs_no_statement_and_no_audit_row(shop: Project) -> None:
    shop.vars(warehouse_sizes={"same": {"threads": 2, "memory_limit": "1536MiB"}})
    shop.models(fct="select 1 as id", dim="select 1 as id")
    hooks(shop, pre_hook="set_warehouse_size('same')", post_hook="reset_warehouse_size()")
    outcome = shop.dbt("run")
    assert settings(outcome) == []
    assert resizes(shop) == []
    assert "already same" not in outcome.text


def test_the_second_model_of_a_size_costs_one_query(shop: Project) -> None:
    shop.models(a="select 1 as id", b="select * from {{ ref('a') }}")
    hooks(shop, pre_hook="set_warehouse_size('big')")
    outcome = shop.dbt("run")
    of_b = outcome.statements_of("model.shop.b")
    assert len([s for s in of_b if "duckdb_settings()" in s]) == 1
    assert [s for s in of_b if "ops" in s] == []


def test_the_size_is_put_back_after_a_model_failed_whose_audit_row_rolled_back(
    shop: Project,
) -> None:
    shop.models(fct="select 1 / 'x' as id")
    shop.config["models"]["shop"]["+pre-hook"] = [
        "create table written_in_the_transaction as select 1 as id",
        hook("set_warehouse_size('big')"),
    ]
    outcome = shop.dbt("run", ok=False)
    assert "set global threads = 3" in settings(outcome)
    assert shop.sql("from after_run") == [BEFORE]
    assert [reason for _, reason, _ in resizes(shop)] == ["put back"]
    assert "written_in_the_transaction" not in shop.relations()


def test_models_that_resize_in_several_threads_leave_the_first_size(shop: Project) -> None:
    shop.outputs["prod"]["threads"] = 4
    for number in range(12):
        size, undo = ("big", "true") if number % 2 else ("small", "1 / 'x' = 1")
        shop.models(
            **{
                f"m{number}": "{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('"
                + size
                + '\') }}", post_hook="{{ dbt_opsplugin.reset_warehouse_size() }}") }}'
                + (f"select 1 as id where {undo}" if number < 4 else "select 1 as id")
            }
        )
    outcome = shop.dbt("run", ok=False)
    statuses = [str(result.status) for result in outcome.result if result.node.name.startswith("m")]
    assert sorted(statuses) == ["error"] * 2 + ["success"] * 10
    assert shop.sql("from after_run") == [BEFORE]


def test_reset_as_a_post_hook_puts_the_size_back_before_the_next_model(shop: Project) -> None:
    shop.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\","
        " post_hook='{{ dbt_opsplugin.reset_warehouse_size() }}') }}" + f"select {SEEN}",
        b=f"select {SEEN} from {{{{ ref('a') }}}}",
    )
    outcome = shop.dbt("run")
    assert shop.sql("from a") == [BIG]
    assert shop.sql("from b") == [BEFORE]
    assert len(settings(outcome)) == 4


def test_a_post_hook_of_another_size_scales_down_after_the_model(shop: Project) -> None:
    hooks(shop, pre_hook="set_warehouse_size('big')", post_hook="set_warehouse_size('small')")
    shop.models(a=f"select {SEEN}")
    shop.dbt("run")
    assert shop.sql("from a") == [BIG]
    assert [details["size"] for _, _, details in resizes(shop)][:2] == ["big", "small"]
    assert shop.sql("from after_run") == [BEFORE]


def test_a_call_in_the_body_resizes_before_the_model_and_renders_nothing(shop: Project) -> None:
    shop.models(
        fct="""
        {{ config(materialized='incremental') }}
        {% if is_incremental() %}
          {{ dbt_opsplugin.set_warehouse_size('small') }}
        {% else %}
          {{ dbt_opsplugin.set_warehouse_size('big') }}
        {% endif %}
        select """
        + SEEN
    )
    shop.dbt("run")
    shop.dbt("run")
    assert shop.sql("from fct") == [BIG, SMALL]
    assert shop.sql("from after_run") == [BEFORE]


def test_a_scale_down_at_the_end_of_a_body_does_not_shrink_the_model(shop: Project) -> None:
    body = (
        "{{ dbt_opsplugin.set_warehouse_size('big') }} select "
        + SEEN
        + " {{ dbt_opsplugin.set_warehouse_size('small') }}"
    )
    shop.models(a=body, b=body + "-- depends_on: {{ ref('a') }}")
    outcome = shop.dbt("run")
    assert shop.sql("from a") == [BIG]
    assert shop.sql("from b") == [BIG]
    assert (
        "set_warehouse_size: ignored at the end of the body of a, which dbt renders before it"
        " runs it: the size stays big; to scale down after the model, use post_hook"
    ) in outcome.text


def test_a_reset_in_a_body_does_not_undo_the_size_of_the_model(shop: Project) -> None:
    shop.models(
        a="{{ dbt_opsplugin.set_warehouse_size('big') }} select "
        + SEEN
        + " {{ dbt_opsplugin.reset_warehouse_size() }}"
    )
    outcome = shop.dbt("run")
    assert shop.sql("from a") == [BIG]
    assert "reset_warehouse_size: ignored at the end of the body of a" in outcome.text


@pytest.mark.parametrize(
    "command",
    [
        ["parse"],
        ["compile"],
        ["docs", "generate"],
        ["show", "--select", "fct"],
        ["ls"],
        ["run", "--empty"],
        ["test"],
    ],
    ids=" ".join,
)
def test_nothing_is_resized_where_no_data_is_built(shop: Project, command: list[str]) -> None:
    shop.models(fct="{{ dbt_opsplugin.set_warehouse_size('big') }} select 1 as id")
    shop.write(
        "models/schema.yml",
        """
        unit_tests:
          - name: it_is_one
            model: fct
            given: []
            expect: {rows: [{id: 1}]}
        """,
    )
    shop.dbt("run")
    hooks(shop, pre_hook="set_warehouse_size('big')", post_hook="reset_warehouse_size()")
    outcome = shop.dbt(*command)
    assert settings(outcome) == []
    assert len(resizes(shop)) == 2


def test_the_development_target_keeps_its_size_and_writes_nothing(shop: Project) -> None:
    shop.models(
        fct=f"{hook('set_warehouse_size(size=' + chr(39) + 'big' + chr(39) + ')')} select {SEEN}"
    )
    hooks(shop, pre_hook="set_warehouse_size('big')", post_hook="reset_warehouse_size()")
    shop.dbt("run")
    recorded = shop.sql("select count(*) from ops.ops_actions")
    outcome = shop.dbt("run", target="dev")
    assert settings(outcome) == []
    assert shop.sql("from dev.fct") == [BEFORE]
    assert shop.sql("select count(*) from ops.ops_actions") == recorded


def test_force_resizes_the_development_target_and_puts_it_back(shop: Project) -> None:
    shop.models(fct=f"select {SEEN}", broken="select 1 / 'x' as id")
    shop.config["models"]["shop"]["+pre-hook"] = [
        "select 'opens the transaction'",
        hook("set_warehouse_size('big', force=true)"),
    ]
    shop.dbt("run", target="dev", ok=False)
    assert shop.sql("from dev.fct") == [BIG]
    assert shop.sql("from after_run") == [BEFORE]
    assert shop.relations("dev") == ["fct"]


def test_force_resets_in_the_development_target(shop: Project) -> None:
    shop.models(a=f"select {SEEN}", b=f"{{{{ config(pre_hook=[], post_hook=[]) }}}} select {SEEN}")
    shop.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big', force=true) }}\","
        " post_hook='{{ dbt_opsplugin.reset_warehouse_size(force=true) }}') }}" + f"select {SEEN}",
        b=f"select {SEEN} from {{{{ ref('a') }}}}",
    )
    shop.dbt("run", target="dev")
    assert shop.sql("from dev.a") == [BIG]
    assert shop.sql("from dev.b") == [BEFORE]


def test_hooks_of_the_run_resize_for_all_its_models(shop: Project) -> None:
    shop.config["on-run-start"] = hook("set_warehouse_size('big')")
    shop.models(fct=f"select {SEEN}")
    shop.dbt("run")
    assert shop.sql("from fct") == [BIG]
    assert shop.sql("from after_run") == [BEFORE]


def test_the_project_may_resize_at_its_run_end_and_still_gets_its_size_back(shop: Project) -> None:
    shop.config["on-run-end"] = hook("set_warehouse_size('big')")
    shop.models(fct="select 1 as id")
    outcome = shop.dbt("run")
    assert "set global threads = 3" in settings(outcome)
    assert shop.sql("from after_run") == [BEFORE]


def test_a_macro_of_the_project_may_wrap_it(shop: Project) -> None:
    shop.write(
        "macros/size.sql",
        "{% macro big() %}{{ dbt_opsplugin.set_warehouse_size('big') }}{% endmacro %}",
    )
    shop.models(fct="{{ config(pre_hook='{{ big() }}') }} select " + SEEN)
    shop.dbt("run")
    assert shop.sql("from fct") == [BIG]
    assert shop.sql("from after_run") == [BEFORE]


def test_it_runs_as_an_operation(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big")
    assert settings(outcome) == ["set global memory_limit = '2GB'", "set global threads = 3"]
    assert "big (memory_limit 1.5 GiB, threads 2 -> memory_limit 2GB, threads 3)" in outcome.text
    assert [reason for _, reason, _ in resizes(shop)] == ["set_warehouse_size"]


def test_the_operation_says_when_the_size_already_holds(shop: Project) -> None:
    shop.vars(warehouse_sizes={"same": {"threads": 2}})
    assert "already same" in shop.operation("set_warehouse_size", size="same").text


def test_the_operation_refuses_outside_production(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big", target="dev", ok=False)
    assert "set_warehouse_size: target dev is not production: use a target named" in outcome.text
    assert settings(outcome) == []
    outcome = shop.operation("set_warehouse_size", size="big", target="dev", force=True)
    assert len(settings(outcome)) == 2


def test_a_reset_as_operation_says_that_there_is_nothing_to_reset(shop: Project) -> None:
    outcome = shop.operation("reset_warehouse_size", ok=False)
    assert "reset_warehouse_size: a run-operation is a run of its own" in outcome.text


def test_snowflakes_spellings_of_a_size_are_one_size(shop: Project) -> None:
    for size in ("X-LARGE", "XLARGE", "xlarge", "x_large", "X Large"):
        outcome = shop.operation("set_warehouse_size", size=size)
        assert settings(outcome)[0] == "set global threads = 16"
    assert {details["size"] for _, _, details in resizes(shop)} == {"X-LARGE"}


def test_a_size_of_the_project_replaces_one_of_the_package(shop: Project) -> None:
    shop.vars(warehouse_sizes={"medium": {"threads": 3}})
    outcome = shop.operation("set_warehouse_size", size="MEDIUM")
    assert settings(outcome) == ["set global threads = 3"]


def test_an_unknown_size_names_the_nearest_one(shop: Project) -> None:
    for size, nearest in (("MEDUIM", "MEDIUM"), ("BIGG", "big"), ("LRAGE", "LARGE"), (None, "")):
        outcome = shop.operation("set_warehouse_size", size=size, ok=False)
        problem = f"set_warehouse_size: size {size} is not known: did you mean {nearest}"
        assert problem in outcome.text
    assert "Sizes: X-SMALL, SMALL, MEDIUM, LARGE, X-LARGE, big, small" in outcome.text


def test_an_unknown_size_in_a_model_is_found_at_parse_in_any_target(shop: Project) -> None:
    shop.models(fct="{{ dbt_opsplugin.set_warehouse_size('MEDUIM') }} select 1 as id")
    outcome = shop.dbt("parse", target="dev", ok=False)
    assert "size MEDUIM is not known: did you mean MEDIUM?" in outcome.text


BAD = [
    ({"threads": 0}, "threads in {} is 0, not a number of threads: use 1 or more"),
    ({"threads": "4"}, "threads in {} is 4, not a number of threads"),
    ({"threads": True}, "threads in {} is True, not a number of threads"),
    ({"threads": 1.5}, "threads in {} is 1.5, not a number of threads"),
    ({"memory_limit": 4}, "memory_limit in {} is 4, not an amount of memory"),
    ({"memory_limit": "80%"}, "memory_limit in {} is 80%, not an amount of memory"),
    ({"memory_limit": "10KB"}, "memory_limit in {} is 10KB, not an amount of memory"),
    ({"memory_limit": "4GB'; drop table x"}, "is 4GB'; drop table x, not an amount of memory"),
    ({"memory_limt": "4GB"}, "memory_limt in {} is not a setting of a size: did you mean memory_l"),
    ({}, "{} is {{}}, not a mapping of settings"),
    ("4GB", "{} is 4GB, not a mapping of settings"),
    (None, "{} is None, not a mapping of settings"),
]


def test_bad_settings_of_a_size_are_refused_before_anything_is_changed(shop: Project) -> None:
    sizes = {f"bad{number}": settings for number, (settings, _) in enumerate(BAD)}
    shop.vars(warehouse_sizes={**sizes, 4: {"threads": 3}})
    assert settings(shop.operation("set_warehouse_size", size=4)) == ["set global threads = 3"]
    for number, (_, problem) in enumerate(BAD):
        outcome = shop.operation("set_warehouse_size", size=f"bad{number}", ok=False)
        assert problem.format(f"opsplugin_warehouse_sizes: bad{number}") in outcome.text
        assert settings(outcome) == []
    assert len(resizes(shop)) == 1


def test_an_unknown_argument_names_the_nearest_one(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big", forse=True, ok=False)
    assert "set_warehouse_size: no argument forse: did you mean force?" in outcome.text
    outcome = shop.operation("set_warehouse_size", size="big", force="yes", ok=False)
    assert "set_warehouse_size: force is yes, not true or false" in outcome.text
