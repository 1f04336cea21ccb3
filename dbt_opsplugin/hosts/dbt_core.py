"""Inside dbt Core 1.8 to 1.12: subscribe, record, deliver. Nothing here may change dbt's outcome.

dbt's PluginManager creates `OpsPlugin` once per command, after the profile and the project are
loaded and before the manifest is. Its interface is experimental, so everything that touches it
is guarded: what fails here is said once, as a warning, and the run goes on without us.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import click
from dbt.adapters.contracts.connection import ConnectionState
from dbt.plugins.manager import dbtPlugin
from dbt.version import __version__ as dbt_version
from dbt_common.events.event_manager_client import get_event_manager

from dbt_opsplugin import __version__
from dbt_opsplugin.hosts.command import LEAVES_THREADS, RECORDED, Command
from dbt_opsplugin.hosts.garbage import collect_as_before, collect_less
from dbt_opsplugin.hosts.invocation import (
    RECORDER_KEY,
    environment,
    is_interrupted,
    reason,
    require_supported,
    scrubbed,
    warn,
)
from dbt_opsplugin.hosts.model_hooks import around_models
from dbt_opsplugin.hosts.waiting import Waiting
from dbt_opsplugin.journal import Journal, trim
from dbt_opsplugin.manager import Plugins
from dbt_opsplugin.recorder import Recorder
from dbt_opsplugin.runs import Row, Run, add_queue_times, run_row

__all__ = ["OpsPlugin"]


class OpsPlugin(dbtPlugin):
    """What dbt Core finds by our `dbt_` prefix."""

    def initialize(self) -> None:
        try:
            context = click.get_current_context(silent=True)
            if context is not None and Command(context).may_be_wanted():
                require_supported(dbt_version)
                Session(Command(context)).start()
        except Exception as error:
            warn(f"what is recorded, the macros record alone: {reason(error)}")


class Session:
    """One dbt command, from the plugin's start to the command's end."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._folder = command.journal_folder
        self._journal: Journal | None = None
        self._recorder: Recorder | None = None
        self._plugins = Plugins(warn)
        self._complaints: list[str] = []
        self._waiting = Waiting(command, self._folder, self._deliver)
        self._delivers = not command.is_retry and command.delivers
        self._handled = sys.exc_info()[1]

    def start(self) -> None:
        """Of a retry only its parse shows what it repeats, and where."""
        if self._command.is_retry or self._command.repeats in RECORDED:
            self._recorder = Recorder(
                self._command.first_facts(), self._append, self._node_finished, scrubbed
            )
            if not self._command.is_retry:
                self._take_up(self._recorder)
        if self._command.name not in LEAVES_THREADS:
            collect_less()
        get_event_manager().add_callback(self._on_event)

    def _take_up(self, recorder: Recorder) -> None:
        self._open_journal(recorder.run.invocation_id)
        self._plugins.load()
        recorder.learn(self._command.first_facts())
        recorder.statements.measure = self._command.engine_figures()
        environment()[RECORDER_KEY] = __version__

    def _decide(self) -> None:
        """A retry has been parsed."""
        recorder, self._recorder = self._recorder, None
        self._delivers = self._command.is_wanted() and self._command.delivers
        if recorder is not None and self._delivers and self._command.repeats in RECORDED:
            self._recorder = recorder
            self._take_up(recorder)

    def _open_journal(self, invocation_id: str) -> None:
        try:
            self._journal = Journal.create(self._folder, invocation_id)
            given_up = trim(self._folder)
            if given_up:
                warn(f"{self._folder} was full: {given_up} undelivered runs were given up")
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
            if name == "FoundStats" and self._command.is_retry:
                self._decide()
            recorder = self._recorder  # Once: threads may go on while the command ends.
            if recorder is not None:
                if name == "ConcurrencyLine":
                    self._begin(recorder)
                recorder.handle(event)
            if name == "FoundStats":
                # An operation shall see the runs before it, killed ones too, and a run shall
                # know which of them have ended.
                self._deliver_abandoned()
            if name == "CommandCompleted":
                collect_as_before()
                self._complete(event)
        except Exception as error:
            self._stand_back(error)
        finally:
            if name == "CommandCompleted" and self._journal is not None:
                # Whatever has happened: what is left is for the next command, here too.
                self._journal.close()

    def _begin(self, recorder: Recorder) -> None:
        """dbt has read the project, and no node has started."""
        known = self._command.macro("run_facts")
        # The macros know a retry by what was typed alone.
        recorder.learn({**known["facts"], "retry": self._command.is_retry})
        recorder.statements.queries_wanted = bool(known["queries"])
        # Without it the run goes on; what is wrong is said when it is delivered.
        with contextlib.suppress(Exception):
            self._command.macro("begin_run")
        self._plugins.call("opsplugin_start_run", run=recorder.run.columns)
        around_models(
            self._command.adapter,
            lambda model: self._around("opsplugin_start_model", model),
            lambda model: self._around("opsplugin_finish_model", model),
        )

    def _around(self, hook: str, model: Row) -> None:
        """In the thread of the model, with its connection. Raises nothing."""

        def call_macro(name: str, package: str = "dbt_opsplugin", **arguments: Any) -> Any:
            self._leave_transaction()
            return self._command.macro_in_connection(name, package, arguments)

        try:
            self._plugins.call(hook, model=model, call_macro=call_macro)
            self._leave_connection()
        except Exception as error:
            warn(f"{hook}: {reason(error)}")

    def _leave_transaction(self) -> None:
        """What a model has opened by looking at the database before it runs, or has not closed
        since it failed: what we write shall neither be in it nor be rolled back with it."""
        connections = self._command.adapter.connections
        connection = connections.get_if_exists()
        if connection is not None and connection.transaction_open:
            if sys.exc_info()[0] is None:
                connections.commit()
            else:
                connections.rollback_if_open()

    def _leave_connection(self) -> None:
        """One that could not be opened for us is as it was before: the model opens it by itself,
        and dbt, which closes it, shall not do so."""
        connections = self._command.adapter.connections
        connection = connections.get_if_exists()
        if connection is not None and connection.state == ConnectionState.FAIL:
            connections.set_connection_name(connection.name)
            connection.state = ConnectionState.INIT

    def _node_finished(self, row: Row) -> None:
        self._plugins.call("opsplugin_finish_node", result=row)

    def _stand_back(self, error: Exception) -> None:
        """Leaves the run to the macros, unless their hook has been and gone."""
        self._recorder = None
        with contextlib.suppress(Exception):
            environment().pop(RECORDER_KEY, None)
        warn(f"the recorder stopped: {reason(error)}")

    def _complete(self, event: Any) -> None:
        recorder, self._recorder = self._recorder, None
        if self._command.is_retry and not self._delivers:
            return  # Not parsed, or not ours.
        if recorder is not None:
            complete = event.data.success and not recorder.misses_nodes
            recorder.add_missing(self._command.untold_results(recorder.run, complete))
            interrupted = not event.data.success and is_interrupted(self._handled)
            run = recorder.finish(event.data.success, event.data.elapsed, interrupted)
            self._put_back(run)
            environment().pop(RECORDER_KEY, None)
            self._deliver_own(run)
            self._tell_plugins(run)
        self._deliver_abandoned()
        waiting = "; ".join(self._waiting.problems)
        for complaint in filter(None, [*self._complaints, waiting]):
            warn(complaint)

    def _put_back(self, run: Run) -> None:
        """After Ctrl-C dbt runs no on-run-end hook, which would put the warehouse size back; and
        the hook does not see what a macro of the project resized."""
        failed = run.end is not None and not run.end["success"]
        if (failed or run.has_resized) and self._command.has_macros:
            try:
                self._command.macro("end_interrupted_run", resized=run.has_resized)
            except Exception as error:
                warn(f"the warehouse may not have its size back: {reason(error)}")

    def _tell_plugins(self, run: Run) -> None:
        row = run_row(run)
        self._plugins.call(
            "opsplugin_finish_run", run=row, results=run.results, recorded=self._delivers
        )
        alerts = self._plugins.call("opsplugin_find_alerts", run=row, results=run.results)
        if alerts:
            self._plugins.call("opsplugin_notify", run=row, alerts=alerts)

    def _deliver_own(self, run: Run) -> None:
        try:
            if not self._command.has_macros:
                raise RuntimeError("the project did not get as far as the package's macros")
            add_queue_times(run.results, self._command.parents)
            self._deliver(run)
        except Exception as error:
            kept = f"; {self._journal.path} keeps it for the next run" if self._journal else ""
            self._complaints.append(f"this run is not recorded yet: {reason(error)}{kept}")
            self._delivers = False
        else:
            self._waiting.was_reached()
            if self._journal is not None:
                self._journal.acknowledge()

    def _deliver_abandoned(self) -> None:
        """What earlier processes left behind here."""
        if self._delivers and self._command.has_macros:
            self._waiting.deliver(self._journal.path if self._journal else None)

    def _deliver(self, run: Run) -> None:
        self._command.describe_unit_tests(run.results)
        self._command.macro(
            "deliver_run",
            run=run_row(run),
            results=run.results,
            metrics=run.lasting_metrics,
            queries=run.queries,
        )
