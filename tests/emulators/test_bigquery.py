"""What is of BigQuery alone, before an emulator; the behaviour that all engines share is tested in
tests/macros. What the emulator cannot do is held to the grammar that BigQuery documents."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import REPOSITORY, Macros, Project
from dialects import assert_is_of, full_round
from engines import BigQuery

pytest.importorskip("bqemulator")
pytest.importorskip("sqlglot")

pytestmark = pytest.mark.bigquery

# cloud.google.com/bigquery/docs/reference/standard-sql: data-definition-language (alter reservation,
# create table clone), procedural-language (begin ... exception).
GRAMMAR = [
    r"alter reservation `[a-z0-9-]+\.region-[a-z0-9-]+\.[a-z0-9-]+` set options"
    r" \((slot_capacity = \d+|autoscale_max_slots = \d+|, )+\)",
    r"create table (`[\w-]+`\.?){3} clone (`[\w-]+`\.?){3}",
    r"alter table (`[\w-]+`\.?){3} set options"
    r" \(expiration_timestamp = null(, partition_expiration_days = null)?\)",
    r"drop (table|view|materialized view) (`[\w-]+`\.?){3}",
    r"begin .*; select ''; exception when error then select @@error\.message; end",
    r"begin select table_name, .*; exception when error then if not .* then raise; end if;"
    r" select .* limit 0; end",
]
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


def sent(project: Project, start: str) -> list[str]:
    """What was sent, without comments, that begins so (a pattern); in a form that is documented."""
    engine = project.engine
    assert isinstance(engine, BigQuery)
    found = [without_comment(statement["sql"]) for statement in engine.statements()]
    found = [sql for sql in found if re.match(start, sql)]
    for sql in found:
        assert any(re.fullmatch(form, sql, re.S) for form in GRAMMAR), sql
    return found


def without_comment(sql: str) -> str:
    return re.sub(r"^\s*/\*.*?\*/", "", sql, flags=re.S).strip().rstrip(";")


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
        "select reason from ops.ops_actions where action = 'set_warehouse_size' order by recorded_at"
    )
    assert reasons == [("set_warehouse_size",), ("put back",)]


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


# Relations --------------------------------------------------------------------------------------


def test_tables_of_ours_have_a_partition_for_each_day(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    [script] = [sql for sql in sent(project, "begin create") if "create table" in sql]
    made = re.findall(r"create table .*?\((.*?)\)( partition by .*?);", script)
    assert len(made) == 7
    for columns, options in made:
        assert options == " partition by date(recorded_at) cluster by invocation_id"
        assert "recorded_at timestamp" in columns
        assert "invocation_id string" in columns


def test_a_backup_is_a_clone(project: Project) -> None:
    project.models(
        stg_a="select 1 as id",
        stg_v="{{ config(materialized='view') }} select \"it's\" as t",
        fct="select a.id, v.t from {{ ref('stg_a') }} as a cross join {{ ref('stg_v') }} as v",
    )
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert project.sql("select * from stg_a") == [(1,)]
    assert project.sql("select * from stg_v") == [("it's",)]
    assert len(sent(project, r"create table \S+ clone ")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "select * from main.stg_a",
        "select * from `shop.main.stg_a`",
        "select id from `shop`.`main`.`stg_a` where id = 1",
        "select * from `shop.main.stg_*`",
    ],
)
def test_a_view_of_another_dataset_holds_what_it_reads(project: Project, text: str) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True)
    project.dbt("run")
    project.sql("create schema report")
    project.sql(f"create view report.v as {text}")
    plan = project.dbt("build").plan()
    assert plan == {"main.stg_a": ("keep", "shop.report.v reads it")}


def test_a_materialized_view_holds_what_it_reads(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql(
        "create materialized view main.counted as select id, count(*) as n from main.stg_a group by id"
    )
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "shop.main.counted reads it")}


def test_a_snapshot_table_stays(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    project.sql("create snapshot table main.stg_old clone main.a")
    project.models(stg_old="select 1 as id")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_old": ("keep", "is a snapshot table")}


def test_a_function_holds_what_it_reads(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    # The emulator makes no function that reads a table.
    project.sql("create function main.f() as ('of main.stg_a')")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "shop.main.f reads it")}


def test_a_relation_whose_name_differs_in_case_is_another(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.operation("drop_stg_tables", force=True, backup="schema")
    project.sql("create table main.STG_A as select 2 as id")
    said = "`shop`.`main`.`STG_A` is not `shop`.`main`.`stg_a`"
    arguments = {"replace": True, "relations": ["stg_a"]}
    assert said in project.operation("restore_stg_tables", ok=False, **arguments).text
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.STG_A": ("keep", "may not be main.stg_a: a name differs by case alone")}
    assert "STG_A" in project.relations()


def test_what_cannot_be_read_whole_stays(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("run")
    project.sql("alter table `shop`.`main`.`stg_a` set options (require_partition_filter = true)")
    plan = project.operation("drop_stg_tables", force=True).plan()
    assert plan == {"main.stg_a": ("keep", "is a table that asks for a partition filter")}


def test_a_materialized_view_has_no_backup(project: Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("run")
    project.sql(
        "create materialized view main.stg_m as select id, count(*) as n from main.a group by id"
    )
    meta = "meta={'opsplugin': {'staging': true}}"
    project.models(
        stg_m="{{ config(materialized='materialized_view', " + meta + ") }} select 1 as id"
    )
    plan = project.operation("drop_stg_tables", force=True, backup="schema").plan()
    kept = "is a materialized view, of which there is no backup: schema"
    assert plan == {"main.stg_m": ("keep", kept)}
    assert project.operation("drop_stg_tables", force=True).plan()["main.stg_m"][0] == "drop"
    assert "stg_m" not in project.relations()


def test_a_dataset_that_someone_made_is_used_without_the_right_to_make_one(
    project: Project,
) -> None:
    project.sql("create schema ops")
    project.sql("create schema opsplugin_trash")
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    project.operation("restore_stg_tables")
    statements = [without_comment(s["sql"]) for s in project.engine.statements()]
    assert not [sql for sql in statements if "create schema if not exists" in sql]


def test_names_of_datasets_keep_their_case(project: Project) -> None:
    project.write(
        "macros/schema.sql",
        "{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}",
    )
    project.models(
        stg_a="{{ config(schema='Staging', alias='STG_Orders') }} select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.vars(drop_stg=True, backup="schema")
    outcome = project.dbt("build")
    assert outcome.plan()["Staging.STG_Orders"][0] == "drop"
    assert project.relations("Staging") == []
    project.operation("restore_stg_tables")
    assert project.relations("Staging") == ["STG_Orders"]


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
