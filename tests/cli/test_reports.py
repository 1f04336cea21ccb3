"""dbt-ops runs, status and doctor: on real projects, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner, dbtRunnerResult
from projects import REPOSITORY, Project

from dbt_opsplugin import __version__
from dbt_opsplugin.cli import cli


@pytest.fixture
def shop(project: Project) -> Project:
    project.models(good="select 1 as id", bad="select {{ var('column', '1') }} as id")
    project.write_config()
    return project


def ops(project: Project, *arguments: str) -> Result:
    project.write_config()
    place = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
    try:
        return CliRunner().invoke(cli, [*arguments, *place])
    finally:
        DuckDBConnectionManager.close_all_connections()
        # dbt keeps the adapter until its next command; a test that asks for one gets it.
        FACTORY.reset_adapters()


def document(result: Result) -> Any:
    return json.loads(result.stdout)


def test_runs_are_listed_newest_first(shop: Project) -> None:
    shop.dbt("run")
    shop.dbt("run", "--vars", "{column: boom}", ok=False)
    result = ops(shop, "runs", "--format", "json")
    assert result.exit_code == 0, result.output
    assert [(run["command"], run["status"]) for run in document(result)] == [
        ("run", "error"),
        ("run", "success"),
    ]
    assert document(ops(shop, "runs", "--limit", "1", "--format", "json"))[0]["error_count"] == 1
    text = ops(shop, "runs").output
    assert "2 runs" in text
    assert document(result)[0]["invocation_id"] in text


def test_the_status_is_the_last_run_and_what_failed_in_it(shop: Project) -> None:
    shop.dbt("run", "--vars", "{column: boom}", ok=False)
    failed = ops(shop, "status", "--format", "json")
    assert failed.exit_code == 1
    [failure] = document(failed)["failures"]
    assert failure["unique_id"] == "model.shop.bad"
    assert "boom" in failure["message"]
    assert "model.shop.bad" in ops(shop, "status").output
    shop.dbt("run")
    passed = ops(shop, "status", "--format", "json")
    assert passed.exit_code == 0
    assert document(passed)["failures"] == []


def test_before_the_first_run_there_is_nothing_and_no_error(shop: Project) -> None:
    result = ops(shop, "status")
    assert (result.exit_code, result.output) == (0, "No run is recorded yet.\n")
    assert document(ops(shop, "runs", "--format", "json")) == []
    assert shop.relations("ops") == []


def test_artifacts_tell_the_same_without_a_warehouse(shop: Project) -> None:
    shop.vars(enabled=False)
    missing = ops(shop, "status", "--source", "artifacts")
    assert "there is no" in str(missing.exception)
    shop.dbt("run", "--vars", "{column: boom}", ok=False, artifacts=True)
    shop.database.unlink()
    failed = ops(shop, "status", "--source", "artifacts", "--format", "json")
    assert failed.exit_code == 1
    assert [f["unique_id"] for f in document(failed)["failures"]] == ["model.shop.bad"]
    [run] = document(ops(shop, "runs", "--source", "artifacts", "--format", "json"))
    assert (run["command"], run["status"], run["error_count"]) == ("run", "error", 1)
    (shop.root / "target" / "run_results.json").write_text("[]")
    broken = ops(shop, "runs", "--source", "artifacts")
    assert "is not dbt's run results" in str(broken.exception)


@pytest.mark.parametrize("hook", ["select 1", "select error('boom')"])
def test_artifacts_count_as_the_tables_do(
    shop: Project, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    shop.config["on-run-end"] = hook
    shop.models(after="select * from {{ ref('bad') }}")
    column = "boom" if hook == "select 1" else "1"
    shop.dbt("run", "--vars", f"{{column: {column}}}", ok=False)
    [recorded] = document(ops(shop, "runs", "--format", "json"))
    [run] = document(ops(shop, "runs", "--source", "artifacts", "--format", "json"))
    counts = ("success_count", "warn_count", "error_count", "skipped_count")
    assert [run[count] for count in counts] == [recorded[count] for count in counts]
    assert run["success_count"] == (1 if hook == "select 1" else 3)
    assert run["status"] == recorded["status"] == "error"


def test_a_project_that_cannot_be_read_is_one_clear_error(shop: Project) -> None:
    shop.models(broken="{{ nonsense( }}")
    assert "dbt run-operation failed: " in str(ops(shop, "runs").exception)
    wrong = CliRunner().invoke(cli, ["runs", "--project-dir", str(shop.root / "models")])
    assert "there is no dbt_project.yml in" in str(wrong.exception)


def test_standard_output_is_one_document_also_when_the_project_prints(shop: Project) -> None:
    shop.write(
        "macros/schema.sql",
        "{% macro generate_schema_name(name, node) %}{% do print('noise') %}"
        "{{ return(target.schema) }}{% endmacro %}",
    )
    shop.dbt("run")
    assert len(document(ops(shop, "runs", "--format", "json"))) == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_standard_output_has_no_character_for_is_no_reason_to_fail(
    shop: Project, encoding: str
) -> None:
    shop.write_config()
    result = {"unique_id": "model.shop.bad", "status": "error", "message": "caf\u00e9 \u2192"}
    artifact = {"metadata": {}, "args": {"which": "run"}, "results": [result]}
    shop.write("target/run_results.json", json.dumps(artifact))
    said = {}
    for output in ("text", "json"):
        arguments = ["status", "--source", "artifacts", "--format", output]
        process = subprocess.run(
            [sys.executable, "-m", "dbt_opsplugin.cli", *arguments],
            cwd=shop.root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": encoding},
            capture_output=True,
            encoding="cp1252",
            check=False,
        )
        assert (process.returncode, process.stderr) == (1, "")
        said[output] = process.stdout
    assert "\\u2192" in said["text"]
    assert json.loads(said["json"])["failures"][0]["message"] == "caf\u00e9 \u2192"


def test_yaml_that_is_none_is_one_clear_error(shop: Project) -> None:
    (shop.root / "dbt_project.yml").write_text("name: [shop")
    for command in (["runs", "--source", "artifacts"], ["init", "--git", "x"]):
        place = ["--project-dir", str(shop.root)]
        result = CliRunner().invoke(cli, [*command, *place])
        assert "dbt_project.yml is not YAML" in str(result.exception)


def checks(project: Project, *arguments: str) -> dict[str, tuple[str, str]]:
    result = ops(project, "doctor", "--format", "json", *arguments)
    found = {row["check"]: (row["status"], row["message"]) for row in document(result)}
    assert result.exit_code == any(status == "error" for status, _ in found.values())
    return found


def test_the_doctor_says_what_is_there_and_what_would_happen(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    shop.vars(drop_stg=True, backup="parquet")
    found = checks(shop)
    assert found["macro package"] == ("ok", "0.1.0")
    assert found["Python half"][0] == "ok"
    assert found["query comment"][0] == "warn"
    assert found["journal"][0] == "ok"
    assert found["target"][0] == "ok"
    assert "prod is production (opsplugin_prod_targets: prod, production)" in found["target"][1]
    assert 'runs are recorded in "shop"."ops"' in found["target"][1]
    assert "a successful build drops staging after a backup (parquet)" in found["target"][1]
    assert found["ops tables"] == ("ok", "can be written; the first run makes them")
    shop.config["query-comment"] = "{{ node.name }}"
    assert "is your own and carries no tag" in checks(shop)["query comment"][1]
    # It tried, and left no trace.
    assert shop.relations("ops") == []
    shop.dbt("run")
    assert checks(shop)["ops tables"] == ("ok", "can be written, up to date")
    assert "nothing is recorded" in checks(shop, "--target", "dev")["target"][1]


def test_the_doctor_finds_what_is_wrong(shop: Project) -> None:
    shop.vars(drop_stgs=True)
    found = checks(shop)
    assert found["Python half"][0] == "warn"
    assert found["target"][0] == "error"
    assert "opsplugin_drop_stgs is not a var of dbt_opsplugin" in found["target"][1]
    shop.config["vars"] = {}
    shop.sql("create view ops as select 1 as x")
    package = shop.root / "dbt_packages" / "dbt_opsplugin"
    package.unlink()
    assert checks(shop)["macro package"][0] == "error"
    assert "then dbt deps" in checks(shop)["macro package"][1]


def test_folders_and_the_project_may_be_told_by_the_environment(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.dbt("run", artifacts=True)
    monkeypatch.setenv("BUILT_TO", "target")
    monkeypatch.setenv("DBT_PROJECT_DIR", str(shop.root))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(shop.root))
    shop.config["target-path"] = "{{ env_var('BUILT_TO') }}"
    shop.config["packages-install-path"] = "{{ env_var('VENDOR', 'dbt') }}_packages"
    shop.write_config()
    result = CliRunner().invoke(cli, ["status", "--source", "artifacts"])
    assert (result.exit_code, "success" in result.output) == (0, True), result.output
    assert checks(shop)["macro package"] == ("ok", __version__)
    shop.config["packages-install-path"] = "{{ env_var('VENDOR') }}_packages"
    assert checks(shop)["macro package"] == (
        "warn",
        "is not looked for: packages-install-path {{ env_var('VENDOR') }}_packages cannot be"
        " rendered (KeyError('VENDOR')): set what it reads; only env_var is known here",
    )


@pytest.mark.parametrize("prefix", ["DBT", "DBT_ENGINE"])
def test_variables_of_dbt_are_known_by_both_their_names(
    shop: Project, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    shop.dbt("run", artifacts=True)
    (shop.root / "target").rename(shop.root / "elsewhere")
    monkeypatch.setenv(f"{prefix}_PROJECT_DIR", str(shop.root))
    monkeypatch.setenv(f"{prefix}_TARGET_PATH", "elsewhere")
    result = CliRunner().invoke(cli, ["status", "--source", "artifacts"])
    assert (result.exit_code, "success" in result.output) == (0, True), result.output
    result = CliRunner().invoke(cli, ["init", "--git", "https://host/dbt-opsplugin"], input="n")
    assert "Nothing is changed." in result.output


def test_the_project_is_found_from_a_folder_in_it(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.dbt("run", artifacts=True)
    (shop.root / "models" / "marts").mkdir()
    monkeypatch.chdir(shop.root / "models" / "marts")
    result = CliRunner().invoke(cli, ["status", "--source", "artifacts"])
    assert (result.exit_code, "success" in result.output) == (0, True), result.output
    result = CliRunner().invoke(cli, ["init", "--git", "https://host/dbt-opsplugin"], input="n")
    assert f"+++ {shop.root / 'dbt_project.yml'}" in result.output


def test_after_ctrl_c_it_is_not_dbt_that_failed(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted = dbtRunnerResult(success=False, exception=KeyboardInterrupt())
    monkeypatch.setattr(dbtRunner, "invoke", lambda *_: interrupted)
    result = CliRunner().invoke(cli, ["runs", "--project-dir", str(shop.root)])
    assert (result.exit_code, result.output.strip()) == (1, "Aborted!")


def test_a_journal_that_can_be_no_folder_is_found(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shop.root / ".dbt_opsplugin"
    file.touch()
    problem = f"{file} is not a folder: remove it, or set DBT_OPSPLUGIN_JOURNAL to a folder"
    assert checks(shop)["journal"] == ("error", problem)
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(file / "below"))
    assert checks(shop)["journal"] == ("error", problem)
    (shop.root / "link").symlink_to("nowhere")
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(shop.root / "link"))
    assert checks(shop)["journal"][0] == "error"
    # The first run makes it.
    monkeypatch.setenv("DBT_OPSPLUGIN_JOURNAL", str(shop.root / "new" / "journal"))
    assert checks(shop)["journal"][0] == "ok"


def test_a_warehouse_that_cannot_be_written_is_found(shop: Project) -> None:
    shop.sql("create table one as select 1 as id")
    shop.outputs["prod"]["config_options"] = {"access_mode": "READ_ONLY"}
    found = checks(shop)
    assert found["target"][0] == "error"
    assert "read-only" in found["target"][1]


def test_looking_leaves_the_artifacts_that_a_retry_reads(shop: Project) -> None:
    shop.dbt("run", "--vars", "{column: boom}", ok=False, artifacts=True)
    file = shop.root / "target" / "run_results.json"
    before = file.read_text()
    for command in ("status", "runs", "doctor"):
        ops(shop, command)
    assert file.read_text() == before
    assert "1 of 1 OK" in shop.dbt("retry", "--vars", "{column: 1}").text


def test_the_doctor_delivers_nothing(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    shop.models(broken="select {{ nonsense( }}")
    shop.dbt("run", ok=False)
    (shop.root / "models/broken.sql").unlink()
    waiting = list((shop.root / ".dbt_opsplugin").glob("*.jsonl"))
    assert len(waiting) == 1
    for _ in range(2):
        assert "1 runs wait in" in ops(shop, "doctor").output
    assert waiting[0].exists()
