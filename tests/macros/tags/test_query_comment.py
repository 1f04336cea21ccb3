"""query_comment in dbt's query-comment: what every statement of a run says about itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from dbt.version import __version__ as dbt_version
from projects import Outcome, Project, sent_sql

NASTY = {
    "quotes": 'it\'s "quoted" `so`',
    "backslashes": "C:\\temp\\new \\' \\\\",
    "lines": "one\ntwo\n\tthree",
    "end of a comment": "a */ drop table x; /* b **/ */*/ /*/",
    "line comment": "-- a\n-- b",
    "jinja": "{{ model.name }} {% do x %} {# y #}",
    "emoji": "🦆 ünï ",
    "placeholders": "%s %(x)s ? $1 :name ; $$",
    "nul": "a\x00b",
}


@pytest.fixture
def shop(project: Project) -> Project:
    comment(project, "node")
    project.models(fct="select 1 as id")
    return project


def comment(project: Project, arguments: str) -> None:
    project.config["query-comment"] = {
        "comment": "{{ dbt_opsplugin.query_comment(" + arguments + ") }}",
        "append": True,
    }


def comments(outcome: Outcome) -> list[tuple[str, dict[str, Any]]]:
    """(unique_id of what ran it, comment) of every statement, except those that dbt sends without
    a comment: of transactions, and those that bring the rows of a seed."""
    bare = r"BEGIN|COMMIT|ROLLBACK|\s*COPY .* FROM .*|\s*insert into .*\(%s.*"
    found = []
    for event in outcome.events:
        sql = sent_sql(event)
        if sql is not None and not re.fullmatch(bare, sql, re.DOTALL):
            match = re.search(r"/\* (.*) \*/;?$", sql, re.DOTALL)
            assert match, sql
            found.append((event.data.node_info.unique_id, json.loads(match[1])))
    return found


def of_model(outcome: Outcome, name: str = "fct") -> dict[str, Any]:
    return next(tag for node, tag in comments(outcome) if node == f"model.shop.{name}")


@pytest.mark.not_on("snowflake", "dbt sends more without a comment")
@pytest.mark.not_on("clickhouse", "no comment may follow the rows of a seed: tests/emulators")
def test_every_statement_of_a_build_names_the_node_that_it_belongs_to(shop: Project) -> None:
    shop.write("seeds/raw.csv", "id\n1\n")
    shop.write(
        "snapshots/snap.yml",
        """
        snapshots:
          - name: snap
            relation: ref('fct')
            config: {unique_key: id, strategy: check, check_cols: all}
        """,
    )
    shop.write(
        "models/schema.yml",
        """
        models:
          - name: fct
            columns: [{name: id, data_tests: [not_null]}]
        unit_tests:
          - name: it_is_one
            model: fct
            given: []
            expect: {rows: [{id: 1}]}
        """,
    )
    shop.models(broken="select 1 / 'x' as id")
    seen: dict[str, set[str]] = {}
    for node, tag in comments(shop.dbt("build", ok=False)):
        kind = node.split(".")[0]
        seen.setdefault(kind, set()).add(tag.get("node_id", ""))
        if kind in ("", "operation"):
            assert "node_id" not in tag
        else:
            assert tag["node_id"] == node
            assert tag["resource_type"] == kind
        assert tag["app"] == "dbt"
        assert tag["target"] == "prod"
    assert seen.keys() == {
        *("", "operation", "model", "seed", "snapshot", "test", "unit_test"),
    }
    assert seen["model"] == {"model.shop.fct", "model.shop.broken"}


@pytest.mark.slow_engines
@pytest.mark.core
def test_a_comment_says_what_ran_where_and_in_which_invocation(shop: Project) -> None:
    outcome = shop.dbt("run", "--select", "fct")
    assert of_model(outcome) == {
        "app": "dbt",
        "dbt_version": dbt_version,
        "dbt_opsplugin_version": "0.1.0",
        "project": "shop",
        "target": "prod",
        "invocation_id": outcome.events[0].info.invocation_id,
        "node_id": "model.shop.fct",
        "node_name": "fct",
        "resource_type": "model",
        "materialized": "table",
    }


def test_a_comment_holds_the_ids_of_the_orchestrator(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "4711")
    monkeypatch.setenv("AIRFLOW_CTX_DAG_RUN_ID", "manual__2025-01-31T00:00:00+00:00")
    for _, tag in comments(shop.dbt("run")):
        assert tag["github_run_id"] == "4711"
        assert tag["airflow_dag_run_id"] == "manual__2025-01-31T00:00:00+00:00"


def test_custom_keys_come_from_meta_then_the_comment_then_the_command_line(shop: Project) -> None:
    comment(shop, "node, tags={'team': 'comment', 'tier': 'comment'}")
    shop.models(
        fct="{{ config(meta={'opsplugin': {'tags': {'team': 'meta', 'priority': 1}}}) }} select 1 as id"
    )
    by_var = json.dumps({"opsplugin_tags": {"team": "var", "tier": "var", "run": "nightly"}})
    outcome = shop.dbt("run", "--vars", by_var)
    tag = of_model(outcome)
    assert {key: tag[key] for key in ("team", "tier", "run", "priority")} == {
        "team": "meta",
        "tier": "comment",
        "run": "nightly",
        "priority": 1,
    }
    outside = next(tag for node, tag in comments(outcome) if not node)
    assert outside["team"] == "comment"


def test_a_custom_key_cannot_replace_a_key_of_the_package(shop: Project) -> None:
    shop.models(
        fct="{{ config(meta={'opsplugin': {'tags': {'node_id': 'x', 'app': 'y'}}}) }} select 1 as id"
    )
    tag = of_model(shop.dbt("run"))
    assert (tag["node_id"], tag["app"]) == ("model.shop.fct", "dbt")


def test_a_comment_takes_any_text_and_dbt_and_duckdb_take_the_comment(shop: Project) -> None:
    tags = {**NASTY, "a */ key": "x", "number": 1.5, "yes": True, "list": [1, 2]}
    in_yaml = {key: text for key, text in tags.items() if key != "jinja"}  # dbt would render it
    shop.config["models"]["shop"]["+meta"] = {"opsplugin": {"tags": in_yaml}}
    comment(shop, "node, tags={'jinja': '{' ~ '{ model.name }' ~ '} {' ~ '% do x %}'}")
    tag = of_model(shop.dbt("run"))
    expected = {**tags, "jinja": "{{ model.name }} {% do x %}", "list": "[1, 2]"}
    assert {key: tag[key] for key in expected} == expected


def test_values_that_json_does_not_have_become_text(shop: Project) -> None:
    comment(
        shop,
        "node, tags={'nan': fromjson('NaN'), 'inf': fromjson('-Infinity'), 'none': none, 1: 2}",
    )
    tag = of_model(shop.dbt("run"))
    assert [tag[key] for key in ("nan", "inf", "none", "1")] == ["nan", "-inf", "None", 2]


def test_a_comment_that_is_too_long_loses_the_custom_keys_first(shop: Project) -> None:
    shop.config["models"]["shop"]["+meta"] = {"opsplugin": {"tags": {"long": "x" * 10000}}}
    tag = of_model(shop.dbt("run"))
    assert "long" not in tag
    assert tag["node_id"] == "model.shop.fct"
    assert tag["project"] == "shop"


@pytest.mark.duckdb
@pytest.mark.parametrize("meta", ["text", {"tags": "text"}, {"tags": ["a"]}, {"tags": None}, None])
def test_malformed_meta_breaks_no_command_that_validates_nothing(shop: Project, meta: Any) -> None:
    shop.config["models"]["shop"]["+meta"] = {"opsplugin": meta}
    shop.dbt("compile")


def test_tags_that_are_no_mapping_are_kept_as_text(shop: Project) -> None:
    comment(shop, "node, tags='nightly'")
    assert of_model(shop.dbt("run"))["tags"] == "nightly"


@pytest.mark.duckdb
@pytest.mark.parametrize("form", ["compact", "json"])
def test_the_tag_may_be_the_comment(shop: Project, form: str) -> None:
    """dbt shows a comment no adapter, by which the limit of a tag is found."""
    call = f"{{{{ dbt_opsplugin.query_tag(node, format='{form}') }}}}"
    shop.config["query-comment"] = {"comment": call, "append": True}
    shop.config["models"]["shop"]["+meta"] = {
        "opsplugin": {"tags": {"end": NASTY["end of a comment"]}}
    }
    outcome = shop.dbt("run")
    sent = next(s for s in outcome.statements_of("model.shop.fct") if "create" in s)
    said = sent.rsplit("/* ", 1)[1].split(" */")[0]
    invocation = outcome.events[0].info.invocation_id
    if form == "compact":
        assert said == f"dbt:fct:prod:{invocation}"
    else:
        tag = json.loads(said)
        assert (tag["node_name"], tag["end"]) == ("fct", NASTY["end of a comment"])
