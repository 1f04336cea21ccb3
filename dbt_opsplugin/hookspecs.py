"""Every point at which a plugin may act, on one page.

A plugin is a module or object whose functions carry `hookimpl`, registered through the entry
point group `dbt_opsplugin`:

    [project.entry-points.dbt_opsplugin]
    hello = "hello"

What a plugin raises is said once as a warning and changes nothing of dbt's outcome. A function
marked `hookimpl` that is none of these is refused by name. Rows are those of the ops tables, as
dicts by column name; a hook is given a copy and cannot change what is recorded.
"""

from __future__ import annotations

from typing import Any

import pluggy

__all__ = ["hookimpl", "opsplugin_finish_node", "opsplugin_finish_run", "opsplugin_start_run"]

Row = dict[str, Any]

hookspec = pluggy.HookspecMarker("dbt_opsplugin")
hookimpl = pluggy.HookimplMarker("dbt_opsplugin")
"""Marks a plugin's functions."""


@hookspec
def opsplugin_start_run(run: Row) -> None:
    """Before the first node: what is known of the run, as columns of `ops_runs`."""


@hookspec
def opsplugin_finish_node(result: Row) -> None:
    """A node or hook has finished: its row of `ops_results`.

    Called in dbt's worker threads, one at a time; what takes long here holds up the run.
    """


@hookspec
def opsplugin_finish_run(run: Row, results: list[Row], recorded: bool) -> None:
    """The command ends: its row of `ops_runs`, those of its results, and whether the warehouse
    has them or a later run will deliver them."""
