"""What is of BigQuery alone, before an emulator; the behaviour that all engines share is tested in
tests/macros. What the emulator cannot do is held to the grammar that BigQuery documents."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bigquery_statements import GRAMMAR, sent, without_comment
from dialects import assert_is_of, full_round
from engines import BigQuery
from projects import REPOSITORY, Macros, Project

pytest.importorskip("bqemulator")
pytest.importorskip("sqlglot")

pytestmark = pytest.mark.bigquery

SIZES = {
    "small": {"reservation": "admin.region-us.prod", "slot_capacity": 100},
    "big": {
        "reservation": "admin.region-us.prod",
        "slot_capacity": 500,
        "autoscale_max_slots": 1000,
    },
}


@pytest.fixture
def engine(bigquery_port: int) -> BigQuery:
    return BigQuery(bigquery_port)


# Sizes ------------------------------------------------------------------------------------------


def test_a_size_is_the_slots_of_a_reservation_until_the_end_of_the_run(project: Project) -> None:
    project.vars(warehouse_sizes=SIZES)
    project.outputs["prod"]["threads"] = 1
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('BIG') }}\") }} select 1 as id",
        b="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\") }} select nothing",
    )
    project.dbt("run", ok=False)
    altered = sent(project, "alter reservation")
    assert altered == [
        "alter reservation `admin.region-us.prod` set options"
        " (autoscale_max_slots = 1000, slot_capacity = 500)",
        "alter reservation `admin.region-us.prod` set options"
        " (slot_capacity = 100, autoscale_max_slots = 0)",
    ]
    reasons = project.sql(
        "select status, reason from ops.ops_actions where action = 'set_warehouse_size'"
        " order by recorded_at"
    )
    assert reasons == [
        ("started", "set_warehouse_size"),
        ("success", "set_warehouse_size"),
        ("success", "put back"),
    ]


def test_with_the_python_package_a_model_has_its_size_and_the_run_is_delivered(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    project.vars(warehouse_sizes=SIZES)
    project.models(
        a="{{ config(meta={'opsplugin': {'warehouse_size': 'big'}}) }} select 1 as id",
        b="select * from {{ ref('a') }}",
    )
    project.dbt("run")
    order = []
    for statement in project.engine.statements():
        sql = without_comment(statement["sql"])
        if found := re.match(r"alter reservation .*slot_capacity = (\d+)|create .*`([ab])`", sql):
            order.append(found[1] or found[2])
    assert order == ["500", "a", "100", "b"]


def test_a_size_that_holds_already_sets_nothing(project: Project) -> None:
    project.vars(warehouse_sizes=SIZES)
    project.models(a="select 1 as id")
    assert "already small" in project.operation("set_warehouse_size", size="small").text
    assert sent(project, "alter reservation") == []


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({}, "size big is not known"),
        ({"big": {"slot_capacity": 5}}, "has slot_capacity without reservation"),
        (
            {"big": {"reservation": "admin.region-us.prod"}},
            "has reservation without slot_capacity or autoscale_max_slots",
        ),
        (
            {"big": {"reservation": "prod", "slot_capacity": 5}},
            "not a reservation with its project and region",
        ),
        (
            {"big": {"reservation": "admin.region-us.none", "slot_capacity": 5}},
            "reservation admin.region-us.none is not to be seen",
        ),
    ],
)
def test_a_size_that_cannot_be_is_refused(
    project: Project, sizes: dict[str, Any], said: str
) -> None:
    project.vars(warehouse_sizes=sizes)
    project.models(a="select 1 as id")
    assert said in project.operation("set_warehouse_size", ok=False, size="big").text
    assert sent(project, "alter reservation") == []


def test_the_sizes_of_a_project_are_of_one_reservation(project: Project) -> None:
    other = {"reservation": "admin.region-us.other", "slot_capacity": 5}
    project.vars(warehouse_sizes={**SIZES, "other": other})
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\") }} select 1 as id"
    )
    outcome = project.dbt("run", ok=False)
    assert "names the reservations admin.region-us.prod and admin.region-us.other" in outcome.text
    assert sent(project, "alter reservation") == []


# Tags -------------------------------------------------------------------------------------------


def test_the_tag_is_labels_of_each_job(project: Project) -> None:
    project.config["query-comment"] = {
        "comment": "{{ dbt_opsplugin.query_comment(node, tags={'team': 'Data Platform'}) }}",
        "job-label": True,
    }
    project.models(a="select 1 as id")
    project.dbt("run")
    [labels] = [
        statement["labels"]
        for statement in project.engine.statements()
        if re.match(
            r"create or replace table `shop`\.`main`\.`a`", without_comment(statement["sql"])
        )
    ]
    assert labels["node_name"] == "a"
    assert labels["target"] == "prod"
    assert labels["team"] == "data_platform"


def test_every_statement_of_the_package_is_bigquerys_sql(project: Project) -> None:
    """By its grammar as sqlglot has it, or by the forms above: an emulator takes much that BigQuery
    would not."""
    project.vars(warehouse_sizes=SIZES)
    full_round(project, "big")
    macros = Macros(project)
    checked = 0
    for statement in project.engine.statements():
        sql = without_comment(statement["sql"])
        script = re.fullmatch(r"begin (.*); select ''; exception .*", sql, re.S)
        parts = re.split(r"; (?=create |insert |alter )", script[1]) if script else [sql]
        for part in parts:
            assert_is_of("bigquery", part, GRAMMAR)
            checked += 1
    assert checked > 60
    assert macros("_json_text", column="x") == "to_json_string(x)"
