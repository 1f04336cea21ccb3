"""What is of Snowflake alone, before an emulator; the behaviour that all engines share is tested in
tests/macros. What the emulator cannot do is held to the grammar that Snowflake documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from dialects import assert_is_of, full_round
from engines import Snowflake
from projects import Macros, Project

snowflake_server = pytest.importorskip("snowflake_server")
pytest.importorskip("sqlglot")
split = snowflake_server.split

pytestmark = pytest.mark.snowflake

# docs.snowflake.com/en/sql-reference/sql: alter-warehouse, use-warehouse, alter-session,
# show-warehouses, show-views, show-dynamic-tables, execute-immediate, create-clone.
GRAMMAR = [
    r'alter warehouse ("[^"]+"|\w+) set warehouse_size = '
    r"'(X-SMALL|SMALL|MEDIUM|LARGE|X-LARGE|[2-6]X-LARGE)'",
    r"use warehouse \w+",
    r"alter session set query_tag = '(?:[^'\\]|''|\\.){0,2000}'",
    r"alter session unset query_tag",
    r"show warehouses like '\w+'",
    r'show (views|dynamic tables) in database "\w+"',
    r"execute immediate \$\$ begin (?:(?!\$\$).)* exception when other then return sqlerrm; end; \$\$",
    r'create (transient )?table [\w."]+ clone [\w."]+',
    r"drop (table|view|dynamic table) [\w.\"]+",
]

# What dbt-snowflake sends by itself and sqlglot has no grammar for.
DBTS_OWN = r"(?i)begin|commit|show user functions in \S+"


@pytest.fixture
def engine(snowflake_port: int) -> Snowflake:
    return Snowflake(snowflake_port)


def sent(project: Project, start: str) -> list[dict[str, str]]:
    """What was sent, without comments, that begins so (a pattern); in a form that is documented."""
    engine = project.engine
    assert isinstance(engine, Snowflake)
    found = []
    for statement in engine.statements():
        sql = re.sub(r"/\*.*?\*/", "", statement["sql"], flags=re.S).strip().rstrip(";")
        if re.match(start, sql):
            assert any(re.fullmatch(form, sql, re.S) for form in GRAMMAR), sql
            found.append({**statement, "sql": sql})
    return found


def size_of(project: Project) -> str:
    [(_, _, size)] = project.sql("show warehouses like 'DBT_WH'")
    return size


def recorded_sizes(project: Project) -> list[tuple[str, str, str]]:
    """Status, reason and size of what the log says of the warehouse."""
    rows = project.sql(
        "select status, reason, details from ops.ops_actions where action = 'set_warehouse_size'"
        " order by recorded_at"
    )
    return [(status, why, json.loads(d)["after"]["warehouse_size"]) for status, why, d in rows]


# Sizes ------------------------------------------------------------------------------------------


def test_a_pre_hook_alters_the_warehouse_and_the_run_end_alters_it_back(project: Project) -> None:
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('XXLARGE') }}\") }} select 1 as id"
    )
    project.dbt("run")
    altered = [statement["sql"] for statement in sent(project, "alter warehouse")]
    assert altered == [
        """alter warehouse "DBT_WH" set warehouse_size = '2X-LARGE'""",
        """alter warehouse "DBT_WH" set warehouse_size = 'X-SMALL'""",
    ]
    assert size_of(project) == "X-Small"
    assert recorded_sizes(project) == [
        ("started", "set_warehouse_size", "2X-LARGE"),
        ("success", "set_warehouse_size", "2X-LARGE"),
        ("success", "put back", "X-SMALL"),
    ]


def test_a_warehouse_in_quotes_in_the_profile_is_that_of_the_session(project: Project) -> None:
    project.outputs["prod"]["warehouse"] = '"DBT_WH"'
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('LARGE') }}\") }} select 1 as id"
    )
    project.dbt("run")
    assert len(sent(project, "alter warehouse")) == 2


def test_the_size_comes_back_after_a_model_that_failed(project: Project) -> None:
    project.models(
        a="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('large') }}\") }} select nothing"
    )
    project.dbt("run", ok=False)
    assert size_of(project) == "X-Small"


def test_a_size_that_is_refused_is_not_said_to_hold_and_the_one_before_is_put_back(
    project: Project,
) -> None:
    resizing = "{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('%s') }}\") }}"
    project.models(
        a=f"{resizing % 'MEDIUM'} select 1 as id",
        b=f"{resizing % '6X-LARGE'} -- depends_on: {{{{ ref('a') }}}}\nselect 1 as id",
    )
    outcome = project.dbt("run", ok=False)
    assert "Warehouse size 6X-Large is refused" in outcome.text
    assert size_of(project) == "X-Small"
    assert recorded_sizes(project) == [
        ("started", "set_warehouse_size", "MEDIUM"),
        ("success", "set_warehouse_size", "MEDIUM"),
        ("started", "set_warehouse_size", "6X-LARGE"),
        ("success", "put back", "X-SMALL"),
    ]


def test_a_size_that_somebody_else_has_set_since_is_left_alone(project: Project) -> None:
    """On a warehouse that others share: of a run that sets none, and of one whose size is no more."""
    resizing = "{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('LARGE') }}\") }}"
    project.models(a=f"{resizing} select 1 as id", b="select 1 as id")
    project.config["on-run-end"] = "alter warehouse DBT_WH set warehouse_size = 'MEDIUM'"
    for arguments in (["--select", "b"], []):
        project.sql("alter warehouse DBT_WH set warehouse_size = 'X-SMALL'")
        project.dbt("run", *arguments)
        assert size_of(project) == "Medium"


def test_a_model_on_another_warehouse_is_not_resized_by_mistake(project: Project) -> None:
    project.models(
        a="{{ config(snowflake_warehouse='BIG_WH', pre_hook=\"{{"
        " dbt_opsplugin.set_warehouse_size('SMALL') }}\") }} select 1 as id"
    )
    outcome = project.dbt("run", ok=False)
    assert "the session runs on BIG_WH, the target on DBT_WH" in outcome.text
    assert sent(project, "alter warehouse") == []


def test_a_size_that_names_a_warehouse_needs_who_puts_it_back(project: Project) -> None:
    project.vars(warehouse_sizes={"big": {"warehouse": "BIG_WH"}})
    outcome = project.operation("set_warehouse_size", ok=False, size="big")
    assert "a size that names a warehouse belongs to the session of a model" in outcome.text
    assert "meta.opsplugin.warehouse_size" in outcome.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"warehouse_size": "HUGE"}, 'warehouse_size in opsplugin_warehouse_sizes: big is "HUGE"'),
        ({"warehouse": "a; drop table b"}, "not the name of a warehouse"),
        ({"size": "LARGE"}, "did you mean warehouse"),
        ({"warehouse": "BIG_WH", "warehouse_size": "LARGE"}, "stands alone"),
    ],
)
def test_a_size_that_cannot_be_is_refused(
    project: Project, settings: dict[str, str], said: str
) -> None:
    project.vars(warehouse_sizes={"big": settings})
    assert said in project.operation("set_warehouse_size", ok=False, size="big").text
    assert sent(project, "alter warehouse") + sent(project, "use warehouse") == []


def test_a_ladder_of_warehouses_by_full_refresh(both_halves: Project) -> None:
    """Each model's own session, given back; the first build of an incremental model is a full one."""
    both_halves.vars(
        warehouse_sizes={"big": {"warehouse": "BIG_WH"}, "usual": {"warehouse": "DBT_WH"}}
    )
    ladder = "meta={'opsplugin': {'warehouse_size': {'full_refresh': 'big', 'otherwise': 'usual'}}}"
    both_halves.models(
        a="{{ config(materialized='incremental', " + ladder + ") }} select 1 as id",
        b="select * from {{ ref('a') }}",
    )
    used = []
    for arguments in (["run"], ["run"], ["run", "--full-refresh"]):
        since = len(both_halves.engine.statements())
        both_halves.dbt(*arguments)
        built = both_halves.engine.statements()[since:]
        for model, text in (("a", "select 1 as id"), ("b", "select * from")):
            mark = f'"node_id": "model.shop.{model}"'
            used.append(
                next(s["warehouse"] for s in built if mark in s["sql"] and text in s["sql"])
            )
    assert used == ["BIG_WH", "DBT_WH", "DBT_WH", "DBT_WH", "BIG_WH", "DBT_WH"]
    assert [s["sql"] for s in sent(both_halves, "use warehouse")] == [
        "use warehouse BIG_WH",
        "use warehouse DBT_WH",
    ] * 2


# Tags -------------------------------------------------------------------------------------------


def test_by_dispatch_every_model_has_its_own_tag(project: Project) -> None:
    """Not that of a model before it, which has failed; and what the project has put in place of dbt's
    own macros still stands there, since it is named first."""
    project.outputs["prod"]["threads"] = 1
    project.config["dispatch"] = [
        {"macro_namespace": "dbt", "search_order": ["shop", "dbt_opsplugin", "dbt"]}
    ]
    project.write(
        "macros/of_dbt.sql",
        "{% macro default__hash(field) %}'by the project'{% endmacro %}",
    )
    project.models(d="select {{ dbt.hash('1') }} as id")
    project.models(a="select nothing", b="select 1 as id", c="select 'it''s $$ \\\\' as id")
    project.dbt("run", ok=False)
    tags = {}
    for statement in project.engine.statements():
        name = re.search(r'"node_id": "model\.shop\.(\w)"', statement["sql"])
        if name and "transient" in statement["sql"]:
            tags[name[1]] = json.loads(statement["tag"])["node_name"]
    assert tags == {"a": "a", "b": "b", "c": "c", "d": "d"}
    assert len(sent(project, "alter session set")) == 4
    assert project.sql("select id from d") == [("by the project",)]


def test_a_session_is_tagged_for_each_model_and_not_after_it(both_halves: Project) -> None:
    both_halves.vars(session_tags=True)
    both_halves.models(a="select 1 as id")
    both_halves.dbt("run")
    assert json.loads(sent(both_halves, "alter session set")[0]["sql"].split("= ")[1][1:-1])[
        "node_name"
    ] == ("a")
    assert len(sent(both_halves, "alter session unset")) == 1


def test_a_percent_sign_in_a_tag_takes_no_value_of_a_seed(project: Project) -> None:
    call = "{{ dbt_opsplugin.query_comment(node, tags={'share': '50% of %s'}) }}"
    project.config["query-comment"] = {"comment": call, "append": True}
    project.write("seeds/raw.csv", "id,name\n1,a%b\n")
    project.dbt("seed")
    assert project.sql("select * from raw") == [(1, "a%b")]
    [comment] = {
        found[1]
        for s in project.engine.statements()
        if "insert into" in s["sql"] and (found := re.search(r'"share": ("[^"]*")', s["sql"]))
    }
    assert json.loads(comment) == "50% of %s"


# Relations --------------------------------------------------------------------------------------


@pytest.mark.parametrize("transient", [True, False])
def test_a_backup_is_a_clone_of_the_same_kind(project: Project, transient: bool) -> None:
    """A transient table, dbt's default, can be cloned to nothing else."""
    project.config["models"]["shop"]["+transient"] = transient
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    assert project.relations() == ["fct"]
    project.operation("restore_stg_tables")
    assert project.sql("select * from stg_a") == [(1,)]
    clones = [statement["sql"] for statement in sent(project, r"create [\w ]*table \S+ clone ")]
    assert [sql.startswith("create transient table") for sql in clones] == [transient] * 2


def test_a_view_with_a_hidden_text_may_read_anything(project: Project) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True)
    project.sql("create schema if not exists report")
    project.sql("create view report.hidden as select 1 as id")
    plan = project.dbt("build").plan()
    assert plan == {"main.stg_a": ("keep", "SHOP.REPORT.HIDDEN (its text is hidden) reads it")}
    assert "stg_a" in project.relations()


def test_a_dynamic_table_goes_when_its_meta_says_so_but_not_when_it_needs_a_backup(
    project: Project,
) -> None:
    def plan(**arguments: Any) -> tuple[str, str]:
        return project.operation("drop_stg_tables", force=True, **arguments).plan()["main.stg_d"]

    made = (
        "{{ config(materialized='dynamic_table', snowflake_warehouse='DBT_WH', target_lag='1 day'"
    )
    project.models(a="select 1 as id", stg_d=made + ") }} select 1 as id")
    project.dbt("run", "--select", "a")
    project.sql(
        "create dynamic table main.stg_d target_lag = '1 day' warehouse = DBT_WH as select 1 as id"
    )
    assert plan() == ("keep", "is a dynamic table (meta.opsplugin.staging: true drops it)")
    project.models(stg_d=made + ", meta={'opsplugin': {'staging': true}}) }} select 1 as id")
    kept = ("keep", "is a dynamic table, of which there is no backup: schema")
    assert plan(backup="schema") == kept
    assert plan()[0] == "drop"
    assert "stg_d" not in project.relations()


def test_a_view_that_was_backed_up_comes_back(project: Project) -> None:
    project.models(
        stg_a="{{ config(materialized='view') }} select 1 as id",
        fct="select * from {{ ref('stg_a') }}",
    )
    project.vars(drop_stg=True, backup="schema")
    project.dbt("build")
    project.operation("restore_stg_tables")
    assert project.sql("select * from stg_a") == [(1,)]


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (
            "create or replace view SHOP.OLD.X ( ID ) as ( select 1 )",
            'create view "S"."M"."V" ( ID ) as ( select 1 )',
        ),
        (
            'CREATE OR REPLACE SECURE VIEW "a.b"."c d"\nas select 1',
            'create secure view "S"."M"."V"\nas select 1',
        ),
        ("select 1 as view_id", 'create view "S"."M"."V" as select 1 as view_id'),
    ],
)
def test_a_view_is_made_again_by_its_own_name(project: Project, text: str, restored: str) -> None:
    details = {
        "type": "view",
        "database": "S",
        "schema": "M",
        "identifier": "V",
        "definition": text,
    }
    assert Macros(project)("restore_relation_sql", details=details) == restored


def test_every_statement_of_the_package_is_snowflakes_sql(project: Project) -> None:
    """By its grammar as sqlglot has it, or by the forms above: an emulator takes much that Snowflake
    would not."""
    project.vars(session_tags=True)
    full_round(project, "LARGE")
    checked = 0
    for statement in project.engine.statements():
        sql = re.sub(r"/\*.*?\*/", "", statement["sql"], flags=re.S).strip().rstrip(";")
        block = re.fullmatch(r"execute immediate \$\$ begin (.*); return '';.*", sql, re.S)
        parts = split(block[1]) if block else [sql]
        for part in parts:
            assert_is_of("snowflake", part, [*GRAMMAR, DBTS_OWN])
            checked += 1
    assert checked > 60
