"""`dbt-ops deliver`: what killed or disconnected runs left behind, without another run."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dbt_opsplugin.cli._project import Project, format_option, project_options
from dbt_opsplugin.cli._show import progress, show_json
from dbt_opsplugin.errors import OpsError
from dbt_opsplugin.journal import SUFFIX, abandoned, delivery

__all__ = ["deliver"]

Place = tuple[str, str]
"""A project and a target."""


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
    places, held = _places(folder) if before else ({}, 0)
    if output == "json":
        waiting = [{"project": p, "target": t, "waiting": n} for (p, t), n in places.items()]
        show_json({"delivered": delivered, "waiting": len(after), "places": waiting})
    else:
        click.echo(f"{delivered} delivered, {len(after)} waiting in {folder}")
        for place, count in places.items():
            if remedy := _remedy(place, bool(complaints)):
                click.echo(f"{count} of project {place[0]}, target {place[1]}: {remedy}")
        if held:
            click.echo(f"{held} at work, or not yours to write")
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


def _places(folder: Path) -> tuple[dict[Place, int], int]:
    """How many runs wait for each project and target, and how many do not as they are in use."""
    found: dict[Place, int] = {}
    held = len(_journals(folder))
    for journal in abandoned(folder):
        held -= 1
        with contextlib.suppress(Exception):  # What cannot be read, dbt has said by now.
            run = journal.read()
            if run is not None:
                place = str(run.facts.get("project_name")), str(run.facts.get("target_name"))
                found[place] = found.get(place, 0) + 1
    return dict(sorted(found.items())), max(held, 0)


def _remedy(place: Place, complained: bool) -> str:
    """What delivers the runs of a place; nothing where dbt has tried and said why it did not."""
    from dbt.adapters.factory import FACTORY

    # dbt keeps it after the command.
    adapter: Any = next(iter(FACTORY.adapters.values()))
    here = adapter.config.project_name, adapter.config.target_name
    if place == here:
        if complained:
            return ""
        return "of another database, or nothing is recorded here now (see dbt-ops doctor)"
    target = f"--target {place[1]}"
    if place[0] == here[0]:
        return f"pass {target}"
    return f"pass {target} and --project-dir, the folder of that project"


def _journals(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"*{SUFFIX}")}
