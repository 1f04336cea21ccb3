"""Inside dbt Core 1.8 to 1.12: subscribe, record, deliver. Nothing here may change dbt's outcome.

dbt's PluginManager creates `OpsPlugin` once per command, after the profile and the project are
loaded and before the manifest is. Its interface is experimental, so everything that touches it
is guarded: what fails here is said once, as a warning, and the run goes on without us.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from dbt.plugins.manager import dbtPlugin
from dbt.version import __version__ as dbt_version
from dbt_common.context import get_invocation_context
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note
from dbt_common.invocation import get_invocation_id

from dbt_opsplugin import __version__, is_switched_off
from dbt_opsplugin.hosts.garbage import collect_as_before, collect_less
from dbt_opsplugin.hosts.model_hooks import around_models
from dbt_opsplugin.journal import Journal, abandoned, trim
from dbt_opsplugin.manager import Plugins
from dbt_opsplugin.recorder import Recorder, utc_text
from dbt_opsplugin.runs import Row, Run, add_queue_times, result_row, run_row

__all__ = ["OpsPlugin"]

RECORDER_KEY = "DBT_OPSPLUGIN_RECORDER"
"""Set in dbt's invocation environment while a recorder is at work; the macros read it."""

FOLDER = "DBT_OPSPLUGIN_JOURNAL"
"""Environment variable: where journals are kept, instead of `.dbt_opsplugin` in the project."""

SUPPORTED = ((1, 8), (1, 12))
"""The first and the last dbt Core that this has been run with."""

_RECORDED = {"build", "run", "test", "seed", "snapshot", "retry", "freshness", "source-freshness"}


class OpsPlugin(dbtPlugin):
    """What dbt Core finds by our `dbt_` prefix."""

    def initialize(self) -> None:
        try:
            context = click.get_current_context(silent=True)
            if context is not None and _is_wanted(context):
                _require_supported(dbt_version)
                Session(context).start()
        except Exception as error:
            _warn(f"what is recorded, the macros record alone: {_reason(error)}")


class Session:
    """One dbt command, from the plugin's start to the command's end."""

    def __init__(self, context: click.Context) -> None:
        self._context = context
        self._folder = _journal_folder(context)
        self._journal: Journal | None = None
        self._recorder: Recorder | None = None
        self._plugins = Plugins(_warn)
        self._complaints: list[str] = []
        self._delivers = True

    def start(self) -> None:
        facts = _first_facts(self._context)
        if facts["command"] in _RECORDED:
            self._open_journal(facts["invocation_id"])
            self._plugins.load()
            self._recorder = Recorder(
                facts, self._append, self._node_finished, _engine_figures(self._context)
            )
            _environment()[RECORDER_KEY] = __version__
        get_event_manager().add_callback(self._on_event)
        collect_less()

    def _open_journal(self, invocation_id: str) -> None:
        try:
            self._journal = Journal.create(self._folder, invocation_id)
            given_up = trim(self._folder)
            if given_up:
                _warn(f"{self._folder} was full: {given_up} undelivered runs were given up")
        except OSError as error:
            self._complaints.append(f"no journal in {self._folder}: {error}")

    def _append(self, kind: str, row: Row, at: str) -> None:
        """The rows are in memory too, so without a journal only a kill loses them."""
        if self._journal is not None:
            try:
                self._journal.append(kind, row, at)
            except OSError as error:
                self._complaints.append(f"{self._journal.path} cannot be written: {error}")
                self._journal.close()
                self._journal = None

    def _on_event(self, event: Any) -> None:
        name = event.info.name
        try:
            if self._recorder is not None:
                if name == "ConcurrencyLine":
                    self._begin(self._recorder)
                self._recorder.handle(event)
            if name == "FoundStats":
                # An operation shall see the runs before it, killed ones too, and a run shall
                # know which of them have ended. What fails here is tried again at the end.
                self._deliver_abandoned()
            if name == "CommandCompleted":
                collect_as_before()
                self._complete(event)
        except Exception as error:
            self._stand_back(error)

    def _begin(self, recorder: Recorder) -> None:
        """dbt has read the project, and no node has started."""
        known = self._macro("run_facts")
        recorder.learn(known["facts"])
        recorder.queries_wanted = bool(known["queries"])
        # Without it the run goes on; what is wrong is said when it is delivered.
        with contextlib.suppress(Exception):
            self._macro("begin_run")
        self._plugins.call("opsplugin_start_run", run=recorder.run.facts)
        around_models(
            self._adapter(),
            lambda model: self._around("opsplugin_start_model", model),
            lambda model: self._around("opsplugin_finish_model", model),
        )

    def _around(self, hook: str, model: Row) -> None:
        """In the thread of the model, with its connection. Raises nothing."""

        def call_macro(name: str, package: str = "dbt_opsplugin", **arguments: Any) -> Any:
            self._leave_transaction()
            return self._execute_macro(name, package, arguments)

        try:
            self._plugins.call(hook, model=model, call_macro=call_macro)
        except Exception as error:
            _warn(f"{hook}: {_reason(error)}")

    def _leave_transaction(self) -> None:
        """What a model has opened by looking at the database before it runs, or has not closed
        since it failed: what we write shall neither be in it nor be rolled back with it."""
        connections = self._adapter().connections
        connection = connections.get_if_exists()
        if connection is not None and connection.transaction_open:
            if sys.exc_info()[0] is None:
                connections.commit()
            else:
                connections.rollback_if_open()

    def _node_finished(self, row: Row) -> None:
        self._plugins.call("opsplugin_finish_node", result=row)

    def _stand_back(self, error: Exception) -> None:
        """Leaves the run to the macros, unless their hook has been and gone."""
        self._recorder = None
        with contextlib.suppress(Exception):
            _environment().pop(RECORDER_KEY, None)
        _warn(f"the recorder stopped: {_reason(error)}")

    def _complete(self, event: Any) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.add_missing(self._untold(recorder.run, event.data.success))
            run = recorder.finish(event.data.success, event.data.elapsed)
            self._put_back(run)
            _environment().pop(RECORDER_KEY, None)
            self._deliver_own(run)
            self._tell_plugins(run)
        elif self._journal is not None:
            # Of a recorder that stopped: the macros have written the run, or this will be it.
            self._journal.close()
        self._complaints.append(self._deliver_abandoned())
        for complaint in filter(None, self._complaints):
            _warn(complaint)

    def _untold(self, run: Run, success: bool) -> list[Row]:
        """Of what dbt sends no event, its run results tell: nodes skipped by --fail-fast, those
        of a failed on-run-start, the batches of a model."""
        incremental = any(row.get("materialized") == "incremental" for row in run.results)
        config = self._context.obj.get("runtime_config")
        if config is None or (success and not incremental):
            return []
        try:
            file = Path(config.project_target_path) / "run_results.json"
            artifact = json.loads(file.read_text(encoding="utf-8"))
            if artifact["metadata"]["invocation_id"] != run.invocation_id:
                return []
            nodes = self._context.obj["manifest"].nodes
            return [
                result_row(result, nodes.get(result["unique_id"]), run.invocation_id)
                for result in artifact["results"]
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _put_back(self, run: Run) -> None:
        """After Ctrl-C dbt runs no on-run-end hook, which would put the warehouse size back."""
        if run.end is not None and not run.end["success"] and self._can_deliver():
            try:
                self._macro("end_interrupted_run")
            except Exception as error:
                _warn(f"the warehouse may not have its size back: {_reason(error)}")

    def _tell_plugins(self, run: Run) -> None:
        row = run_row(run)
        self._plugins.call(
            "opsplugin_finish_run", run=row, results=run.results, recorded=self._delivers
        )
        found = self._plugins.call("opsplugin_find_alerts", run=row, results=run.results)
        alerts = [alert for of_plugin in found for alert in of_plugin]
        if alerts:
            self._plugins.call("opsplugin_notify", run=row, alerts=alerts)

    def _deliver_own(self, run: Run) -> None:
        try:
            if not self._can_deliver():
                raise RuntimeError("the project did not get as far as the package's macros")
            add_queue_times(run.results, self._parents)
            self._deliver(run)
        except Exception as error:
            kept = f"; {self._journal.path} keeps it for the next run" if self._journal else ""
            self._complaints.append(f"this run is not recorded yet: {_reason(error)}{kept}")
            self._delivers = False
            if self._journal is not None:
                self._journal.close()
        else:
            if self._journal is not None:
                self._journal.acknowledge()

    def _deliver_abandoned(self) -> str:
        """What earlier processes of this project and target left behind.

        Returns:
            Why something was not delivered, or nothing.
        """
        if not self._delivers or not self._can_deliver() or not self._folder.is_dir():
            return ""
        config, problems = self._context.obj["runtime_config"], []
        here = (config.project_name, config.target_name)
        for journal in abandoned(self._folder):
            try:
                run = journal.read()
                if run is None:
                    journal.acknowledge()
                elif (run.facts.get("project_name"), run.facts.get("target_name")) == here:
                    self._deliver(run)
                    journal.acknowledge()
            except Exception as error:
                problems.append(f"{journal.path} is not delivered yet: {_reason(error)}")
                if len(problems) == 3:
                    break
        return "; ".join(problems)

    def _parents(self, unique_id: str) -> list[str]:
        node = self._context.obj["manifest"].nodes.get(unique_id)
        return list(getattr(getattr(node, "depends_on", None), "nodes", []))

    def _deliver(self, run: Run) -> None:
        self._macro(
            "deliver_run",
            run=run_row(run),
            results=run.results,
            metrics=run.metrics,
            queries=run.queries,
        )

    def _can_deliver(self) -> bool:
        manifest = self._context.obj.get("manifest")
        return manifest is not None and "macro.dbt_opsplugin.deliver_run" in manifest.macros

    def _adapter(self) -> Any:
        from dbt.adapters.factory import get_adapter

        return get_adapter(self._context.obj["runtime_config"])

    def _macro(self, name: str, **arguments: Any) -> Any:
        """Calls a macro of ours in a connection of its own: all SQL is theirs."""
        with self._adapter().connection_named("dbt_opsplugin"):
            return self._execute_macro(name, "dbt_opsplugin", arguments)

    def _execute_macro(self, name: str, package: str, arguments: Row) -> Any:
        return self._adapter().execute_macro(
            name,
            macro_resolver=self._context.obj["manifest"],
            project=package,
            kwargs=arguments,
        )


def _require_supported(version: str) -> None:
    first, last = SUPPORTED
    if not first <= tuple(int(part) for part in re.findall(r"\d+", version)[:2]) <= last:
        known = " to ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
        raise RuntimeError(
            f"dbt Core {version} is not supported by dbt-opsplugin {__version__}, which knows"
            f" {known}: use another version of one of them, or set DBT_OPSPLUGIN=off"
        )


def _is_wanted(context: click.Context) -> bool:
    """Whether the macro package is in this project and records in this target."""
    if is_switched_off():
        return False
    project, profile = context.obj.get("project"), context.obj.get("profile")
    if project is None or not getattr(profile, "target_name", None):
        return False
    if not (Path(project.project_root) / project.packages_install_path / "dbt_opsplugin").exists():
        return False
    values = {**project.vars.to_dict()}
    values.update(values.get(project.project_name) or {})
    values.update(context.obj["flags"].VARS or {})
    enabled = values.get("opsplugin_enabled")
    if enabled is None:
        targets = values.get("opsplugin_prod_targets") or ["prod", "production"]
        return profile.target_name in targets
    return bool(enabled)


def _first_facts(context: click.Context) -> Row:
    """What is known before the manifest is: enough for a run that fails to parse."""
    from dbt_common.invocation import get_invocation_started_at

    project, profile = context.obj["project"], context.obj["profile"]
    try:
        started = get_invocation_started_at()
    except Exception:
        started = datetime.now(timezone.utc)
    return {
        "invocation_id": get_invocation_id(),
        "command": context.obj["flags"].WHICH,
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


def _engine_figures(context: click.Context) -> Callable[[], dict[str, float]]:
    """DuckDB's own, where the profile has our plugin of dbt-duckdb."""
    plugins = getattr(context.obj["profile"].credentials, "plugins", None) or []
    if any(getattr(p, "module", None) == "dbt_opsplugin.hosts.dbt_duckdb" for p in plugins):
        from dbt_opsplugin.hosts.dbt_duckdb import last_figures

        return last_figures
    return dict


def _journal_folder(context: click.Context) -> Path:
    folder = os.environ.get(FOLDER)
    return Path(folder or Path(context.obj["project"].project_root) / ".dbt_opsplugin")


def _environment() -> dict[str, str]:
    env = get_invocation_context().env
    if not isinstance(env, dict):
        raise TypeError(f"dbt's invocation environment is a {type(env).__name__}")
    return env


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _warn(message: str) -> None:
    """One line in dbt's own log; a warning that cannot be logged is not worth a run."""
    with contextlib.suppress(Exception):
        fire_event(Note(msg=f"dbt_opsplugin: {message}"), level=EventLevel.WARN)
