"""`dbt-ops deliver`: what killed or disconnected runs left behind, without another run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from dbt_opsplugin.errors import OpsError, UsageError

__all__ = ["deliver"]


@click.command()
@click.option(
    "--project-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of dbt_project.yml; by default this one.",
)
@click.option("--profiles-dir", help="As for dbt.")
@click.option("--target", help="As for dbt; only runs of this target are delivered.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
def deliver(project_dir: Path, profiles_dir: str | None, target: str | None, output: str) -> None:
    """Deliver the runs that are still in the journal.

    Exits with 1 when the warehouse does not take them; they stay in the journal then.
    """
    if not (project_dir / "dbt_project.yml").is_file():
        raise UsageError(f"there is no dbt_project.yml in {project_dir}: pass --project-dir")
    folder = Path(os.environ.get("DBT_OPSPLUGIN_JOURNAL") or project_dir / ".dbt_opsplugin")
    before = _journals(folder)
    failure = ""
    if before:
        failure = _parse(project_dir, profiles_dir, target)
    after = _journals(folder)
    delivered = len(before - after)
    if output == "json":
        click.echo(json.dumps({"delivered": delivered, "waiting": len(after)}))
    else:
        click.echo(f"{delivered} delivered, {len(after)} waiting in {folder}")
    if failure:
        raise OpsError(failure)


def _journals(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.jsonl")}


def _parse(project_dir: Path, profiles_dir: str | None, target: str | None) -> str:
    """Lets dbt parse the project: our plugin delivers at the end of any command.

    Returns:
        Why something was not delivered, or nothing.
    """
    from dbt.cli.main import dbtRunner

    complaints: list[str] = []

    def listen(event: object) -> None:
        message = event.info.msg  # type: ignore[attr-defined]
        if message.startswith("dbt_opsplugin: "):
            complaints.append(message.removeprefix("dbt_opsplugin: "))

    arguments = ["--quiet", "parse", "--project-dir", str(project_dir)]
    if profiles_dir:
        arguments += ["--profiles-dir", profiles_dir]
    if target:
        arguments += ["--target", target]
    outcome = dbtRunner(callbacks=[listen]).invoke(arguments)
    if outcome.exception is not None:
        return f"dbt cannot parse the project: {outcome.exception}"
    return "; ".join(complaints)
