"""A command of dbt Core at work: what it knows of itself, and our macros in it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from dbt.config.runtime import UnsetProfile
from dbt.version import __version__ as dbt_version
from dbt_common.invocation import get_invocation_id

from dbt_opsplugin import __version__, is_switched_off
from dbt_opsplugin.hosts.connection import connection_of
from dbt_opsplugin.journal import is_delivery
from dbt_opsplugin.runs import CONNECTION, Row, Run, freshness_row, result_row
from dbt_opsplugin.statements import utc_text

__all__ = ["LEAVES_THREADS", "RECORDED", "Command"]

RECORDED = {"build", "run", "test", "seed", "snapshot", "freshness", "source-freshness"}

_CONNECTS = {*RECORDED, "run-operation", "clone"}
"""They work in the warehouse: what waits for it may go with them."""

LEAVES_THREADS = {"compile", "generate", "show"}
"""They raise the error of a node, and dbt leaves its pool of threads to the garbage collection, of
which one at the very end of the process complains."""

FOLDER = "DBT_OPSPLUGIN_JOURNAL"
"""Environment variable: where journals are kept, instead of `.dbt_opsplugin` in the project."""


class Command:
    """By click's context, to which dbt adds what it has loaded: at first the profile and the
    project, after the parse the manifest too. `dbt retry` takes command, target and vars of what it
    repeats, and parses for that by itself: of it, the adapter knows."""

    def __init__(self, context: click.Context) -> None:
        self._known: dict[str, Any] = context.obj
        project = self._known.get("project")
        self._root = Path(project.project_root if project else "").absolute()

    @property
    def name(self) -> str:
        return str(self._known["flags"].WHICH)

    @property
    def journal_folder(self) -> Path:
        return Path(os.environ.get(FOLDER) or self._root / ".dbt_opsplugin").absolute()

    def is_place_of(self, run: Run) -> bool:
        """Whether a run is of this project, target and database. One of a version of ours that did
        not note its database is of any."""
        config, facts = self._config, run.facts
        here = config.project_name, config.target_name
        return (facts.get("project_name"), facts.get("target_name")) == here and (
            facts.get(CONNECTION) in (None, connection_of(config.credentials))
        )

    @property
    def delivers(self) -> bool:
        """Whether what waits goes with it."""
        return self.repeats in _CONNECTS or is_delivery()

    @property
    def is_retry(self) -> bool:
        return self.name == "retry"

    @property
    def repeats(self) -> str:
        """The command itself; of a retry that has parsed, the command that it repeats."""
        repeated = getattr(self._config.args, "which", "") if self.is_retry and self._config else ""
        return str(repeated or self.name)

    @property
    def _config(self) -> Any:
        """Project and profile in one, once dbt has them."""
        if self.is_retry:
            return next((adapter.config for adapter in self._adapters), None)
        return self._known.get("runtime_config")

    @property
    def _adapters(self) -> list[Any]:
        """Those of this command, one at most: dbt begins a command without any."""
        from dbt.adapters.factory import FACTORY

        return list(FACTORY.adapters.values())

    @property
    def _manifest(self) -> Any:
        """What dbt has parsed, or None."""
        if self.is_retry:
            return next((adapter.get_macro_resolver() for adapter in self._adapters), None)
        return self._known.get("manifest")

    @property
    def _nodes(self) -> dict[str, Any]:
        return getattr(self._manifest, "nodes", {})

    def may_be_wanted(self) -> bool:
        """What is_wanted will say; of a retry, only whether the macro package is there. In a retry
        of dbt 1.8 there is no way to the nodes: it is left to the macros."""
        if self.is_retry:
            return self._has_package() and not dbt_version.startswith("1.8.")
        return self._has_package() and self.is_wanted()

    def _has_package(self) -> bool:
        project = self._known.get("project")
        if is_switched_off() or project is None:
            return False
        packages = Path(project.project_root) / project.packages_install_path
        return bool((packages / "dbt_opsplugin").exists())

    def is_wanted(self) -> bool:
        """Whether the macro package records in this target. What it will refuse, it does not."""
        profile, project, given = self._place()
        if project is None or profile is None or isinstance(profile, UnsetProfile):
            return False
        target = profile.target_name
        values = {**project.vars.to_dict()}
        values.update(values.get(project.project_name) or {})
        values.update(given or {})
        enabled = values.get("opsplugin_enabled")
        if enabled is not None:
            return enabled is True
        targets = values.get("opsplugin_prod_targets")
        if targets is None:
            targets = ["prod", "production"]
        return isinstance(targets, list) and target in targets

    def _place(self) -> tuple[Any, Any, Any]:
        """Its profile, project and the vars of its command line."""
        if self.is_retry and self._config is not None:
            return self._config, self._config, self._config.cli_vars
        known = self._known
        return known.get("profile"), known.get("project"), known["flags"].VARS

    def first_facts(self) -> Row:
        """What is known before the manifest is: enough for a run that fails to parse."""
        from dbt_common.invocation import get_invocation_started_at

        profile, project, _ = self._place()
        try:
            started = get_invocation_started_at()
        except Exception:
            started = datetime.now(timezone.utc)
        return {
            "invocation_id": get_invocation_id(),
            "command": self.repeats,
            "retry": self.is_retry,
            "project_name": project.project_name,
            "target_name": profile.target_name,
            "database_name": profile.credentials.database,
            "schema_name": profile.credentials.schema,
            CONNECTION: connection_of(profile.credentials),
            "adapter_type": profile.credentials.type,
            "threads": profile.threads,
            "dbt_version": dbt_version,
            "package_version": __version__,
            "started_at": utc_text(started),
        }

    def engine_figures(self) -> Callable[[], dict[str, float]]:
        """DuckDB's own, where the profile has our plugin of dbt-duckdb."""
        plugins = getattr(self._place()[0].credentials, "plugins", None) or []
        if any(getattr(p, "module", None) == "dbt_opsplugin.hosts.dbt_duckdb" for p in plugins):
            from dbt_opsplugin.hosts.dbt_duckdb import last_figures

            return last_figures
        return dict

    @property
    def adapter(self) -> Any:
        from dbt.adapters.factory import get_adapter

        return get_adapter(self._config)

    @property
    def has_macros(self) -> bool:
        """Whether dbt has parsed ours."""
        manifest = self._manifest
        return manifest is not None and "macro.dbt_opsplugin.deliver_run" in manifest.macros

    def macro(self, name: str, **arguments: Any) -> Any:
        """Calls a macro of ours in a connection of its own: all SQL is theirs."""
        with self.adapter.connection_named("dbt_opsplugin"):
            return self.macro_in_connection(name, "dbt_opsplugin", arguments)

    def macro_in_connection(self, name: str, package: str, arguments: Row) -> Any:
        """Calls a macro in the connection that the thread has."""
        return self.adapter.execute_macro(
            name,
            macro_resolver=self._manifest,
            project=package,
            kwargs=arguments,
        )

    def parents(self, unique_id: str) -> list[str]:
        node = self._nodes.get(unique_id)
        return list(getattr(getattr(node, "depends_on", None), "nodes", []))

    def describe_unit_tests(self, results: list[Row]) -> None:
        """Gives each of them its node: dbt's graph, where macros find others, has none of them."""
        unit_tests = getattr(self._manifest, "unit_tests", {})
        for row in results:
            if (node := unit_tests.get(row["unique_id"])) is not None:
                row["node"] = {
                    "package_name": node.package_name,
                    "tags": list(node.tags or []),
                    "config": {"meta": dict(node.config.meta or {})},
                }

    def _freshness(self, run: Run) -> list[Row]:
        """How old sources are, which no event tells."""
        known = {row["unique_id"] for row in run.results}
        try:
            folder = Path(self._config.project_target_path)
            file = Path(getattr(self._known["flags"], "OUTPUT", None) or folder / "sources.json")
            artifact = json.loads(file.read_text(encoding="utf-8"))
            if artifact["metadata"]["invocation_id"] != run.invocation_id:
                return []
            return [
                freshness_row(result, run.invocation_id)
                for result in artifact["results"]
                if result["unique_id"] in known and result.get("max_loaded_at")
            ]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []

    def untold_results(self, run: Run, complete: bool) -> list[Row]:
        """Of what dbt sends no event, its run results tell: nodes skipped by --fail-fast, those
        of a failed on-run-start, those that no event can hold, the batches of a model.

        Args:
            complete: whether the events have told of every node.
        """
        if self.repeats in ("freshness", "source-freshness"):
            return self._freshness(run)
        incremental = any(row.get("materialized") == "incremental" for row in run.results)
        config = self._config
        if config is None or (complete and not incremental):
            return []
        try:
            file = Path(config.project_target_path) / "run_results.json"
            artifact = json.loads(file.read_text(encoding="utf-8"))
            if artifact["metadata"]["invocation_id"] != run.invocation_id:
                return []
            rows = [
                result_row(result, self._nodes.get(result["unique_id"]), run.invocation_id)
                for result in artifact["results"]
            ]
            return [row for row in rows if row["materialized"] != "ephemeral"]
        except (OSError, ValueError, KeyError, TypeError):
            return []
