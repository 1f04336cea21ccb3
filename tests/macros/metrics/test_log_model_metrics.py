"""log_model_metrics as a post-hook: what it measures, logs and records, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Outcome, Project

HOOK = "{{ dbt_opsplugin.log_model_metrics() }}"


@pytest.fixture
def shop(project: Project) -> Project:
    for kind in ("models", "seeds", "snapshots"):
        project.config.setdefault(kind, {}).setdefault("shop", {})["+post-hook"] = HOOK
    return project


def metrics(project: Project) -> dict[tuple[str, str], Any]:
    """(node, metric) -> value, of the last run; no row may be there twice."""
    rows = project.sql(
        "select unique_id, metric, value from ops.ops_metrics where invocation_id ="
        " (select invocation_id from ops.ops_runs order by started_at desc limit 1)"
    )
    found = {(node.split(".")[2], metric): value for node, metric, value in rows}
    assert len(found) == len(rows)
    return found


def scans(outcome: Outcome, relation: str) -> list[str]:
    """The statements that read a relation."""
    sent = [(s, s.replace('"', "").lower()) for s in outcome.statements]
    return [s for s, plain in sent if f"from shop.main.{relation}" in plain]


def with_metrics(sql: str, **expressions: str) -> str:
    return "{{ config(meta={'opsplugin': {'metrics': " + repr(expressions) + "}}) }}\n" + sql


@pytest.mark.core
@pytest.mark.not_on("clickhouse", "has no range() to select from")
def test_the_row_count_and_all_metrics_of_a_model_take_one_scan(shop: Project) -> None:
    shop.models(
        fct=with_metrics(
            "select i as id, i * 1.5 as amount from range(4) as t(i)",
            revenue="sum(amount)",
            buyers="count(distinct id) -- those with an order",
            newest="max(id)",
        )
    )
    outcome = shop.dbt("run")
    assert len(scans(outcome, "fct")) == 1
    assert metrics(shop) == {
        ("fct", "row_count"): 4,
        ("fct", "revenue"): 9,
        ("fct", "buyers"): 4,
        ("fct", "newest"): 3,
    }
    assert "log_model_metrics: fct: row_count 4, buyers 4, newest 3, revenue 9" in outcome.text


def test_the_hook_costs_two_statements_per_model(shop: Project) -> None:
    shop.models(a="select 1 as id", b="select * from {{ ref('a') }}")
    outcome = shop.dbt("run")
    for name in ("a", "b"):
        of_hook = [
            statement
            for statement in outcome.statements_of(f"model.shop.{name}")
            if "ops" in statement or "count(*)" in statement
        ]
        assert len(of_hook) == 2


@pytest.mark.not_on("snowflake", "keeps no mixed case without quotes")
def test_every_kind_of_relation_is_measured_as_it_stands_after_the_build(shop: Project) -> None:
    shop.write("seeds/raw.csv", "id\n1\n2\n3\n")
    shop.models(
        a_view="{{ config(materialized='view') }} select * from {{ ref('raw') }}",
        grown="{{ config(materialized='incremental') }} select * from {{ ref('raw') }}",
        MixedCase="{{ config(alias='Mixed Case') }} select * from {{ ref('raw') }}",
        empty="select * from {{ ref('raw') }} where false",
    )
    shop.write(
        "snapshots/snap.yml",
        """
        snapshots:
          - name: snap
            relation: ref('raw')
            config: {unique_key: id, strategy: check, check_cols: all}
        """,
    )
    counts = {"raw": 3, "a_view": 3, "grown": 3, "MixedCase": 3, "empty": 0, "snap": 3}
    shop.dbt("build")
    assert metrics(shop) == {(name, "row_count"): count for name, count in counts.items()}
    shop.dbt("build")
    assert metrics(shop)["grown", "row_count"] == 6


def test_values_that_are_no_number_are_recorded_as_null(shop: Project) -> None:
    shop.models(
        fct=with_metrics(
            "select 1 as id",
            nothing="max(null)",
            nan="max('nan'::double precision)",
            infinity="max('infinity'::double precision)",
            less="min('-infinity'::double precision)",
            huge="max(1.5e308)",
            small="max(0.00001)",
            fraction="max(12345.67)",
            negative="min(-1234567)",
            yes="max(cast(true as integer))",
        )
    )
    outcome = shop.dbt("run")
    found = {metric: value for (_, metric), value in metrics(shop).items()}
    assert found == {
        "row_count": 1,
        "nothing": None,
        "nan": None,
        "infinity": None,
        "less": None,
        "huge": 1.5e308,
        "small": 0.00001,
        "fraction": 12345.67,
        "negative": -1234567,
        "yes": 1,
    }
    assert (
        "fct: row_count 1, fraction 12345.6700, huge 1.5e+308, infinity -, less -, nan -,"
        " negative -1,234,567, nothing -, small 1e-05, yes 1"
    ) in outcome.text


def test_names_of_metrics_may_hold_anything(shop: Project) -> None:
    names = ['it\'s "net"', "Revenue", "revenue", "a\\b", "null"]
    shop.config["models"]["shop"]["+meta"] = {
        "opsplugin": {"metrics": {name: f"sum({number})" for number, name in enumerate(names)}}
    }
    shop.models(fct="select 1 as id")
    shop.dbt("run")
    expected = {("fct", name): number for number, name in enumerate(names)}
    assert metrics(shop) == {("fct", "row_count"): 1, **expected}


def test_development_logs_and_writes_nothing(shop: Project) -> None:
    shop.models(fct="select 1 as id")
    outcome = shop.dbt("run", target="dev")
    assert "log_model_metrics: fct: row_count 1" in outcome.text
    assert shop.relations("ops") == []
    shop.vars(enabled=True)
    shop.dbt("run", target="dev")
    assert metrics(shop) == {("fct", "row_count"): 1}


@pytest.mark.parametrize(
    "command",
    [["run", "--empty"], ["run", "--sample", "1 day"], ["compile"], ["docs", "generate"]],
    ids=" ".join,
)
def test_nothing_is_measured_where_the_data_is_not_built(shop: Project, command: list[str]) -> None:
    shop.models(fct="select 1 as id")
    shop.dbt("run")
    outcome = shop.dbt(*command)
    assert scans(outcome, "fct") == []
    assert "log_model_metrics" not in outcome.text
    assert shop.sql("select count(*) from ops.ops_metrics") == [(1,)]


@pytest.mark.not_on("snowflake", "commits each statement")
@pytest.mark.not_on("clickhouse", "has no transactions")
def test_a_failed_model_leaves_no_metric(shop: Project) -> None:
    shop.config["models"]["shop"]["+post-hook"] = [HOOK, "select 1 / 'x'"]
    shop.models(fct="select 1 as id")
    shop.dbt("run", ok=False)
    assert metrics(shop) == {}


@pytest.mark.not_on("snowflake", "folds names to capitals")
def test_a_wrong_expression_fails_its_model_and_is_in_the_error(shop: Project) -> None:
    shop.models(fct=with_metrics("select 1 as id", revenue="sum(amuont)"), dim="select 1 as id")
    outcome = shop.dbt("run", ok=False)
    assert "amuont" in outcome.text
    assert metrics(shop) == {("dim", "row_count"): 1}


@pytest.mark.not_on("clickhouse", "has no range() to select from")
def test_many_models_in_four_threads_lose_no_row(shop: Project) -> None:
    shop.outputs["prod"]["threads"] = 4
    shop.models(**{f"m{n}": f"select i from range({n}) as t(i)" for n in range(20)})
    shop.dbt("run")
    assert metrics(shop) == {(f"m{n}", "row_count"): n for n in range(20)}


@pytest.mark.not_on("snowflake", "the emulator keeps a transaction open over DDL")
@pytest.mark.not_on("clickhouse", "has no transactions")
def test_a_hook_outside_the_transaction_keeps_its_row_and_those_after_it_theirs(
    shop: Project,
) -> None:
    shop.config["models"]["shop"]["+post-hook"] = [
        {"sql": HOOK, "transaction": False},
        {"sql": "create table main.after_it as select 1 as id", "transaction": False},
    ]
    shop.models(fct="select 1 as id")
    shop.dbt("run")
    assert metrics(shop) == {("fct", "row_count"): 1}
    assert "after_it" in shop.relations()


def test_it_refuses_to_measure_where_nothing_is_built(shop: Project) -> None:
    outcome = shop.operation("log_model_metrics", ok=False)
    problem = "log_model_metrics: called where nothing is built: use it as the post-hook of a model"
    assert problem in outcome.text
    shop.config["on-run-end"] = HOOK
    shop.models(fct="select 1 as id")
    assert problem in shop.dbt("run", ok=False).text


def test_an_argument_is_refused(shop: Project) -> None:
    shop.config["models"]["shop"]["+post-hook"] = (
        "{{ dbt_opsplugin.log_model_metrics(metrics=['a']) }}"
    )
    shop.models(fct="select 1 as id")
    assert "log_model_metrics: no argument metrics" in shop.dbt("parse", ok=False).text


@pytest.mark.duckdb
def test_metrics_that_no_hook_computes_are_told(project: Project) -> None:
    project.models(
        forgotten=with_metrics("select 1 as id", ids="count(id)"),
        kept="{{ config(post_hook='"
        + HOOK
        + "') }} "
        + with_metrics("select 1 as id", ids="count(id)"),
    )
    outcome = project.dbt("run")
    assert outcome.text.count("has metrics, and no post-hook that computes them") == 1
    assert "model.shop.forgotten has metrics" in outcome.text


@pytest.mark.duckdb
def test_the_log_names_the_version_of_a_model(shop: Project) -> None:
    shop.models(fct_v2="select 1 as id")
    shop.write(
        "models/fct.yml",
        """
        models:
          - name: fct
            latest_version: 2
            versions: [{v: 2}]
    """,
    )
    assert "log_model_metrics: fct.v2: row_count 1" in shop.dbt("run").text
