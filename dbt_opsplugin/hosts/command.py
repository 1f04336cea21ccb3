"""A command of dbt Core at work: what it knows of itself, and our macros in it."""

from __future__ import annotations

import contextlib
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
from dbt_opsplugin.runs import Row, Run, result_row
from dbt_opsplugin.statements import utc_text

__all__ = ["Command"]

FOLDER = "DBT_OPSPLUGIN_JOURNAL"
"""Environment variable: where journals are kept, instead of `.dbt_opsplugin` in the project."""


class Command:
    """By click's context, to which dbt adds what it has loaded: at first the profile and the
    project, after the parse the manifest too. `dbt retry` takes flags and target of what it
    repeats, and parses for that by itself: of it, the adapter knows more."""

    def __init__(self, context: click.Context) -> None:
        self._known: dict[str, Any] = context.obj

    @property
    def name(self) -> str:
        return str(self._known["flags"].WHICH)

    @property
    def journal_folder(self) -> Path:
        root = Path(self._known["project"].project_root)
        return Path(os.environ.get(FOLDER) or root / ".dbt_opsplugin")

    @property
    def place(self) -> tuple[str, str]:
        """Its project and target."""
        config = self._config
        return config.project_name, config.target_name

    @property
    def _config(self) -> Any:
        if self.name == "retry" and self._manifest is not None:
            return self.adapter.config
        return self._known.get("runtime_config")

    @property
    def _manifest(self) -> Any:
        """What dbt has parsed, or None."""
        manifest = self._known.get("manifest")
        if manifest is None and self.name == "retry":
            with contextlib.suppress(KeyError):  # There is no adapter yet.
                manifest = self.adapter.get_macro_resolver()
        return manifest

    @property
    def _nodes(self) -> dict[str, Any]:
        return getattr(self._manifest, "nodes", {})

    def may_be_wanted(self) -> bool:
        """What is_wanted will say; of a retry, only whether the macro package is there. In a retry
        of dbt 1.8 there is no way to the nodes: it is left to the macros."""
        if self.name == "retry":
            return self._has_package() and not dbt_version.startswith("1.8.")
        return self.is_wanted()

    def _has_package(self) -> bool:
        project = self._known.get("project")
        if is_switched_off() or project is None:
            return False
        packages = Path(project.project_root) / project.packages_install_path
        return bool((packages / "dbt_opsplugin").exists())

    def is_wanted(self) -> bool:
        """Whether the macro package is in this project and records in this target."""
        if not self._has_package() or isinstance(self._known.get("profile"), UnsetProfile):
            return False
        is_parsed = self.name == "retry" and self._manifest is not None
        profile = self._config if is_parsed else self._known.get("profile")
        target = getattr(profile, "target_name", None)
        if not target:
            return False
        project = self._known["project"]
        values = {**project.vars.to_dict()}
        values.update(values.get(project.project_name) or {})
        values.update(self._known["flags"].VARS or {})
        enabled = values.get("opsplugin_enabled")
        if enabled is None:
            targets = values.get("opsplugin_prod_targets") or ["prod", "production"]
            return target in targets
        return bool(enabled)

    def first_facts(self) -> Row:
        """What is known before the manifest is: enough for a run that fails to parse."""
        from dbt_common.invocation import get_invocation_started_at

        project, profile = self._known["project"], self._known["profile"]
        try:
            started = get_invocation_started_at()
        except Exception:
            started = datetime.now(timezone.utc)
        return {
            "invocation_id": get_invocation_id(),
            "command": self.name,
            "retry": self.name == "retry",
            "project_name": project.project_name,
            "target_name": profile.target_name,
            "database_name": profile.credentials.database,
            "schema_name": profile.credentials.schema,
            "adapter_type": profile.credentials.type,
            "threads": profile.threads,
            "dbt_version": dbt_version,
            "package_version": __version__,
            "started_at": utc_text(started),
        }

    def engine_figures(self) -> Callable[[], dict[str, float]]:
        """DuckDB's own, where the profile has our plugin of dbt-duckdb."""
        plugins = getattr(self._known["profile"].credentials, "plugins", None) or []
        if any(getattr(p, "module", None) == "dbt_opsplugin.hosts.dbt_duckdb" for p in plugins):
            from dbt_opsplugin.hosts.dbt_duckdb import last_figures

            return last_figures
        return dict

    @property
    def adapter(self) -> Any:
        from dbt.adapters.factory import get_adapter

        return get_adapter(self._known["runtime_config"])

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

    def untold_results(self, run: Run, success: bool) -> list[Row]:
        """Of what dbt sends no event, its run results tell: nodes skipped by --fail-fast, those
        of a failed on-run-start, the batches of a model."""
        incremental = any(row.get("materialized") == "incremental" for row in run.results)
        config = self._config
        if config is None or (success and not incremental):
            return []
        try:
            file = Path(config.project_target_path) / "run_results.json"
            artifact = json.loads(file.read_text(encoding="utf-8"))
            if artifact["metadata"]["invocation_id"] != run.invocation_id:
                return []
            return [
                result_row(result, self._nodes.get(result["unique_id"]), run.invocation_id)
                for result in artifact["results"]
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return []
