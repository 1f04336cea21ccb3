"""Finds plugins by their entry points and calls their hooks, each guarded from the others."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pluggy

from dbt_opsplugin import builtin, hookspecs

__all__ = ["ENTRY_POINTS", "Plugins"]

ENTRY_POINTS = "dbt_opsplugin"
_LAST = "opsplugin_finish_model"

_ANSWERS: dict[str, set[str]] = {
    "opsplugin_checks": {"check", "status", "message"},
    "opsplugin_commands": set(),
    "opsplugin_find_alerts": {"title", "severity"},
}
"""The hooks that answer, and the columns of those that answer rows."""


class Plugins:
    """The plugins of one run.

    Args:
        complain: is told, once for each plugin, what is wrong with it; that plugin is then left
            out of the rest of the run.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._lock = threading.Lock()
        self._silenced: set[tuple[str, str]] = set()
        self._manager = pluggy.PluginManager("dbt_opsplugin")
        self._manager.add_hookspecs(hookspecs)

    def load(self) -> None:
        """Registers our own plugins and those that are installed."""
        for name, plugin in builtin.plugins():
            self.register(plugin, name)
        for entry_point in entry_points(group=ENTRY_POINTS):
            try:
                self.register(entry_point.load(), entry_point.name)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # sys.exit in a module would end dbt.
                why = f"{type(error).__name__}: {error}"
                self._complain(f"plugin {entry_point.name} is left out: {why}")

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
        """Calls a hook of every plugin, the first registered first, those marked `tryfirst` before
        and those marked `trylast` after the others.

        Returns:
            What all of them answered, in one list. A plugin that answers something else than
            its hook is for is left out, as one that raises.
        """
        answers = []
        found = getattr(self._manager.hook, hook).get_hookimpls()
        for implementation in sorted(found, key=lambda each: (not each.tryfirst, each.trylast)):
            if (implementation.plugin_name, hook) in self._silenced:
                continue
            try:
                wanted = {name: copy.deepcopy(arguments[name]) for name in implementation.argnames}
                answer = implementation.function(**wanted)
                if answer is not None and hook in _ANSWERS:
                    answers += _items(hook, answer)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # sys.exit in a plugin would leave dbt waiting forever.
                self._leave_out(implementation.plugin_name, hook, error)
        return answers

    def _leave_out(self, name: str, hook: str, error: BaseException) -> None:
        """But for what it may still have to put back, unless that is what fails."""
        hooks = set(hookspecs.__all__) - ({_LAST} if hook != _LAST else set())
        with self._lock:  # Models in several threads may find the same plugin at fault.
            new = {(name, each) for each in hooks} - self._silenced
            self._silenced |= new
        if new:
            self._complain(
                f"plugin {name} is left out of the rest of this run:"
                f" {hook}: {type(error).__name__}: {error}"
            )


def _items(hook: str, answer: Any) -> list[Any]:
    """The list that a hook has answered.

    Raises:
        TypeError: it is none, or of something else than the hook is for.
    """
    import click

    items, columns = list(answer), _ANSWERS[hook]
    for item in items:
        if columns and not (isinstance(item, dict) and item.keys() >= columns):
            raise TypeError(f"{item!r} is no row of {', '.join(sorted(columns))}")
        if not columns and not isinstance(item, click.Command):
            raise TypeError(f"{item!r} is no command of click")
    return items
