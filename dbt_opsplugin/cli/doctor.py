"""`dbt-ops doctor`: is everything installed, visible, writable and of one version, and what would
happen in this target."""

from __future__ import annotations

import click

from dbt_opsplugin.cli._project import Project, format_option, project_options
from dbt_opsplugin.cli._show import show_json, show_table
from dbt_opsplugin.manager import Plugins
from dbt_opsplugin.runs import Row

__all__ = ["doctor"]


@click.command()
@project_options
@format_option
def doctor(project: Project, output: str) -> None:
    """Check the installation; changes nothing.

    Exits with 1 when a check finds an error.
    """
    complaints: list[Row] = []

    def complain(message: str) -> None:
        complaints.append({"check": "plugins", "status": "error", "message": message})

    plugins = Plugins(complain)
    plugins.load()
    found = plugins.call("opsplugin_checks", project=project) + complaints
    if output == "json":
        show_json(found)
    else:
        show_table("", ("check", "status", "message"), found)
    if any(check["status"] == "error" for check in found):
        raise click.exceptions.Exit(1)
