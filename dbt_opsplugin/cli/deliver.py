"""`dbt-ops deliver`: what killed or disconnected runs left behind, without another run."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import click

from dbt_opsplugin.cli._project import Project, format_option, project_options
from dbt_opsplugin.cli._show import progress, show_json
from dbt_opsplugin.errors import OpsError
from dbt_opsplugin.journal import SUFFIX, delivery

__all__ = ["deliver"]


@click.command()
@project_options
@format_option
def deliver(project: Project, output: str) -> None:
    """Deliver the runs of this target that are still in the journal.

    Exits with 1 when the warehouse does not take them; they stay in the journal then.
    """
    folder = Path(os.environ.get("DBT_OPSPLUGIN_JOURNAL") or project.folder / ".dbt_opsplugin")
    before = _journals(folder)
    complaints: list[str] = []
    if before:
        with progress("runs delivered", len(before)) as show, delivery():
            # Our plugin in dbt delivers, as it does not in a parse otherwise.
            messages = project.dbt("parse", listen=_Counter(folder, before, show))
            show(len(before - _journals(folder)))
        for message in messages:
            if message.startswith("dbt_opsplugin: "):
                complaints.append(message.removeprefix("dbt_opsplugin: "))
    after = _journals(folder)
    delivered = len(before - after)
    if output == "json":
        show_json({"delivered": delivered, "waiting": len(after)})
    else:
        click.echo(f"{delivered} delivered, {len(after)} waiting in {folder}")
    if complaints:
        raise OpsError("; ".join(complaints))


class _Counter:
    """Tells how many journals are gone, at dbt's events but at most five times a second."""

    def __init__(self, folder: Path, before: set[str], show: Callable[[int], None]) -> None:
        self._folder, self._before, self._show = folder, before, show
        self._next = 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.2
            with contextlib.suppress(OSError):
                self._show(len(self._before - _journals(self._folder)))


def _journals(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"*{SUFFIX}")}
