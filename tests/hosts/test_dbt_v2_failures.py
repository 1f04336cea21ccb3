"""What fails, is refused or writes nothing on the real dbt v2; and the upkeep of the ops tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from v2_binary import NASTY, Row, V2Project, first_run, last_run, rows, statuses

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture
def project(v2_project: V2Project) -> V2Project:
    """An empty project on dbt v2; its production target is `prod`."""
    return v2_project


@pytest.fixture(scope="module")
def broken(
    make_v2: Callable[[Path], V2Project], tmp_path_factory: pytest.TempPathFactory
) -> V2Project:
    """A build with every kind of failure, and its retry."""
    project = make_v2(tmp_path_factory.mktemp("broken"))
    message = NASTY.replace("{{ y }}", "{{ '{{ y }}' }}").replace("{% z %}", "{{ '{% z %}' }}")
    project.models(
        stg_a="select 1 as id",
        bad=f"select error($m${message}$m$) as id from {{{{ ref('stg_a') }}}}",
        after_bad="select * from {{ ref('bad') }}",
        fct_a="select * from {{ ref('stg_a') }}",
        after_fct="select * from {{ ref('fct_a') }}",
    )
    project.write(
        "models/properties.yml",
        """
        models:
          - name: fct_a
            columns:
              - name: id
                data_tests: [{accepted_values: {name: is_two, arguments: {values: [2]}}}]
        """,
    )
    project.vars(drop_stg=True)
    project.built = project.dbt("build", ok=False)
    project.dbt("retry", ok=False)
    return project


def test_a_failed_build_says_what_failed_and_what_was_skipped(broken: V2Project) -> None:
    assert statuses(broken, first_run(broken)["invocation_id"]) == {
        "stg_a": "success",
        "bad": "error",
        "after_bad": "skipped",
        "fct_a": "success",
        "is_two": "fail",
        "after_fct": "skipped",
    }
    counts = ("status", "success_count", "error_count", "skipped_count")
    assert [first_run(broken)[column] for column in counts] == ["error", 2, 2, 2]


def test_a_message_of_any_content_is_kept_as_it_was(broken: V2Project) -> None:
    [bad] = rows(broken, "ops_results", "name = 'bad'")[:1]
    told = next(event.info.msg for event in broken.built.events if event.info.level == "error")
    # dbt indents the lines of a message from the database.
    text = NASTY.replace("\n", "\n  ")
    assert text in told
    assert text in bad["message"]
    assert text in broken.column("select message from ops.ops_failures where status = 'error'")[0]


def test_a_skipped_result_comes_with_the_reason(broken: V2Project) -> None:
    found = rows(broken, "ops_results", "name in ('after_bad', 'after_fct')")
    assert {row["message"] for row in found[:2]} == {"Skipped due to upstream failure"}


def test_nothing_is_dropped_after_a_failure(broken: V2Project) -> None:
    assert "nothing is dropped, since" in broken.built.text
    assert broken.relations() == ["fct_a", "stg_a"]
    refused = broken.operation("drop_stg_tables", ok=False)
    assert "nothing is dropped, since the last dbt build of target prod" in refused.text


@pytest.mark.parametrize(
    ("macro", "arguments", "said"),
    [
        ("drop_stg_tables", {"dry_runn": True}, "no argument dry_runn: did you mean dry_run?"),
        ("drop_stg_tables", {"dry_run": "yes"}, 'dry_run is "yes", not true or false'),
        ("drop_stg_tables", {"backup": "parket"}, "did you mean parquet?"),
        ("restore_stg_tables", {"set": "x"}, "no argument set: did you mean backup_set?"),
        ("restore_stg_tables", {}, "no backup of target prod is recorded"),
        ("purge_ops_tables", {}, "days is null, not a whole number of days"),
        ("purge_ops_tables", {"days": 1.5}, "days is 1.5, not a whole number of days"),
        (
            "set_warehouse_size",
            {"size": "MEDUIM"},
            "size MEDUIM is not known: did you mean MEDIUM?",
        ),
        ("set_warehouse_size", {"sise": "SMALL"}, "no argument sise: did you mean size?"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_argument_is_refused(
    broken: V2Project, macro: str, arguments: Row, said: str
) -> None:
    outcome = broken.operation(macro, ok=False, **arguments)
    assert said in outcome.text


def test_a_retry_is_recorded_as_one(broken: V2Project) -> None:
    run = rows(broken, "ops_runs")[1]
    assert (run["command"], run["retry"], run["status"]) == ("build", True, "error")
    assert set(statuses(broken, run["invocation_id"])) == {
        "bad",
        "after_bad",
        "is_two",
        "after_fct",
    }


def test_a_microbatch_model_is_recorded_and_one_that_failed_is_not_forgotten(
    project: V2Project,
) -> None:
    config = (
        "{{ config(materialized='incremental', incremental_strategy='microbatch',"
        " event_time='loaded_at', begin='2026-01-01', batch_size='day') }}"
    )
    project.models(
        stg_events="{{ config(event_time='loaded_at') }} select i,"
        " cast('2026-01-01' as timestamp) + to_days(cast(i as integer)) as loaded_at"
        " from range(4) as numbers(i)",
        batched=config + " select * from {{ ref('stg_events') }}",
    )
    between = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-05"]
    project.vars(drop_stg=True, row_counts=True)
    project.dbt("build", *between)
    assert statuses(project, last_run(project)["invocation_id"])["batched"] == "success"
    assert project.sql("select count(*) from batched") == [(4,)]
    assert project.relations() == ["batched"]
    project.models(
        batched=config + " select i, case when i = 2 then error('boom') end as e, loaded_at"
        " from {{ ref('stg_events') }}"
    )
    # dbt v2 has no result of a microbatch model that failed.
    outcome = project.dbt("build", "--full-refresh", *between, ok=False)
    assert "nothing is dropped, since model.shop.batched has no result" in outcome.text
    assert project.relations() == ["batched", "stg_events"]
    run = last_run(project)
    assert (run["status"], run["message"]) == ("error", "No result of model.shop.batched")


def test_a_failed_start_hook_lets_nothing_be_built(project: V2Project) -> None:
    project.models(stg_a="select 1 as id", fct_a="select * from {{ ref('stg_a') }}")
    project.config["on-run-start"] = "create table wrong as select error('no')"
    project.vars(drop_stg=True)
    project.dbt("build", ok=False)
    # dbt v2 then runs no hook at the end, so that the run is in no table.
    assert project.relations() == []


def test_a_freshness_check_is_not_taken_for_a_failed_run(project: V2Project) -> None:
    project.models(fct="select 1 as id")
    project.write(
        "models/sources.yml",
        """
        sources:
          - name: raw
            schema: main
            config: {loaded_at_field: at, freshness: {warn_after: {count: 1, period: day}}}
            tables: [{name: fct}]
        """,
    )
    project.dbt("build")
    outcome = project.dbt("source", "freshness")
    # This version of dbt v2 renders the hooks for it, and checks nothing.
    assert "Unhandled command: Source" in outcome.text
    assert [(row["command"], row["status"]) for row in rows(project, "ops_runs")][1:] in (
        [],
        [("freshness", "success")],
    )


# Where nothing is recorded ------------------------------------------------------------------------


def test_development_is_not_recorded_unless_asked_for(project: V2Project) -> None:
    project.models(stg_a="select 1 as id", fct_a="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True)
    project.dbt("build", target="dev")
    assert project.relations("dev") == ["fct_a", "stg_a"]
    assert project.relations("ops") == []
    project.vars(enabled=True)
    project.dbt("build", target="dev")
    assert last_run(project)["target_name"] == "dev"
    assert project.relations("dev") == ["fct_a", "stg_a"]
    refused = project.operation("drop_stg_tables", target="dev", ok=False)
    assert "target dev is not production: use a target named" in refused.text


def test_a_run_without_data_is_marked(project: V2Project) -> None:
    project.models(stg_a="select 1 as id", fct_a="select * from {{ ref('stg_a') }}")
    project.vars(drop_stg=True, row_counts=True)
    outcome = project.dbt("build", "--empty")
    assert "nothing is dropped, since --empty" in outcome.text
    assert last_run(project)["empty"] is True
    assert rows(project, "ops_metrics") == []
    assert project.relations() == ["fct_a", "stg_a"]


def test_what_was_asked_for_is_recorded_without_the_vars(project: V2Project) -> None:
    project.models(a="select 1 as id", b="select 1 as id")
    project.dbt("run", "--select", "a", "b", "--exclude", "tag:x", "--vars", '{"key": "s3cret"}')
    run = last_run(project)
    assert json.loads(run["selected"]) == ["fqn:a", "fqn:b"]
    assert json.loads(run["excluded"]) == ["tag:x"]
    assert "--vars ..." in run["invocation_command"]
    assert "s3cret" not in json.dumps(run, default=str)
    assert run["defer"] is False
