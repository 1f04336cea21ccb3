"""What all commands that read a dbt project share: their options, and dbt itself."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from dbt_opsplugin.errors import OpsError, UsageError
from dbt_opsplugin.runs import Row

__all__ = [
    "ROWS_PREFIX",
    "TARGET_PATH",
    "Project",
    "format_option",
    "project_dir_option",
    "project_options",
]

_PROJECT_DIR = ["DBT_ENGINE_PROJECT_DIR", "DBT_PROJECT_DIR"]
TARGET_PATH = ["DBT_ENGINE_TARGET_PATH", "DBT_TARGET_PATH"]
"""dbt's environment variables; from 1.11 on it takes the first name before the second."""

ROWS_PREFIX = "dbt_opsplugin.rows: "
"""How a run-operation hands rows over: a line with this prefix and JSON."""

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Project:
    """A dbt project on disk, and the target to use."""

    folder: Path
    profiles_dir: str | None
    target: str | None

    def __post_init__(self) -> None:
        if not (self.folder / "dbt_project.yml").is_file():
            raise UsageError(f"there is no dbt_project.yml in {self.folder}: pass --project-dir")

    def dbt(self, *arguments: str, listen: Callable[[], None] = lambda: None) -> list[str]:
        """Runs a dbt command in this process.

        Args:
            listen: is called at each event of dbt.

        Returns:
            All messages, also those that dbt does not show.

        Raises:
            OpsError: it failed; with dbt's own reason.
        """
        try:
            from dbt.cli.main import dbtRunner
        except ImportError as error:
            raise OpsError(f"dbt Core cannot be imported here: {error}") from error
        messages: list[str] = []
        errors: list[str] = []

        def take(event: Any) -> None:
            listen()
            messages.append(event.info.msg)
            if event.info.level == "error":
                errors.append(event.info.msg)

        place = ["--project-dir", str(self.folder)]
        if self.profiles_dir:
            place += ["--profiles-dir", self.profiles_dir]
        if self.target:
            place += ["--target", self.target]
        # Standard output is ours; the artifacts are those of the user's last command, which
        # `dbt retry` reads.
        silent = ["--quiet", "--no-print", "--log-level", "none", "--no-write-json"]
        with contextlib.redirect_stdout(sys.stderr):
            outcome = dbtRunner(callbacks=[take]).invoke([*silent, *arguments, *place])
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if not outcome.success:
            reason = outcome.exception or " ".join(errors) or "dbt does not say why"
            raise OpsError(f"dbt {arguments[0]} failed: {' '.join(str(reason).split())}")
        return messages

    def rows(self, macro: str, deliver: bool = True, **arguments: Any) -> list[Row]:
        """What a run-operation of the macro package hands over.

        Args:
            deliver: whether runs that wait are delivered before, as before each command of dbt.
        """
        with contextlib.nullcontext() if deliver else _switched_off():
            messages = self.dbt(
                "run-operation", f"dbt_opsplugin.{macro}", "--args", json.dumps(arguments)
            )
        found: list[Row] = []
        for message in messages:
            if message.startswith(ROWS_PREFIX):
                found += json.loads(message[len(ROWS_PREFIX) :])
        return found


@contextlib.contextmanager
def _switched_off() -> Iterator[None]:
    """Within, dbt runs without our Python half."""
    before = os.environ.get("DBT_OPSPLUGIN")
    os.environ["DBT_OPSPLUGIN"] = "off"
    try:
        yield
    finally:
        del os.environ["DBT_OPSPLUGIN"]
        if before is not None:
            os.environ["DBT_OPSPLUGIN"] = before


def _nearest() -> Path:
    """This folder, or the first above it that holds a project, as dbt finds it."""
    places = (Path(), *Path.cwd().parents)
    return next((place for place in places if (place / "dbt_project.yml").is_file()), Path())


project_dir_option = click.option(
    "--project-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=_nearest,
    envvar=_PROJECT_DIR,
    help="The folder of dbt_project.yml; by default this one, or the first above it with one.",
)


def project_options(command: Command) -> Command:
    """Adds --project-dir, --profiles-dir and --target; the command gets a `project`."""

    @project_dir_option
    @click.option("--profiles-dir", help="As for dbt.")
    @click.option("--target", "-t", help="As for dbt.")
    def wrapped(
        project_dir: Path, profiles_dir: str | None, target: str | None, **others: Any
    ) -> Any:
        return command(project=Project(project_dir, profiles_dir, target), **others)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__click_params__ = [  # type: ignore[attr-defined]
        *getattr(command, "__click_params__", []),
        *getattr(wrapped, "__click_params__", []),
    ]
    return wrapped  # type: ignore[return-value]


format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json is for programs: one document on standard output.",
)
