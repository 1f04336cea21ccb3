"""set_warehouse_size and reset_warehouse_size: when they resize, what they record, what is put back."""

from __future__ import annotations

import pytest
from projects import Project
from sized_project import BEFORE, BIG, SEEN, SIZES, SMALL, hook, hooks, resizes, settings, sized

pytestmark = pytest.mark.duckdb


@pytest.fixture
def shop(project: Project) -> Project:
    return sized(project)


def test_a_pre_hook_resizes_for_the_model_and_the_run_end_puts_it_back(shop: Project) -> None:
    shop.models(fct=f"select {SEEN}")
    hooks(shop, pre_hook="set_warehouse_size('big')")
    outcome = shop.dbt("run")
    assert shop.sql("from fct") == [BIG]
    assert shop.sql("from after_run") == [BEFORE]
    assert settings(outcome) == [
        "set global memory_limit = '2GB'",
        "set global threads = 3",
        "set global memory_limit = '1536MiB'",
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
