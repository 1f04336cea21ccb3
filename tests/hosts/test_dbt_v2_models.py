"""What a model calls on the real dbt v2: sizes, tags and metrics."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from v2_binary import NASTY, V2Project, last_run, rows

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture
def project(v2_project: V2Project) -> V2Project:
    """An empty project on dbt v2; its production target is `prod`."""
    return v2_project


SIZES = {"big": {"threads": 3, "memory_limit": "2GB"}}
SETTINGS = "current_setting('threads') as threads, current_setting('memory_limit') as memory_limit"


def test_a_model_runs_on_its_size_and_the_next_run_starts_on_the_old_one(
    project: V2Project,
) -> None:
    project.outputs["prod"]["config_options"] = {"threads": 2, "memory_limit": "1536MiB"}
    project.vars(warehouse_sizes=SIZES)
    project.models(
        fct="{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('big') }}\") }}"
        f" select {SETTINGS}"
    )
    project.config["on-run-end"] = []
    project.dbt("run")
    assert project.sql("from fct") == [(3, "1.8 GiB")]
    actions = rows(project, "ops_actions", "action = 'set_warehouse_size'")
    assert [row["reason"] for row in actions] == ["set_warehouse_size", "put back"]
    assert json.loads(actions[1]["details"])["after"] == {"memory_limit": "1.5 GiB", "threads": 2}


def test_the_size_is_put_back_after_a_failure_and_outside_production(project: V2Project) -> None:
    for output in project.outputs.values():
        output["config_options"] = {"threads": 2, "memory_limit": "1536MiB"}
    project.vars(warehouse_sizes=SIZES)
    hook = "{{ dbt_opsplugin.set_warehouse_size('big', force=true) }}"
    project.config["models"]["shop"]["+pre-hook"] = hook
    project.models(fct="select nothing")
    for target in ("prod", "dev"):
        outcome = project.dbt("run", ok=False, target=target)
        sets = re.findall("set global (.*?)(?: =|\n|$)", "\n".join(outcome.statements))
        assert sets == ["memory_limit", "threads"] * 2, target


@pytest.mark.parametrize("command", [["compile"], ["show", "--select", "fct"], ["test"]])
def test_a_size_in_a_body_is_set_only_when_the_model_is_built(
    project: V2Project, command: list[str]
) -> None:
    project.vars(warehouse_sizes=SIZES)
    project.models(fct="{{ dbt_opsplugin.set_warehouse_size('big') }} select 1 as id")
    project.write(
        "models/properties.yml",
        """
        unit_tests: [{name: it_is_one, model: fct, given: [], expect: {rows: [{id: 1}]}}]
        """,
    )
    project.dbt("run")
    assert len(rows(project, "ops_actions", "action = 'set_warehouse_size'")) == 2
    outcome = project.dbt(*command)
    assert [sql for sql in outcome.statements if "set global" in sql] == []


def test_a_second_size_in_a_body_is_ignored_and_says_so(project: V2Project) -> None:
    project.vars(warehouse_sizes={**SIZES, "tiny": {"threads": 1}})
    project.models(
        fct="{{ dbt_opsplugin.set_warehouse_size('big') }} select "
        + SETTINGS
        + " {{ dbt_opsplugin.set_warehouse_size('tiny') }}"
    )
    outcome = project.dbt("run")
    assert project.sql("select threads from fct") == [(3,)]
    assert "before it runs it: the size stays big;" in outcome.text


def test_tags_take_any_text(project: V2Project) -> None:
    project.vars(tags={"text": NASTY})
    project.models(a="select 1 as id")
    project.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"
    call = "query_comment(node, {'own': var('opsplugin_tags')['text']})"
    comment = "{{ dbt_opsplugin." + call + " }}"
    project.config["query-comment"] = {"comment": comment, "append": True}
    outcome = project.dbt("run", "--vars", json.dumps({"opsplugin_tags": {"text": NASTY}}))
    [tagged] = [sql for sql in outcome.statements_of("model.shop.a") if "set variable" in sql]
    literal = re.match(r"set variable query_tag = '((?:[^']|'')*)'\s", tagged)[1]
    tag = json.loads(literal.replace("''", "'"))
    assert (tag["text"], tag["node_id"]) == (NASTY, "model.shop.a")
    comment = json.loads(re.search(r"/\* (\{.*\}) \*/$", tagged)[1])
    assert (comment["own"], comment["text"]) == (NASTY, NASTY)
    assert json.loads(last_run(project)["tags"]) == {"text": NASTY}


def test_a_session_tag_does_not_reach_the_model(project: V2Project) -> None:
    """dbt v2 gives every statement on DuckDB a connection of its own: tag by query-comment."""
    project.models(a="select getvariable('query_tag') as tag")
    project.config["models"]["shop"]["+pre-hook"] = "{{ dbt_opsplugin.set_query_tag() }}"
    project.dbt("run")
    assert project.sql("from a") == [(None,)]


def test_values_from_configs_survive_the_round_trip(project: V2Project) -> None:
    text = re.sub("{.*}", "", NASTY)  # dbt renders Jinja in properties
    project.models(a="select 1 as id")
    config = {"tags": [text], "meta": {"owner": text, "opsplugin": {"metrics": {text: "sum(id)"}}}}
    properties = {"models": [{"name": "a", "config": config}]}
    project.write("models/properties.yml", yaml.safe_dump(properties, allow_unicode=True))
    project.config["models"]["shop"]["+post-hook"] = "{{ dbt_opsplugin.log_model_metrics() }}"
    project.dbt("run")
    [result] = rows(project, "ops_results")
    assert (result["owner"], json.loads(result["tags"])) == (text, [text])
    assert {row["metric"]: row["value"] for row in rows(project, "ops_metrics")} == {
        "row_count": 1,
        text: 1,
    }


def test_metrics_of_any_number_are_recorded_and_readable(project: V2Project) -> None:
    metrics = {
        "fraction": "max(12345.67)",
        "huge": "max(1.5e300)",
        "nan": "max('nan'::double)",
        "negative": "min(-1234567)",
        "small": "max(0.00001)",
        "thousands": "max(12000)",
    }
    project.models(
        a="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}', meta={'opsplugin':"
        f" {{'metrics': {metrics}}}}}) }}}} select 1 as id"
    )
    outcome = project.dbt("run")
    assert {row["metric"]: row["value"] for row in rows(project, "ops_metrics")} == {
        "fraction": 12345.67,
        "huge": 1.5e300,
        "nan": None,
        "negative": -1234567,
        "row_count": 1,
        "small": 0.00001,
        "thousands": 12000,
    }
    assert "row_count 1, fraction 12345.6700, huge 1.5e" in outcome.text
    assert "nan -, negative -1,234,567, small 0.00001, thousands 12,000" in outcome.text
