"""Every point at which a plugin may act, on one page.

A plugin is a module or object whose functions carry `hookimpl`, registered through the entry
point group `dbt_opsplugin`:

    [project.entry-points.dbt_opsplugin]
    hello = "hello"

What a plugin raises, or answers instead of what its hook is for, is said once as a warning and
changes nothing of dbt's outcome. A function marked `hookimpl` that is none of these is refused by
name. Rows are those of the ops tables, as dicts by column name; a hook is given a copy and cannot
change what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from dbt_opsplugin.cli._project import Project

__all__ = [
    "CallMacro",
    "hookimpl",
    "opsplugin_checks",
    "opsplugin_commands",
    "opsplugin_find_alerts",
    "opsplugin_finish_model",
    "opsplugin_finish_node",
    "opsplugin_finish_run",
    "opsplugin_notify",
    "opsplugin_start_model",
    "opsplugin_start_run",
]

Row = dict[str, Any]

CallMacro = Callable[..., Any]
"""`call_macro(name, package="dbt_opsplugin", **arguments)`: runs a macro of the project in the
connection of the model and returns what it returns."""

hookspec = pluggy.HookspecMarker("dbt_opsplugin")
hookimpl = pluggy.HookimplMarker("dbt_opsplugin")
"""Marks a plugin's functions; `tryfirst` and `trylast` say when they are called. A `wrapper` is not
called."""


# A run --------------------------------------------------------------------------------------------


@hookspec
def opsplugin_start_run(run: Row) -> None:
    """Before the first node: what is known of the run, as columns of `ops_runs`."""


@hookspec
def opsplugin_start_model(model: Row, call_macro: CallMacro) -> None:
    """A model, seed or snapshot is about to run.

    Called in its thread and with its connection, outside its transaction. `model` has unique_id,
    resource_type, name, materialized, database_name, schema_name, alias, tags and meta. It runs
    whatever happens here.
    """


@hookspec
def opsplugin_finish_model(model: Row, call_macro: CallMacro) -> None:
    """It has run, well or not: put back here what was changed before it."""


@hookspec
def opsplugin_finish_node(result: Row) -> None:
    """A node or hook has finished: its row of `ops_results`.

    Called in dbt's worker threads, one at a time; what takes long here holds up the run.
    """


@hookspec
def opsplugin_finish_run(run: Row, results: list[Row], recorded: bool) -> None:
    """The command ends: its row of `ops_runs`, those of its results, and whether the warehouse
    has them or a later run will deliver them."""


# Alerts -------------------------------------------------------------------------------------------


@hookspec
def opsplugin_find_alerts(run: Row, results: list[Row]) -> list[Row] | None:
    """After a run has ended: what someone should hear of. An alert has a `title`, a `severity`
    (error, warn or info), and where they apply a `unique_id`, a `message` and an `owner`."""


@hookspec
def opsplugin_notify(run: Row, alerts: list[Row]) -> None:
    """There are alerts, those of all plugins together: tell someone."""


# The command line ---------------------------------------------------------------------------------


@hookspec
def opsplugin_checks(project: Project) -> list[Row] | None:
    """Checks for `dbt-ops doctor`: rows of check, status (ok, warn or error) and message."""


@hookspec
def opsplugin_commands() -> list[click.Command] | None:
    """Commands to add to `dbt-ops`."""
