"""`dbt-ops`: one file per command."""

from __future__ import annotations

import sys

import click

from dbt_opsplugin import __version__
from dbt_opsplugin.cli.deliver import deliver
from dbt_opsplugin.cli.init import init
from dbt_opsplugin.errors import OpsError

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="dbt-opsplugin")
def cli() -> None:
    """Production operations of a dbt project."""


cli.add_command(deliver)
cli.add_command(init)


def main() -> None:
    """The console script: an error of ours is one line and an exit code."""
    try:
        cli()
    except OpsError as error:
        click.echo(f"dbt-ops: {error}", err=True)
        sys.exit(error.exit_code)
