"""The runs that earlier processes left behind, and the command of dbt that delivers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dbt_opsplugin.hosts.command import Command
from dbt_opsplugin.hosts.invocation import reason
from dbt_opsplugin.journal import abandoned, is_delivery
from dbt_opsplugin.runs import Run

__all__ = ["Waiting"]

LIMIT = 3
"""So many runs whose rows the warehouse refuses are tried at once; `dbt-ops deliver` tries all."""


class _OutOfReachError(Exception):
    """The warehouse does not answer, or its ops tables cannot be made: no run would fare better."""


class Waiting:
    """The journals of processes that are gone, as one command finds them."""

    def __init__(self, command: Command, folder: Path, deliver: Callable[[Run], None]) -> None:
        self._command = command
        self._folder = folder
        self._deliver = deliver
        self._refused: set[Path] = set()
        self._problems: dict[Path, str] = {}
        self._is_out_of_reach = False

    @property
    def problems(self) -> list[str]:
        """Why something was not delivered."""
        return [f"{path} is not delivered yet: {why}" for path, why in self._problems.items()]

    def was_reached(self) -> None:
        """This command has written to the warehouse by itself."""
        self._is_out_of_reach = False

    def deliver(self, own: Path | None) -> None:
        """What was left of this place, the oldest first. What was refused goes to the end of the
        line, and is not tried again by this command; a warehouse out of reach is not asked again.

        Args:
            own: the journal of this command.
        """
        if self._is_out_of_reach or not self._folder.is_dir():
            return
        refused, is_ready = 0, False
        for journal in abandoned(self._folder, own):
            if journal.path in self._refused:
                continue
            try:
                run = journal.read()
                if run is not None:
                    if not self._command.is_place_of(run):
                        continue
                    if not is_ready:
                        self._reach()
                        is_ready = True
                    self._deliver(run)
                journal.acknowledge()
                self._problems.pop(journal.path, None)
            except _OutOfReachError as error:
                self._problems[journal.path] = str(error)
                self._is_out_of_reach = True
                return
            except Exception as error:
                self._problems[journal.path] = reason(error)
                self._refused.add(journal.path)
                journal.postpone()
                refused += 1
                is_ready = False  # Nobody knows whether it was the rows or the connection.
                if refused == LIMIT and not is_delivery():
                    return

    def _reach(self) -> None:
        try:
            self._command.macro("_ensure_ops_tables")
        except Exception as error:
            raise _OutOfReachError(reason(error)) from error
