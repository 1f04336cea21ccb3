"""Real dbt projects with the package, driven in process: a dbt process costs seconds to start."""

from __future__ import annotations

import copy
import io
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import yaml
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from engines import DuckDB, Engine

# No test reads the log of a command in process, and few the artifacts, which took a fifth of a command.
QUIET = ["--log-level-file", "none", "--no-write-json"]
DBT = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors"]
REPOSITORY = Path(__file__).resolve().parent.parent

# The macros are complete by themselves and tested so; tests/hosts switches the Python half on.
os.environ["DBT_OPSPLUGIN"] = "off"


def sent_sql(event: Any) -> str | None:
    """The statement that an event of dbt says is sent: dbt-clickhouse only logs it."""
    if event.info.name == "SQLQuery":
        return event.data.sql
    if event.info.name == "AdapterEventDebug" and event.data.name == "dbt_clickhouse":
        found = re.fullmatch(r"On \S+: (.*)\.\.\.", event.data.base_msg, re.DOTALL)
        return found[1] if found else None
    return None


class Outcome:
    """What one dbt command did: its success and everything that it logged."""

    def __init__(
        self, result: Any, events: list[Any], printed: str = "", engine: Engine | None = None
    ) -> None:
        self.engine = engine or DuckDB()
        self.printed = printed
        self.success: bool = result.success
        self.exception = result.exception
        self.result = result.result
        self.events = events

    @property
    def text(self) -> str:
        """All messages of level info and above, and the error that ended the command."""
        return "\n".join([*self.lines, str(self.exception or "")])

    @property
    def lines(self) -> list[str]:
        """All messages of level info and above. Of dbt 1.8, what a macro prints is no event."""
        lines = [e.info.msg for e in self.events if e.info.level != "debug"]
        if not any(e.info.name == "PrintEvent" for e in self.events):
            is_logged = re.compile(r"(\x1b\[0m)?\d\d:\d\d:\d\d  ").match
            lines += [line for line in self.printed.splitlines() if not is_logged(line)]
        return lines

    @property
    def statements(self) -> list[str]:
        """Every statement that was sent to the database, in order."""
        return [sql for sql in map(sent_sql, self.events) if sql is not None]

    def statements_of(self, node: str) -> list[str]:
        """The statements that ran for one node, by a part of its unique_id."""
        return [
            sql
            for e in self.events
            if (sql := sent_sql(e)) is not None and node in e.data.node_info.unique_id
        ]

    def plan(self) -> dict[str, tuple[str, str]]:
        """The printed plan of drop_stg_tables: relation -> (decision, reason)."""
        rows = {}
        for line in self.lines:
            for decision in ("drop", "keep"):
                head, separator, reason = line.partition(f"  {decision}  ")
                if separator and head.startswith("  "):
                    relation = re.split(" {2,}", head.strip())[0].split(".")
                    name = ".".join(self.engine.folded(part) for part in relation)
                    rows[name] = (decision, reason.strip())
        return rows


class Project:
    """A dbt project with the package installed, in a folder of its own."""

    def __init__(self, root: Path, engine: Engine | None = None) -> None:
        self.root = root
        self.engine = engine or DuckDB()
        output = self.engine.output(root)
        self.outputs = {"prod": output, "dev": {**output, "schema": "dev"}}
        self.database = root / "shop.duckdb"
        self.config: dict[str, Any] = {
            "name": "shop",
            "version": "1.0",
            "profile": "shop",
            "flags": {"send_anonymous_usage_stats": False},
            "vars": {},
            "models": {"shop": {"+materialized": "table"}},
            **copy.deepcopy(self.engine.config),
        }
        (root / "dbt_packages").mkdir()
        (root / "dbt_packages" / "dbt_opsplugin").symlink_to(REPOSITORY)
        self.packages = f"packages:\n  - local: {REPOSITORY}\n"
        self.write("packages.yml", self.packages)
        # As nearly every project has: without any, each dispatch fails in the project first, which
        # took a tenth of a command. The suites of tests/conformance have none.
        self.write("macros/of_the_project.sql", "{% macro of_the_project() %}{% endmacro %}")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))

    def models(self, **models: str) -> None:
        """Writes models; a name that starts with stg_ goes to models/staging."""
        for name, sql in models.items():
            folder = "staging/" if name.startswith("stg_") else ""
            self.write(f"models/{folder}{name}.sql", sql)

    def vars(self, **values: Any) -> None:
        """Sets opsplugin_* vars."""
        self.config["vars"].update({f"opsplugin_{k}": v for k, v in values.items()})

    def write_config(self) -> None:
        self.write("dbt_project.yml", yaml.safe_dump(self.config))
        profile = {"shop": {"target": "prod", "outputs": self.outputs}}
        self.write("profiles.yml", yaml.safe_dump(profile))

    def dbt(
        self, *args: str, target: str = "prod", ok: bool | None = True, artifacts: bool = False
    ) -> Outcome:
        """Runs a dbt command; ok=None does not ask how it ended. Its artifacts are files on request,
        and where the recorder runs, which reads dbt's results at the end."""
        self.write_config()
        artifacts = artifacts or os.environ["DBT_OPSPLUGIN"] == "on"
        events: list[Any] = []
        folders = ["--project-dir", str(self.root), "--profiles-dir", str(self.root)]
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                result = dbtRunner(callbacks=[events.append]).invoke(
                    [*QUIET[: 2 if artifacts else None], *args, *folders, "--target", target]
                )
        finally:
            self.engine.close()
            sys.stdout.write(printed.getvalue())
        outcome = Outcome(result, events, printed.getvalue(), self.engine)
        if ok is not None:
            assert outcome.success is ok, outcome.text
        return outcome

    def start(self, *args: str) -> subprocess.Popen[str]:
        """A dbt command in a process of its own, which can be killed, on the target prod."""
        self.write_config()
        return subprocess.Popen(
            [*DBT, *args, "--target", "prod"],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "DBT_PROFILES_DIR": str(self.root)},
            # A shell lets what it runs in the background ignore Ctrl-C, and that is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def operation(
        self, name: str, ok: bool | None = True, target: str = "prod", **args: Any
    ) -> Outcome:
        return self.dbt("run-operation", name, "--args", yaml.safe_dump(args), target=target, ok=ok)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self.engine.sql(statement)

    def column(self, statement: str) -> list[Any]:
        """The first column of a query, sorted."""
        return sorted((row[0] for row in self.sql(statement)), key=str)

    def relations(self, schema: str = "main") -> list[str]:
        return sorted(self.engine.relations(schema))


class Macros:
    """The package's macros, called one by one: `macros("literal", value="x")`, and what the engine has
    of its own, `macros("readers", ...)`. A dbt command for each call would cost a second."""

    def __init__(self, project: Project) -> None:
        self.engine = project.engine
        self.manifest = project.dbt("parse").result
        self.manifest.build_flat_graph()
        self.adapter = next(iter(FACTORY.adapters.values()))
        self.context: dict[str, Any] = {}

    def __call__(self, name: str, **arguments: Any) -> Any:
        names = [name, f"{self.adapter.type()}__{name}", f"default__{name}"]
        ours = [n for n in names if f"macro.dbt_opsplugin.{n}" in self.manifest.macros]
        # A dbt command of another test, which may come in between, leaves dbt its own adapter.
        FACTORY.adapters[self.adapter.type()] = self.adapter
        with self.adapter.connection_named("test"):
            return self.adapter.execute_macro(
                ours[0],
                macro_resolver=self.manifest,
                project="dbt_opsplugin",
                context_override=self.context,
                kwargs=arguments,
            )

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.adapter.connection_named("test"):
            return self.engine.sql_of_dbt(
                self.adapter.connections.get_thread_connection().handle, statement, values
            )


@contextmanager
def open_macros(project: Project) -> Iterator[Macros]:
    """Holds the database of the project open; Project.sql works again afterwards."""
    try:
        yield Macros(project)
    finally:
        project.engine.close()


def make_project(folder: Path, engine: Engine | None = None) -> Project:
    """An empty project in a new folder below the given one, on DuckDB unless told otherwise."""
    root = folder / "shop"
    root.mkdir()
    return Project(root, engine)
