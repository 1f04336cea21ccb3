"""What cannot be meant is refused before anything is built: vars, meta, sizes and arguments."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest
from projects import Project

METRIC = {"invocation_id": "x", "unique_id": "y", "metric": "m", "value": 1.5}

BAD_VARS = [
    ({"enabled": "yes"}, 'opsplugin_enabled is "yes", not true or false'),
    ({"prod_targets": "prod"}, 'opsplugin_prod_targets is "prod", not a list of names'),
    ({"prod_targets": [1]}, "opsplugin_prod_targets is [1], not a list of names"),
    (
        {"prod_targets": ["{{ env_var('LIVE') }}"]},
        "opsplugin_prod_targets is [\"{{ env_var('LIVE') }}\"], not a list of names, in which dbt renders",
    ),
    ({"schema": 5}, "opsplugin_schema is 5, not a name"),
    ({"schema": " "}, 'opsplugin_schema is " ", not a name'),
    ({"price_per_hour": -1}, "opsplugin_price_per_hour is -1, not a number of zero or more"),
    ({"slow_model_seconds": "300"}, 'opsplugin_slow_model_seconds is "300", not a number'),
    ({"backup_retention_days": 1.5}, "opsplugin_backup_retention_days is 1.5, not a whole number"),
    ({"row_counts": 1}, "opsplugin_row_counts is 1, not true or false, nor metadata"),
    ({"row_counts": "meta"}, 'opsplugin_row_counts is "meta", not true or false, nor metadata'),
    ({"tags": ["a"]}, 'opsplugin_tags is ["a"], not a mapping'),
    (
        {"backup": "parket"},
        'opsplugin_backup is "parket", not one of parquet, schema, undrop (nearest: parquet)',
    ),
    (
        {"row_count": True},
        "opsplugin_row_count is not a var of dbt_opsplugin: did you mean opsplugin_row_counts?",
    ),
]


@pytest.mark.duckdb
@pytest.mark.parametrize(("values", "said"), BAD_VARS, ids=lambda value: str(value)[:40])
def test_a_bad_var_is_refused_before_anything_is_built(
    project: Project, values: dict[str, Any], said: str
) -> None:
    project.models(a="select 1 as id")
    project.vars(**values)
    outcome = project.dbt("run", ok=False)
    assert f"dbt_opsplugin.vars: {said}" in outcome.text
    assert project.relations() == project.relations("ops") == []


@pytest.mark.core
@pytest.mark.skipif(version("dbt-core").startswith("1.8."), reason="builds after a failed start")
def test_a_project_wide_var_and_one_of_the_command_line_are_checked_alike(project: Project) -> None:
    project.models(a="select 1 as id")
    outcome = project.dbt("run", "--vars", "{opsplugin_enable: false}", ok=False)
    assert "opsplugin_enable is not a var of dbt_opsplugin: did you mean opsplugin_enabled?" in (
        outcome.text
    )
    outcome = project.dbt("run", "--vars", "{opsplugin_enabled: nope}", ok=False)
    assert 'opsplugin_enabled is "nope", not true or false' in outcome.text
    assert project.relations() == project.relations("ops") == []


@pytest.mark.duckdb
def test_a_bad_size_is_refused_before_anything_is_built(project: Project) -> None:
    """One that only another engine has is left to the targets there."""
    project.models(a="select 1 as id")
    project.vars(warehouse_sizes={"NIGHT": {"threads": 2}, "CLOUD": {"warehouse_size": "LARGE"}})
    project.dbt("run")
    project.vars(warehouse_sizes={"NIGHT": {"threads": 2, "memory": "4GB"}})
    outcome = project.dbt("build", ok=False)
    assert "memory in opsplugin_warehouse_sizes: NIGHT is not a setting of a size" in outcome.text
    assert "1 of 1 START sql" not in outcome.text


@pytest.mark.duckdb
@pytest.mark.skipif(version("dbt-core").startswith("1.8."), reason="builds after a failed start")
def test_vars_below_the_name_of_the_package_are_refused(project: Project) -> None:
    project.models(a="select 1 as id")
    project.config["vars"] = {"dbt_opsplugin": {"opsplugin_schema": "audit"}}
    outcome = project.dbt("run", ok=False)
    assert "opsplugin_schema is set below vars: dbt_opsplugin, where the models" in outcome.text
    assert project.relations() == project.relations("audit") == []


@pytest.mark.duckdb
def test_a_failed_hook_of_the_project_hides_no_bad_var(project: Project) -> None:
    project.models(a="select 1 as id")
    project.config["on-run-start"] = "select nonsense"
    outcome = project.dbt("run", "--vars", "{opsplugin_shema: x}", ok=False)
    assert "opsplugin_shema is not a var of dbt_opsplugin" in outcome.text


@pytest.mark.duckdb
def test_what_is_only_told_does_not_end_a_run_where_warnings_are_errors(project: Project) -> None:
    project.models(a="{{ config(meta={'opsplugin': {'warehouse_size': 'SMALL'}}) }} select 1 as id")
    told = "meta.opsplugin.warehouse_size (of a) has no effect without the Python package"
    assert told in project.dbt("run").text
    assert told in project.dbt("--warn-error", "run").text
    assert told in project.dbt("--warn-error-options", "{error: all}", "run").text
    warned = [e for e in project.dbt("run").events if e.info.level == "warn"]
    assert told in "".join(event.info.msg for event in warned)


BAD_META = [
    (
        {"stagin": True},
        "stagin in meta.opsplugin of model.shop.a is not known: did you mean staging?",
    ),
    ({"staging": "true"}, 'staging in meta.opsplugin of model.shop.a is "true", not true or'),
    ("staging", "meta.opsplugin of model.shop.a is staging, not a mapping"),
    ({"metrics": ["sum(id)"]}, 'metrics in meta.opsplugin of model.shop.a is ["sum(id)"], not a'),
    (
        {"metrics": {2: "sum(id)", "n": "sum(id)"}},
        "metric 2 in meta.opsplugin of model.shop.a has no",
    ),
    ({"metrics": {"total": 5}}, "metric total in meta.opsplugin of model.shop.a is 5, not a SQL"),
    ({"tags": 5}, "tags in meta.opsplugin of model.shop.a is 5, not a mapping"),
    ({"warehouse_size": 5}, "warehouse_size in meta.opsplugin of model.shop.a is 5, not a name"),
]


@pytest.mark.duckdb
@pytest.mark.parametrize(("meta", "said"), BAD_META, ids=lambda value: str(value)[:40])
def test_a_malformed_meta_is_refused_before_anything_is_built(
    project: Project, meta: Any, said: str
) -> None:
    project.models(a="{{ config(meta={'opsplugin': " + repr(meta) + "}) }} select 1 as id")
    outcome = project.dbt("run", ok=False)
    assert f"dbt_opsplugin.meta: {said}" in outcome.text
    assert project.relations() == project.relations("ops") == []


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (
            "drop_stg_tables",
            {"backup": "parquet", "backup_path": 5},
            "backup_path is 5, not the name of a folder: pass one, or leave it out for opsplugin_backups",
        ),
        ("drop_stg_tables", {"backup_set": ""}, "backup_set is , which cannot name a folder"),
        (
            "write_ops_rows",
            {"table": "ops_metricss", "rows": []},
            "table is ops_metricss, not one of ops_runs",
        ),
        (
            "write_ops_rows",
            {"table": ["ops_metrics"], "rows": []},
            "table is ['ops_metrics'], not one of ops_runs",
        ),
        (
            "write_ops_rows",
            {"table": "ops_metrics", "rows": [{"metrik": "x"}]},
            "metrik is not a column of ops_metrics: nothing was written; did you mean metric?",
        ),
        ("write_ops_rows", {"table": "ops_metrics", "rows": "x"}, "rows is x, not a list of mapp"),
        (
            "write_ops_rows",
            {"table": "ops_metrics", "rows": [1]},
            "rows is [1], not a list of mapp",
        ),
        (
            "write_ops_rows",
            {"table": "ops_metrics", "rows": [{"unique_id": "x", "metric": "m"}]},
            "a row of ops_metrics has no invocation_id, which tells it from others",
        ),
        (
            "write_ops_rows",
            {"table": "ops_metrics", "rows": [METRIC, {**METRIC, "metric": "n", "value": "many"}]},
            'value is "many", not a double: nothing was written',
        ),
        (
            "write_ops_rows",
            {"table": "ops_runs", "rows": [{"invocation_id": "x", "retry": "no", "threads": 1}]},
            'retry is "no", not a boolean: nothing was written',
        ),
        (
            "write_ops_rows",
            {"table": "ops_runs", "rows": [{"invocation_id": "x", "retry": True, "threads": 1.5}]},
            "threads is 1.5, not a bigint: nothing was written",
        ),
    ],
)
def test_an_argument_that_nothing_can_be_done_with_is_refused(
    project: Project, name: str, arguments: dict[str, Any], said: str
) -> None:
    project.models(stg_a="select 1 as id", fct="select * from {{ ref('stg_a') }}")
    project.dbt("build")
    assert said in project.operation(name, ok=False, **arguments).text
    assert project.relations() == ["fct", "stg_a"]
    assert project.sql("select count(*) from ops.ops_metrics") == [(0,)]


@pytest.mark.duckdb
def test_a_hook_that_writes_into_no_column_says_so(project: Project) -> None:
    project.models(a="select 1 as id")
    row = "{'invocation_id': invocation_id, 'unique_id': 'x', 'metrc': 'm'}"
    project.config["on-run-end"] = f"{{{{ dbt_opsplugin.write_ops_rows('ops_metrics', [{row}]) }}}}"
    outcome = project.dbt("run", ok=False)
    assert "metrc is not a column of ops_metrics" in outcome.text


@pytest.mark.duckdb
def test_sizes_that_are_no_mapping_are_refused_by_the_operation_too(project: Project) -> None:
    project.vars(warehouse_sizes=["NIGHT"])
    refused = project.operation("set_warehouse_size", size="NIGHT", ok=False)
    assert 'opsplugin_warehouse_sizes is ["NIGHT"], not a mapping' in refused.text


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("slow_model_seconds", ".inf", "not a number of zero or more"),
        ("price_per_hour", ".nan", "not a number of zero or more"),
        ("schema", "2024-01-01", "opsplugin_schema is "),
        ("schema", "'a\"b'", "not a name without quotes"),
        (
            "prod_targets",
            "production",
            'opsplugin_prod_targets is "production", not a list of names',
        ),
    ],
)
@pytest.mark.parametrize("command", ["run", "set_warehouse_size", "purge_ops_tables"])
def test_values_of_odd_kinds_are_refused_by_runs_and_operations(
    project: Project, name: str, value: str, said: str, command: str
) -> None:
    project.models(a="select 1 as id")
    values = ["--vars", f"{{opsplugin_{name}: {value}}}"]
    arguments = {"set_warehouse_size": "{size: SMALL}", "purge_ops_tables": "{days: 1}"}
    if command == "run":
        outcome = project.dbt("run", *values, ok=False)
    else:
        args = ["--args", arguments[command]]
        outcome = project.dbt("run-operation", command, *args, *values, ok=False)
    assert f"opsplugin_{name} is" in outcome.text
    assert said in outcome.text
    assert project.relations("ops") == []


@pytest.mark.duckdb
def test_vars_of_the_project_may_have_any_name(project: Project) -> None:
    project.config["vars"] = {"shop": {2024: "x", True: 1}}
    project.models(a="select 1 as id")
    project.dbt("run")
    assert project.sql("select status from ops.ops_runs") == [("success",)]
