"""query_tag() in models and hooks, and set_query_tag() on DuckDB."""

from __future__ import annotations

import json
from typing import Any

import pytest
from projects import Outcome, Project

TAGGED = "select getvariable('query_tag') as tag"
AS_JSON = "query_tag(format='json')"


def literal(call: str) -> str:
    return "{{ dbt_opsplugin.literal(dbt_opsplugin." + call + ") }}"


def hooked(project: Project) -> None:
    project.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"


def tag_of(project: Project, relation: str) -> dict[str, Any]:
    return json.loads(project.sql(f"select tag from {relation}")[0][0])


def settings(outcome: Outcome) -> list[str]:
    return [s for s in outcome.statements if "set variable" in s]


def test_the_compact_form_names_model_target_and_invocation(project: Project) -> None:
    project.models(fct=f"select {literal('query_tag()')} as tag")
    outcome = project.dbt("run")
    invocation = outcome.events[0].info.invocation_id
    assert project.sql("select tag from fct") == [(f"dbt:fct:prod:{invocation}",)]


def test_of_a_model_with_versions_the_compact_form_names_the_version(project: Project) -> None:
    project.models(fct=f"select {literal('query_tag()')} as tag")
    project.write("models/schema.yml", "models: [{name: fct, versions: [{v: 2, defined_in: fct}]}]")
    invocation = project.dbt("run").events[0].info.invocation_id
    assert project.sql("select tag from fct_v2") == [(f"dbt:fct.v2:prod:{invocation}",)]


def test_the_end_of_a_long_name_goes_before_the_id_of_the_run(project: Project) -> None:
    name = "m" * 150
    project.models(
        **{name: f"{{{{ config(alias='fct') }}}} select {literal('query_tag()')} as tag"}
    )
    invocation = project.dbt("run").events[0].info.invocation_id
    kept = name[:17] if project.engine.name == "postgres" else name
    assert project.sql("select tag from fct") == [(f"dbt:{kept}:prod:{invocation}",)]


def test_the_id_of_the_run_is_whole_whatever_the_name_of_the_target(project: Project) -> None:
    target = "production_of_" + "europe" * 300
    project.outputs[target] = project.outputs["prod"]
    project.models(fct=f"select {literal('query_tag()')} as tag")
    invocation = project.dbt("run", target=target).events[0].info.invocation_id
    [(tag,)] = project.sql("select tag from fct")
    limit = 63 if project.engine.name == "postgres" else 2000
    assert (len(tag) <= limit, tag[-37:]) == (True, f":{invocation}")
    assert "production_of_" in tag


def test_the_json_form_holds_the_custom_keys_of_the_project_and_the_model(project: Project) -> None:
    project.vars(tags={"team": "project", "tier": 'it\'s \\ "gold" 🦆\n*/'})
    project.models(
        fct="{{ config(meta={'opsplugin': {'tags': {'team': 'model'}}}) }} select "
        + literal(AS_JSON)
        + " as tag"
    )
    outcome = project.dbt("run")
    tag = tag_of(project, "fct")
    assert tag["node_id"] == "model.shop.fct"
    assert tag["invocation_id"] == outcome.events[0].info.invocation_id
    assert tag["team"] == "model"
    assert tag["tier"] == 'it\'s \\ "gold" 🦆\n*/'


def test_the_json_form_stays_within_the_limit_of_the_engine(project: Project) -> None:
    project.vars(tags={"long": "x" * 2000})
    project.models(fct=f"select {literal(AS_JSON)} as tag")
    project.dbt("run")
    tag = tag_of(project, "fct")
    assert "long" not in tag
    assert tag["node_name"] == "fct"


def test_a_changed_run_id_does_not_make_dbt_parse_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.models(fct=f"select {literal(AS_JSON)} as tag")
    monkeypatch.setenv("GITHUB_RUN_ID", "1")
    project.dbt("run")
    monkeypatch.setenv("GITHUB_RUN_ID", "2")
    outcome = project.dbt("run")
    assert tag_of(project, "fct")["github_run_id"] == "2"
    assert [
        e for e in outcome.events if e.info.name == "PartialParsingEnabled" and e.data.changed
    ] == []
    assert "Unable to do partial parsing" not in outcome.text


def test_an_unknown_format_or_argument_names_the_nearest_one(project: Project) -> None:
    project.models(fct="select " + literal("query_tag(format='jsn')"))
    outcome = project.dbt("parse", ok=False)
    assert "query_tag: format is jsn, not compact or json: did you mean json?" in outcome.text
    project.models(fct="select " + literal("query_tag(formt='json')"))
    outcome = project.dbt("parse", ok=False)
    assert "query_tag: no argument formt: did you mean format? Valid: node, format" in outcome.text
    project.models(fct="select " + literal("query_tag('json')"))
    outcome = project.dbt("parse", ok=False)
    assert "query_tag: node is json, which is text and no node: pass format='json'" in outcome.text


@pytest.mark.duckdb
def test_a_pre_hook_tags_the_connection_of_the_model(project: Project) -> None:
    hooked(project)
    project.vars(tags={"team": "it's \\ ours"})
    project.models(fct=TAGGED)
    project.dbt("run")
    assert tag_of(project, "fct")["node_id"] == "model.shop.fct"
    assert tag_of(project, "fct")["team"] == "it's \\ ours"


@pytest.mark.duckdb
def test_the_model_after_a_failed_one_has_its_own_tag(project: Project) -> None:
    hooked(project)
    project.outputs["prod"]["threads"] = 1
    project.models(a_broken="select 1 / 'x' as id", b_fine=TAGGED)
    outcome = project.dbt("run", ok=False)
    order = [json.loads(s.split("'")[1])["node_name"] for s in settings(outcome)]
    assert order == ["a_broken", "b_fine"]
    assert tag_of(project, "b_fine")["node_name"] == "b_fine"


@pytest.mark.duckdb
def test_models_in_several_threads_have_their_own_tags(project: Project) -> None:
    hooked(project)
    project.outputs["prod"]["threads"] = 4
    names = [f"m{number}" for number in range(12)]
    project.models(**dict.fromkeys(names, TAGGED))
    project.dbt("run")
    assert [tag_of(project, name)["node_name"] for name in names] == names


@pytest.mark.duckdb
def test_a_tag_is_set_in_development_too(project: Project) -> None:
    hooked(project)
    project.models(fct=TAGGED)
    project.dbt("run", target="dev")
    assert tag_of(project, "dev.fct")["target"] == "dev"


@pytest.mark.duckdb
def test_no_tag_is_set_where_nothing_is_built(project: Project) -> None:
    hooked(project)
    project.models(fct="{{ dbt_opsplugin.set_query_tag() }} select 1 as id")
    for command in (["parse"], ["compile"], ["docs", "generate"], ["show", "--select", "fct"]):
        assert settings(project.dbt(*command)) == []
    assert len(settings(project.dbt("run"))) == 2


def test_an_operation_tags_by_the_name_of_its_macro(project: Project) -> None:
    project.write(
        "macros/show_tag.sql",
        "{% macro show_tag() %}{% do print('TAG ' ~ dbt_opsplugin.query_tag()) %}{% endmacro %}",
    )
    outcome = project.operation("show_tag")
    assert "TAG dbt:show_tag:prod:" in outcome.text
