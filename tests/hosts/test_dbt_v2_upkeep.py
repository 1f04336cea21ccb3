"""On the real dbt v2: bad input is refused, and the ops tables are kept up."""

from __future__ import annotations

import json
import re

import pytest
from projects import REPOSITORY
from v2_binary import TABLES, VERSION, Row, V2Project, last_run, rows

pytest_plugins = ["v2_binary"]
pytestmark = pytest.mark.v2


@pytest.fixture
def project(v2_project: V2Project) -> V2Project:
    """An empty project on dbt v2; its production target is `prod`."""
    return v2_project


# Bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"schema": 5}, "opsplugin_schema is 5, not a name"),
        ({"row_counts": 1}, "opsplugin_row_counts is 1, not true or false"),
        ({"backup": "parket"}, "not one of parquet, schema, undrop (nearest: parquet)"),
        ({"row_count": True}, "opsplugin_row_count is not a var of dbt_opsplugin: did you mean"),
    ],
    ids=str,
)
@pytest.mark.parametrize("place", ["dbt_project.yml", "--vars"])
def test_a_bad_var_is_refused_before_anything_is_built(
    project: V2Project, values: Row, said: str, place: str
) -> None:
    project.models(a="select 1 as id")
    command = ["run"]
    if place == "--vars":
        command += ["--vars", json.dumps({f"opsplugin_{k}": v for k, v in values.items()})]
    else:
        project.vars(**values)
    outcome = project.dbt(*command, ok=False)
    assert f"dbt_opsplugin.vars: {said}" in outcome.text or said in outcome.text
    assert project.relations() == project.relations("ops") == []


def test_a_bad_key_in_meta_is_refused_before_anything_is_built(project: V2Project) -> None:
    project.models(a="{{ config(meta={'opsplugin': {'metric': {}}}) }} select 1 as id")
    outcome = project.dbt("run", ok=False)
    assert "metric in meta.opsplugin of model.shop.a is not known: did you mean metrics?" in (
        outcome.text
    )
    assert project.relations() == []


# Upkeep -------------------------------------------------------------------------------------------


def test_purging_deletes_old_rows_and_says_how_many(project: V2Project) -> None:
    project.models(a="select 1 as id")
    project.vars(row_counts=True)
    project.dbt("build")
    for table in TABLES:
        project.sql(f"update ops.{table} set recorded_at = recorded_at - interval 40 day")
    project.dbt("build")
    outcome = project.operation("purge_ops_tables", days=30, dry_run=True)
    assert "ops_results: 1 rows would be deleted" in outcome.text
    assert len(rows(project, "ops_runs")) == 2
    project.operation("purge_ops_tables", days=30)
    assert [len(rows(project, f"ops_{kind}")) for kind in ("runs", "results", "metrics")] == [1] * 3
    # The newest version of a node stays, however old it is.
    assert len(rows(project, "ops_nodes")) == 1


def test_older_tables_are_migrated_without_losing_a_row(project: V2Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("build")
    views = project.column("select view_name from duckdb_views() where schema_name = 'ops'")
    for view in views:
        project.sql(f"drop view ops.{view}")
    project.sql("alter table ops.ops_results drop column batch_results")
    project.dbt("build")
    assert len(rows(project, "ops_results")) == 2
    assert "batch_results" in rows(project, "ops_results")[0]
    assert project.column("select view_name from duckdb_views() where schema_name = 'ops'") == views


def test_many_rows_are_written(project: V2Project) -> None:
    project.config["models"]["shop"]["+materialized"] = "view"
    project.models(**{f"m{number}": "select 1 as id" for number in range(200)})
    project.dbt("run")
    assert last_run(project)["node_count"] == len(rows(project, "ops_results")) == 200


def test_dbt_v2_parses_every_macro_of_the_package_but_other_engines(project: V2Project) -> None:
    project.models(a="select 1 as id")
    project.dbt("parse")
    manifest = json.loads((project.root / "target/manifest.json").read_text())
    parsed = {
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "dbt_opsplugin"
    }
    written = {
        name
        for file in (REPOSITORY / "macros").rglob("*.sql")
        if "engines" not in file.parts or "duckdb" in file.parts
        for name in re.findall(r"\{%-?\s*macro\s+(\w+)", file.read_text())
    }
    assert parsed == written
    assert len(written) > 100


def test_a_package_with_a_macro_that_does_not_parse_fails_here(project: V2Project) -> None:
    project.models(a="select 1 as id")
    project.write("macros/bad.sql", "{% macro bad() %}{{ a b }}{% endmacro %}")
    project.dbt("parse", ok=False)


def test_this_is_the_version_that_was_asked_for(project: V2Project) -> None:
    version = project.binary.run("--version", cwd=project.root).stdout
    assert VERSION.replace("a", "-alpha.") in version
