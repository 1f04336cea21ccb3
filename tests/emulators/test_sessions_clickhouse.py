"""What the session of a model holds on ClickHouse alone: its size, its tag, and the comments of its statements."""

from __future__ import annotations

import json
import re

import pytest
from engines import ClickHouse
from projects import Project

pytest.importorskip("clickhouse_connect")
pytest.importorskip("chdb")

pytestmark = pytest.mark.clickhouse


@pytest.fixture
def engine(clickhouse_port: int) -> ClickHouse:
    return ClickHouse(clickhouse_port)


def sent(project: Project, start: str) -> list[str]:
    """What was sent that begins so."""
    engine = project.engine
    assert isinstance(engine, ClickHouse)
    bare = [re.sub(r"\s*/\*.*?\*/\s*", "", each["sql"], flags=re.S) for each in engine.statements()]
    return [sql for sql in bare if sql.startswith(start)]


# Sizes -------------------------------------------------------------------------------------------

SETTINGS = (
    "select toString(getSetting('max_threads')) as threads,"
    " toString(getSetting('max_memory_usage')) as memory, getSetting('log_comment') as tag"
)


def of_size(size: str) -> str:
    return f"{{{{ config(meta={{'opsplugin': {{'warehouse_size': '{size}'}}}}) }}}} "


def test_the_python_half_sizes_the_session_of_a_model_and_puts_it_back(
    both_halves: Project,
) -> None:
    both_halves.models(
        a=of_size("LARGE") + SETTINGS,
        b=of_size("small") + "select nothing, {{ ref('a').identifier | length }} as x",
        c="-- depends_on: {{ ref('a') }}\n" + SETTINGS,
    )
    both_halves.dbt("run", ok=False)
    assert both_halves.sql("select threads, memory from main.a") == [("8", "16000000000")]
    assert both_halves.sql("select threads = '8', memory from main.c") == [(0, "0")]
    sizes = sent(both_halves, "set max")
    back = "set max_memory_usage = default, max_threads = default"
    assert [sorted(sql[4:].split(", ")) for sql in sizes] == [
        ["max_memory_usage = 16000000000", "max_threads = 8"],
        sorted(back[4:].split(", ")),
        ["max_memory_usage = 4000000000", "max_threads = 2"],
        sorted(back[4:].split(", ")),
    ]
    details = json.loads(
        both_halves.sql(
            "select details from ops.ops_actions where action = 'set_warehouse_size'"
            " order by recorded_at limit 1"
        )[0][0]
    )
    assert details["before"] == {"max_memory_usage": "default", "max_threads": "default"}


def test_by_macros_alone_a_size_takes_a_connection_for_each_model(project: Project) -> None:
    resizing = "{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('X-LARGE') }}\") }} "
    project.models(a=resizing + SETTINGS, b="-- depends_on: {{ ref('a') }}\n" + SETTINGS)
    refused = project.dbt("run", ok=False).text
    assert "would outlive the model" in refused
    assert "query_settings" in refused
    assert sent(project, "set max") == []
    project.outputs["prod"]["reuse_connections"] = False
    project.dbt("run")
    assert project.sql("select threads from main.a") == [("16",)]
    assert project.sql("select threads = '16' from main.b") == [(0,)]


@pytest.mark.parametrize(
    ("sizes", "size", "said"),
    [
        ({}, "huge", "size huge is not known"),
        ({}, "LARGE", "a size belongs to the session of a model"),
        ({"mine": {"max_thread": 4}}, "mine", "did you mean max_threads?"),
        ({"mine": {"max_memory_usage": "4G"}}, "mine", 'is "4G", not a number of bytes'),
    ],
)
def test_a_size_that_cannot_be_is_refused(
    project: Project, sizes: dict[str, dict[str, object]], size: str, said: str
) -> None:
    project.vars(warehouse_sizes=sizes)
    assert said in project.operation("set_warehouse_size", ok=False, size=size).text
    assert sent(project, "set max") == []


def test_a_setting_of_the_profile_is_not_resized(both_halves: Project) -> None:
    """It is sent with each statement, over what the session has."""
    both_halves.outputs["prod"]["custom_settings"] = {"max_threads": 3}
    both_halves.models(a=of_size("LARGE") + SETTINGS)
    said = both_halves.dbt("run").text
    assert "max_threads stands in custom_settings of the profile" in said
    assert both_halves.sql("select threads from main.a") == [("3",)]
    assert sent(both_halves, "set max") == []


# Tags --------------------------------------------------------------------------------------------


def test_a_session_is_tagged_for_its_model(both_halves: Project) -> None:
    both_halves.vars(session_tags=True)
    both_halves.models(a=SETTINGS)
    both_halves.dbt("run")
    [(tag,)] = both_halves.sql("select tag from main.a")
    assert json.loads(tag)["node_id"] == "model.shop.a"
    assert sent(both_halves, "set log_comment")[-1] == "set log_comment = default"


def test_a_pre_hook_tags_the_session(project: Project) -> None:
    hook = '{{ config(pre_hook="{{ dbt_opsplugin.set_query_tag() }}") }} '
    project.models(a=hook + SETTINGS)
    project.dbt("run")
    [(tag,)] = project.sql("select tag from main.a")
    assert json.loads(tag)["node_name"] == "a"


def test_a_comment_stands_before_each_statement_and_not_behind_a_seed(project: Project) -> None:
    """What follows the rows of a seed would be a row."""
    comment = {"comment": "{{ dbt_opsplugin.query_comment(node) }}", "append": False}
    project.config["query-comment"] = comment
    project.write("seeds/raw.csv", "id\n1\n")
    project.models(a="select id from {{ ref('raw') }}")
    outcome = project.dbt("build")
    assert project.sql("select id from main.a") == [(1,)]
    tags = [json.loads(sql[2 : sql.index("*/")]) for sql in outcome.statements]
    assert {"seed.shop.raw", "model.shop.a", None} == {tag.get("node_id") for tag in tags}
    comment["append"] = True
    assert "(INCORRECT_DATA)" in project.dbt("seed", ok=False).text
