"""`dbt-ops`: one file per command."""

from __future__ import annotations

import importlib
import io
import sys

import click

from dbt_opsplugin import __version__
from dbt_opsplugin.errors import OpsError

__all__ = ["cli", "main"]

_COMMANDS = {
    "deliver": "dbt_opsplugin.cli.deliver",
    "doctor": "dbt_opsplugin.cli.doctor",
    "init": "dbt_opsplugin.cli.init",
    "runs": "dbt_opsplugin.cli.runs",
    "status": "dbt_opsplugin.cli.runs",
}


class _Commands(click.Group):
    """Ours, each imported when it is asked for, and those of plugins."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*_COMMANDS, *_of_plugins()})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _COMMANDS:
            command = getattr(importlib.import_module(_COMMANDS[name]), name)
            assert isinstance(command, click.Command)
            return command
        return _of_plugins().get(name)


def _of_plugins() -> dict[str, click.Command]:
    from dbt_opsplugin.manager import Plugins

    plugins = Plugins(lambda message: click.echo(f"dbt-ops: {message}", err=True))
    plugins.load()
    return {str(command.name): command for command in plugins.call("opsplugin_commands")}


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="dbt-opsplugin")
def cli() -> None:
    """Production operations of a dbt project."""


def main() -> None:
    """The console script: an error of ours is one line and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the encoding of the terminal or pipe has no character for is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli()
    except OpsError as error:
        click.echo(f"dbt-ops: {error}", err=True)
        sys.exit(error.exit_code)
