"""What the Python half records beside the results: as the macros would, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Project
from recorded_project import journals, with_recorder


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return with_recorder(project, monkeypatch)


def test_the_age_of_a_source_is_recorded(shop: Project) -> None:
    shop.sql("create schema raw; create table raw.landed as select now()::timestamp as loaded")
    shop.write(
        "models/sources.yml",
        """
        sources:
          - name: raw
            config:
              loaded_at_field: loaded
              freshness: {warn_after: {count: 1, period: day}}
            loaded_at_field: loaded
            freshness: {warn_after: {count: 1, period: day}}
            tables: [{name: events, identifier: landed}]
    """,
    )
    shop.dbt("source", "freshness", artifacts=True)
    assert shop.sql(
        "select name, alias, old.status, old.max_loaded_at is not null,"
        " old.max_loaded_at_time_ago_in_s is not null"
        " from ops.ops_results join ops.ops_source_freshness as old using (unique_id)"
    ) == [("events", "landed", "pass", True, True)]


def test_no_secret_is_in_a_message(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "t0ps3cret")
    (shop.root / "models" / "fct.sql").write_text("select * from t0ps3cret")
    (shop.root / "models/staging/stg_b.sql").write_text("select {{ var('missing') }} as id")
    shop.dbt("run", "--select", "fct", ok=False)
    shop.dbt("run", "--select", "stg_b", "--vars", "{token: typ3d}", ok=False)
    shop.dbt("run", "--select", "stg_a")
    for table in ("ops_runs", "ops_results"):
        messages = str(shop.sql(f"select message from ops.{table} where message is not null"))
        assert "t0ps3cret" not in messages
        assert "typ3d" not in messages
    assert "*****" in str(shop.sql("select message from ops.ops_results where name = 'fct'"))
    assert journals(shop) == []


def test_a_test_that_did_not_run_has_no_number_of_failures(shop: Project) -> None:
    shop.models(fct="select 1 as id", stg_b="select error('boom') as id")
    shop.write("tests/passes.sql", "select * from {{ ref('fct') }} where id > 1")
    shop.write("tests/fails.sql", "select * from {{ ref('fct') }}")
    shop.write("tests/breaks.sql", "select nonsense from {{ ref('fct') }}")
    shop.write("tests/waits.sql", "select * from {{ ref('stg_b') }}")
    shop.dbt("build", ok=False)
    tests = "select name, status, failures from ops.ops_results where resource_type = 'test'"
    assert sorted(shop.sql(tests)) == [
        ("breaks", "error", None),
        ("fails", "fail", 1),
        ("not_null_fct_id", "pass", 0),
        ("passes", "pass", 0),
        ("waits", "skipped", None),
    ]


def test_a_metric_is_recorded_once_and_only_of_what_stands(shop: Project) -> None:
    hook = "{{ dbt_opsplugin.log_model_metrics() }}"
    shop.config["models"]["shop"]["+post-hook"] = hook
    shop.models(stg_b="{{ config(post_hook='select nonsense') }} select 1 as id")
    shop.dbt("run", ok=False)
    shop.models(stg_b="select 1 as id")
    assert shop.column("select unique_id from ops.ops_metrics") == ["model.shop.stg_a"]
    shop.dbt("run")
    assert shop.sql(
        "select unique_id, count(*) from ops.ops_metrics where invocation_id = (select"
        " arg_max(invocation_id, started_at) from ops.ops_runs) group by 1 order by 1"
    ) == [("model.shop.fct", 1), ("model.shop.stg_a", 1), ("model.shop.stg_b", 1)]


def test_a_size_that_a_macro_of_the_project_sets_is_put_back(shop: Project) -> None:
    shop.write(
        "macros/big.sql",
        "{% macro big() %}{{ dbt_opsplugin.set_warehouse_size('b') }}{% endmacro %}",
    )
    shop.vars(warehouse_sizes={"b": {"threads": 1, "memory_limit": "1GB"}})
    shop.models(stg_a="{{ config(pre_hook='{{ big() }}') }} select 1 as id")
    outcome = shop.dbt("run")
    assert "dbt_opsplugin: " not in outcome.text
    assert shop.column(
        "select reason from ops.ops_actions where action = 'set_warehouse_size'"
    ) == [
        "put back",
        "set_warehouse_size",
    ]


def test_a_unit_test_says_how_much_differs_and_whose_it_is(shop: Project) -> None:
    shop.write(
        "models/unit.yml",
        """
        unit_tests:
          - name: wrong
            model: fct
            given: [{input: ref('stg_a'), rows: [{id: 1}]}, {input: ref('stg_b'), rows: [{id: 1}]}]
            expect: {rows: [{id: 2}]}
            config: {tags: nightly, meta: {owner: ann}}
    """,
    )
    shop.dbt("run", "--select", "stg_a", "stg_b")
    shop.dbt("test", "--select", "wrong", ok=False)
    assert shop.sql(
        "select status, failures > 0, owner, tags, package_name from ops.ops_results where name = 'wrong'"
    ) == [("fail", True, "ann", '["nightly"]', "shop")]


@pytest.mark.parametrize(
    ("values", "ok"),
    [
        ({"prod_targets": []}, True),
        ({"prod_targets": "prod"}, False),
        ({"enabled": "false"}, False),
    ],
    ids=["none is production", "no list", "no boolean"],
)
def test_where_the_macros_record_nothing_it_makes_no_tables(
    shop: Project, values: dict[str, Any], ok: bool
) -> None:
    shop.vars(**values)
    shop.dbt("run", ok=ok)
    assert shop.relations("ops") == []
    assert not (shop.root / ".dbt_opsplugin").exists()
