"""`dbt-ops runs` and `dbt-ops status`: what the ops tables say, or dbt's artifacts where there are
no ops tables."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import click

from dbt_opsplugin._yaml import read_yaml, rendered
from dbt_opsplugin.cli._project import TARGET_PATH, Project, format_option, project_options
from dbt_opsplugin.cli._show import show_json, show_table
from dbt_opsplugin.errors import OpsError
from dbt_opsplugin.runs import Row, status_group

__all__ = ["runs", "status"]

COLUMNS = (
    *("started_at", "command", "target_name", "status", "elapsed_time", "success_count"),
    *("warn_count", "error_count", "skipped_count", "invocation_id"),
)

source_option = click.option(
    "--source",
    type=click.Choice(["tables", "artifacts"]),
    default="tables",
    show_default=True,
    help="artifacts reads target/run_results.json, which needs no warehouse and no dbt Core.",
)


@click.command()
@project_options
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True)
@source_option
@format_option
def runs(project: Project, limit: int, source: str, output: str) -> None:
    """List the latest runs, newest first."""
    if source == "artifacts":
        found = [_artifact(project)["run"]]
    else:
        found = project.rows("report_runs", limit=limit)
    if output == "json":
        show_json(found)
    else:
        show_table(f"{len(found)} runs", COLUMNS, found)


@click.command()
@project_options
@source_option
@format_option
def status(project: Project, source: str, output: str) -> None:
    """Show the last run of each target and what failed in it.

    Exits with 1 when the last run of a target did not succeed.
    """
    if source == "artifacts":
        artifact = _artifact(project)
        last, failures = [artifact["run"]], artifact["failures"]
    else:
        rows = project.rows("report_status")
        last = [row["run"] for row in rows if "run" in row]
        failures = [row["failure"] for row in rows if "failure" in row]
    if output == "json":
        show_json({"runs": last, "failures": failures})
    elif not last:
        click.echo("No run is recorded yet.")
    else:
        show_table("The last run of each target", COLUMNS, last)
        if failures:
            click.echo()
            show_table(
                "What failed in it",
                ("target_name", "unique_id", "status", "failures", "message"),
                failures,
            )
    if any(run["status"] != "success" for run in last):
        raise click.exceptions.Exit(1)


def _artifact(project: Project) -> dict[str, Any]:
    """The run that target/run_results.json tells of, in the columns of the ops tables."""
    file = _target_folder(project) / "run_results.json"
    if not file.is_file():
        raise OpsError(f"there is no {file}: run a dbt command that writes it first")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        metadata, arguments = content["metadata"], content.get("args") or {}
        results = content["results"]
        failed = {status_group(result["status"]) for result in results} & {"error", "skipped"}
        # As in the tables: a hook may fail the run, and is no node that it is counted by.
        nodes = [r for r in results if not str(r["unique_id"]).startswith("operation.")]
        counts = Counter(status_group(node["status"]) for node in nodes)
        metadata.get("invocation_id"), arguments.get("which")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OpsError(f"{file} is not dbt's run results: {error!r}") from error
    run: Row = {
        "invocation_id": metadata.get("invocation_id"),
        "started_at": metadata.get("invocation_started_at") or metadata.get("generated_at"),
        "command": arguments.get("which"),
        "target_name": arguments.get("target"),
        "status": "error" if failed else "success",
        "elapsed_time": content.get("elapsed_time"),
        "dbt_version": metadata.get("dbt_version"),
        **{f"{group}_count": counts[group] for group in ("success", "warn", "error", "skipped")},
    }
    failures = [
        {
            "target_name": run["target_name"],
            **{key: result.get(key) for key in ("unique_id", "status", "failures", "message")},
        }
        for result in results
        if status_group(result["status"]) == "error"
    ]
    return {"run": run, "failures": failures}


def _target_folder(project: Project) -> Path:
    settings = read_yaml(project.folder / "dbt_project.yml")
    told = next(filter(None, map(os.environ.get, TARGET_PATH)), settings.get("target-path"))
    return project.folder / rendered(str(told or "target"))
