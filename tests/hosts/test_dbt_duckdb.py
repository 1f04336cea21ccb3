"""The plugin of dbt-duckdb: tagged connections, DuckDB's figures, artifacts as sources."""

from __future__ import annotations

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from projects import Project

MODULE = "dbt_opsplugin.hosts.dbt_duckdb"


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    # Of another test in this process; dbt-duckdb would ask it for the sources.
    DuckDBConnectionManager.close_all_connections()
    project.outputs["prod"]["plugins"] = [{"module": MODULE}]
    project.models(
        numbers="select i, i % 7 as k from range(500000) t(i)",
        grouped="select k, count(*) as n, getvariable('x') as x from {{ ref('numbers') }} group by k",
    )
    return project


def test_duckdbs_own_figures_of_each_model_are_recorded(shop: Project) -> None:
    outcome = shop.dbt("build")
    assert "dbt_opsplugin:" not in outcome.text
    rows = shop.sql(
        "select name, cpu_time > 0, rows_scanned, peak_memory > 0, bytes_processed >= 0"
        " from ops.ops_results where resource_type = 'model' order by name"
    )
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["grouped"][:2] == (True, 500000)
    assert by_name["grouped"][2:] == (True, True)


def test_the_connection_says_who_it_is(shop: Project) -> None:
    shop.models(tagged="select getvariable('connection_tag') as tag")
    shop.dbt("run", "--select", "tagged")
    [(name, invocation)] = shop.sql("select tag ->> 'app', tag ->> 'invocation_id' from tagged")
    assert name == "dbt"
    assert (invocation,) in shop.sql("select invocation_id from ops.ops_runs")


def test_where_the_configuration_is_locked_models_run_without_figures(shop: Project) -> None:
    shop.outputs["prod"]["config_options"] = {"lock_configuration": True}
    outcome = shop.dbt("build")
    assert "dbt_opsplugin:" not in outcome.text
    assert shop.sql("select count(*) from numbers") == [(500000,)]


def sources(shop: Project, meta: str = "{plugin: dbt_duckdb}") -> None:
    shop.write(
        "models/sources.yml",
        f"""
        sources:
          - name: artifacts
            schema: main
            config: {{meta: {meta}}}
            meta: {meta}
            tables:
              - name: manifest
              - name: run_results
              - name: nonsense
        """,
    )


def test_artifacts_are_sources_that_sql_reads(shop: Project) -> None:
    sources(shop)
    shop.dbt("build", "--select", "numbers", "grouped", artifacts=True)
    shop.models(
        of_run="select * from {{ source('artifacts', 'run_results') }}",
        of_manifest="select unique_id, resource_type, node::json ->> '$.config.materialized' as m"
        " from {{ source('artifacts', 'manifest') }} where resource_type = 'model'",
    )
    shop.dbt("build", "--select", "of_run", "of_manifest")
    assert shop.sql("select name, status from of_run where resource_type = 'model' order by 1") == [
        ("grouped", "success"),
        ("numbers", "success"),
    ]
    assert ("model.shop.numbers", "model", "table") in shop.sql("from of_manifest")
    (shop.root / "target" / "run_results.json").unlink()
    early = shop.dbt("build", "--select", "of_run", ok=False)
    assert "run_results.json: run a dbt command that writes it first" in early.text
    shop.models(of_nothing="select * from {{ source('artifacts', 'nonsense') }}")
    wrong = shop.dbt("build", "--select", "of_nothing", ok=False)
    assert "nonsense is no artifact of dbt: use one of manifest, run_results, sources" in wrong.text


NAMES = "select name from {{ source('artifacts', 'manifest') }} where resource_type = 'model'"


def test_artifacts_are_found_where_the_project_has_them_written(shop: Project) -> None:
    shop.config["target-path"] = "built"
    sources(shop)
    shop.models(of_manifest=NAMES)
    shop.write("target/manifest.json", "{}")
    shop.dbt("build")
    assert shop.column("from of_manifest") == ["grouped", "numbers", "of_manifest"]
    shop.dbt("build", "--target-path", "elsewhere")
    assert (shop.root / "elsewhere" / "manifest.json").is_file()


def test_a_manifest_of_another_run_is_read_only_from_a_folder_that_is_named(shop: Project) -> None:
    shop.dbt("parse")
    sources(shop)
    shop.models(of_manifest=NAMES)
    last = ("build", "--no-write-json", "--select", "of_manifest")
    stale = shop.dbt(*last, ok=False)
    assert "manifest.json is of another run (" in stale.text
    assert "run dbt without --no-write-json, or name the folder" in stale.text
    sources(shop, "{plugin: dbt_duckdb, path: target}")
    shop.dbt(*last)
    assert shop.column("from of_manifest") == ["grouped", "numbers"]


def test_without_the_python_half_the_plugin_does_no_harm(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "off")
    shop.dbt("build")
    assert shop.sql("select distinct cpu_time from ops.ops_results") == [(None,)]
