"""Finds plugins by their entry points and calls their hooks, each guarded from the others."""

from __future__ import annotations

import copy
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pluggy

from dbt_opsplugin import builtin, hookspecs

__all__ = ["ENTRY_POINTS", "Plugins"]

ENTRY_POINTS = "dbt_opsplugin"


class Plugins:
    """The plugins of one run.

    Args:
        complain: is told, once for each plugin, what is wrong with it; that plugin is then left
            out of the rest of the run.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._manager = pluggy.PluginManager("dbt_opsplugin")
        self._manager.add_hookspecs(hookspecs)

    def load(self) -> None:
        """Registers our own plugins and those that are installed."""
        for name, plugin in builtin.plugins():
            self.register(plugin, name)
        for entry_point in entry_points(group=ENTRY_POINTS):
            try:
                self.register(entry_point.load(), entry_point.name)
            except Exception as error:
                self._complain(f"plugin {entry_point.name} is left out: {error}")

    def register(self, plugin: object, name: str) -> None:
        """Registers one plugin.

        Raises:
            pluggy.PluginValidationError: a function is marked as a hook that does not exist, or
                asks for an argument that the hook does not have.
        """
        self._manager.register(plugin, name)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            self._manager.unregister(plugin)
            raise

    def call(self, hook: str, **arguments: Any) -> list[Any]:
        """Calls a hook of every plugin, the first registered first.

        Returns:
            What they answered, without None.
        """
        answers = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            wanted = {name: copy.deepcopy(arguments[name]) for name in implementation.argnames}
            try:
                answer = implementation.function(**wanted)
                if answer is not None:
                    answers.append(answer)
            except Exception as error:
                self._manager.unregister(implementation.plugin)
                self._complain(
                    f"plugin {implementation.plugin_name} is left out of the rest of this run:"
                    f" {hook}: {type(error).__name__}: {error}"
                )
        return answers
